package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Modes in which a classic service sits in a network, as ARM spells them (virtualNetworkType).
const (
	ModeExternal = "External"
	ModeInternal = "Internal"
)

// Service is a created API Management service, as its children need it.
type Service struct {
	ResourceGroup pulumi.StringInput
	Name          pulumi.StringOutput
	ID            pulumi.StringOutput

	resource pulumi.Resource
}

// below are the options of everything that lives inside the service. It goes when the service goes: deleted one by one a
// product would be refused, "Product cannot be deleted since it has existing subscriptions", because Azure made one itself.
func (s Service) below(parent pulumi.ResourceOption, options ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{parent, pulumi.DeletedWith(s.resource)}, options...)
}

// Gateway is the API Management service that every call goes through.
type Gateway struct {
	pulumi.ResourceState

	Service     Service
	PrincipalID pulumi.StringOutput
	URL         pulumi.StringOutput
	PortalURL   pulumi.StringOutput
}

// GatewayPlan is what the service is.
type GatewayPlan struct {
	SKU   string
	Units int
	Zones []string
	// Mode is ModeExternal or ModeInternal.
	Mode            string
	PublisherName   string
	PublisherEmail  string
	DeveloperPortal bool
}

// GatewayArgs is what the gateway needs to know.
type GatewayArgs struct {
	Site      Site
	Plan      GatewayPlan
	NetworkID pulumi.StringInput
	SubnetID  pulumi.StringInput
}

// oldestManagementVersion is the oldest version of the management API that the service answers; Microsoft retired the ones
// before it.
const oldestManagementVersion = "2021-08-01"

// NewGateway declares the service with its public address and, in internal mode, the private names its callers need.
func NewGateway(ctx *pulumi.Context, name string, args *GatewayArgs, opts ...pulumi.ResourceOption) (*Gateway, error) {
	g := &Gateway{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Gateway", name, g, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(g)
	site, plan := args.Site, args.Plan

	address, err := publicAddress(ctx, name, site, plan.Zones, child)
	if err != nil {
		return nil, err
	}
	service, err := apim.NewApiManagementService(ctx, name, &apim.ApiManagementServiceArgs{
		ServiceName:       pulumi.String(site.Names.Gateway()),
		ResourceGroupName: site.ResourceGroup,
		Location:          pulumi.String(site.Location),
		Tags:              site.tags(),
		Sku:               apim.ApiManagementServiceSkuPropertiesArgs{Name: pulumi.String(plan.SKU), Capacity: pulumi.Int(plan.Units)},
		Zones:             pulumi.ToStringArray(plan.Zones),
		Identity:          apim.ApiManagementServiceIdentityArgs{Type: pulumi.String("SystemAssigned")},
		PublisherName:     pulumi.String(plan.PublisherName),
		PublisherEmail:    pulumi.String(plan.PublisherEmail),

		VirtualNetworkType:          pulumi.String(plan.Mode),
		VirtualNetworkConfiguration: apim.VirtualNetworkConfigurationArgs{SubnetResourceId: args.SubnetID},
		PublicIpAddressId:           address.ID(),
		PublicNetworkAccess:         pulumi.String("Enabled"),

		CustomProperties:      hardenedTLS(),
		ApiVersionConstraint:  apim.ApiVersionConstraintArgs{MinApiVersion: pulumi.String(oldestManagementVersion)},
		DeveloperPortalStatus: pulumi.String(status(plan.DeveloperPortal)),
		LegacyPortalStatus:    pulumi.String(status(false)),
		DisableGateway:        pulumi.Bool(false),
	}, child,
		// A change of network or zones alone takes 45 minutes on top of the 45 of a creation.
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "3h", Update: "3h", Delete: "2h"}))
	if err != nil {
		return nil, fmt.Errorf("service: %w", err)
	}
	if plan.Mode == ModeInternal {
		if err := privateNames(ctx, name, args, service, child); err != nil {
			return nil, err
		}
	}

	g.Service = Service{ResourceGroup: site.ResourceGroup, Name: service.Name, ID: service.ID().ToStringOutput(), resource: service}
	g.PrincipalID = service.Identity.PrincipalId().Elem()
	g.URL, g.PortalURL = service.GatewayUrl, service.DeveloperPortalUrl
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{"url": g.URL})
}

// publicAddress declares the service's public address. Internal mode keeps it for Azure's own management traffic on port 3443.
func publicAddress(
	ctx *pulumi.Context, name string, site Site, zones []string, child pulumi.ResourceOption,
) (*network.PublicIPAddress, error) {
	address, err := network.NewPublicIPAddress(ctx, name+"-address", &network.PublicIPAddressArgs{
		PublicIpAddressName:      pulumi.String(site.Names.PublicAddress()),
		ResourceGroupName:        site.ResourceGroup,
		Location:                 pulumi.String(site.Location),
		Tags:                     site.tags(),
		Zones:                    pulumi.ToStringArray(zones),
		Sku:                      network.PublicIPAddressSkuArgs{Name: pulumi.String("Standard")},
		PublicIPAllocationMethod: pulumi.String("Static"),
		PublicIPAddressVersion:   pulumi.String("IPv4"),
		DnsSettings:              network.PublicIPAddressDnsSettingsArgs{DomainNameLabel: pulumi.String(site.Names.PublicLabel())},
	}, child)
	if err != nil {
		return nil, fmt.Errorf("public address: %w", err)
	}
	return address, nil
}

// hardenedTLS turns off what should no longer be spoken, to callers and to backends. The service's keys are one map: a key
// that is left out falls back to its default (Microsoft Learn: api-management/api-management-howto-manage-protocols-ciphers).
func hardenedTLS() pulumi.StringMap {
	const prefix = "Microsoft.WindowsAzure.ApiManagement.Gateway."
	off := pulumi.StringMap{}
	for _, key := range []string{
		"Security.Protocols.Tls10", "Security.Protocols.Tls11", "Security.Protocols.Ssl30",
		"Security.Backend.Protocols.Tls10", "Security.Backend.Protocols.Tls11", "Security.Backend.Protocols.Ssl30",
		"Security.Ciphers.TripleDes168",
		"Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA", "Security.Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA",
		"Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA256", "Security.Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA256",
		"Security.Ciphers.TLS_RSA_WITH_AES_128_GCM_SHA256",
		"Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
		"Security.Ciphers.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "Security.Ciphers.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
	} {
		off[prefix+key] = pulumi.String("false")
	}
	return off
}

func status(enabled bool) string {
	if enabled {
		return "Enabled"
	}
	return "Disabled"
}
