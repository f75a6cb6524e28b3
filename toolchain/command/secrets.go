package main

import (
	"context"
	"maps"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"homelab/toolchain/command/capture"
)

// sources are the inputs whose secrets a command can print. The connection is not one: it is always secret, and it never
// reaches the command.
var sources = []string{"command", "create", "update", "stdin", "environment", "interpreter", "dir"}

// withSecretOutputs keeps secret what a command prints after it was given a secret, and repeats the inputs exactly as they
// came: the library below marks a whole list secret where one of its elements is.
func withSecretOutputs(inner p.Provider) p.Provider {
	create, update, invoke := inner.Create, inner.Update, inner.Invoke
	inner.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		resp, err := create(ctx, req)
		if err == nil {
			resp.Properties = withMarks(resp.Properties, req.Properties, givenSecret(req.Properties))
		}
		return resp, err
	}
	inner.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		resp, err := update(ctx, req)
		// The output of the run before is in this one's environment.
		again := req.State.Get("stdout").HasSecrets() || req.State.Get("stderr").HasSecrets()
		if err == nil {
			resp.Properties = withMarks(resp.Properties, req.Inputs, again || givenSecret(req.Inputs))
		}
		return resp, err
	}
	inner.Invoke = func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		resp, err := invoke(ctx, req)
		if err == nil {
			resp.Return = withMarks(resp.Return, req.Args, givenSecret(req.Args))
		}
		return resp, err
	}
	return inner
}

func givenSecret(inputs property.Map) bool {
	for _, name := range sources {
		if inputs.Get(name).HasSecrets() {
			return true
		}
	}
	return false
}

func withMarks(outputs, inputs property.Map, secret bool) property.Map {
	marked := maps.Collect(outputs.All)
	for name, v := range inputs.All {
		marked[name] = v
	}
	for name := range printed {
		if v, ok := marked[name]; ok && secret && !v.IsNull() {
			marked[name] = v.WithSecret(true)
		}
	}
	return property.NewMap(marked)
}

// withSecretsHidden hands the secret texts of a request to the log and the errors, which leave them out.
func withSecretsHidden(inner p.Provider) p.Provider {
	create, update, remove, invoke := inner.Create, inner.Update, inner.Delete, inner.Invoke
	inner.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		return create(capture.Hide(ctx, secretTexts(req.Properties)), req)
	}
	inner.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		return update(capture.Hide(ctx, append(secretTexts(req.Inputs), secretTexts(req.State)...)), req)
	}
	inner.Delete = func(ctx context.Context, req p.DeleteRequest) error {
		return remove(capture.Hide(ctx, secretTexts(req.Properties)), req)
	}
	inner.Invoke = func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		return invoke(capture.Hide(ctx, secretTexts(req.Args)), req)
	}
	return inner
}

// credentials are the parts of a connection that no one may read. Its host and user are in the same secret, but an error
// without them helps no one.
var credentials = map[string]bool{"password": true, "privateKey": true, "privateKeyPassword": true}

func secretTexts(inputs property.Map) []string {
	var texts []string
	var walk func(name string, v property.Value, secret bool)
	walk = func(name string, v property.Value, secret bool) {
		secret = secret || (v.Secret() && name != "connection") || credentials[name]
		switch {
		case v.IsString() && secret:
			texts = append(texts, v.AsString())
		case v.IsArray():
			for _, item := range v.AsArray().All {
				walk("", item, secret)
			}
		case v.IsMap():
			for key, item := range v.AsMap().All {
				walk(key, item, secret)
			}
		}
	}
	for key, v := range inputs.All {
		walk(key, v, false)
	}
	return texts
}
