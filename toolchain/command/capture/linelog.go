package capture

import (
	"context"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// largestMessage bounds how many waiting lines go into one message.
const largestMessage = 64 << 10

// lineLog passes lines to the engine without holding up the command: lines that come while a message is under way wait, and
// go out together.
type lineLog struct {
	mu      sync.Mutex
	waiting []string
	wake    chan struct{}
	done    chan struct{}
}

func startLog(ctx context.Context) *lineLog {
	l := &lineLog{wake: make(chan struct{}, 1), done: make(chan struct{})}
	// What a cancelled command still said is worth having.
	logger := p.GetLogger(context.WithoutCancel(ctx))
	go func() {
		defer close(l.done)
		for range l.wake {
			for message := l.next(); message != ""; message = l.next() {
				logger.InfoStatus(message)
			}
		}
	}()
	return l
}

func (l *lineLog) add(line string) {
	l.mu.Lock()
	l.waiting = append(l.waiting, line)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lineLog) next() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	size, count := 0, 0
	for count < len(l.waiting) && (count == 0 || size+len(l.waiting[count]) <= largestMessage) {
		size += len(l.waiting[count])
		count++
	}
	message := strings.Join(l.waiting[:count], "\n")
	l.waiting = l.waiting[count:]
	return message
}

func (l *lineLog) close() {
	close(l.wake)
	<-l.done
}
