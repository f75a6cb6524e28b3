package main

import (
	"context"
	"maps"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// withPreviews answers a preview without running anything: inputs show as they are, and what a command would print is
// unknown if a command would run, and stays what it was if none would.
func withPreviews(inner p.Provider) p.Provider {
	create, update := inner.Create, inner.Update
	inner.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		if !req.DryRun {
			return create(ctx, req)
		}
		nothing := property.NewMap(map[string]property.Value{"stdout": property.New(""), "stderr": property.New("")})
		return p.CreateResponse{
			Properties: preview(req.Urn.Type(), req.Properties, nothing, isSet(req.Properties, "create")),
		}, nil
	}
	inner.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		if !req.DryRun {
			return update(ctx, req)
		}
		runs := isSet(req.Inputs, "update") || isSet(req.Inputs, "create")
		return p.UpdateResponse{Properties: preview(req.Urn.Type(), req.Inputs, req.State, runs)}, nil
	}
	return inner
}

// printed are the outputs of a command, each with the input that asks for it (none: always there).
var printed = map[string]string{"stdout": "", "stderr": "", "assets": "assetPaths", "archive": "archivePaths"}

func preview(typ tokens.Type, inputs, before property.Map, runs bool) property.Map {
	outputs := maps.Collect(inputs.All)
	if !isCommand(typ) {
		return property.NewMap(outputs)
	}
	for output, input := range printed {
		old, had := before.GetOk(output)
		switch {
		case runs && (input == "" || isSet(inputs, input)):
			outputs[output] = property.New(property.Computed)
		case had:
			outputs[output] = old
		}
	}
	return property.NewMap(outputs)
}

func isCommand(typ tokens.Type) bool {
	return typ == "command:local:Command" || typ == "command:remote:Command"
}

func isSet(m property.Map, key string) bool {
	v, ok := m.GetOk(key)
	return ok && !v.IsNull()
}
