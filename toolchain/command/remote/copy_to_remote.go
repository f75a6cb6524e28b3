package remote

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is the resource command:remote:CopyToRemote.
type CopyToRemote struct{}

// CopyToRemoteArgs are its inputs.
type CopyToRemoteArgs struct {
	Connection Connection           `pulumi:"connection" provider:"secret"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
	Triggers   []any                `pulumi:"triggers,optional" provider:"replaceOnChanges"`
}

// CopyToRemoteState are its outputs.
type CopyToRemoteState struct {
	CopyToRemoteArgs
}

// Annotate describes the resource in the schema.
func (c *CopyToRemote) Annotate(a infer.Annotator) {
	a.Describe(&c, "Copies a file, a text or a directory to another machine, over SFTP. The copy stays when the resource goes.")
}

// Annotate describes the inputs in the schema.
func (c *CopyToRemoteArgs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the host.")
	a.Describe(&c.Source, "What to copy: a FileAsset, a StringAsset, or a FileArchive. A FileArchive of a directory is copied "+
		"with all that is in it; any other file is copied as it is, packed or not.")
	a.Describe(&c.RemotePath, "Where the copy goes. Missing directories on the way are made. In an existing directory the copy "+
		"keeps its name; an existing file is overwritten. A directory whose path ends in `/` is copied without its own name.")
	a.Describe(&c.Triggers, "Values of any kind. The resource is replaced when one of them changes.")
}

// Check refuses sources that have no bytes of their own here.
func (*CopyToRemote) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[CopyToRemoteArgs], error) {
	args, failures, err := infer.DefaultCheck[CopyToRemoteArgs](ctx, req.NewInputs)
	source := req.NewInputs.Get("source")
	asset, archive := args.Source.Asset, args.Source.Archive
	if err == nil && !source.HasComputed() {
		reason := ""
		switch {
		case asset == nil && archive == nil && !source.IsNull():
			reason = "source is neither an asset nor an archive; use FileAsset, StringAsset or FileArchive"
		case asset != nil && asset.IsURI():
			reason = "source is a RemoteAsset; use FileAsset, StringAsset or FileArchive"
		case archive != nil && !archive.IsPath():
			reason = "source is an archive without a path; use a FileArchive"
		}
		if reason != "" {
			failures = append(failures, p.CheckFailure{Property: "source", Reason: reason})
		}
	}
	return infer.CheckResponse[CopyToRemoteArgs]{Inputs: args, Failures: failures}, err
}

// Create copies.
func (*CopyToRemote) Create(ctx context.Context, req infer.CreateRequest[CopyToRemoteArgs]) (infer.CreateResponse[CopyToRemoteState], error) {
	id, err := resource.NewUniqueHex("", 8, 0)
	if err == nil {
		err = req.Inputs.copy(ctx)
	}
	return infer.CreateResponse[CopyToRemoteState]{ID: id, Output: CopyToRemoteState{req.Inputs}}, err
}

// Update copies again. Which of the inputs changed makes no difference: a new host lacks the files, a new path too.
func (*CopyToRemote) Update(ctx context.Context, req infer.UpdateRequest[CopyToRemoteArgs, CopyToRemoteState]) (infer.UpdateResponse[CopyToRemoteState], error) {
	return infer.UpdateResponse[CopyToRemoteState]{Output: CopyToRemoteState{req.Inputs}}, req.Inputs.copy(ctx)
}

func (c *CopyToRemoteArgs) copy(ctx context.Context) error {
	return upload(ctx, &c.Connection, c.RemotePath, func(u *uploader) error {
		switch {
		case c.Source.Archive != nil:
			return u.path(c.Source.Archive.Path, c.RemotePath)
		case c.Source.Asset.IsPath():
			return u.path(c.Source.Asset.Path, c.RemotePath)
		}
		return u.text(c.Source.Asset.Text, c.RemotePath)
	})
}
