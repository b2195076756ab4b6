package schema

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func loaded(t *testing.T) *Package {
	t.Helper()
	pkg, err := Load()
	require.NoError(t, err)
	return pkg
}

// What is required decides which programs the provider refuses; these are known from the provider's own code.
func TestRequiredInputsAreTheProvidersOwn(t *testing.T) {
	for token, want := range map[string][]string{
		"azure-native:apimanagement/v20240601preview:Backend":              {"protocol", "resourceGroupName", "serviceName", "url"},
		"azure-native:apimanagement/v20240601preview:ApiManagementService": {"publisherEmail", "publisherName", "resourceGroupName", "sku"},
		"azure-native:cognitiveservices/v20241001:Account":                 {"resourceGroupName"},
		"azure-native:resources/v20240301:DeploymentStackAtResourceGroup":  {"actionOnUnmanage", "denySettings", "resourceGroupName"},
		"azure-native:authorization/v20220401:RoleAssignment":              {"principalId", "roleDefinitionId", "scope"},
		"azure-native:insights/v20210501preview:DiagnosticSetting":         {"resourceUri"},
	} {
		resource, ok := loaded(t).Resource(token)
		require.True(t, ok, token)
		assert.Equal(t, want, resource.RequiredInputs, token)
	}
}

// The SDKs send these and the provider does not: a program that relies on one of them must know it.
func TestDefaultsOfTheSDKsAreKnown(t *testing.T) {
	pkg := loaded(t)
	policy, ok := pkg.Resource("azure-native:apimanagement/v20240601preview:ApiPolicy")
	require.True(t, ok)
	assert.Equal(t, "xml", policy.InputProperties["format"].Default)
	tls, ok := pkg.Type("azure-native:apimanagement/v20240601preview:BackendTlsProperties")
	require.True(t, ok)
	assert.Equal(t, true, tls.Properties["validateCertificateChain"].Default)
	role, ok := pkg.Resource("azure-native:authorization/v20220401:RoleAssignment")
	require.True(t, ok)
	assert.Equal(t, "User", role.InputProperties["principalType"].Default)
}

func TestEveryReferenceLeadsToAType(t *testing.T) {
	pkg := loaded(t)
	check := func(where string, properties map[string]Property, required []string) {
		for name, property := range properties {
			followed(t, pkg, where+"."+name, property)
		}
		for _, name := range required {
			assert.Contains(t, properties, name, where)
		}
	}
	for token, r := range pkg.Resources {
		check(token, r.InputProperties, r.RequiredInputs)
		check(token, r.Properties, r.RequiredOutputs)
		assert.NotEmpty(t, r.ARMType, token)
		assert.NotEmpty(t, r.APIVersion, token)
	}
	for token, f := range pkg.Functions {
		check(token, f.InputProperties, f.RequiredInputs)
		check(token, f.Properties, f.RequiredOutputs)
	}
	for token, described := range pkg.Types {
		check(token, described.Properties, described.Required)
	}
}

func followed(t *testing.T, pkg *Package, where string, property Property) {
	t.Helper()
	kinds := []string{"string", "boolean", "integer", "number", "array", "object", "any"}
	switch {
	case property.Ref != "":
		assert.Contains(t, pkg.Types, property.Ref, where)
	case property.OneOf != nil:
		for _, one := range property.OneOf {
			followed(t, pkg, where, one)
		}
	default:
		assert.Contains(t, kinds, property.Type, where)
	}
	if property.Items != nil {
		followed(t, pkg, where+"[]", *property.Items)
	}
	if property.AdditionalProperties != nil {
		followed(t, pkg, where+"{}", *property.AdditionalProperties)
	}
}

func TestOpenAndClosedEnumsAreToldApart(t *testing.T) {
	pkg := loaded(t)
	backend, _ := pkg.Resource("azure-native:apimanagement/v20240601preview:Backend")
	values, closed := pkg.EnumValues(backend.InputProperties["protocol"])
	assert.Equal(t, []any{"http", "soap"}, values)
	assert.False(t, closed)
	group, _ := pkg.Resource("azure-native:apimanagement/v20240601preview:Group")
	values, closed = pkg.EnumValues(group.InputProperties["type"])
	assert.Equal(t, []any{"custom", "system", "external"}, values)
	assert.True(t, closed)
	values, closed = pkg.EnumValues(backend.InputProperties["url"])
	assert.Empty(t, values)
	assert.False(t, closed)
}

func TestFunctionsDescribeTheirResult(t *testing.T) {
	pkg := loaded(t)
	secrets, ok := pkg.Function("azure-native:apimanagement/v20240601preview:listSubscriptionSecrets")
	require.True(t, ok)
	assert.Equal(t, []string{"resourceGroupName", "serviceName", "sid"}, secrets.RequiredInputs)
	assert.Equal(t, []string{"primaryKey", "secondaryKey"}, slices.Sorted(maps.Keys(secrets.Properties)))
	client, ok := pkg.Function("azure-native:authorization:getClientConfig")
	require.True(t, ok)
	assert.Empty(t, client.InputProperties)
	assert.Contains(t, client.Properties, "tenantId")
}

func TestAnObjectIsFoundBehindItsReference(t *testing.T) {
	pkg := loaded(t)
	subnet, _ := pkg.Resource("azure-native:network/v20240501:Subnet")
	found, ok := pkg.Object(subnet.InputProperties["networkSecurityGroup"])
	require.True(t, ok)
	assert.Equal(t, "azure-native:network/v20240501:NetworkSecurityGroup", found.Token)
	_, ok = pkg.Object(subnet.InputProperties["addressPrefix"])
	assert.False(t, ok)
	assert.Empty(t, subnet.SecretOutputs())
}

func TestATornSchemaIsAnError(t *testing.T) {
	_, err := parse([]byte(`{"resources": [`))
	assert.ErrorContains(t, err, "azure-native schema")
}
