package arm

import "regexp"

type groupModel struct {
	Location   *string            `json:"location,omitzero"`
	ManagedBy  *string            `json:"managedBy,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		ProvisioningState *string `json:"provisioningState,omitzero"`
	} `json:"properties,omitzero"`
}

// groupName: Microsoft Learn, resource-name-rules, resourceGroups: letters, digits, . _ - ( ), no full stop at the end.
var groupName = nameRule{min: 1, max: 90, pattern: regexp.MustCompile(`^[\p{L}\p{N}._()-]*[\p{L}\p{N}_()-]$`)}

var templateName = nameRule{min: 1, max: 64, pattern: regexp.MustCompile(`^[a-zA-Z0-9._()-]+$`)}

func resourceKinds() []*Kind {
	return []*Kind{
		{
			Type: groupType, Versions: resourceVersions, Source: "Microsoft Learn: rest/api/resources/resource-groups",
			model: model[groupModel](modelOptions{}), style: armStyle, name: groupName, location: anyRegion, stateful: true,
		},
		{
			Type: "Microsoft.Resources/deployments", Versions: resourceVersions,
			Source: "Microsoft Learn: azure-resource-manager/templates/syntax",
			Partly: "incremental mode in a resource group; the template language as listed in template.go; no links, no nested deployments",
			model:  model[deploymentModel](modelOptions{}), style: armStyle, name: templateName, async: true, stateful: true,
			required: []string{"properties.mode", "properties.template"},
			checks:   []func(*write){runDeployment}, fill: fillDeployment,
		},
		{
			Type: "Microsoft.Resources/deploymentStacks", Versions: []string{"2024-03-01"},
			Source: "Microsoft Learn: azure-resource-manager/bicep/deployment-stacks",
			Partly: "in a resource group; deny settings are stored, not enforced; the template language as listed in template.go",
			model:  model[stackModel](modelOptions{}), style: armStyle, name: templateName, async: true, stateful: true,
			required: []string{"properties.template", "properties.actionOnUnmanage.resources", "properties.denySettings.mode"},
			checks:   []func(*write){runStack}, fill: fillStack, location: optionalRegion, removing: []func(*removal) *Error{unmanageOnDelete},
		},
	}
}
