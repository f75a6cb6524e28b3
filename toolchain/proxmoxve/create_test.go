package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

const storageURN = "urn:pulumi:test::test::proxmoxve:storage/directory:Directory::backups"

// The id must be there after the object exists: a failure then would leave it behind, unknown to Pulumi.
func TestCreateAnswersWithTheChosenID(t *testing.T) {
	var posts int
	plugin := pluginFor(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts++
		}
		fmt.Fprint(w, `{"data":{"storage":"backups","type":"dir","path":"/srv","content":"backup","shared":0}}`)
	})
	created, err := plugin.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: storageURN,
		Properties: properties(t, map[string]any{
			"resourceId": "backups", "path": "/srv", "contents": []any{"backup"},
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if created.GetId() != "backups" || posts != 1 {
		t.Errorf("id %q after %d posts, want %q after one", created.GetId(), posts, "backups")
	}
}

// A VM's id is text in Pulumi and a number in Terraform.
func TestVMAcceptsItsIDAsText(t *testing.T) {
	plugin := pluginFor(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":null}`) })
	planned, err := plugin.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn:        "urn:pulumi:test::test::proxmoxve:index/vm:Vm::web",
		Properties: properties(t, map[string]any{"resourceId": "600", "nodeName": "pve-01", "name": "web"}),
		Preview:    true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if id := planned.GetProperties().AsMap()["resourceId"]; id != "600" {
		t.Errorf("planned resourceId = %#v, want %q", id, "600")
	}
}

// pluginFor serves the plugin in this process, logged in to an API that answers with handler.
func pluginFor(t *testing.T, handler http.HandlerFunc) pulumirpc.ResourceProviderServer {
	t.Helper()
	api := httptest.NewTLSServer(handler)
	t.Cleanup(api.Close)
	return configuredPlugin(t, map[string]any{"endpoint": api.URL, "insecure": "true"})
}

func configuredPlugin(t *testing.T, connection map[string]any) pulumirpc.ResourceProviderServer {
	t.Helper()
	info := providerInfo(t)
	schema, err := generateSchema(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := pftfbridge.MakeMuxedServer(context.Background(), packageName, info, schema)(nil)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{
		"apiToken": "root@pam!test=00000000-0000-0000-0000-000000000000",
		"ssh":      `{"agent":false,"username":"root","nodes":[{"name":"pve-01","address":"127.0.0.1","port":1}]}`,
	}
	maps.Copy(settings, connection)
	request := &pulumirpc.ConfigureRequest{AcceptSecrets: true, Args: properties(t, settings)}
	if _, err := plugin.Configure(context.Background(), request); err != nil {
		t.Fatal(err)
	}
	return plugin
}

func properties(t *testing.T, values map[string]any) *structpb.Struct {
	t.Helper()
	encoded, err := structpb.NewStruct(values)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
