package infra

import (
	"fmt"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// accountGroup is the private link group of an Azure OpenAI account (Microsoft Learn: private-link/private-endpoint-overview).
const accountGroup = "account"

// endpointArgs is what a private endpoint needs to know.
type endpointArgs struct {
	Site Site
	// Part names the endpoint.
	Part string
	// TargetID is what it leads to, and Group the part of it.
	TargetID pulumi.StringInput
	Group    string
	SubnetID pulumi.StringInput
	// Zone is a short name of the private zone, ZoneID its ARM id.
	Zone   string
	ZoneID pulumi.StringInput
	// After is the last write below a target that takes no endpoint while it is written to, and the endpoint that is written before
	// this one in the network: two at a time are answered 409 AnotherOperationInProgress, and the provider gives up after three retries.
	After Done
}

// privateEndpoint declares a private endpoint and its entry in the private zone. It is in the network's region, whatever
// the target's region is. names are its entries in the zone.
func privateEndpoint(ctx *pulumi.Context, name string, args *endpointArgs, child pulumi.ResourceOption) (endpoint, names Done, _ error) {
	site := args.Site
	endpointName := site.Names.Endpoint(args.Part)
	made, err := network.NewPrivateEndpoint(ctx, name+"-endpoint", &network.PrivateEndpointArgs{
		PrivateEndpointName: pulumi.String(endpointName),
		ResourceGroupName:   site.ResourceGroup,
		Location:            pulumi.String(site.Location),
		Tags:                site.tags(),
		Subnet: network.SubnetTypeArgs{
			Id: args.SubnetID, PrivateEndpointNetworkPolicies: pulumi.String(endpointPolicies),
		},
		PrivateLinkServiceConnections: network.PrivateLinkServiceConnectionArray{
			network.PrivateLinkServiceConnectionArgs{
				Name:                 pulumi.String(endpointName),
				PrivateLinkServiceId: args.TargetID,
				GroupIds:             pulumi.ToStringArray([]string{args.Group}),
			},
		},
	}, child, after(args.After))
	if err != nil {
		return nil, nil, fmt.Errorf("private endpoint: %w", err)
	}

	group, err := network.NewPrivateDnsZoneGroup(ctx, name+"-endpoint-zones", &network.PrivateDnsZoneGroupArgs{
		PrivateDnsZoneGroupName: pulumi.String("default"),
		PrivateEndpointName:     made.Name,
		ResourceGroupName:       site.ResourceGroup,
		PrivateDnsZoneConfigs: network.PrivateDnsZoneConfigArray{
			network.PrivateDnsZoneConfigArgs{Name: pulumi.String(args.Zone), PrivateDnsZoneId: args.ZoneID},
		},
	}, child, pulumi.DeletedWith(made))
	if err != nil {
		return nil, nil, fmt.Errorf("private zone of the endpoint: %w", err)
	}
	return Done{made}, Done{group}, nil
}
