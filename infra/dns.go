package infra

import (
	"fmt"

	dns "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240601"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// openAIZone is the zone that private endpoints of accounts of kind OpenAI register in; the public name
// <account>.openai.azure.com is an alias into it (Microsoft Learn: private-link/private-endpoint-dns).
const openAIZone = "privatelink.openai.azure.com"

// eventHubZone is the one of Event Hubs namespaces.
const eventHubZone = "privatelink.servicebus.windows.net"

// PrivateDNS is the private zones through which the network finds the accounts' private endpoints.
type PrivateDNS struct {
	pulumi.ResourceState

	// OpenAIZoneID is the ARM id of the zone for accounts, known once the network uses it.
	OpenAIZoneID pulumi.StringOutput
	// EventHubZoneID is the one of the zone for Event Hubs, where there is one.
	EventHubZoneID pulumi.StringOutput
}

// PrivateDNSArgs is what the private zones need to know.
type PrivateDNSArgs struct {
	Site      Site
	NetworkID pulumi.StringInput
	// EventHub makes the zone for an Event Hub.
	EventHub bool
}

// NewPrivateDNS declares the private zones and links them to the network.
func NewPrivateDNS(ctx *pulumi.Context, name string, args *PrivateDNSArgs, opts ...pulumi.ResourceOption) (*PrivateDNS, error) {
	d := &PrivateDNS{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:PrivateDNS", name, d, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(d)

	zone, err := linkedZone(ctx, name+"-openai", openAIZone, args.Site, args.NetworkID, child)
	if err != nil {
		return nil, err
	}

	d.OpenAIZoneID = zone.ID().ToStringOutput()
	if args.EventHub {
		hubs, err := linkedZone(ctx, name+"-events", eventHubZone, args.Site, args.NetworkID, child)
		if err != nil {
			return nil, err
		}
		d.EventHubZoneID = hubs.ID().ToStringOutput()
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"openAIZoneId": d.OpenAIZoneID})
}

// linkedZone declares a private zone and its link to the network.
func linkedZone(
	ctx *pulumi.Context, name, zoneName string, site Site, networkID pulumi.StringInput, child pulumi.ResourceOption,
) (*dns.PrivateZone, error) {
	zone, err := dns.NewPrivateZone(ctx, name, &dns.PrivateZoneArgs{
		PrivateZoneName:   pulumi.String(zoneName),
		ResourceGroupName: site.ResourceGroup,
		Location:          pulumi.String(globalLocation),
		Tags:              site.tags(),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("private zone %s: %w", zoneName, err)
	}
	_, err = dns.NewVirtualNetworkLink(ctx, name+"-link", &dns.VirtualNetworkLinkArgs{
		VirtualNetworkLinkName: pulumi.String(site.Names.NetworkLink()),
		PrivateZoneName:        zone.Name,
		ResourceGroupName:      site.ResourceGroup,
		Location:               pulumi.String(globalLocation),
		Tags:                   site.tags(),
		RegistrationEnabled:    pulumi.Bool(false),
		VirtualNetwork:         dns.SubResourceArgs{Id: networkID},
	}, child)
	if err != nil {
		return nil, fmt.Errorf("network link of private zone %s: %w", zoneName, err)
	}
	return zone, nil
}
