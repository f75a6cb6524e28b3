package capture

import (
	"strings"
	"sync"
)

const (
	tailLines  = 20
	tailLength = 400
)

// tail keeps the last lines, for an error.
type tail struct {
	mu    sync.Mutex
	lines []string
	cut   bool
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(line) > tailLength {
		line = strings.ToValidUTF8(line[:tailLength], "") + " …"
	}
	if len(t.lines) == tailLines {
		t.lines, t.cut = t.lines[1:], true
	}
	t.lines = append(t.lines, line)
}

// String is empty if nothing was shown.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == 0 {
		return ""
	}
	heading := "\n  It printed:\n    "
	if t.cut {
		heading = "\n  The end of what it printed:\n    "
	}
	return heading + strings.Join(t.lines, "\n    ")
}
