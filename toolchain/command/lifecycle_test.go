package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var unknown = resource.MakeComputed(resource.NewProperty(""))

func TestPreviewOfACreation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs  object
		unknown []string
	}{
		"with a command":            {object{"create": "exit 1"}, []string{"stdout", "stderr"}},
		"with an unknown command":   {object{"create": unknown}, []string{"stdout", "stderr", "create"}},
		"with files":                {object{"create": "exit 1", "assetPaths": []any{"*"}, "archivePaths": []any{"*"}}, []string{"stdout", "stderr", "assets", "archive"}},
		"without a command":         {object{"delete": "exit 1"}, nil},
		"with only that for update": {object{"update": "exit 1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			ok(t, x.createWith(context.Background(), test.inputs, true))
			equal(t, strings.Join(unknowns(x.outputs), " "), strings.Join(sorted(test.unknown), " "))
		})
	}
}

func TestPreviewOfAnUpdate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs  object
		unknown []string
	}{
		"with update":       {object{"create": "echo one", "update": "exit 1"}, []string{"stdout", "stderr"}},
		"with create":       {object{"create": "exit 1"}, []string{"stdout", "stderr"}},
		"without a command": {object{"delete": "true"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			ok(t, x.create(object{"create": "echo one"}))
			ok(t, x.updateWith(test.inputs, true))
			equal(t, strings.Join(unknowns(x.outputs), " "), strings.Join(sorted(test.unknown), " "))
			if test.unknown == nil {
				equal(t, x.text("stdout"), "one")
			}
		})
	}
}

func TestPreviewsDoNotConnect(t *testing.T) {
	t.Parallel()
	connection := object{"host": "host.invalid"}
	for typ, inputs := range map[string]object{
		remoteCommand: {"connection": connection, "create": "exit 1"},
		copyToRemote:  {"connection": connection, "source": textAsset(t, "text"), "remotePath": "/x"},
		copyFile:      {"connection": connection, "localPath": "/no/such", "remotePath": "/x"},
	} {
		x := start(t).thing(typ)
		ok(t, x.createWith(context.Background(), inputs, true))
		equal(t, x.outputs["connection"].IsSecret(), true)
		equal(t, x.outputs["stdout"].IsComputed(), typ == remoteCommand)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	before := object{"create": "echo one", "triggers": []any{"a", "b"}, "environment": object{"A": "1"}}
	for name, test := range map[string]struct {
		change   object
		changes  bool
		replaces bool
	}{
		"nothing":         {object{}, false, false},
		"create":          {object{"create": "echo two"}, true, false},
		"new update":      {object{"update": "echo two"}, true, false},
		"environment":     {object{"environment": object{"A": "2"}}, true, false},
		"trigger changes": {object{"triggers": []any{"a", "c"}}, true, true},
		"trigger added":   {object{"triggers": []any{"a", "b", "c"}}, true, true},
		"trigger gone":    {object{"triggers": []any{"a"}}, true, true},
		"no triggers":     {object{"triggers": nil}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			ok(t, x.create(before))
			after := object{}
			for _, m := range []object{before, test.change} {
				for k, v := range m {
					after[k] = v
				}
			}
			diff := x.diff(after)
			equal(t, diff.Changes == rpc.DiffResponse_DIFF_SOME, test.changes)
			equal(t, len(diff.Replaces) > 0, test.replaces)
		})
	}
}

func TestOutputsOfSecretsAreSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs object
		secret bool
	}{
		"plain":       {object{"create": "echo one"}, false},
		"create":      {object{"create": secret("echo one")}, true},
		"stdin":       {object{"create": "cat", "stdin": secret("word")}, true},
		"environment": {object{"create": "echo one", "environment": object{"A": secret("word")}}, true},
		"delete":      {object{"create": "echo one", "delete": secret("true")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			for _, preview := range []bool{true, false} {
				x := h.thing(localCommand)
				ok(t, x.createWith(context.Background(), test.inputs, preview))
				equal(t, x.outputs["stdout"].IsSecret(), test.secret)
				equal(t, x.outputs["stderr"].IsSecret(), test.secret)
				for key, value := range x.inputs {
					equal(t, x.outputs[key].DeepEquals(value), true)
				}
				if !preview {
					ok(t, x.update(object{"create": "echo two"}))
					equal(t, x.outputs["stdout"].IsSecret(), test.secret)
				}
			}
		})
	}
}

func TestSecretsAreInNoLogAndNoError(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	inputs := object{
		"create":      `echo "env $TOKEN"; cat; echo "and $PLAIN"; exit 1`,
		"stdin":       secret("first-secret-line\nsecond-secret-line\n"),
		"environment": object{"TOKEN": secret("tok-12345"), "PLAIN": "readable"},
	}
	err := x.create(inputs)
	fails(t, err, "env [secret]", "and readable")
	log := x.engine.waitFor(t, "and readable")
	for _, text := range []string{err.Error(), log} {
		lacks(t, text, "tok-12345", "first-secret", "second-secret")
	}
}

func unknowns(m properties) []string {
	var names []string
	for name, v := range m {
		if v.ContainsUnknowns() {
			names = append(names, string(name))
		}
	}
	return sorted(names)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

func textAsset(t *testing.T, text string) *resource.Asset {
	t.Helper()
	asset, err := resource.NewTextAsset(text)
	ok(t, err)
	return asset
}
