// Package capture takes in what a command prints, while it runs and afterwards.
package capture

import (
	"bytes"
	"context"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// Output collects both streams of one run: all of it for the resource, lines for the log, the end for an error.
type Output struct {
	Stdout, Stderr *Stream
	ctx            context.Context
	log            *lineLog
	tail           tail
}

// NewOutput starts collecting. Close ends it.
func NewOutput(ctx context.Context, mode Mode) *Output {
	o := &Output{ctx: ctx, log: startLog(ctx)}
	o.Stdout = &Stream{output: o, shown: mode.Stdout}
	o.Stderr = &Stream{output: o, shown: mode.Stderr}
	return o
}

// Close writes out unfinished lines and waits until the log has everything.
func (o *Output) Close() {
	o.Stdout.flush()
	o.Stderr.flush()
	o.log.close()
}

// Text returns what the command wrote, without the newline at the end, as the outputs of a resource.
func (o *Output) Text() (stdout, stderr string) {
	return o.text(o.Stdout, "stdout"), o.text(o.Stderr, "stderr")
}

func (o *Output) text(s *Stream, name string) string {
	text := strings.TrimSuffix(s.all.String(), "\n")
	valid := strings.ToValidUTF8(text, "\uFFFD")
	if valid != text {
		p.GetLogger(o.ctx).Warningf("The command wrote bytes to %s that are not UTF-8; they are replaced by U+FFFD. "+
			"Encode binary output, for example with base64.", name)
	}
	return valid
}

func (o *Output) line(line string) {
	line = Redact(o.ctx, strings.TrimSuffix(line, "\r"))
	if strings.TrimSpace(line) == "" {
		return
	}
	o.tail.add(line)
	o.log.add(line)
}

// longestLine bounds a log message; what has no newline is cut there.
const longestLine = 16 << 10

// Stream is one of the two streams. It may be written to while the other one is.
type Stream struct {
	output  *Output
	shown   bool
	mu      sync.Mutex
	all     bytes.Buffer
	pending []byte
}

// Write never fails.
func (s *Stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(b)
	if !s.shown {
		return len(b), nil
	}
	s.pending = append(s.pending, b...)
	for {
		end := bytes.IndexByte(s.pending, '\n')
		switch {
		case end >= 0:
			s.output.line(string(s.pending[:end]))
			s.pending = s.pending[end+1:]
		case len(s.pending) >= longestLine:
			s.output.line(string(s.pending[:longestLine]))
			s.pending = s.pending[longestLine:]
		default:
			return len(b), nil
		}
	}
}

func (s *Stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output.line(string(s.pending))
	s.pending = nil
}
