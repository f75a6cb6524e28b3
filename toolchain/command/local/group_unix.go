//go:build unix

package local

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

var defaultInterpreter = []string{"/bin/sh", "-c"}

// grace is how long a group has between the request to end and the end.
const grace = 5 * time.Second

// endAsGroup makes cmd the head of a process group and ends all of it on cancellation: what a shell started would go on
// otherwise, and keep the output open.
func endAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		group := -cmd.Process.Pid
		if err := syscall.Kill(group, syscall.SIGTERM); err != nil {
			return os.ErrProcessDone
		}
		time.AfterFunc(grace, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
		return nil
	}
	cmd.WaitDelay = grace + time.Second
}
