package main

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Every resource gets a state made up from its Terraform schema and must give an id from it.
func TestEveryResourceYieldsAnID(t *testing.T) {
	info := providerInfo(t)
	muxed := info.P.(interface{ ResourceIsPF(string) bool })
	for name, schema := range info.P.ResourcesMap().Range {
		t.Run(name, func(t *testing.T) {
			res := info.Resources[name]
			if res.ComputeID == nil {
				if id, ok := schema.Schema().GetOk("id"); muxed.ResourceIsPF(name) &&
					(!ok || id.Type() != shim.TypeString || !id.Computed()) {
					t.Fatal("neither the bridge nor identity.go can tell the id of this resource")
				}
				return
			}
			id, err := res.ComputeID(context.Background(), plausibleState(schema, res))
			if err != nil || id == "" {
				t.Fatalf("ComputeID = %q, %v", id, err)
			}
			if id, err := res.ComputeID(context.Background(), resource.PropertyMap{}); err == nil {
				t.Errorf("ComputeID of an empty state = %q, want an error", id)
			}
		})
	}
}

func TestIDFromReadsTextAndWholeNumbers(t *testing.T) {
	for want, value := range map[resource.ID]resource.PropertyValue{
		"tank":      resource.NewProperty("tank"),
		"600":       resource.NewProperty(600.0),
		"999999999": resource.NewProperty(999999999.0),
		"hidden":    resource.MakeSecret(resource.NewProperty("hidden")),
		"known":     resource.NewProperty(resource.Output{Element: resource.NewProperty("known"), Known: true}),
	} {
		got, err := idFrom("key")(context.Background(), resource.PropertyMap{"key": value})
		if err != nil || got != want {
			t.Errorf("id of %v = %q, %v; want %q", value, got, err, want)
		}
	}
}

// plausibleState fills the simple top-level properties of a resource, by the names they have in Pulumi.
func plausibleState(schema shim.Resource, info *tfbridge.ResourceInfo) resource.PropertyMap {
	state := resource.PropertyMap{}
	for name, property := range schema.Schema().Range {
		key := resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(name, schema.Schema(), info.Fields))
		switch property.Type() {
		case shim.TypeString:
			state[key] = resource.NewProperty("text")
		case shim.TypeInt, shim.TypeFloat:
			state[key] = resource.NewProperty(100.0)
		case shim.TypeBool:
			state[key] = resource.NewProperty(true)
		}
	}
	return state
}
