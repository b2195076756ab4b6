package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
)

// exporting is an environment with an Event Hub.
func exporting(t *testing.T) program {
	t.Helper()
	return declare(t, "prod", plan.Update)
}

func TestTheEventHubIsPrivateAndHasNoKeys(t *testing.T) {
	p := exporting(t)
	namespace := p.of(t, "Namespace")[0]
	assert.Equal(t, true, at(namespace, "disableLocalAuth"))
	assert.Equal(t, "1.2", at(namespace, "minimumTlsVersion"))
	assert.Equal(t, "Disabled", at(namespace, "publicNetworkAccess"))
	var endpoint plan.Resource
	for _, r := range p.of(t, "PrivateEndpoint") {
		if r.Name == "export-endpoint" {
			endpoint = r
		}
	}
	assert.Equal(t, []any{"namespace"}, at(endpoint, "privateLinkServiceConnections", 0, "groupIds"))
	assert.Equal(t, "${Namespace "+namespace.Name+".id}", at(endpoint, "privateLinkServiceConnections", 0, "privateLinkServiceId"))
	var zones []any
	for _, r := range p.of(t, "PrivateDnsZoneGroup") {
		if r.Name == "export-endpoint-zones" {
			zones = append(zones, at(r, "privateDnsZoneConfigs", 0, "privateDnsZoneId"))
		}
	}
	assert.Equal(t, []any{"${PrivateZone dns-events.id}"}, zones, "its name leads to the endpoint")
}

func TestTheGatewayMaySendToTheHubAndNothingElse(t *testing.T) {
	p := exporting(t)
	hub := p.of(t, "EventHub")[0]
	var roles []plan.Resource
	for _, r := range p.of(t, "RoleAssignment") {
		if strings.HasPrefix(r.Name, "export") {
			roles = append(roles, r)
		}
	}
	require.Len(t, roles, 1)
	assert.Equal(t, "${EventHub "+hub.Name+".id}", at(roles[0], "scope"), "the role is on the hub, not on its namespace")
	assert.Regexp(t, "/2b629674-e913-4c01-ae53-ef4638d8f975$", at(roles[0], "roleDefinitionId"))
	assert.Equal(t, "${ApiManagementService gateway.identity.principalId}", at(roles[0], "principalId"))
	assert.Equal(t, "ServicePrincipal", at(roles[0], "principalType"), "without it Entra is queried, which may not know the gateway yet")
	assert.NotEmpty(t, at(roles[0], "roleAssignmentName"), "a name that the provider makes up leaves a role behind that nobody knows")
}

func TestTheExportsLoggerHasAnIdentityInsteadOfAConnectionString(t *testing.T) {
	p := exporting(t)
	for _, logger := range p.of(t, "Logger") {
		if at(logger, "loggerType") != "azureEventHub" {
			continue
		}
		credentials, _ := at(logger, "credentials").(map[string]any)
		assert.Equal(t, "SystemAssigned", credentials["identityClientId"])
		assert.NotContains(t, credentials, "connectionString")
		assert.Equal(t, true, at(logger, "isBuffered"), "a logger that does not buffer may fail calls")
		for _, fragment := range p.of(t, "PolicyFragment") {
			names := strings.Contains(at(fragment, "value").(string), "<log-to-eventhub")
			assert.Equal(t, names, p.waits(fragment, logger), "fragment %s waits for the logger just where it names it", fragment.Name)
		}
		return
	}
	t.Error("there is no logger for the Event Hub")
}

func TestTheNetworkLetsEventsThroughOnlyWhereThereIsAHub(t *testing.T) {
	for _, c := range []struct {
		p       program
		gateway string // its subnet is not the same everywhere
		hub     bool
	}{{exporting(t), "10.40.0.0/26", true}, {declare(t, "dev", plan.Update), "10.20.0.0/26", false}} {
		found := map[string][]string{}
		for _, guard := range c.p.of(t, "NetworkSecurityGroup") {
			found[guard.Name] = allowed(guard)
		}
		require.Contains(t, found["network-endpoints"], c.gateway+">443", "%s: the gateway's subnet is another one", c.p.env)
		for guard, rules := range map[string][]string{
			"network-gateway":   {"EventHub<5671", "EventHub<5672", "EventHub<443", "VirtualNetwork<5671", "VirtualNetwork<5672"},
			"network-endpoints": {c.gateway + ">5671", c.gateway + ">5672"},
		} {
			for _, rule := range rules {
				assert.Equal(t, c.hub, slices.Contains(found[guard], rule), "%s: %s of %s", c.p.env, rule, guard)
			}
		}
	}
}
