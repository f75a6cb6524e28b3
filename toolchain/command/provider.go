package main

import (
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"

	"homelab/toolchain/command/local"
	"homelab/toolchain/command/remote"
)

const providerName = "command"

// newProvider puts the resources and functions together. The wrappers hold what all resources share: the last one listed
// sees a request first.
func newProvider() p.Provider {
	provider := infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: "Command",
			Description: "Runs commands and copies files, on this machine and over SSH.",
			LanguageMap: map[string]any{"nodejs": map[string]any{"respectSchemaVersion": true}},
		},
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
			infer.Resource(&remote.CopyFile{}),
		},
		Functions: []infer.InferredFunction{
			infer.Function(&local.Run{}),
		},
	})
	provider = withTriggers(provider)
	provider = withPreviews(provider)
	provider = withSecretOutputs(provider)
	return withSecretsHidden(provider)
}
