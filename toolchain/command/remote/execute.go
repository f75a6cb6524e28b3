package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"homelab/toolchain/command/capture"
)

// longestCommand stays under what OpenSSH accepts in one packet; it ends the connection over a longer one.
const longestCommand = 250 << 10

// grace is how long a cancelled command has to end by itself before the connection closes.
const grace = 2 * time.Second

// execute runs one command to its end. name is the property the command comes from; previous is what the run before printed.
func execute(ctx context.Context, name, command string, args CommandArgs, previous Printed) (Printed, error) {
	what := fmt.Sprintf("The %s command on %s", name, &args.Connection.Endpoint)
	if len(command) > longestCommand {
		return Printed{}, fmt.Errorf("%s did not run: it has %d bytes, and SSH carries %d.\n"+
			"  Pass the long part as stdin, for example a script to the command `sh -s`.", what, len(command), longestCommand)
	}
	client, err := args.Connection.dial(ctx)
	if err != nil {
		return Printed{}, fmt.Errorf("%s did not run. %w", what, err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return Printed{}, fmt.Errorf("%s did not run: the server opens no session (%w).", what, err)
	}
	defer session.Close()
	if err := setEnvironment(ctx, session, args, previous); err != nil {
		return Printed{}, fmt.Errorf("%s did not run: %w", what, err)
	}

	out := capture.NewOutput(ctx, capture.ParseMode((*string)(args.Logging)))
	err = converse(ctx, client, session, command, valueOr(args.Stdin, ""), out)
	out.Close()
	if err != nil {
		return Printed{}, explain(ctx, out, what, err)
	}
	stdout, stderr := out.Text()
	return Printed{Stdout: stdout, Stderr: stderr}, nil
}

// setEnvironment insists on the variables that the user wants. Those of the run before are an offer: most servers refuse them.
func setEnvironment(ctx context.Context, session *ssh.Session, args CommandArgs, previous Printed) error {
	for _, name := range slices.Sorted(maps.Keys(args.Environment)) {
		if err := session.Setenv(name, args.Environment[name]); err != nil {
			return fmt.Errorf("the SSH server does not take the variable %s (%v).\n  Add \"AcceptEnv %[1]s\" to its sshd_config, "+
				"or leave it out of environment and write it before the command: %[1]s=value command.", name, err)
		}
	}
	variables := capture.Previous(ctx, args.AddPreviousOutputInEnv, previous.Stdout, previous.Stderr)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if err := session.Setenv(name, variables[name]); err != nil {
			tell := p.GetLogger(ctx).Debugf
			if args.AddPreviousOutputInEnv != nil {
				tell = p.GetLogger(ctx).Warningf
			}
			tell("The SSH server does not take the variable %s: its sshd_config has no AcceptEnv for it.", name)
		}
	}
	return nil
}

// converse starts the command, feeds it, and waits for its end and that of its output.
func converse(ctx context.Context, client *ssh.Client, session *ssh.Session, command, stdin string, out *capture.Output) error {
	session.Stdout, session.Stderr = out.Stdout, out.Stderr
	input, err := session.StdinPipe()
	if err != nil {
		return err
	}
	if err := session.Start(command); err != nil {
		return err
	}
	go func() {
		// A command that ends without having read all of it is no failure.
		_, _ = io.Copy(input, strings.NewReader(stdin))
		_ = input.Close()
	}()
	ended := make(chan struct{})
	defer close(ended)
	stop := context.AfterFunc(ctx, func() {
		go func() { _ = session.Signal(ssh.SIGTERM) }()
		select {
		case <-ended:
		case <-time.After(grace):
			_ = client.Close()
		}
	})
	defer stop()
	return session.Wait()
}

func explain(ctx context.Context, out *capture.Output, what string, err error) error {
	if ctx.Err() != nil {
		return out.Interrupted(what)
	}
	var exit *ssh.ExitError
	switch {
	case errors.As(err, &exit) && exit.Signal() != "":
		return out.Failure(what, fmt.Sprintf("was ended by signal %s.", exit.Signal()),
			"Find out on the host what ended it, for example with journalctl, and run the update again.")
	case errors.As(err, &exit):
		return out.Failure(what, fmt.Sprintf("failed: exit status %d.", exit.ExitStatus()),
			"Correct the command or what it needs, and run the update again.")
	}
	return out.Failure(what, fmt.Sprintf("was cut off: the connection was lost before the command ended (%v).", err),
		"Whether it did its work is unknown. Look at the host, then run the update again.")
}
