// Command pulumi-resource-proxmoxve is the Pulumi resource plugin "proxmoxve": the Terraform provider
// bpg/proxmox behind the tokens and property names of the npm package @muhlba91/pulumi-proxmoxve.
//
// It runs in two modes. With --write-schema DIR it derives the Pulumi schema from the Terraform provider and
// writes it to DIR/schema.json. Otherwise it serves the plugin, with the schema.json of its own folder.
package main

import (
	"context"
	"fmt"
	"os"

	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

// version is the plugin's version. The linker sets it to that of the npm package, which asks the engine for
// exactly this version of the plugin.
var version = "0.0.0-dev"

const writeSchemaFlag = "--write-schema"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-%s: %v\n", packageName, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == writeSchemaFlag {
		if len(args) != 2 {
			return fmt.Errorf("%s takes exactly one folder: pulumi-resource-%s %s DIR",
				writeSchemaFlag, packageName, writeSchemaFlag)
		}
		return writeSchema(ctx, args[1])
	}
	return serve(ctx)
}

// serve hands over to the bridge, which parses the engine's own arguments and does not return before shutdown.
func serve(ctx context.Context) error {
	schema, err := readSchema()
	if err != nil {
		return err
	}
	info, err := newProviderInfo(ctx, version)
	if err != nil {
		return err
	}
	pftfbridge.MainWithMuxer(ctx, packageName, info, schema)
	return nil
}
