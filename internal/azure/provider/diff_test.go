package provider

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
)

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
		"an account's location is an update that ARM refuses": {
			token: accountToken, olds: props{"location": "westeurope"}, news: props{"location": "northeurope"},
			diffs: []string{"location"},
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
			token: "azure-native:network/v20240501:PrivateEndpoint",
			olds:  props{"subnet": props{"id": "/a"}}, news: props{"subnet": props{"id": "/b"}},
			diffs: []string{"subnet"}, replaces: []string{"subnet"}, deletes: true,
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

func TestADetailedDiffNamesTheElement(t *testing.T) {
	r := newFixture(t).diff(gatewayToken("ApiOperation"),
		service(props{"templateParameters": []any{props{"name": "a", "type": "string"}}}),
		service(props{"templateParameters": []any{props{"name": "a", "type": "number"}}}))
	assert.Equal(t, pulumirpc.PropertyDiff_UPDATE, r.GetDetailedDiff()["templateParameters[0].type"].GetKind())
}
