// Package local runs commands on this machine.
package local

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"homelab/toolchain/command/capture"
)

// Options are the inputs that the resource and the function share.
type Options struct {
	Interpreter            []string          `pulumi:"interpreter,optional"`
	Dir                    *string           `pulumi:"dir,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	AssetPaths             []string          `pulumi:"assetPaths,optional"`
	ArchivePaths           []string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
}

const globRules = "\n\nPatterns are relative to `dir` and match files, never directories. `*` stops at `/`, `**` does not, " +
	"and a pattern that starts with `!` takes files out again. The last pattern that matches a file decides."

// Annotate describes the inputs in the schema.
func (o *Options) Annotate(a infer.Annotator) {
	a.Describe(&o.Interpreter, "The program, with its first arguments, that gets the command as its last argument. "+
		"`[\"/bin/sh\", \"-c\"]` by default.")
	a.Describe(&o.Dir, "The directory to run in. It must exist. The project's directory by default.")
	a.Describe(&o.Environment, "Variables for the command, besides those of the engine.")
	a.Describe(&o.Stdin, "The text on the command's standard input.")
	a.Describe(&o.AssetPaths, "Patterns of files to return as assets after the command."+globRules)
	a.Describe(&o.ArchivePaths, "Patterns of files to return as one archive after the command."+globRules)
	a.Describe(&o.AddPreviousOutputInEnv, "Whether the command gets the output of the run before in PULUMI_COMMAND_STDOUT "+
		"and PULUMI_COMMAND_STDERR. True by default.")
	a.Describe(&o.Logging, "Which of the command's output is shown while it runs, and in errors. Both by default. "+
		"It has no influence on the outputs `stdout` and `stderr`.")
}

func (o *Options) mode() capture.Mode { return capture.ParseMode((*string)(o.Logging)) }

// Printed is what a command leaves behind.
type Printed struct {
	Stdout  string                          `pulumi:"stdout"`
	Stderr  string                          `pulumi:"stderr"`
	Assets  map[string]types.AssetOrArchive `pulumi:"assets,optional"`
	Archive *resource.Archive               `pulumi:"archive,optional"`
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
