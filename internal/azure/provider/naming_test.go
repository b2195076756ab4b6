package provider

import (
	"context"
	"net/http"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesFollowTheLastParameterOfThePath(t *testing.T) {
	for token, want := range map[string]struct {
		naming autoname
		param  string
	}{
		groupToken:                                        {namedRandom, "resourceGroupName"},
		vnetToken:                                         {namedRandom, "virtualNetworkName"},
		accountToken:                                      {namedRandom, "accountName"},
		gatewayToken("ApiManagementService"):              {namedRandom, "serviceName"},
		gatewayToken("Api"):                               {namedCopy, "apiId"},
		gatewayToken("ApiPolicy"):                         {namedCopy, "policyId"},
		gatewayToken("ProductApi"):                        {namedCopy, "apiId"},
		gatewayToken("PolicyFragment"):                    {namedCopy, "id"},
		roleToken:                                         {namedUUID, "roleAssignmentName"},
		"azure-native:network/v20240501:Subnet":           {namedCopy, "subnetName"},
		"azure-native:network/v20240601:PrivateZone":      {namedRandom, "privateZoneName"},
		"azure-native:network/v20240601:PrivateRecordSet": {namedCopy, "relativeRecordSetName"},
		"azure-native:insights/v20210501preview:DiagnosticSetting": {namedRandom, "name"},
		"azure-native:insights/v20200202:Component":                {namedRandom, "resourceName"},
		"azure-native:cognitiveservices/v20241001:Deployment":      {namedCopy, "deploymentName"},
		"azure-native:resources/v20240301:Deployment":              {namedRandom, "deploymentName"},
		"azure-native:operationalinsights/v20230901:SavedSearch":   {namedCopy, "savedSearchId"},
		"azure-native:network/v20240501:PrivateDnsZoneGroup":       {namedCopy, "privateDnsZoneGroupName"},
		"azure-native:cognitiveservices/v20241001:RaiPolicy":       {namedCopy, "raiPolicyName"},
	} {
		k, ok := kindOf(token)
		require.True(t, ok, token)
		assert.Equal(t, want.naming, k.naming, token)
		assert.Equal(t, want.param, k.params[len(k.params)-1], token)
	}
}

func TestARandomNameIsTheLogicalNameWithEightHexDigitsAndIsRemembered(t *testing.T) {
	f := newFixture(t)
	first, _ := f.check(vnetToken, "net", nil, props{"resourceGroupName": "rg", "location": "l"})
	assert.Regexp(t, `^net[0-9a-f]{8}$`, first["virtualNetworkName"])
	assert.Equal(t, true, first["__createBeforeDelete"])
	again, _ := f.check(vnetToken, "net", props{"virtualNetworkName": "kept", "__createBeforeDelete": true}, props{"resourceGroupName": "rg"})
	assert.Equal(t, "kept", again["virtualNetworkName"])
	assert.Equal(t, true, again["__createBeforeDelete"])
}

func TestAChildIsNamedAfterItsLogicalName(t *testing.T) {
	inputs, reasons := newFixture(t).check(gatewayToken("Group"), "readers", nil, service(props{"displayName": "d"}))
	assert.Empty(t, reasons)
	assert.Equal(t, "readers", inputs["groupId"])
	assert.NotContains(t, inputs, "__createBeforeDelete")
}

func TestARoleAssignmentIsNamedByAUUID(t *testing.T) {
	inputs, _ := newFixture(t).check(roleToken, "role", nil, props{"scope": "/s", "principalId": "p", "roleDefinitionId": "r"})
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, inputs["roleAssignmentName"])
}

func TestTheProjectsAutonamingSettingDecides(t *testing.T) {
	for mode, want := range map[pulumirpc.CheckRequest_AutonamingOptions_Mode]any{
		pulumirpc.CheckRequest_AutonamingOptions_DISABLE: nil,
		pulumirpc.CheckRequest_AutonamingOptions_ENFORCE: "proposed",
		pulumirpc.CheckRequest_AutonamingOptions_PROPOSE: "proposed",
	} {
		f := newFixture(t)
		r, err := f.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: urnOf(vnetToken, "net"), News: wire(t, props{"resourceGroupName": "rg", "location": "l"}),
			Autonaming: &pulumirpc.CheckRequest_AutonamingOptions{Mode: mode, ProposedName: "proposed"},
		})
		require.NoError(t, err)
		assert.Equal(t, want, unwire(t, r.GetInputs())["virtualNetworkName"], mode)
		if want == nil {
			assert.Equal(t, "missing required property 'virtualNetworkName'", r.GetFailures()[0].GetReason())
		}
	}
}

func TestALeftOutLocationIsTheOldOneThenTheConfiguredOneThenTheGroups(t *testing.T) {
	f := newFixture(t)
	f.azure.bodies["/subscriptions/"+testSubscription+"/resourcegroups/rg"] = props{"location": "northeurope"}
	inputs := props{"resourceGroupName": "rg", "virtualNetworkName": "v"}

	got, _ := f.check(vnetToken, "v", nil, inputs)
	assert.Equal(t, "northeurope", got["location"])
	_, _ = f.check(vnetToken, "v", nil, inputs)
	assert.Equal(t, 1, f.azure.count(http.MethodGet), "the group's location is asked for once")

	//nolint:staticcheck // deprecated, but what the real provider reads
	request := &pulumirpc.ConfigureRequest{Variables: map[string]string{"azure-native:config:location": "francecentral"}}
	_, err := f.Configure(context.Background(), request)
	require.NoError(t, err)
	got, _ = f.check(vnetToken, "v", nil, inputs)
	assert.Equal(t, "francecentral", got["location"])

	got, _ = f.check(vnetToken, "v", props{"location": "westus"}, inputs)
	assert.Equal(t, "westus", got["location"])
}

func TestALocationIsNotGivenToADeployment(t *testing.T) {
	f := newFixture(t)
	f.azure.bodies["/subscriptions/"+testSubscription+"/resourcegroups/rg"] = props{"location": "northeurope"}
	got, reasons := f.check("azure-native:resources/v20240301:Deployment", "d", nil,
		props{"resourceGroupName": "rg", "properties": props{"mode": "Incremental", "template": props{}}})
	assert.Empty(t, reasons)
	assert.NotContains(t, got, "location")
}

func TestALocationIsUnknownWhileItsGroupIs(t *testing.T) {
	f := newFixture(t)
	got, reasons := f.check(vnetToken, "v", nil,
		props{"resourceGroupName": resource.Computed{Element: resource.NewStringProperty("")}, "virtualNetworkName": "v"})
	assert.Empty(t, reasons)
	assert.IsType(t, resource.Computed{}, got["location"])
}
