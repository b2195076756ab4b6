package provider

import (
	"slices"
	"strings"
)

// kind is what the provider knows about a resource type besides its property types.
type kind struct {
	token string
	// path is the ARM path with the SDK's names for its parameters.
	path       string
	apiVersion string
	// top lists keys that are beside `properties` in the body, in addition to topLevel; nested lists keys of topLevel that
	// are inside `properties` for this type.
	top, nested []string
	// names maps SDK names to JSON names where they differ (x-ms-client-name in the API description).
	names map[string]string
	// forceNew lists properties besides the path's parameters whose change replaces the resource.
	forceNew []string
	// untracked: it has a location and tags, and is no tracked resource for all that.
	untracked bool
	// keyed are the arrays whose elements have keys in the API description (x-ms-identifiers), by path.
	keyed map[string][]string
	// query lists inputs that are sent as query parameters.
	query []string
	// subresources lists properties that are also resources of their own: when they are not set inline, what exists is kept.
	subresources []string
	// head: presence is checked with HEAD, and there is no body to read.
	head bool
	// async and asyncDelete: the API description marks PUT or DELETE as long-running.
	async, asyncDelete bool
	// noLocation: the provider does not fill in a location.
	noLocation bool
	// defaultBody recognises the state in which Azure creates the resource together with its parent, and reset is the body
	// that brings it back to it; only such a resource may be "created" although it exists.
	defaultBody func(body map[string]any) bool
	// limits constrain inputs, as the API description does.
	limits map[string]limit

	params []string // of path, without subscriptionId
	naming autoname // of the last of them
}

// topLevel are the keys that ARM resources have beside `properties` (Microsoft Learn: azure-resource-manager, resource
// syntax).
var topLevel = []string{"location", "tags", "sku", "identity", "kind", "zones", "etag", "plan", "extendedLocation", "managedBy", "id"}

var kinds = index(resourceKinds(), networkKinds(), openAIKinds(), gatewayKinds(), logKinds(), eventKinds())

func index(lists ...[]kind) map[string]*kind {
	all := map[string]*kind{}
	for _, list := range lists {
		for i := range list {
			k := &list[i]
			k.params = pathParams(k.path)
			k.naming = autonameOf(k.path)
			all[k.token] = k
		}
	}
	return all
}

func kindOf(token string) (*kind, bool) {
	k, ok := kinds[token]
	return k, ok
}

// Tokens lists the resource types that the provider knows.
func Tokens() []string {
	tokens := make([]string, 0, len(kinds))
	for token := range kinds {
		tokens = append(tokens, token)
	}
	slices.Sort(tokens)
	return tokens
}

// pathParams lists the parameters of a path except the subscription, which the provider fills in.
func pathParams(path string) []string {
	var params []string
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if name != "subscriptionId" {
			params = append(params, name)
		}
	}
	return params
}

// isParam tells whether an input is part of the path.
func (k *kind) isParam(name string) bool { return slices.Contains(k.params, name) }

// isTop tells whether a JSON key is beside `properties`.
func (k *kind) isTop(key string) bool {
	return slices.Contains(k.top, key) || slices.Contains(topLevel, key) && !slices.Contains(k.nested, key)
}

func (k *kind) jsonName(name string) string {
	if json, ok := k.names[name]; ok {
		return json
	}
	return name
}

const (
	groupPath  = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
	properties = "properties"
)

// resourceKinds are resource groups, templates and role assignments.
func resourceKinds() []kind {
	const version = "2024-03-01"
	return []kind{
		{
			token: "azure-native:resources/v20240301:ResourceGroup", apiVersion: version,
			path: "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
			top:  []string{properties}, forceNew: []string{"location"}, asyncDelete: true,
			limits: map[string]limit{"resourceGroupName": {min: 1, max: 90}},
		},
		{
			token: "azure-native:resources/v20240301:Deployment", apiVersion: version,
			path: "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}/providers/Microsoft.Resources/deployments/{deploymentName}",
			// "The 'location' property is not allowed for a deployment at resource group scope." (pulumi-azure-native#643)
			top: []string{properties}, noLocation: true, untracked: true, async: true, asyncDelete: true,
			limits: map[string]limit{"deploymentName": {min: 1, max: 64, pattern: `^[-\w\._\(\)]+$`}},
		},
		{
			token: "azure-native:resources/v20240301:DeploymentStackAtResourceGroup", apiVersion: version,
			path:      groupPath + "/providers/Microsoft.Resources/deploymentStacks/{deploymentStackName}",
			untracked: true, async: true, asyncDelete: true,
			limits: map[string]limit{"deploymentStackName": {min: 1, max: 90, pattern: `^[-\w\._\(\)]+$`}},
		},
		{
			token: "azure-native:authorization/v20220401:RoleAssignment", apiVersion: "2022-04-01",
			path:     "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
			forceNew: []string{"principalId", "scope"},
		},
	}
}

// openAIKinds are Azure OpenAI accounts and what is in them.
func openAIKinds() []kind {
	const version, account = "2024-10-01", groupPath + "/providers/Microsoft.CognitiveServices/accounts/{accountName}"
	name := limit{min: 2, max: 64, pattern: `^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`}
	return []kind{
		{
			token: "azure-native:cognitiveservices/v20241001:Account", apiVersion: version, path: account,
			top: []string{properties}, async: true, asyncDelete: true, limits: map[string]limit{"accountName": name},
		},
		{
			token: "azure-native:cognitiveservices/v20241001:Deployment", apiVersion: version,
			path: account + "/deployments/{deploymentName}", top: []string{properties},
			async: true, asyncDelete: true, limits: map[string]limit{"accountName": name},
		},
		{
			token: "azure-native:cognitiveservices/v20241001:RaiPolicy", apiVersion: version,
			path: account + "/raiPolicies/{raiPolicyName}", top: []string{properties},
			keyed: map[string][]string{"properties.contentFilters": {"name"}}, asyncDelete: true,
			limits: map[string]limit{"accountName": name},
		},
	}
}
