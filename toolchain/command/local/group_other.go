//go:build !unix

package local

import "os/exec"

var defaultInterpreter = []string{"cmd", "/C"}

func endAsGroup(*exec.Cmd) {}
