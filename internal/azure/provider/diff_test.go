package provider

import (
	"maps"
	"slices"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
)

const (
	endpointToken = "azure-native:network/v20240501:PrivateEndpoint"
	raiToken      = "azure-native:cognitiveservices/v20241001:RaiPolicy"
)

// filters are a policy's content filters, from names and sources in turn.
func filters(namesAndSources ...string) props {
	var list []any
	for i := 0; i < len(namesAndSources); i += 2 {
		list = append(list, props{"name": namesAndSources[i], "source": namesAndSources[i+1]})
	}
	return props{"properties": props{"contentFilters": list}}
}

func TestReplacementFollowsTheTable(t *testing.T) {
	for name, c := range map[string]struct {
		token      string
		olds, news props
		diffs      []string
		replaces   []string
		deletes    bool // delete before replace
	}{
		"nothing changed": {token: gatewayToken("Group"), olds: service(props{"displayName": "a"}), news: service(props{"displayName": "a"})},
		"a plain property": {
			token: gatewayToken("Group"), olds: service(props{"displayName": "a"}), news: service(props{"displayName": "b"}),
			diffs: []string{"displayName"},
		},
		"a path parameter": {
			token: gatewayToken("Group"), olds: service(props{"groupId": "a"}), news: service(props{"groupId": "b"}),
			diffs: []string{"groupId"}, replaces: []string{"groupId"}, deletes: true,
		},
		"a random name may exist beside its successor": {
			token: vnetToken,
			olds:  props{"location": "westeurope", "virtualNetworkName": "net0", "__createBeforeDelete": true},
			news:  props{"location": "northeurope", "virtualNetworkName": "net1", "__createBeforeDelete": true},
			diffs: []string{"location", "virtualNetworkName"}, replaces: []string{"location", "virtualNetworkName"},
		},
		"a location written differently": {
			token: vnetToken, olds: props{"location": "West Europe"}, news: props{"location": "westeurope"},
		},
		"a network's location": {
			token: vnetToken, olds: props{"location": "westeurope"}, news: props{"location": "northeurope"},
			diffs: []string{"location"}, replaces: []string{"location"}, deletes: true,
		},
		"an account's location": {
			token: accountToken, olds: props{"location": "westeurope"}, news: props{"location": "northeurope"},
			diffs: []string{"location"}, replaces: []string{"location"}, deletes: true,
		},
		"a deployment stack's location, which is no tracked resource": {
			token: "azure-native:resources/v20240301:DeploymentStackAtResourceGroup",
			olds:  props{"location": "westeurope"}, news: props{"location": "northeurope"}, diffs: []string{"location"},
		},
		"an account's kind likewise": {
			token: accountToken, olds: props{"kind": "OpenAI"}, news: props{"kind": "AIServices"}, diffs: []string{"kind"},
		},
		"a role's principal": {
			token: roleToken, olds: props{"principalId": "a", "roleDefinitionId": "r"}, news: props{"principalId": "b", "roleDefinitionId": "r"},
			diffs: []string{"principalId"}, replaces: []string{"principalId"}, deletes: true,
		},
		"a role's definition is an update": {
			token: roleToken, olds: props{"roleDefinitionId": "r"}, news: props{"roleDefinitionId": "s"}, diffs: []string{"roleDefinitionId"},
		},
		"an endpoint's subnet, deep inside": {
			token: endpointToken,
			olds:  props{"subnet": props{"id": "/a"}}, news: props{"subnet": props{"id": "/b"}},
			diffs: []string{"subnet"}, replaces: []string{"subnet"}, deletes: true,
		},
		"something added below an endpoint's subnet": {
			token: endpointToken, olds: props{"subnet": props{"id": "/a"}}, news: props{"subnet": props{"id": "/a", "addressPrefix": "10.0.0.0/24"}},
			diffs: []string{"subnet"},
		},
		"something taken away below an endpoint's subnet": {
			token: endpointToken, olds: props{"subnet": props{"id": "/a", "addressPrefix": "10.0.0.0/24"}}, news: props{"subnet": props{"id": "/a"}},
			diffs: []string{"subnet"},
		},
		"the endpoint's subnet as a whole": {
			token: endpointToken, olds: props{}, news: props{"subnet": props{"id": "/a"}},
			diffs: []string{"subnet"}, replaces: []string{"subnet"}, deletes: true,
		},
		"a default added": {
			token: vnetToken, olds: props{"location": "l"}, news: props{"location": "l", "enableDdosProtection": false},
		},
		"another value than the default added": {
			token: vnetToken, olds: props{"location": "l"}, news: props{"location": "l", "enableDdosProtection": true},
			diffs: []string{"enableDdosProtection"},
		},
		"a default added deep inside": {
			token: endpointToken, olds: props{"subnet": props{"id": "/a"}},
			news: props{"subnet": props{"id": "/a", "privateEndpointNetworkPolicies": "Disabled"}},
		},
		"a default taken away": {
			token: vnetToken, olds: props{"location": "l", "enableDdosProtection": false}, news: props{"location": "l"},
			diffs: []string{"enableDdosProtection"},
		},
		"content filters in another order": {
			token: raiToken, olds: filters("hate", "Prompt", "violence", "Prompt"), news: filters("violence", "Prompt", "hate", "Prompt"),
		},
		"a content filter more": {
			token: raiToken, olds: filters("hate", "Prompt"), news: filters("violence", "Prompt", "hate", "Prompt"),
			diffs: []string{"properties"},
		},
		"a content filter less": {
			token: raiToken, olds: filters("violence", "Prompt", "hate", "Prompt"), news: filters("hate", "Prompt"),
			diffs: []string{"properties"},
		},
		"content filters that share a name, unchanged": {
			token: raiToken, olds: filters("hate", "Prompt", "hate", "Completion"), news: filters("hate", "Prompt", "hate", "Completion"),
			diffs: []string{"properties"},
		},
		"elements without keys in another order": {
			token: gatewayToken("Api"), olds: service(props{"protocols": []any{"https", "wss"}}), news: service(props{"protocols": []any{"wss", "https"}}),
			diffs: []string{"protocols"},
		},
		"an address's SKU": {
			token: "azure-native:network/v20240501:PublicIPAddress",
			olds:  props{"sku": props{"name": "Basic"}}, news: props{"sku": props{"name": "Standard"}},
			diffs: []string{"sku"}, replaces: []string{"sku"}, deletes: true,
		},
		"an element added": {
			token: gatewayToken("Api"), olds: service(props{"protocols": []any{"https"}}), news: service(props{"protocols": []any{"https", "wss"}}),
			diffs: []string{"protocols"},
		},
		"marks of the provider": {
			token: vnetToken, olds: props{"location": "l", "__createBeforeDelete": true}, news: props{"location": "l"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newFixture(t).diff(c.token, c.olds, c.news)
			assert.Equal(t, c.diffs, r.GetDiffs())
			assert.Equal(t, c.replaces, r.GetReplaces())
			assert.Equal(t, c.deletes, r.GetDeleteBeforeReplace())
			want := pulumirpc.DiffResponse_DIFF_SOME
			if c.diffs == nil {
				want = pulumirpc.DiffResponse_DIFF_NONE
			}
			assert.Equal(t, want, r.GetChanges())
		})
	}
}

func TestAKeyedArraysDiffNamesTheNewElement(t *testing.T) {
	r := newFixture(t).diff(raiToken, filters("hate", "Prompt", "hate", "Completion"), filters("hate", "Prompt", "hate", "Completion"))
	assert.Equal(t, []string{"properties.contentFilters[0].source"}, slices.Collect(maps.Keys(r.GetDetailedDiff())),
		"as in pulumi-azure-native#3311: the last of one name hides the others")
}

func TestADetailedDiffNamesTheElement(t *testing.T) {
	r := newFixture(t).diff(gatewayToken("ApiOperation"),
		service(props{"templateParameters": []any{props{"name": "a", "type": "string"}}}),
		service(props{"templateParameters": []any{props{"name": "a", "type": "number"}}}))
	assert.Equal(t, pulumirpc.PropertyDiff_UPDATE, r.GetDetailedDiff()["templateParameters[0].type"].GetKind())
}
