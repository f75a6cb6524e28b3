package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func TestSchemaIsTheSameEachTime(t *testing.T) {
	_, first := generated(t)
	if _, second := generated(t); !bytes.Equal(first, second) {
		t.Error("two generations of the schema differ")
	}
}

func TestSchemaGenerationIsQuiet(t *testing.T) {
	var problems bytes.Buffer
	if _, err := generateSchema(context.Background(), &problems); err != nil {
		t.Fatal(err)
	}
	if problems.Len() > 0 {
		t.Errorf("schema generation complains:\n%s", problems.String())
	}
}

func TestWhatIsSensitiveInTerraformIsSecretInPulumi(t *testing.T) {
	info := providerInfo(t)
	spec, _ := generated(t)
	checked := 0
	check := func(
		owner string, schema shim.SchemaMap, fields map[string]*tfbridge.SchemaInfo, sides ...map[string]pschema.PropertySpec,
	) {
		for name, property := range schema.Range {
			if !property.Sensitive() {
				continue
			}
			key := tfbridge.TerraformToPulumiNameV2(name, schema, fields)
			for _, side := range sides {
				if spec, ok := side[key]; ok && !spec.Secret {
					t.Errorf("%s.%s is sensitive in Terraform and not secret in Pulumi", owner, key)
				}
			}
			checked++
		}
	}
	for name, schema := range info.P.ResourcesMap().Range {
		token := string(info.Resources[name].Tok)
		res := spec.Resources[token]
		check(token, schema.Schema(), info.Resources[name].Fields, res.Properties, res.InputProperties)
	}
	check("provider", info.P.Schema(), info.Config, spec.Config.Variables, spec.Provider.InputProperties)
	if checked == 0 {
		t.Error("found nothing sensitive at all")
	}
}

func TestWriteSchemaCreatesItsFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	if err := writeSchema(context.Background(), folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, schemaFile)); err != nil {
		t.Error(err)
	}
}

func TestServingWithoutASchemaSaysWhatToDo(t *testing.T) {
	_, err := readSchema()
	if err == nil || !strings.Contains(err.Error(), writeSchemaFlag) {
		t.Errorf("error = %v, want one that names %s", err, writeSchemaFlag)
	}
}

func generated(t *testing.T) (pschema.PackageSpec, []byte) {
	t.Helper()
	data, err := generateSchema(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	var spec pschema.PackageSpec
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	return spec, data
}
