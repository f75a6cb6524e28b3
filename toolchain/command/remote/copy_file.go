package remote

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyFile is the resource command:remote:CopyFile, the forerunner of CopyToRemote. Without an Update, any change replaces it.
type CopyFile struct{}

// CopyFileArgs are its inputs.
type CopyFileArgs struct {
	Connection Connection `pulumi:"connection" provider:"secret"`
	LocalPath  string     `pulumi:"localPath"`
	RemotePath string     `pulumi:"remotePath"`
	Triggers   []any      `pulumi:"triggers,optional"`
}

// CopyFileState are its outputs.
type CopyFileState struct {
	CopyFileArgs
}

// Annotate describes the resource in the schema.
func (c *CopyFile) Annotate(a infer.Annotator) {
	a.Describe(&c, "Copies a file to another machine, over SFTP. The copy stays when the resource goes.")
	a.Deprecate(&c, "Use CopyToRemote.")
}

// Annotate describes the inputs in the schema.
func (c *CopyFileArgs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the host.")
	a.Describe(&c.LocalPath, "The file to copy.")
	a.Describe(&c.RemotePath, "The file to write.")
	a.Describe(&c.Triggers, "Values of any kind. The resource is replaced when one of them changes.")
}

// Create copies.
func (*CopyFile) Create(ctx context.Context, req infer.CreateRequest[CopyFileArgs]) (infer.CreateResponse[CopyFileState], error) {
	args := req.Inputs
	id, err := resource.NewUniqueHex("", 8, 0)
	if err == nil {
		err = upload(ctx, &args.Connection, args.RemotePath, func(u *uploader) error { return u.file(args.LocalPath, args.RemotePath) })
	}
	return infer.CreateResponse[CopyFileState]{ID: id, Output: CopyFileState{args}}, err
}
