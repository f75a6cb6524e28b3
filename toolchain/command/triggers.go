package main

import (
	"context"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
)

// withTriggers replaces a resource when anything inside its triggers changes. The schema's own mark covers the property as a
// whole only, and not every release of the npm package repeats it for the elements.
func withTriggers(inner p.Provider) p.Provider {
	diff := inner.Diff
	inner.Diff = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		resp, err := diff(ctx, req)
		for path, change := range resp.DetailedDiff {
			if isTrigger(path) {
				change.Kind = asReplacement(change.Kind)
				resp.DetailedDiff[path] = change
			}
		}
		return resp, err
	}
	return inner
}

func isTrigger(path string) bool {
	rest, found := strings.CutPrefix(path, "triggers")
	return found && (rest == "" || rest[0] == '[' || rest[0] == '.')
}

func asReplacement(kind p.DiffKind) p.DiffKind {
	switch kind {
	case p.Add:
		return p.AddReplace
	case p.Delete:
		return p.DeleteReplace
	case p.Update:
		return p.UpdateReplace
	}
	return kind
}
