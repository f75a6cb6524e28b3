package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	pftfgen "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

const schemaFile = "schema.json"

// writeSchema derives the Pulumi schema from the Terraform provider and writes it into folder.
func writeSchema(ctx context.Context, folder string) error {
	schema, err := generateSchema(ctx, os.Stderr)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("create the folder for %s: %w", schemaFile, err)
	}
	if err := os.WriteFile(filepath.Join(folder, schemaFile), schema, 0o644); err != nil {
		return fmt.Errorf("write the schema: %w", err)
	}
	return nil
}

// generateSchema returns the Pulumi schema as indented JSON. Descriptions are those of the Terraform schema, not
// the longer ones of its web pages.
func generateSchema(ctx context.Context, problems io.Writer) ([]byte, error) {
	info, err := newProviderInfo(ctx, version)
	if err != nil {
		return nil, err
	}
	muxed, err := halvesOf(&info)
	if err != nil {
		return nil, err
	}
	info.SchemaPostProcessor = func(spec *pschema.PackageSpec) { trimSchema(spec, info, muxed) }
	result, err := pftfgen.GenerateSchema(ctx, pftfgen.GenerateSchemaOptions{
		ProviderInfo:    info,
		DiagnosticsSink: diag.DefaultSink(io.Discard, problems, diag.FormatOptions{Color: colors.Never}),
		XInMemoryDocs:   true,
	})
	if err != nil {
		return nil, fmt.Errorf("derive the Pulumi schema from the Terraform provider: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, result.ProviderMetadata.PackageSchema, "", "  "); err != nil {
		return nil, fmt.Errorf("indent the schema: %w", err)
	}
	return append(indented.Bytes(), '\n'), nil
}

// trimSchema takes out what the bridge adds for the generation of SDKs and web pages, and the "id" that it claims for
// data sources of the framework half that have none: nothing returns it at run time.
func trimSchema(spec *pschema.PackageSpec, info tfbridge.ProviderInfo, muxed halves) {
	spec.Attribution = ""
	spec.Language = nil
	for name, dataSource := range info.P.DataSourcesMap().Range {
		if _, hasID := dataSource.Schema().GetOk("id"); hasID || !muxed.DataSourceIsPF(name) {
			continue
		}
		outputs := spec.Functions[string(info.DataSources[name].Tok)].Outputs
		delete(outputs.Properties, "id")
		outputs.Required = slices.DeleteFunc(outputs.Required, func(property string) bool { return property == "id" })
	}
}

// readSchema reads the schema that lies beside the running program.
func readSchema() ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the folder of the plugin's program: %w", err)
	}
	program, err = filepath.EvalSymlinks(program)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the plugin's program: %w", err)
	}
	folder := filepath.Dir(program)
	schema, err := os.ReadFile(filepath.Join(folder, schemaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing in %s; write it with: %s %s %s",
			schemaFile, folder, program, writeSchemaFlag, folder)
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema beside the plugin's program: %w", err)
	}
	return schema, nil
}
