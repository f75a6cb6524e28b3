package remote

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Command is the resource command:remote:Command.
type Command struct{}

// CommandArgs are its inputs.
type CommandArgs struct {
	Connection             Connection        `pulumi:"connection" provider:"secret"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
	Triggers               []any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
}

// CommandState are its outputs.
type CommandState struct {
	CommandArgs
	Printed
}

// Printed is what a command leaves behind.
type Printed struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Logging names the streams to show.
type Logging string

// Values lists the choices.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "Stdout", Value: "stdout", Description: "Show stdout, not stderr."},
		{Name: "Stderr", Value: "stderr", Description: "Show stderr, not stdout."},
		{Name: "StdoutAndStderr", Value: "stdoutAndStderr", Description: "Show both."},
		{Name: "None", Value: "none", Description: "Show neither."},
	}
}

// Annotate describes the resource in the schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "Runs a command on another machine, over SSH, when the resource is created, updated or deleted.")
}

// Annotate describes the inputs in the schema.
func (c *CommandArgs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the host.")
	a.Describe(&c.Create, "The command for the creation, and for updates if `update` is not set.")
	a.Describe(&c.Update, "The command for a change of the inputs.")
	a.Describe(&c.Delete, "The command for the deletion.")
	a.Describe(&c.Stdin, "The text on the command's standard input.")
	a.Describe(&c.Environment, "Variables for the command. The SSH server has to allow each of them (AcceptEnv); "+
		"where it does not, write them before the command: `NAME=value command`.")
	a.Describe(&c.AddPreviousOutputInEnv, "Whether the command gets the output of the run before in PULUMI_COMMAND_STDOUT "+
		"and PULUMI_COMMAND_STDERR, if the SSH server allows them (AcceptEnv). True by default.")
	a.Describe(&c.Logging, "Which of the command's output is shown while it runs, and in errors. Both by default. "+
		"It has no influence on the outputs `stdout` and `stderr`.")
	a.Describe(&c.Triggers, "Values of any kind. The resource is replaced when one of them changes.")
}

// Annotate describes the outputs in the schema.
func (p *Printed) Annotate(a infer.Annotator) {
	a.Describe(&p.Stdout, "What the command wrote to its standard output, without the newline at the end.")
	a.Describe(&p.Stderr, "What the command wrote to its standard error, without the newline at the end.")
}

// Create runs the command for the creation.
func (*Command) Create(ctx context.Context, req infer.CreateRequest[CommandArgs]) (infer.CreateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && req.Inputs.Create != nil {
		state.Printed, err = execute(ctx, "create", *req.Inputs.Create, req.Inputs, Printed{})
	}
	return infer.CreateResponse[CommandState]{ID: id, Output: state}, err
}

// Update runs the command for an update, or else that for the creation.
func (*Command) Update(ctx context.Context, req infer.UpdateRequest[CommandArgs, CommandState]) (infer.UpdateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs, Printed: req.State.Printed}
	var err error
	switch {
	case req.Inputs.Update != nil:
		state.Printed, err = execute(ctx, "update", *req.Inputs.Update, req.Inputs, req.State.Printed)
	case req.Inputs.Create != nil:
		state.Printed, err = execute(ctx, "create", *req.Inputs.Create, req.Inputs, req.State.Printed)
	}
	return infer.UpdateResponse[CommandState]{Output: state}, err
}

// Delete runs the command for the deletion.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandState]) (infer.DeleteResponse, error) {
	var err error
	if req.State.Delete != nil {
		_, err = execute(ctx, "delete", *req.State.Delete, req.State.CommandArgs, req.State.Printed)
	}
	return infer.DeleteResponse{}, err
}
