package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// idProperty is the SDK's name for a Terraform "id" that the user may choose: Pulumi keeps "id" for itself.
const idProperty = "resourceId"

// idPropertyOf holds the resources whose "id" the SDK calls otherwise.
var idPropertyOf = map[string]string{
	"proxmox_sdn_controller_evpn": "sdnControllerEvpnId",
}

// keyOf holds the resources without an "id", by the end of their Terraform name, with the property that
// identifies them on import.
var keyOf = map[string]resource.PropertyKey{
	"acme_account":    "name",
	"acme_dns_plugin": "plugin",
}

// identify returns a resource that knows how its Pulumi id comes out of its state. The bridge's own rule holds for
// an "id" that only the provider sets, and nothing is added then.
func identify(terraformName string, schema shim.Resource) *tfbridge.ResourceInfo {
	id, ok := schema.Schema().GetOk("id")
	if !ok {
		for suffix, key := range keyOf {
			if strings.HasSuffix(terraformName, "_"+suffix) {
				return &tfbridge.ResourceInfo{ComputeID: idFrom(key)}
			}
		}
		return &tfbridge.ResourceInfo{}
	}
	if !id.Required() && !id.Optional() {
		return &tfbridge.ResourceInfo{}
	}
	name, ok := idPropertyOf[terraformName]
	if !ok {
		name = idProperty
	}
	return &tfbridge.ResourceInfo{
		// A VM's id is a number in Terraform; ids are text in Pulumi.
		Fields:    map[string]*tfbridge.SchemaInfo{"id": {Name: name, Type: "string"}},
		ComputeID: idFrom(resource.PropertyKey(name)),
	}
}

// idFrom reads the Pulumi id from a property of the state that is text or a whole number.
func idFrom(key resource.PropertyKey) tfbridge.ComputeID {
	return func(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
		id := text(state[key])
		if id == "" {
			return "", fmt.Errorf("the provider returned no %q, so the object has no id in Pulumi; "+
				"it may exist in Proxmox VE: import it, or remove it there and try again", key)
		}
		return resource.ID(id), nil
	}
}

func text(value resource.PropertyValue) string {
	switch {
	case value.IsSecret():
		return text(value.SecretValue().Element)
	case value.IsOutput():
		return text(value.OutputValue().Element)
	case value.IsString():
		return value.StringValue()
	case value.IsNumber():
		return strconv.FormatFloat(value.NumberValue(), 'f', -1, 64)
	default:
		return ""
	}
}
