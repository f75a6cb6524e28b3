package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Command is the resource command:local:Command.
type Command struct{}

// CommandArgs are its inputs.
type CommandArgs struct {
	Options
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
	Triggers []any   `pulumi:"triggers,optional" provider:"replaceOnChanges"`
}

// CommandState are its outputs.
type CommandState struct {
	CommandArgs
	Printed
}

// Annotate describes the resource in the schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "Runs a command on this machine when the resource is created, updated or deleted.")
}

// Annotate describes the inputs in the schema.
func (c *CommandArgs) Annotate(a infer.Annotator) {
	a.Describe(&c.Create, "The command for the creation, and for updates if `update` is not set.")
	a.Describe(&c.Update, "The command for a change of the inputs.")
	a.Describe(&c.Delete, "The command for the deletion.")
	a.Describe(&c.Triggers, "Values of any kind. The resource is replaced when one of them changes.")
}

// Annotate describes the outputs in the schema.
func (p *Printed) Annotate(a infer.Annotator) {
	a.Describe(&p.Stdout, "What the command wrote to its standard output, without the newline at the end.")
	a.Describe(&p.Stderr, "What the command wrote to its standard error, without the newline at the end.")
	a.Describe(&p.Assets, "The files that `assetPaths` match, by their path in `dir`.")
	a.Describe(&p.Archive, "The files that `archivePaths` match.")
}

// Create runs the command for the creation.
func (*Command) Create(ctx context.Context, req infer.CreateRequest[CommandArgs]) (infer.CreateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && req.Inputs.Create != nil {
		state.Printed, err = execute(ctx, "create", *req.Inputs.Create, req.Inputs.Options, Printed{})
	}
	return infer.CreateResponse[CommandState]{ID: id, Output: state}, err
}

// Update runs the command for an update, or else that for the creation.
func (*Command) Update(ctx context.Context, req infer.UpdateRequest[CommandArgs, CommandState]) (infer.UpdateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs, Printed: req.State.Printed}
	var err error
	switch {
	case req.Inputs.Update != nil:
		state.Printed, err = execute(ctx, "update", *req.Inputs.Update, req.Inputs.Options, req.State.Printed)
	case req.Inputs.Create != nil:
		state.Printed, err = execute(ctx, "create", *req.Inputs.Create, req.Inputs.Options, req.State.Printed)
	}
	return infer.UpdateResponse[CommandState]{Output: state}, err
}

// Delete runs the command for the deletion.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandState]) (infer.DeleteResponse, error) {
	var err error
	if req.State.Delete != nil {
		_, err = execute(ctx, "delete", *req.State.Delete, req.State.Options, req.State.Printed)
	}
	return infer.DeleteResponse{}, err
}
