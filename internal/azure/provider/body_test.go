package provider

import (
	"testing"

	"enterprise-openai/sdks/schema"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// bodyOf returns what Create sends.
func bodyOf(t *testing.T, token string, inputs props) (*fixture, props) {
	t.Helper()
	f := newFixture(t)
	_, _, err := f.create(token, inputs)
	require.NoError(t, err)
	if len(f.azure.sent) == 0 {
		return f, nil
	}
	sent := f.azure.sent[0]
	for _, key := range []string{"id", "name", "type"} { // what the imitated ARM added
		delete(sent, key)
	}
	return f, sent
}

func TestInputsGoWhereARMWantsThem(t *testing.T) {
	for name, c := range map[string]struct {
		token        string
		inputs, want props
	}{
		"a resource group has nothing inside": {
			groupToken, props{"resourceGroupName": "rg", "location": "l", "tags": props{"a": "b"}},
			props{"location": "l", "tags": props{"a": "b"}},
		},
		"a workspace's SKU is inside": {
			workspaceToken, props{"resourceGroupName": "rg", "workspaceName": "w", "location": "l", "sku": props{"name": "PerGB2018"}, "retentionInDays": 30},
			props{"location": "l", "properties": props{"sku": props{"name": "PerGB2018"}, "retentionInDays": 30.0}},
		},
		"a service's SKU and identity are beside": {
			gatewayToken("ApiManagementService"), props{
				"resourceGroupName": "rg", "serviceName": "apim", "location": "l", "sku": props{"name": "Developer", "capacity": 1},
				"identity": props{"type": "SystemAssigned"}, "publisherEmail": "a@b", "publisherName": "p",
			},
			props{
				"location": "l", "sku": props{"name": "Developer", "capacity": 1.0}, "identity": props{"type": "SystemAssigned"},
				"properties": props{"publisherEmail": "a@b", "publisherName": "p"},
			},
		},
		"an account's properties are named": {
			accountToken, props{"resourceGroupName": "rg", "accountName": "acc", "kind": "OpenAI", "sku": props{"name": "S0"}, "properties": props{"disableLocalAuth": true}},
			props{"kind": "OpenAI", "sku": props{"name": "S0"}, "properties": props{"disableLocalAuth": true}},
		},
		"a metric alert's criteria say their kind as ARM spells it": {
			"azure-native:insights/v20180301:MetricAlert", props{
				"resourceGroupName": "rg", "ruleName": "m", "location": "global", "enabled": true, "severity": 2, "scopes": []any{"/x"}, "evaluationFrequency": "PT5M", "windowSize": "PT5M",
				"criteria": props{"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{}},
			},
			props{"location": "global", "properties": props{"enabled": true, "severity": 2.0, "scopes": []any{"/x"}, "evaluationFrequency": "PT5M", "windowSize": "PT5M",
				"criteria": props{"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{}}}},
		},
		"a group's type is inside": {
			gatewayToken("Group"), service(props{"groupId": "g", "displayName": "d", "type": "external"}),
			props{"properties": props{"displayName": "d", "type": "external"}},
		},
		"an API's type has another name": {
			gatewayToken("Api"), service(props{"apiId": "a", "path": "p", "apiType": "http", "soapApiType": "soap"}),
			props{"properties": props{"path": "p", "type": "http", "apiType": "soap"}},
		},
		"Application Insights' odd names": {
			"azure-native:insights/v20200202:Component",
			props{"resourceGroupName": "rg", "resourceName": "c", "kind": "web", "applicationType": "web", "workspaceResourceId": "/w"},
			props{"kind": "web", "properties": props{"Application_Type": "web", "WorkspaceResourceId": "/w"}},
		},
		"resources inside a network are resources": {
			vnetToken, props{
				"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "l", "addressSpace": props{"addressPrefixes": []any{"10.0.0.0/16"}},
				"virtualNetworkPeerings": []any{},
				"subnets": []any{props{
					"name": "s", "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": props{"id": "/nsg"},
					"delegations": []any{props{"name": "d", "serviceName": "Microsoft.Web/serverFarms"}},
				}},
			},
			props{"location": "l", "properties": props{
				"addressSpace": props{"addressPrefixes": []any{"10.0.0.0/16"}}, "virtualNetworkPeerings": []any{},
				"subnets": []any{props{"name": "s", "properties": props{
					"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": props{"id": "/nsg"},
					"delegations": []any{props{"name": "d", "properties": props{"serviceName": "Microsoft.Web/serverFarms"}}},
				}}},
			}},
		},
		"an endpoint's connections": {
			"azure-native:network/v20240501:PrivateEndpoint", props{
				"resourceGroupName": "rg", "privateEndpointName": "e", "location": "l", "subnet": props{"id": "/s"},
				"privateLinkServiceConnections": []any{props{"name": "c", "privateLinkServiceId": "/a", "groupIds": []any{"account"}}},
			},
			props{"location": "l", "properties": props{
				"subnet":                        props{"id": "/s"},
				"privateLinkServiceConnections": []any{props{"name": "c", "properties": props{"privateLinkServiceId": "/a", "groupIds": []any{"account"}}}},
			}},
		},
		"a subscription's scope is inside, notify is not in the body": {
			gatewayToken("Subscription"), service(props{"sid": "s", "displayName": "d", "scope": "/products/p", "notify": true}),
			props{"properties": props{"displayName": "d", "scope": "/products/p"}},
		},
		"a role assignment's scope is in the path": {
			roleToken, props{"scope": "/subscriptions/x/", "roleAssignmentName": "n", "principalId": "p", "roleDefinitionId": "r"},
			props{"properties": props{"principalId": "p", "roleDefinitionId": "r"}},
		},
		"a stack's template is inside": {
			"azure-native:resources/v20240301:DeploymentStackAtResourceGroup", props{
				"resourceGroupName": "rg", "deploymentStackName": "s", "location": "l", "template": props{"resources": []any{props{"name": "x"}}},
				"actionOnUnmanage": props{"resources": "delete"}, "denySettings": props{"mode": "none"},
			},
			props{"location": "l", "properties": props{
				"template":         props{"resources": []any{props{"name": "x"}}},
				"actionOnUnmanage": props{"resources": "delete"}, "denySettings": props{"mode": "none"},
			}},
		},
		"what the type does not have is dropped": {
			gatewayToken("Group"), service(props{"groupId": "g", "displayName": "d", "colour": "red"}),
			props{"properties": props{"displayName": "d"}},
		},
		"a link has no body": {gatewayToken("ProductApi"), service(props{"productId": "p", "apiId": "a"}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := bodyOf(t, c.token, c.inputs)
			assert.Equal(t, c.want, body)
		})
	}
}

func TestPathsAreEscapedExceptScopes(t *testing.T) {
	f, _ := bodyOf(t, gatewayToken("Api"), service(props{"apiId": "a;rev=2", "path": "p"}))
	assert.Equal(t, 1, f.azure.count("PUT /subscriptions/"+testSubscription+
		"/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim/apis/a%3Brev=2?api-version=2024-06-01-preview"), f.azure.requests)

	f, _ = bodyOf(t, roleToken, props{"scope": "/subscriptions/x/resourceGroups/y/", "roleAssignmentName": "n", "principalId": "p", "roleDefinitionId": "r"})
	assert.Equal(t, 1, f.azure.count(
		"PUT /subscriptions/x/resourceGroups/y/providers/Microsoft.Authorization/roleAssignments/n?api-version=2022-04-01"), f.azure.requests)

	f, _ = bodyOf(t, gatewayToken("Subscription"), service(props{"sid": "s", "displayName": "d", "scope": "/apis", "notify": true}))
	assert.Equal(t, 1, f.azure.count("PUT /subscriptions/"+testSubscription+
		"/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim/subscriptions/s?api-version=2024-06-01-preview&notify=true"), f.azure.requests)
}

func TestUnsetSubresourcesAreSentEmptyOnCreateAndKeptOnUpdate(t *testing.T) {
	inputs := props{"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "l"}
	f, body := bodyOf(t, vnetToken, inputs)
	assert.Equal(t, props{"subnets": []any{}, "virtualNetworkPeerings": []any{}}, body["properties"])

	id := "/subscriptions/" + testSubscription + "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"
	living := []any{props{"name": "s", "properties": props{"addressPrefix": "10.0.0.0/24"}}}
	f.azure.answer = nil
	f.azure.bodies[lower(id)] = props{"properties": props{"subnets": living}}
	_, err := f.update(t.Context(), mustSubject(t, f, vnetToken), resource.NewPropertyMapFromMap(inputs))
	require.NoError(t, err)
	assert.Equal(t, living, f.azure.sent[len(f.azure.sent)-1]["properties"].(props)["subnets"])
}

func TestOutputsAreLiftedUpAndUnknownOnesLeftOut(t *testing.T) {
	f := newFixture(t)
	s := mustSubject(t, f, vnetToken)
	got := f.outputs(s, props{
		"id": "/v", "name": "v", "type": "Microsoft.Network/virtualNetworks", "location": "l", "etag": "e",
		"properties": props{
			"provisioningState": "Succeeded", "fromTheFuture": 1,
			"subnets": []any{props{"name": "s", "id": "/v/s", "properties": props{"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": props{"id": "/n"}}}},
		},
	})
	assert.Equal(t, props{
		"id": "/v", "name": "v", "type": "Microsoft.Network/virtualNetworks", "location": "l", "etag": "e", "provisioningState": "Succeeded",
		"subnets": []any{props{"name": "s", "id": "/v/s", "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": props{"id": "/n"}}},
	}, got)
}

func TestAResourcesTypeIsNotWhatIsInsideIt(t *testing.T) {
	f := newFixture(t)
	got := f.outputs(mustSubject(t, f, gatewayToken("Group")), props{
		"name": "g", "type": "Microsoft.ApiManagement/service/groups", "properties": props{"type": "external", "displayName": "d"},
	})
	assert.Equal(t, "Microsoft.ApiManagement/service/groups", got["type"])
}

func TestEveryModelledTypeIsPublishedAndEveryPathParameterIsAnInput(t *testing.T) {
	types, err := PublishedTypes()
	require.NoError(t, err)
	pkg, err := schema.Load()
	require.NoError(t, err)
	for token, r := range pkg.Resources {
		k, ok := kindOf(token)
		if assert.True(t, ok, "%s is published but not modelled", token) {
			assert.Equal(t, r.APIVersion, k.apiVersion, token)
		}
	}
	for _, token := range Tokens() {
		r, ok := types.Resource(token)
		require.True(t, ok, "%s is not in the published package", token)
		k, _ := kindOf(token)
		for _, param := range k.params {
			assert.Contains(t, r.Inputs.Properties, param, token)
		}
		for name := range k.limits {
			assert.Contains(t, r.Inputs.Properties, name, token)
		}
		for _, name := range append(append(k.query, k.subresources...), k.forceNew...) {
			assert.Contains(t, r.Inputs.Properties, name, token)
		}
	}
}

func FuzzAnIDOfAnotherFormIsAnErrorNotAPanic(f *testing.F) {
	f.Add("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v")
	f.Add("//")
	f.Add("/subscriptions/s/resourceGroups/%zz/providers/Microsoft.Network/virtualNetworks/v")
	f.Fuzz(func(t *testing.T, id string) {
		for _, k := range kinds {
			values, err := parseID(k.path, id)
			if err == nil && len(values) != len(k.params) {
				t.Errorf("%s: %d parameters, want %d", id, len(values), len(k.params))
			}
		}
	})
}
