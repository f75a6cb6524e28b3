package capture

import (
	"context"
	"errors"
	"fmt"
)

// Failure is the error of a run: where and what, why, the end of what was printed, what to do.
func (o *Output) Failure(what, why, remedy string) error {
	return fmt.Errorf("%s %s%s\n  %s", what, Redact(o.ctx, why), o.tail.String(), remedy)
}

// Interrupted is the error of a run that ended because ctx did.
func (o *Output) Interrupted(what string) error {
	if errors.Is(o.ctx.Err(), context.DeadlineExceeded) {
		return o.Failure(what, "was stopped: it did not end within the resource's custom timeout.",
			"Allow more time in the resource option customTimeouts, or find out what it waits for.")
	}
	return o.Failure(what, "was stopped because the update was cancelled.",
		"It may have done part of its work; run the update again.")
}
