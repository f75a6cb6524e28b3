// Command pulumi-resource-command runs commands and copies files, on this machine and over SSH, as resources of Pulumi.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	p "github.com/pulumi/pulumi-go-provider"
)

// version is what the engine is told. The build sets it to the version that the npm package asks for.
var version = "1.2.1"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-command:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 2 && args[0] == "--write-schema" {
		return writeSchema(ctx, args[1])
	}
	if len(args) == 1 && args[0] == "--version" {
		fmt.Println(version)
		return nil
	}
	// The rest of the command line is the engine's: its address, and flags that the provider library declares.
	flag.CommandLine.SetOutput(os.Stderr)
	return p.RunProvider(ctx, providerName, version, newProvider())
}

// writeSchema puts schema.json into dir. Map keys come out sorted, so the same build always writes the same bytes.
func writeSchema(ctx context.Context, dir string) error {
	spec, err := p.GetSchema(ctx, providerName, version, newProvider())
	if err != nil {
		return fmt.Errorf("making the schema: %w", err)
	}
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return fmt.Errorf("making the schema: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "schema.json"), append(text, '\n'), 0o644)
}
