package infra

import (
	"fmt"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// accountGroup is the private link group of an Azure OpenAI account (Microsoft Learn: private-link/private-endpoint-overview).
const accountGroup = "account"

// privateEndpoint declares an account's private endpoint, after the last of the account's deployments, and its entry in the
// private zone. It stands in the network's region, whatever the account's region is.
func privateEndpoint(
	ctx *pulumi.Context, name string, args *ModelAccountArgs, accountID pulumi.StringOutput, after pulumi.Resource,
	child pulumi.ResourceOption,
) (pulumi.Resource, error) {
	site := args.Site
	endpointName := site.Names.Endpoint(args.Plan.Name)
	endpoint, err := network.NewPrivateEndpoint(ctx, name+"-endpoint", &network.PrivateEndpointArgs{
		PrivateEndpointName: pulumi.String(endpointName),
		ResourceGroupName:   site.ResourceGroup,
		Location:            pulumi.String(site.Location),
		Tags:                site.tags(),
		Subnet:              network.SubnetTypeArgs{Id: args.SubnetID},
		PrivateLinkServiceConnections: network.PrivateLinkServiceConnectionArray{
			network.PrivateLinkServiceConnectionArgs{
				Name:                 pulumi.String(endpointName),
				PrivateLinkServiceId: accountID,
				GroupIds:             pulumi.ToStringArray([]string{accountGroup}),
			},
		},
	}, child, pulumi.DependsOn([]pulumi.Resource{after}))
	if err != nil {
		return nil, fmt.Errorf("private endpoint: %w", err)
	}

	group, err := network.NewPrivateDnsZoneGroup(ctx, name+"-endpoint-zones", &network.PrivateDnsZoneGroupArgs{
		PrivateDnsZoneGroupName: pulumi.String("default"),
		PrivateEndpointName:     endpoint.Name,
		ResourceGroupName:       site.ResourceGroup,
		PrivateDnsZoneConfigs: network.PrivateDnsZoneConfigArray{
			network.PrivateDnsZoneConfigArgs{Name: pulumi.String("openai"), PrivateDnsZoneId: args.ZoneID},
		},
	}, child, pulumi.DeletedWith(endpoint))
	if err != nil {
		return nil, fmt.Errorf("private zone of the endpoint: %w", err)
	}
	return group, nil
}
