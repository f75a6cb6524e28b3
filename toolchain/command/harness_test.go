package main

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	localCommand  = "command:local:Command"
	remoteCommand = "command:remote:Command"
	copyToRemote  = "command:remote:CopyToRemote"
	copyFile      = "command:remote:CopyFile"
)

type properties = resource.PropertyMap

type object = map[string]any

// harness is the provider behind its real gRPC interface, with an engine that only keeps the log.
type harness struct {
	t        *testing.T
	provider rpc.ResourceProviderServer
	engine   *engine
}

func start(t *testing.T) *harness {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	e := &engine{}
	server := grpc.NewServer()
	rpc.RegisterEngineServer(server, e)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	host, err := sdkprovider.NewHostClient(listener.Addr().String())
	ok(t, err)
	t.Cleanup(func() { _ = host.Close() })
	provider, err := p.RawServer(providerName, "1.0.0", newProvider())(host)
	ok(t, err)
	_, err = provider.Configure(context.Background(), &rpc.ConfigureRequest{
		AcceptSecrets: true, AcceptResources: true, SendsOldInputs: true, SendsOldInputsToDelete: true,
	})
	ok(t, err)
	return &harness{t, provider, e}
}

type engine struct {
	rpc.UnimplementedEngineServer
	mu       sync.Mutex
	messages []string
}

func (e *engine) Log(_ context.Context, req *rpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.messages = append(e.messages, req.Severity.String()+" "+req.Message)
	return &emptypb.Empty{}, nil
}

func (e *engine) log() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.messages, "\n")
}

// waitFor returns the log once it has text.
func (e *engine) waitFor(t *testing.T, text string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if log := e.log(); strings.Contains(log, text) {
			return log
		}
	}
	t.Fatalf("the log never had %q:\n%s", text, e.log())
	return ""
}

// thing is a resource with its state, as the engine would keep it.
type thing struct {
	*harness
	urn             string
	id              string
	inputs, outputs properties
	timeout         float64
}

func (h *harness) thing(typ string) *thing {
	return &thing{harness: h, urn: "urn:pulumi:stack::project::" + typ + "::thing"}
}

func (x *thing) check(inputs object) properties {
	x.t.Helper()
	resp, err := x.provider.Check(context.Background(), &rpc.CheckRequest{Urn: x.urn, News: marshal(x.t, inputs)})
	ok(x.t, err)
	if len(resp.Failures) > 0 {
		x.t.Fatalf("check: %v", resp.Failures)
	}
	return unmarshal(x.t, resp.Inputs)
}

func (x *thing) create(inputs object) error {
	x.t.Helper()
	return x.createWith(context.Background(), inputs, false)
}

func (x *thing) createWith(ctx context.Context, inputs object, preview bool) error {
	x.t.Helper()
	x.inputs = x.check(inputs)
	resp, err := x.provider.Create(ctx, &rpc.CreateRequest{
		Urn: x.urn, Properties: marshalMap(x.t, x.inputs), Preview: preview, Timeout: x.timeout,
	})
	if err == nil {
		x.id, x.outputs = resp.Id, unmarshal(x.t, resp.Properties)
	}
	return err
}

func (x *thing) diff(inputs object) *rpc.DiffResponse {
	x.t.Helper()
	resp, err := x.provider.Diff(context.Background(), &rpc.DiffRequest{
		Id: x.id, Urn: x.urn, Olds: marshalMap(x.t, x.outputs), OldInputs: marshalMap(x.t, x.inputs), News: marshalMap(x.t, x.check(inputs)),
	})
	ok(x.t, err)
	return resp
}

func (x *thing) update(inputs object) error {
	x.t.Helper()
	return x.updateWith(inputs, false)
}

func (x *thing) updateWith(inputs object, preview bool) error {
	x.t.Helper()
	news := x.check(inputs)
	resp, err := x.provider.Update(context.Background(), &rpc.UpdateRequest{
		Id: x.id, Urn: x.urn, Olds: marshalMap(x.t, x.outputs), OldInputs: marshalMap(x.t, x.inputs), News: marshalMap(x.t, news), Preview: preview,
	})
	if err == nil {
		x.inputs, x.outputs = news, unmarshal(x.t, resp.Properties)
	}
	return err
}

func (x *thing) delete() error {
	_, err := x.provider.Delete(context.Background(), &rpc.DeleteRequest{
		Id: x.id, Urn: x.urn, Properties: marshalMap(x.t, x.outputs), OldInputs: marshalMap(x.t, x.inputs),
	})
	return err
}

// text returns an output, secret or not.
func (x *thing) text(name string) string {
	x.t.Helper()
	v := x.outputs[resource.PropertyKey(name)]
	if v.IsSecret() {
		v = v.SecretValue().Element
	}
	if !v.IsString() {
		x.t.Fatalf("%s is %v", name, v)
	}
	return v.StringValue()
}

var keepAll = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

func marshal(t *testing.T, m object) *structpb.Struct {
	t.Helper()
	return marshalMap(t, resource.NewPropertyMapFromMap(m))
}

func marshalMap(t *testing.T, m properties) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(m, keepAll)
	ok(t, err)
	return s
}

func unmarshal(t *testing.T, s *structpb.Struct) properties {
	t.Helper()
	m, err := plugin.UnmarshalProperties(s, keepAll)
	ok(t, err)
	return m
}

func secret(v any) resource.PropertyValue { return resource.MakeSecret(resource.NewPropertyValue(v)) }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// fails wants an error that has every one of the texts.
func fails(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there was no error")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error lacks %q:\n%v", text, err)
		}
	}
}

func lacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q must not be in:\n%s", part, text)
		}
	}
}
