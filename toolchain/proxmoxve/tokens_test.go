package main

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

func TestTokensFollowTheTerraformName(t *testing.T) {
	for name, want := range map[string]string{
		"proxmox_vm":                                                  "proxmoxve:index/vm:Vm",
		"proxmox_virtual_environment_vm":                              "proxmoxve:index/vmLegacy:VmLegacy",
		"proxmox_virtual_environment_vm2":                             "proxmoxve:index/vm2Legacy:Vm2Legacy",
		"proxmox_backup_job":                                          "proxmoxve:backup/job:Job",
		"proxmox_sdn_fabric_node_ospf":                                "proxmoxve:sdn/fabric/node/ospf:Ospf",
		"proxmox_virtual_environment_cluster_firewall":                "proxmoxve:cluster/firewallLegacy:FirewallLegacy",
		"proxmox_virtual_environment_hardware_mapping_dir":            "proxmoxve:hardware/mapping/dirLegacy:DirLegacy",
		"proxmox_virtual_environment_apt_standard_repository":         "proxmoxve:apt/standard/repositoryLegacy:RepositoryLegacy",
		"proxmox_virtual_environment_cluster_firewall_security_group": "proxmoxve:cluster/firewall/security/groupLegacy:GroupLegacy",
	} {
		got, err := resourceToken(name)
		if err != nil || string(got) != want {
			t.Errorf("resourceToken(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"proxmox_backup_jobs":                 "proxmoxve:backup/getJobs:getJobs",
		"proxmox_virtual_environment_vms":     "proxmoxve:index/getVmsLegacy:getVmsLegacy",
		"proxmox_virtual_environment_version": "proxmoxve:index/getVersionLegacy:getVersionLegacy",
	} {
		got, err := functionToken(name)
		if err != nil || string(got) != want {
			t.Errorf("functionToken(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestTokensRefuseForeignNames(t *testing.T) {
	for _, name := range []string{"", "proxmox_", "proxmox_virtual_environment_", "aws_instance"} {
		if token, err := resourceToken(name); err == nil {
			t.Errorf("resourceToken(%q) = %q, want an error", name, token)
		}
	}
}

func TestEverythingInBothHalvesHasATokenOfItsOwn(t *testing.T) {
	info := providerInfo(t)
	muxed, err := halvesOf(&info)
	if err != nil {
		t.Fatal(err)
	}
	dispatch, err := muxed.ResolveDispatch(&info)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]string{}
	claim := func(name, token string, served map[string]int) {
		if _, ok := served[token]; !ok {
			t.Errorf("no half of the provider serves %q, the token of %s", token, name)
		}
		if other, ok := taken[token]; ok {
			t.Errorf("%s and %s share the token %q", name, other, token)
		}
		taken[token] = name
	}
	for name := range info.P.ResourcesMap().Range {
		claim(name, string(info.Resources[name].Tok), dispatch.Resources)
	}
	for name := range info.P.DataSourcesMap().Range {
		claim(name, string(info.DataSources[name].Tok), dispatch.Functions)
	}
	if len(info.Resources) != 115 || len(info.DataSources) != 91 {
		t.Errorf("%d resources and %d data sources, want 115 and 91: compare the new ones with the SDK",
			len(info.Resources), len(info.DataSources))
	}
}

func providerInfo(t *testing.T) tfbridge.ProviderInfo {
	t.Helper()
	info, err := newProviderInfo(context.Background(), "8.6.0")
	if err != nil {
		t.Fatal(err)
	}
	return info
}
