package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"homelab/toolchain/command/capture"
)

// execute runs one command to its end. name is the property the command comes from; previous is what the run before printed.
func execute(ctx context.Context, name, command string, options Options, previous Printed) (Printed, error) {
	dir, err := workingDir(name, options.Dir)
	if err != nil {
		return Printed{}, err
	}
	out := capture.NewOutput(ctx, options.mode())
	cmd := prepare(ctx, command, dir, options)
	for key, value := range capture.Previous(ctx, options.AddPreviousOutputInEnv, previous.Stdout, previous.Stderr) {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	cmd.Stdout, cmd.Stderr = out.Stdout, out.Stderr
	err = cmd.Run()
	out.Close()

	what := fmt.Sprintf("The %s command on this machine, in %s,", name, dir)
	if err != nil && ctx.Err() != nil {
		return Printed{}, out.Interrupted(what)
	}
	if err != nil {
		return Printed{}, explain(out, what, cmd.Path, err)
	}
	printed := Printed{}
	printed.Stdout, printed.Stderr = out.Text()
	if printed.Assets, err = collectAssets(dir, options.AssetPaths); err != nil {
		return Printed{}, err
	}
	printed.Archive, err = collectArchive(dir, options.ArchivePaths)
	return printed, err
}

// prepare makes the process; it leads a group of its own, which ends as a whole when ctx does.
func prepare(ctx context.Context, command, dir string, options Options) *exec.Cmd {
	words := options.Interpreter
	if len(words) == 0 {
		words = defaultInterpreter
	}
	words = append(slices.Clone(words), command)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	for key, value := range options.Environment {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	if options.Stdin != nil {
		cmd.Stdin = strings.NewReader(*options.Stdin)
	}
	endAsGroup(cmd)
	return cmd
}

func workingDir(name string, dir *string) (string, error) {
	if dir == nil {
		return os.Getwd()
	}
	if info, err := os.Stat(*dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("The %s command did not run: dir %q is not a directory on this machine.\n"+
			"  Create it first, or name another one.", name, *dir)
	}
	return *dir, nil
}

func explain(out *capture.Output, what, program string, err error) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return out.Failure(what, fmt.Sprintf("failed: %s.", exit), "Correct the command or what it needs, and run the update again.")
	case errors.Is(err, syscall.E2BIG):
		return out.Failure(what, "did not start: it and its environment are longer than this system allows.",
			"Pass the long part as stdin, for example a script to the interpreter [\"/bin/sh\", \"-s\"].")
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return out.Failure(what, fmt.Sprintf("did not start: there is no program %s, or it may not be run.", program),
			"Install it, or set interpreter to one that is there.")
	}
	return out.Failure(what, fmt.Sprintf("failed: %v.", err), "Correct the command or what it needs, and run the update again.")
}
