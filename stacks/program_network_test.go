package stacks_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
)

func TestNoAccountIsReachableFromThePublicNetwork(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, account := range p.of(t, "Account") {
			assert.Equal(t, "Disabled", at(account, "properties", "publicNetworkAccess"), account.Name)
			assert.Equal(t, "Deny", at(account, "properties", "networkAcls", "defaultAction"), account.Name)
		}
	})
}

func TestEverySubnetIsGuarded(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		guards := map[any]bool{}
		for _, guard := range p.of(t, "NetworkSecurityGroup") {
			guards["${NetworkSecurityGroup "+guard.Name+".id}"] = true
			assert.True(t, deniesTheRest(guard), "%s lets in what no rule names", guard.Name)
		}
		for _, network := range p.of(t, "VirtualNetwork") {
			subnets, _ := at(network, "subnets").([]any)
			require.NotEmpty(t, subnets)
			for i := range subnets {
				guard := at(network, "subnets", i, "networkSecurityGroup", "id")
				assert.True(t, guards[guard], "subnet %v has no security group", at(network, "subnets", i, "name"))
			}
		}
	})
}

func deniesTheRest(guard plan.Resource) bool {
	rules, _ := at(guard, "securityRules").([]any)
	for i := range rules {
		if at(guard, "securityRules", i, "access") == "Deny" && at(guard, "securityRules", i, "direction") == "Inbound" &&
			at(guard, "securityRules", i, "sourceAddressPrefix") == "*" {
			return true
		}
	}
	return false
}

func TestTheGatewaysSubnetHasTheRulesItsServiceNeeds(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		needed := []string{"ApiManagement>3443", "AzureLoadBalancer>6390", "Storage<443", "Sql<1433", "AzureKeyVault<443", "AzureMonitor<1886", "Internet<80"}
		for _, guard := range p.of(t, "NetworkSecurityGroup") {
			if guard.Name != "network-gateway" {
				continue
			}
			found := allowed(guard)
			for _, rule := range needed {
				assert.Contains(t, found, rule)
			}
		}
	})
}

// allowed are a security group's rules as peer, direction and port: "ApiManagement>3443" comes in, "Sql<1433" goes out.
func allowed(guard plan.Resource) []string {
	var found []string
	rules, _ := at(guard, "securityRules").([]any)
	for i := range rules {
		rule := func(key string) any { return at(guard, "securityRules", i, key) }
		peer, sign := rule("sourceAddressPrefix"), ">"
		if rule("direction") == "Outbound" {
			peer, sign = rule("destinationAddressPrefix"), "<"
		}
		ports, _ := rule("destinationPortRanges").([]any)
		for _, port := range append(ports, rule("destinationPortRange")) {
			if port != nil && rule("access") == "Allow" {
				found = append(found, fmt.Sprintf("%v%s%v", peer, sign, port))
			}
		}
	}
	return found
}

// An endpoint's body has its subnet in it. What it says there must not contradict the subnet.
func TestEndpointsSayTheirSubnetsOwnPolicies(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		policies := map[string]map[string]any{}
		for _, net := range p.of(t, "VirtualNetwork") {
			subnets, _ := at(net, "subnets").([]any)
			for _, s := range subnets {
				subnet, _ := s.(map[string]any)
				policies[fmt.Sprintf("${VirtualNetwork %s.id}/subnets/%s", net.Name, subnet["name"])] = subnet
			}
		}
		for _, endpoint := range p.of(t, "PrivateEndpoint") {
			subnet, _ := at(endpoint, "subnet").(map[string]any)
			own, ok := policies[fmt.Sprint(subnet["id"])]
			require.True(t, ok, "%s is in %v, which is not declared", endpoint.Name, subnet["id"])
			assert.Equal(t, own["privateEndpointNetworkPolicies"], subnet["privateEndpointNetworkPolicies"], endpoint.Name)
			// A subnet that says nothing has Azure's default (Microsoft Learn: Microsoft.Network virtualNetworks/subnets).
			assert.Nil(t, own["privateLinkServiceNetworkPolicies"])
			assert.Equal(t, "Enabled", subnet["privateLinkServiceNetworkPolicies"], endpoint.Name)
		}
	})
}
