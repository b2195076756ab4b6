package infra

import (
	"fmt"
	"net/netip"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Names of the subnets.
const (
	gatewaySubnet  = "gateway"
	endpointSubnet = "endpoints"
)

// Network is the private address space the other components plug into.
type Network struct {
	pulumi.ResourceState

	ID               pulumi.StringOutput
	GatewaySubnetID  pulumi.StringOutput
	EndpointSubnetID pulumi.StringOutput
}

// NetworkArgs is what a network needs to know.
type NetworkArgs struct {
	Site           Site
	AddressSpace   netip.Prefix
	GatewaySubnet  netip.Prefix
	EndpointSubnet netip.Prefix
	// Public lets callers from the internet reach the gateway's subnet.
	Public bool
	// EventHub lets the gateway reach an Event Hub.
	EventHub bool
}

// NewNetwork declares the virtual network, its subnets and the rules that guard them. The subnets are part of the virtual
// network's own declaration: as resources of their own they would be written at the same time and ARM answers
// 409 AnotherOperationInProgress.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	n := &Network{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Network", name, n, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(n)
	site := args.Site

	var subnets network.SubnetTypeArray
	for _, subnet := range []subnet{
		{gatewaySubnet, args.GatewaySubnet, gatewayRules(args.Public, args.EventHub)},
		{endpointSubnet, args.EndpointSubnet, endpointRules(args.GatewaySubnet, args.EventHub)},
	} {
		guard, err := network.NewNetworkSecurityGroup(ctx, name+"-"+subnet.name, &network.NetworkSecurityGroupArgs{
			NetworkSecurityGroupName: pulumi.String(site.Names.SecurityGroup(subnet.name)),
			ResourceGroupName:        site.ResourceGroup,
			Location:                 pulumi.String(site.Location),
			Tags:                     site.tags(),
			SecurityRules:            securityRules(subnet.rules),
		}, child)
		if err != nil {
			return nil, fmt.Errorf("security group of the %s subnet: %w", subnet.name, err)
		}
		subnets = append(subnets, subnet.guardedBy(guard))
	}

	vnet, err := network.NewVirtualNetwork(ctx, name, &network.VirtualNetworkArgs{
		VirtualNetworkName: pulumi.String(site.Names.VirtualNetwork()),
		ResourceGroupName:  site.ResourceGroup,
		Location:           pulumi.String(site.Location),
		Tags:               site.tags(),
		AddressSpace:       network.AddressSpaceArgs{AddressPrefixes: pulumi.ToStringArray([]string{args.AddressSpace.String()})},
		Subnets:            subnets,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("virtual network: %w", err)
	}

	n.ID = vnet.ID().ToStringOutput()
	n.GatewaySubnetID = pulumi.Sprintf("%s/subnets/%s", vnet.ID(), gatewaySubnet)
	n.EndpointSubnetID = pulumi.Sprintf("%s/subnets/%s", vnet.ID(), endpointSubnet)
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{"id": n.ID})
}

// endpointPolicies is a subnet's setting for the traffic of private endpoints: without it the security group does not apply to
// them. An endpoint's own body carries its subnet and has to say the same, else the SDK puts its default there, Disabled.
const endpointPolicies = "NetworkSecurityGroupEnabled"

type subnet struct {
	name   string
	prefix netip.Prefix
	rules  []rule
}

func (s subnet) guardedBy(guard *network.NetworkSecurityGroup) network.SubnetTypeArgs {
	return network.SubnetTypeArgs{
		Name:                           pulumi.String(s.name),
		AddressPrefix:                  pulumi.String(s.prefix.String()),
		NetworkSecurityGroup:           network.NetworkSecurityGroupTypeArgs{Id: guard.ID()},
		PrivateEndpointNetworkPolicies: pulumi.String(endpointPolicies),
	}
}
