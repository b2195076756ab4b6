// Package sizes writes projects of any size, for benchmarks: what a program costs on a stack that nobody would write by hand.
package sizes

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Stack is the name of the stack that Write writes.
const Stack = "large"

// Size is how large a stack is.
type Size struct {
	// Regions is how many accounts there are, each in a region of its own.
	Regions int
	// Deployments is how many each account has; the same names everywhere form the pools.
	Deployments int
	// Products is how many there are, each with two groups and a team of its own.
	Products int
}

// Large is the size that the project's budgets are written for, Tenth a tenth of it in every direction that counts.
var (
	Large = Size{Regions: 10, Deployments: 20, Products: 100}
	Tenth = Size{Regions: 1, Deployments: 20, Products: 10}
)

// regions are Azure regions, enough for the largest size.
var regions = []string{
	"swedencentral", "francecentral", "germanywestcentral", "westeurope", "northeurope",
	"uksouth", "switzerlandnorth", "norwayeast", "italynorth", "polandcentral",
}

// Write puts a project with one stack of the given size into dir. The project file is that of source, the folder of this
// project.
func Write(source, dir string, size Size) error {
	if size.Regions > len(regions) {
		return fmt.Errorf("%d regions asked for, %d are known here", size.Regions, len(regions))
	}
	project, err := os.ReadFile(filepath.Join(source, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o600); err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	settings, err := yaml.Marshal(map[string]any{"config": config(size)})
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Pulumi."+Stack+".yaml"), settings, 0o600); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

type object = map[string]any

func config(size Size) object {
	const prefix = "enterprise-openai:"
	return object{
		"azure-native:location": regions[0],
		prefix + "location":     regions[0],
		prefix + "gateway": object{
			"sku": "Premium", "units": 3, "zones": []string{"1", "2", "3"}, "mode": "internal",
			"publisherName": "Large", "publisherEmail": "large@example.com",
		},
		prefix + "accounts": accounts(size),
		prefix + "products": products(size),
		prefix + "teams":    teams(size),
	}
}

func deploymentName(i int) string { return fmt.Sprintf("chat-%02d", i) }

func accounts(size Size) []object {
	var all []object
	for r := range size.Regions {
		var deployments []object
		for d := range size.Deployments {
			deployments = append(deployments, object{
				"name": deploymentName(d), "model": "gpt-4o", "version": "2024-11-20", "sku": "GlobalStandard", "capacity": 1000,
			})
		}
		all = append(all, object{"name": fmt.Sprintf("account%d", r), "location": regions[r], "deployments": deployments})
	}
	return all
}

func products(size Size) []object {
	var all []object
	for p := range size.Products {
		all = append(all, object{
			"name":            fmt.Sprintf("product-%03d", p),
			"groups":          []object{group("users", p, 1), group("admins", p, 2)},
			"tokensPerMinute": 1000,
			"tokenQuota":      object{"tokens": 1_000_000},
			"deployments":     []string{deploymentName(p % size.Deployments)},
		})
	}
	return all
}

func teams(size Size) []object {
	var all []object
	for p := range size.Products {
		all = append(all, object{
			"name": fmt.Sprintf("team-%03d", p), "contact": "team@example.com", "costCentre": "1",
			"products": []string{fmt.Sprintf("product-%03d", p)},
		})
	}
	return all
}

func group(kind string, product, realm int) object {
	return object{
		"name":     fmt.Sprintf("%s-%03d", kind, product),
		"objectId": fmt.Sprintf("00000000-0000-4000-800%d-%012d", realm, product+1),
	}
}
