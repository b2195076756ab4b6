package arm

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	deployer  = "77777777-7777-7777-7777-777777777777"
	cognitive = root + "/providers/Microsoft.CognitiveServices"
)

func TestTheSubscriptionSaysWhatItOffersAndWhatIsUsed(t *testing.T) {
	a := world(t, func(o *Options) {
		o.Offers = map[string][]Offer{"swedencentral": {
			{Model: "gpt-4o", Version: "2024-11-20", Retires: "2027-04-14T00:00:00Z", Units: 40,
				SKUs: []OfferedSKU{{Name: "Standard", Most: 100}, {Name: "ProvisionedManaged", Least: 50, Step: 50}}},
		}}
		o.Quota = func(_, sku, _ string) (float64, bool) { return 450, sku == "Standard" }
	})
	models := items(a.get(cognitive+"/locations/Sweden%20Central/models?api-version=2025-06-01"), "value")
	require.Len(t, models, 1)
	assert.Equal(t, "2027-04-14T00:00:00Z", text(models[0], "model", "deprecation", "inference"))
	skus := items(models[0], "model", "skus")
	require.Len(t, skus, 2)
	assert.Equal(t, "OpenAI.ProvisionedManaged", skus[1]["usageName"])
	assert.Equal(t, map[string]any{"minimum": 50.0, "step": 50.0}, skus[1]["capacity"])
	assert.Empty(t, items(a.get(cognitive+"/locations/francecentral/models"), "value"))

	usages := items(a.get(cognitive+"/locations/swedencentral/usages"), "value")
	require.Len(t, usages, 1, "a quota that nobody knows is not listed")
	assert.Equal(t, "OpenAI.Standard.gpt-4o", text(usages[0], "name", "value"))
	assert.Equal(t, []any{30.0, 450.0}, []any{usages[0]["currentValue"], usages[0]["limit"]})

	units := items(a.get(cognitive+"/modelCapacities?api-version=2025-06-01&modelFormat=OpenAI&modelName=gpt-4o&modelVersion=2024-11-20"), "value")
	require.Len(t, units, 1)
	assert.Equal(t, 40.0, object(units[0], "properties")["availableCapacity"])
	assert.Empty(t, items(a.get(cognitive+"/modelCapacities?api-version=2025-06-01&modelName=gpt-4o&modelVersion=1"), "value"))

	got := a.send(http.MethodGet, cognitive+"/locations/swedencentral/usages?api-version=2001-01-01", "")
	assert.Equal(t, "InvalidResourceType", got.code)
	assert.Contains(t, got.message, "2025-06-01")
}

func TestANameIsFreeUntilSomebodyHasIt(t *testing.T) {
	a := world(t, func(o *Options) {
		o.Taken = map[string]string{"theirs": "It is theirs.", "theirs.swedencentral.cloudapp.azure.com": ""}
	})
	for name, free := range map[string]bool{"aoai-se": false, "theirs": false, "free": true} {
		got := a.send(http.MethodPost, cognitive+"/checkDomainAvailability", `{"subdomainName":"`+name+`","type":"Microsoft.CognitiveServices/accounts"}`)
		assert.Equal(t, free, got.body["isSubdomainAvailable"], name)
	}
	for name, free := range map[string]bool{"gw-test": false, "theirs": false, "free": true} {
		got := a.send(http.MethodPost, root+"/providers/Microsoft.ApiManagement/checkNameAvailability", `{"name":"`+name+`"}`)
		assert.Equal(t, free, got.body["nameAvailable"], name)
	}
	for name, free := range map[string]bool{"gw-test": false, "theirs": false, "free": true} {
		got := a.get(root + "/providers/Microsoft.Network/locations/swedencentral/CheckDnsNameAvailability?api-version=2024-05-01&domainNameLabel=" + name)
		assert.Equal(t, free, got["available"], name)
	}
	a.remove(service)
	got := a.send(http.MethodPost, root+"/providers/Microsoft.ApiManagement/checkNameAvailability", `{"name":"gw-test"}`)
	assert.Equal(t, false, got.body["nameAvailable"], "a deletion keeps the name")
}

func TestThePoliciesOfTheCompanySayWhatTheyDeny(t *testing.T) {
	a := newAzure(t, func(o *Options) {
		o.Denied = func(armType, _, location string) (string, string, bool) {
			return "assignment", "allowed-locations", armType == accountType && location == "westus"
		}
	})
	ask := func(location string) []map[string]any {
		got := a.send(http.MethodPost, root+"/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2022-03-01",
			`{"resourceDetails":{"resourceContent":{"type":"Microsoft.CognitiveServices/accounts","name":"a","location":"`+location+`"}}}`)
		require.Equal(t, http.StatusOK, got.status, got.raw)
		return items(got.body, "contentEvaluationResult", "policyEvaluations")
	}
	assert.Empty(t, ask("swedencentral"))
	denied := ask("westus")
	require.Len(t, denied, 1)
	assert.Equal(t, "allowed-locations", text(denied[0], "policyInfo", "policyDefinitionId"))
	assert.Equal(t, "InvalidRequestContent", a.send(http.MethodPost, root+"/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2022-03-01", `{}`).code)
}

func TestTheRolesOfTheDeployerAreAssignedLikeAnyOther(t *testing.T) {
	a := world(t, func(o *Options) {
		o.DeployerID = deployer
		o.Grants = []Grant{{Role: "Contributor"}, {Role: "User Access Administrator", Condition: "@x"}}
	})
	const list = "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
	held := items(a.get(root+list+"&$filter=assignedTo('"+deployer+"')"), "value")
	require.Len(t, held, 2)
	assert.Equal(t, "@x", text(held[1], "properties", "condition"))
	role := a.get(text(held[0], "properties", "roleDefinitionId"))
	assert.Equal(t, "Contributor", text(role, "properties", "roleName"))
	assert.Contains(t, texts(items(role, "properties", "permissions")[0], "notActions"), "Microsoft.Authorization/*/Write")

	assert.Len(t, items(a.get(root+list), "value"), 3, "that of the gateway on the account is below")
	assert.Len(t, items(a.get(root+list+"&$filter=atScope()"), "value"), 2)
	assert.Len(t, items(a.get(account+list), "value"), 3, "those above reach it")
	assert.Equal(t, "InvalidFilter", a.send(http.MethodGet, root+list+"&$filter=nonsense", "").code)
	assert.Equal(t, "ResourceNotFound", a.send(http.MethodGet, account+"x"+list, "").code)
	assert.Equal(t, "InvalidResourceType", a.send(http.MethodGet, root+"/providers/Microsoft.Authorization/roleAssignments?api-version=2001-01-01", "").code)

	definitions := items(a.get(root+"/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName+eq+'Reader'"), "value")
	require.Len(t, definitions, 1)
	got := a.send(http.MethodGet, root+roleDefinitionsPath+"12345678-1111-1111-1111-111111111111?api-version=2022-04-01", "")
	assert.Equal(t, "RoleDefinitionDoesNotExist", got.code)
	assert.Empty(t, a.Resources(roleAssignmentType)[1:], "nobody deployed the deployer's roles")
}
