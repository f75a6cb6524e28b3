package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func TestSchemaIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	var texts []string
	for range 5 {
		dir := t.TempDir()
		ok(t, run(context.Background(), []string{"--write-schema", dir}))
		text, err := os.ReadFile(filepath.Join(dir, "schema.json"))
		ok(t, err)
		texts = append(texts, string(text))
	}
	equal(t, len(slices.Compact(texts)), 1)
}

// The names that @pulumi/command 1.2.1 sends and reads; a star marks what is required.
func TestSchemaHasTheNamesOfTheNpmPackage(t *testing.T) {
	t.Parallel()
	spec, err := p.GetSchema(context.Background(), providerName, version, newProvider())
	ok(t, err)
	const endpoint = "agentSocketPath dialErrorLimit host* hostKey password perDialTimeout port privateKey privateKeyPassword user"
	got := map[string]string{}
	for token, r := range spec.Resources {
		got[token+" in"] = names(r.InputProperties, r.RequiredInputs)
		got[token+" out"] = names(r.Properties, r.Required)
	}
	for token, f := range spec.Functions {
		got[token+" in"] = names(f.Inputs.Properties, f.Inputs.Required)
		got[token+" out"] = names(f.ReturnType.ObjectTypeSpec.Properties, f.ReturnType.ObjectTypeSpec.Required)
	}
	for token, typ := range spec.Types {
		got[token] = names(typ.Properties, typ.Required)
		for _, value := range typ.Enum {
			got[token] += " " + value.Value.(string)
		}
	}
	want := map[string]string{
		localCommand + " in":             "addPreviousOutputInEnv archivePaths assetPaths create delete dir environment interpreter logging stdin triggers update",
		localCommand + " out":            "addPreviousOutputInEnv archive archivePaths assetPaths assets create delete dir environment interpreter logging stderr* stdin stdout* triggers update",
		remoteCommand + " in":            "addPreviousOutputInEnv connection* create delete environment logging stdin triggers update",
		remoteCommand + " out":           "addPreviousOutputInEnv connection* create delete environment logging stderr* stdin stdout* triggers update",
		copyToRemote + " in":             "connection* remotePath* source* triggers",
		copyToRemote + " out":            "connection* remotePath* source* triggers",
		copyFile + " in":                 "connection* localPath* remotePath* triggers",
		copyFile + " out":                "connection* localPath* remotePath* triggers",
		"command:local:run in":           "addPreviousOutputInEnv archivePaths assetPaths command* dir environment interpreter logging stdin",
		"command:local:run out":          "addPreviousOutputInEnv archive archivePaths assetPaths assets command* dir environment interpreter logging stderr* stdin stdout*",
		"command:remote:Connection":      strings.Replace(endpoint, " user", " proxy user", 1),
		"command:remote:ProxyConnection": endpoint,
		"command:local:Logging":          " stdout stderr stdoutAndStderr none",
		"command:remote:Logging":         " stdout stderr stdoutAndStderr none",
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			t.Errorf("%s\n got  %s\n want %s", key, got[key], want[key])
		}
	}
	equal(t, len(got), len(want))
}

func TestSchemaHasTheMarksOfTheNpmPackage(t *testing.T) {
	t.Parallel()
	spec, err := p.GetSchema(context.Background(), providerName, version, newProvider())
	ok(t, err)
	for _, token := range []string{remoteCommand, copyToRemote, copyFile} {
		if r := spec.Resources[token]; !r.InputProperties["connection"].Secret || !r.Properties["connection"].Secret {
			t.Errorf("%s: the connection is not secret", token)
		}
	}
	for _, token := range []string{localCommand, remoteCommand, copyToRemote} {
		if !spec.Resources[token].InputProperties["triggers"].ReplaceOnChanges {
			t.Errorf("%s: triggers do not replace", token)
		}
	}
	if spec.Resources[copyFile].DeprecationMessage == "" {
		t.Error("CopyFile is not deprecated")
	}
	for _, typ := range []string{"Connection", "ProxyConnection"} {
		of := spec.Types["command:remote:"+typ].Properties
		equal(t, of["port"].Default.(float64), 22)
		equal(t, of["user"].Default.(string), "root")
		equal(t, of["dialErrorLimit"].Default.(float64), 10)
		equal(t, of["perDialTimeout"].Default.(float64), 15)
	}
}

func names(all map[string]schema.PropertySpec, required []string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(required, name) {
			name += "*"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}
