package capture

// Mode says which streams of a command may appear in the log and in errors.
type Mode struct{ Stdout, Stderr bool }

// ParseMode reads the value of a resource's `logging`; nil stands for both streams.
func ParseMode(logging *string) Mode {
	if logging == nil {
		return Mode{Stdout: true, Stderr: true}
	}
	both := *logging == "stdoutAndStderr"
	return Mode{Stdout: both || *logging == "stdout", Stderr: both || *logging == "stderr"}
}
