package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/resourcetypes"
	"enterprise-openai/plan"
)

// undeclared are the types that the embedded Azure has although no program declares them, each with the reason.
var undeclared = map[string]string{
	"Microsoft.ApiManagement/service/apis/operations/policies": "the gateway runs the documents of every scope: a drill has to see one that somebody adds by hand",
	"Microsoft.ApiManagement/service/products/policies":        "as those of operations",
	"Microsoft.ApiManagement/service/policies":                 "Azure creates one with every service; <base/> of an API's document is it",
	"Microsoft.ApiManagement/service/users":                    "Azure creates the administrator with every service",
	"Microsoft.CognitiveServices/accounts/raiPolicies":         "a deployment names a content filter, which has to exist",
	"Microsoft.Network/virtualNetworks/subnets":                "declared inside of their network, and named by id",
	"Microsoft.Resources/deployments":                          "a deployment stack runs one",
}

func TestEveryTypeOfTheEmbeddedAzureIsDeclaredOrHasAReason(t *testing.T) {
	found := map[string]bool{}
	for _, p := range []program{declare(t, "dev", plan.Update), declare(t, "prod", plan.Update), exporting(t), signedIn(t, "dev")} {
		for _, r := range p.resources {
			found[r.Type] = true
			list, _ := at(r, "template", "resources").([]any)
			for _, entry := range list {
				resource, _ := entry.(map[string]any)
				armType, _ := resource["type"].(string)
				found[armType] = true
			}
		}
	}
	for _, row := range resourcetypes.All() {
		declared := found[row.Type] || row.Token != "" && found[row.Token]
		if undeclared[row.Type] == "" {
			assert.True(t, declared, "nothing declares %s: take its row and its line in sdks/resources.yaml away, or give the reason here", row.Type)
		} else {
			assert.False(t, declared, "%s is declared: it needs no reason here", row.Type)
		}
		delete(undeclared, row.Type)
	}
	assert.Empty(t, undeclared, "no row has these types")
}
