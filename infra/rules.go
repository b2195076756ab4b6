package infra

import (
	"net/netip"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rule is one line of a network security group.
type rule struct {
	name        string
	direction   string
	access      string
	source      string
	destination string
	protocol    string
	ports       []string
}

const (
	inbound  = "Inbound"
	outbound = "Outbound"
	allow    = "Allow"
	deny     = "Deny"
	tcp      = "Tcp"
	udp      = "Udp"
	anyone   = "*"

	internet       = "Internet"
	virtualNetwork = "VirtualNetwork"
)

// gatewayRules are the rules of the subnet of a classic API Management service: what the service needs to live, and
// nothing from anywhere else. Source: Microsoft Learn, api-management/virtual-network-reference (2025-06). Without inbound
// 3443 the service ends in state Failed: "Failed to connect to management endpoint at <name>.management.azure-api.net:3443".
func gatewayRules(public, eventHub bool) []rule {
	callers, ports := virtualNetwork, []string{"443"}
	if public {
		callers, ports = internet, []string{"80", "443"}
	}
	rules := []rule{
		{"callers", inbound, allow, callers, virtualNetwork, tcp, ports},
		{"management", inbound, allow, "ApiManagement", virtualNetwork, tcp, []string{"3443"}},
		{"load-balancer", inbound, allow, "AzureLoadBalancer", virtualNetwork, tcp, []string{"6390", "6391"}},
		{"counters-in", inbound, allow, virtualNetwork, virtualNetwork, udp, []string{"4290"}},
		{"nobody-else", inbound, deny, anyone, anyone, anyone, []string{"*"}},

		{"certificates", outbound, allow, virtualNetwork, internet, tcp, []string{"80"}},
		{"storage", outbound, allow, virtualNetwork, "Storage", tcp, []string{"443"}},
		{"sql", outbound, allow, virtualNetwork, "Sql", tcp, []string{"1433"}},
		{"key-vault", outbound, allow, virtualNetwork, "AzureKeyVault", tcp, []string{"443"}},
		{"monitor", outbound, allow, virtualNetwork, "AzureMonitor", tcp, []string{"1886", "443"}},
		{"entra", outbound, allow, virtualNetwork, "AzureActiveDirectory", tcp, []string{"443"}},
		{"accounts", outbound, allow, virtualNetwork, virtualNetwork, tcp, []string{"443"}},
		{"counters-out", outbound, allow, virtualNetwork, virtualNetwork, udp, []string{"4290"}},
	}
	if eventHub {
		rules = append(rules,
			rule{"event-hub", outbound, allow, virtualNetwork, "EventHub", tcp, eventPorts},
			rule{"event-hub-endpoint", outbound, allow, virtualNetwork, virtualNetwork, tcp, eventPorts})
	}
	return rules
}

// eventPorts are those of log-to-eventhub (Microsoft Learn: api-management/virtual-network-reference).
var eventPorts = []string{"5671", "5672", "443"}

// endpointRules let the gateway, and only the gateway, reach the private endpoints.
func endpointRules(gateway netip.Prefix, eventHub bool) []rule {
	ports := []string{"443"}
	if eventHub {
		ports = eventPorts
	}
	return []rule{
		{"gateway", inbound, allow, gateway.String(), virtualNetwork, tcp, ports},
		{"nobody-else", inbound, deny, anyone, anyone, anyone, []string{"*"}},
	}
}

// securityRules numbers the rules in steps of ten per direction. The list's order is part of the declaration: the provider
// compares arrays by position.
func securityRules(rules []rule) network.SecurityRuleTypeArray {
	next := map[string]int{}
	declared := network.SecurityRuleTypeArray{}
	for _, r := range rules {
		next[r.direction] += 10
		args := network.SecurityRuleTypeArgs{
			Name:                     pulumi.String(r.name),
			Priority:                 pulumi.Int(90 + next[r.direction]),
			Direction:                pulumi.String(r.direction),
			Access:                   pulumi.String(r.access),
			Protocol:                 pulumi.String(r.protocol),
			SourceAddressPrefix:      pulumi.String(r.source),
			SourcePortRange:          pulumi.String("*"),
			DestinationAddressPrefix: pulumi.String(r.destination),
		}
		if len(r.ports) == 1 {
			args.DestinationPortRange = pulumi.String(r.ports[0])
		} else {
			args.DestinationPortRanges = pulumi.ToStringArray(r.ports)
		}
		declared = append(declared, args)
	}
	return declared
}
