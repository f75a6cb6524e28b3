package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Run is the function command:local:run.
type Run struct{}

// RunArgs are its inputs.
type RunArgs struct {
	Options
	Command string `pulumi:"command"`
}

// RunResult is what it returns.
type RunResult struct {
	RunArgs
	Printed
}

// Annotate describes the function in the schema.
func (r *Run) Annotate(a infer.Annotator) {
	a.Describe(&r, "Runs a command on this machine, at every preview and every update.")
}

// Annotate describes the inputs in the schema.
func (r *RunArgs) Annotate(a infer.Annotator) {
	a.Describe(&r.Command, "The command.")
}

// Invoke runs the command.
func (*Run) Invoke(ctx context.Context, req infer.FunctionRequest[RunArgs]) (infer.FunctionResponse[RunResult], error) {
	printed, err := execute(ctx, "run", req.Input.Command, req.Input.Options, Printed{})
	return infer.FunctionResponse[RunResult]{Output: RunResult{RunArgs: req.Input, Printed: printed}}, err
}
