package stacks_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/plan"
	"enterprise-openai/stacks"
)

// exporting is dev with an Event Hub.
func exporting(t *testing.T) program {
	t.Helper()
	dir := t.TempDir()
	for name, change := range map[string]func(string) string{
		"Pulumi.yaml": func(text string) string { return text },
		"Pulumi.dev.yaml": func(text string) string {
			return strings.Replace(text, "enterprise-openai:logging:\n", "enterprise-openai:logging:\n    eventHub: {}\n", 1)
		},
	} {
		text, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(change(string(text))), 0o600))
	}
	declared, err := plan.Of(context.Background(), dir, "dev", plan.Update, stacks.Deploy)
	require.NoError(t, err)
	p := program{env: "dev with an Event Hub", resources: declared.Resources, byURN: map[string]plan.Resource{}}
	for _, r := range p.resources {
		p.byURN[r.URN] = r
	}
	return p
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
	assert.True(t, p.waits(endpoint, p.of(t, "EventHub")[0]))
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
			assert.True(t, p.waits(fragment, logger), "fragment %s may name the logger before it is there", fragment.Name)
		}
		return
	}
	t.Error("there is no logger for the Event Hub")
}

func TestTheNetworkLetsEventsThroughOnlyWhereThereIsAHub(t *testing.T) {
	rules := map[string][]string{"network-gateway": {"EventHub<5671", "EventHub<5672", "EventHub<443"}, "network-endpoints": {"10.20.0.0/26>5671"}}
	for _, p := range []program{exporting(t), declare(t, "dev", plan.Update)} {
		for _, guard := range p.of(t, "NetworkSecurityGroup") {
			for _, rule := range rules[guard.Name] {
				if p.env == "dev" {
					assert.NotContains(t, allowed(guard), rule, guard.Name)
				} else {
					assert.Subset(t, allowed(guard), []string{rule}, guard.Name)
				}
			}
		}
	}
}
