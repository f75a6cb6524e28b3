package main

import (
	"context"
	"fmt"

	"github.com/bpg/terraform-provider-proxmox/fwprovider"
	"github.com/bpg/terraform-provider-proxmox/proxmoxtf/provider"
	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
)

const (
	packageName    = "proxmoxve"
	resourcePrefix = "proxmox"

	// A resource without a name gets its Pulumi name with a random suffix, as the SDK's declarations promise.
	longestName   = 255
	nameSeparator = "-"
)

// halves is what the bridge's muxed provider knows about the two providers it is made of.
type halves interface {
	ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
	DataSourceIsPF(terraformName string) bool
}

// newProviderInfo describes the whole plugin to the bridge: both halves of the Terraform provider, with a
// Pulumi token for each of their resources and data sources.
func newProviderInfo(ctx context.Context, version string) (tfbridge.ProviderInfo, error) {
	info := tfbridge.ProviderInfo{
		P: pftfbridge.MuxShimWithDisjointgPF(ctx,
			shimv2.NewProvider(provider.ProxmoxVirtualEnvironment()),
			fwprovider.New(version)(),
		),
		Name:           packageName,
		ResourcePrefix: resourcePrefix,
		Version:        version,
		GitHubOrg:      "bpg",
		Description:    "Proxmox Virtual Environment, through the Terraform provider bpg/proxmox.",
		Resources:      map[string]*tfbridge.ResourceInfo{},
		DataSources:    map[string]*tfbridge.DataSourceInfo{},
		MetadataInfo:   tfbridge.NewProviderMetadata(nil),
	}
	for name, schema := range info.P.ResourcesMap().Range {
		token, err := resourceToken(name)
		if err != nil {
			return info, err
		}
		info.Resources[name] = identify(name, schema)
		info.Resources[name].Tok = token
	}
	for name := range info.P.DataSourcesMap().Range {
		token, err := functionToken(name)
		if err != nil {
			return info, err
		}
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: token}
	}
	info.SetAutonaming(longestName, nameSeparator)
	return info, recordDispatch(&info)
}

// recordDispatch notes which half serves which token, where the bridge looks for it.
//
// The bridge expects this table in a file written at build time. It follows from the two providers that are linked
// into this program, so it is computed here and can't go stale.
func recordDispatch(info *tfbridge.ProviderInfo) error {
	muxed, err := halvesOf(info)
	if err != nil {
		return err
	}
	dispatch, err := muxed.ResolveDispatch(info)
	if err != nil {
		return fmt.Errorf("assign tokens to the halves of the provider: %w", err)
	}
	return metadata.Set(info.GetMetadata(), "mux", dispatch)
}

func halvesOf(info *tfbridge.ProviderInfo) (halves, error) {
	muxed, ok := info.P.(halves)
	if !ok {
		return nil, fmt.Errorf("the bridge's muxed provider %T can't tell which half serves a token; "+
			"provider.go was written for the version of pulumi-terraform-bridge in go.mod", info.P)
	}
	return muxed, nil
}
