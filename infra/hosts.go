package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	dns "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240601"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recordTTLSeconds is how long callers may remember a private address; a change of zones or network changes it.
const recordTTLSeconds = 300

// privateNames declares the service's host names for callers in the network. Each host is a zone of its own: one zone
// azure-api.net would take every other API Management service in the world away from this network.
func privateNames(
	ctx *pulumi.Context, name string, args *GatewayArgs, service *apim.ApiManagementService, child pulumi.ResourceOption,
) error {
	for _, host := range gatewayHosts(args.Site.Names.Gateway()) {
		zone, err := linkedZone(ctx, name+"-"+host.name, host.zone, args.Site, args.NetworkID, child)
		if err != nil {
			return err
		}
		_, err = dns.NewPrivateRecordSet(ctx, name+"-"+host.name, &dns.PrivateRecordSetArgs{
			RelativeRecordSetName: pulumi.String("@"),
			RecordType:            pulumi.String("A"),
			PrivateZoneName:       zone.Name,
			ResourceGroupName:     args.Site.ResourceGroup,
			Ttl:                   pulumi.Float64(recordTTLSeconds),
			ARecords: dns.ARecordArray{
				dns.ARecordArgs{Ipv4Address: service.PrivateIPAddresses.Index(pulumi.Int(0))},
			},
		}, child)
		if err != nil {
			return fmt.Errorf("address record of %s: %w", host.zone, err)
		}
	}
	return nil
}
