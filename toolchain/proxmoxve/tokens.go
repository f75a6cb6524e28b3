package main

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const (
	// longPrefix marks the names that the Terraform provider is moving away from; the SDK calls them "…Legacy".
	longPrefix  = "proxmox_virtual_environment_"
	shortPrefix = "proxmox_"
)

// resourceToken gives the SDK's token for a Terraform resource:
//
//	proxmox_storage_nfs                     proxmoxve:storage/nfs:Nfs
//	proxmox_virtual_environment_vm          proxmoxve:index/vmLegacy:VmLegacy
//	proxmox_virtual_environment_sdn_zone_qinq  proxmoxve:sdn/zone/qinqLegacy:QinqLegacy
func resourceToken(terraformName string) (tokens.Type, error) {
	module, name, err := splitName(terraformName)
	if err != nil {
		return "", err
	}
	return tokens.Type(fmt.Sprintf("%s:%s/%s:%s", packageName, module, name, capitalize(name))), nil
}

// functionToken gives the SDK's token for a Terraform data source:
//
//	proxmox_virtual_environment_vms         proxmoxve:index/getVmsLegacy:getVmsLegacy
func functionToken(terraformName string) (tokens.ModuleMember, error) {
	module, name, err := splitName(terraformName)
	if err != nil {
		return "", err
	}
	name = "get" + capitalize(name)
	return tokens.ModuleMember(fmt.Sprintf("%s:%s/%s:%s", packageName, module, name, name)), nil
}

// splitName reads a Terraform name as a path: its last word is the name, those before it are the module.
func splitName(terraformName string) (module, name string, err error) {
	path, suffix := "", ""
	if rest, ok := strings.CutPrefix(terraformName, longPrefix); ok {
		path, suffix = rest, "Legacy"
	} else if rest, ok := strings.CutPrefix(terraformName, shortPrefix); ok {
		path = rest
	}
	if path == "" {
		return "", "", fmt.Errorf("no token for %q: it starts neither with %q nor with %q; extend the rule in tokens.go",
			terraformName, longPrefix, shortPrefix)
	}
	words := strings.Split(path, "_")
	last := len(words) - 1
	module = strings.Join(words[:last], "/")
	if module == "" {
		module = "index"
	}
	return module, words[last] + suffix, nil
}

func capitalize(word string) string {
	return strings.ToUpper(word[:1]) + word[1:]
}
