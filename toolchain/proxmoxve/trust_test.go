package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Go reads SSL_CERT_FILE once per process, so no other test here may verify a certificate.
func TestSSLCertFileMakesACertificateTrusted(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("the system's own store of certificates decides here")
	}
	api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":{"release":"9.2","repoid":"abc","version":"9.2.3"}}`)
	}))
	t.Cleanup(api.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)

	plugin := configuredPlugin(t, map[string]any{"endpoint": api.URL})
	version, err := plugin.Invoke(context.Background(), &pulumirpc.InvokeRequest{
		Tok: "proxmoxve:index/getVersion:getVersion", Args: properties(t, map[string]any{}),
	})
	if err != nil || len(version.GetFailures()) > 0 {
		t.Fatalf("getVersion: %v %v", version.GetFailures(), err)
	}
	if got := version.GetReturn().AsMap()["version"]; got != "9.2.3" {
		t.Errorf("version = %v, want 9.2.3", got)
	}
}
