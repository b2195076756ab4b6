package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

func TestCheckRefusesInTheProvidersOwnWords(t *testing.T) {
	computed := resource.Computed{Element: resource.NewStringProperty("")}
	sku := props{"name": "Developer", "capacity": 1}
	for name, c := range map[string]struct {
		token  string
		inputs props
		want   []string
	}{
		"missing path parameter": {
			gatewayToken("Group"), props{"resourceGroupName": "rg", "displayName": "d"},
			[]string{"missing required property 'serviceName'"},
		},
		"missing property": {
			gatewayToken("Backend"), service(props{"url": "https://a"}),
			[]string{"missing required property 'protocol'"},
		},
		"a pool cannot be expressed": {
			gatewayToken("Backend"), service(props{"type": "Pool", "pool": props{"services": []any{}}}),
			[]string{"missing required property 'protocol'", "missing required property 'url'"},
		},
		"missing nested property": {
			gatewayToken("ApiManagementService"),
			props{"resourceGroupName": "rg", "location": "westeurope", "publisherEmail": "a@b", "publisherName": "n", "sku": props{"name": "Developer"}},
			[]string{"missing required property 'sku.capacity'"},
		},
		"missing property of an element": {
			gatewayToken("ApiOperation"), service(props{
				"apiId": "a", "displayName": "d", "method": "GET", "urlTemplate": "/{x}", "templateParameters": []any{props{"name": "x"}},
			}),
			[]string{"missing required property 'templateParameters[0].type'"},
		},
		"string for a number": {
			gatewayToken("ApiManagementService"),
			props{
				"resourceGroupName": "rg", "location": "westeurope", "publisherEmail": "a@b", "publisherName": "n",
				"sku": props{"name": "Developer", "capacity": "1"},
			},
			[]string{"'sku.capacity' should be of type 'integer' but got a string"},
		},
		"fraction for an integer": {
			workspaceToken, props{"resourceGroupName": "rg", "location": "westeurope", "retentionInDays": 30.5},
			[]string{"'retentionInDays' must be an integer but got 30.500000"},
		},
		"number for a string": {
			gatewayToken("Group"), service(props{"displayName": 7}),
			[]string{"'displayName' should be of type 'string' but got a number"},
		},
		"array for a string": {
			gatewayToken("Group"), service(props{"displayName": []any{"a"}}),
			[]string{"'displayName' should be of type 'string' but got an array"},
		},
		"too long": {
			gatewayToken("NamedValue"), service(props{"displayName": "d", "value": string(make([]byte, 4097))}),
			[]string{"'value' is too long (4097): at most 4096 characters allowed"},
		},
		"too short": {
			workspaceToken, props{"resourceGroupName": "rg", "location": "l", "workspaceName": "abc"},
			[]string{"'workspaceName' is too short (3): at least 4 characters required"},
		},
		"pattern": {
			gatewayToken("NamedValue"), service(props{"displayName": "two words", "value": "v"}),
			[]string{"'displayName' does not match expression '^[A-Za-z0-9-._]+$'"},
		},
		"a fragment's logical name is its id": {
			gatewayToken("PolicyFragment"), service(props{"value": "<fragment/>", "id": "not ok"}),
			[]string{`'id' does not match expression '(^[\w]+$)|(^[\w][\w\-]+[\w]$)'`},
		},
		"missing group": {
			gatewayToken("ApiManagementService"),
			props{"publisherEmail": "a@b", "publisherName": "n", "sku": sku},
			[]string{"missing required property 'resourceGroupName'"},
		},
		"unknown values are not judged": {
			gatewayToken("Backend"), service(props{"url": computed, "protocol": computed, "tls": computed}), nil,
		},
		"any-typed values are not judged": {
			"azure-native:resources/v20240301:DeploymentStackAtResourceGroup",
			props{
				"resourceGroupName": "rg", "location": "l", "actionOnUnmanage": props{"resources": "delete"},
				"denySettings": props{"mode": "none"}, "template": props{"resources": []any{props{"anything": computed}}},
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, reasons := newFixture(t).check(c.token, "name", nil, c.inputs)
			assert.Equal(t, c.want, reasons)
		})
	}
}

func TestCheckReportsEveryProblemAtOnce(t *testing.T) {
	_, reasons := newFixture(t).check(gatewayToken("Backend"), "b", nil, props{"url": 1, "descriptoin": "x"})
	assert.Len(t, reasons, 5, "%v", reasons) // resourceGroupName, serviceName, protocol, url's type, the misspelt key
}

func TestWhatTheProviderWouldLoseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		token  string
		inputs props
		want   string
	}{
		"misspelt property": {
			gatewayToken("Backend"), service(props{"url": "https://a", "protocol": "http", "circuitBraker": props{}}),
			"azure-native:apimanagement/v20240601preview:Backend b: 'circuitBraker' is not a property of this type, " +
				"the provider would drop it without a word; did you mean \"circuitBreaker\"?",
		},
		"misspelt nested property": {
			accountToken, props{"resourceGroupName": "rg", "location": "l", "properties": props{"networkAcls": props{"defaultActoin": "Deny"}}},
			"azure-native:cognitiveservices/v20241001:Account b: 'properties.networkAcls.defaultActoin' is not a property of this type, " +
				"the provider would drop it without a word; did you mean \"defaultAction\"?",
		},
		"wrong enum value": {
			accountToken, props{"resourceGroupName": "rg", "location": "l", "properties": props{"publicNetworkAccess": "Disable"}},
			"azure-native:cognitiveservices/v20241001:Account b: 'properties.publicNetworkAccess' is \"Disable\", which Azure does not know; " +
				"did you mean \"Disabled\"?",
		},
		"boolean for a string": {
			gatewayToken("Group"), service(props{"displayName": true}),
			"azure-native:apimanagement/v20240601preview:Group b: 'displayName' should be of type 'string' but got a boolean",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, reasons := newFixture(t).check(c.token, "b", nil, c.inputs)
			assert.Equal(t, []string{c.want}, reasons)
		})
	}
}

func TestAnEnumValuesCaseDoesNotMatter(t *testing.T) {
	_, reasons := newFixture(t).check(accountToken, "a", nil,
		props{"resourceGroupName": "rg", "location": "l", "properties": props{"publicNetworkAccess": "disabled"}})
	assert.Empty(t, reasons)
}

func TestCheckDropsSecretMarks(t *testing.T) {
	f := newFixture(t)
	inputs, reasons := f.check(gatewayToken("NamedValue"), "n", nil, service(props{
		"displayName": "n", "value": resource.MakeSecret(resource.NewStringProperty("hidden")),
	}))
	assert.Empty(t, reasons)
	assert.Equal(t, "hidden", inputs["value"])
}
