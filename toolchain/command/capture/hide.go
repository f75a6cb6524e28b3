package capture

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

type hiddenKey struct{}

// shortestHidden keeps words like "on" or "22" readable: blanking them out everywhere says more than it hides.
const shortestHidden = 5

// Hide names the texts that must not appear in a log line or an error.
func Hide(ctx context.Context, texts []string) context.Context {
	hidden := map[string]bool{}
	for _, text := range texts {
		hidden[text] = true
		// The log comes in lines, so a text of several lines is hidden line by line.
		for line := range strings.Lines(text) {
			hidden[strings.TrimSpace(line)] = true
		}
	}
	var parts []string
	for text := range hidden {
		if len(text) >= shortestHidden {
			parts = append(parts, text)
		}
	}
	// Of texts that start alike, the replacer takes the one listed first.
	slices.SortFunc(parts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, text := range parts {
		pairs = append(pairs, text, "[secret]")
	}
	return context.WithValue(ctx, hiddenKey{}, strings.NewReplacer(pairs...))
}

// Redact returns text without what Hide named, fit for a log line.
func Redact(ctx context.Context, text string) string {
	if replacer, ok := ctx.Value(hiddenKey{}).(*strings.Replacer); ok {
		text = replacer.Replace(text)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
