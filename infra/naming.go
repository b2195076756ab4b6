package infra

import (
	"fmt"
	"strings"

	"enterprise-openai/policies"

	"github.com/google/uuid"
)

// Limits of Azure on names, in characters (Microsoft Learn: azure-resource-manager/management/resource-name-rules).
const (
	maxResourceGroup = 90
	maxNetworkName   = 80
	maxVirtualNet    = 64
	maxEndpoint      = 64
	maxDNSLabel      = 63
	maxService       = 50
	maxAccount       = 64
	maxWorkspace     = 63
	maxComponent     = 260
	maxAlert         = 260
	maxNamespace     = 50
)

// Names makes every physical name of an environment: <prefix>-<stack>-<kind>[-<part>]-<suffix>, lower case, within Azure's
// limits. The suffix makes globally unique names (gateway, accounts, DNS label) unique and is the same at every run, so that
// a preview shows them; soft-deleted names stay taken for 48 hours, which another suffix avoids.
type Names struct {
	Prefix string
	Stack  string
	Suffix string
}

// DeriveSuffix is the suffix of a stack that names none of its own: the same for the same subscription, project and stack.
func DeriveSuffix(subscriptionID, project, stack string) string {
	return policies.ShortHash(strings.ToLower(subscriptionID) + "/" + project + "/" + stack)
}

// ResourceGroup is the name of the resource group.
func (n Names) ResourceGroup() string { return n.fit(maxResourceGroup, "rg") }

// VirtualNetwork is the name of the virtual network.
func (n Names) VirtualNetwork() string { return n.fit(maxVirtualNet, "vnet") }

// SecurityGroup is the name of the network security group of a subnet.
func (n Names) SecurityGroup(subnet string) string { return n.fit(maxNetworkName, "nsg", subnet) }

// NetworkLink is the name of a private DNS zone's link to the virtual network.
func (n Names) NetworkLink() string { return n.fit(maxNetworkName, "link") }

// PublicAddress is the name of the gateway's public IP address.
func (n Names) PublicAddress() string { return n.fit(maxNetworkName, "pip") }

// PublicLabel is the DNS label of the gateway's public IP address, unique in its region.
func (n Names) PublicLabel() string { return n.fit(maxDNSLabel, "apim") }

// Gateway is the name of the API Management service and the first label of its host name.
func (n Names) Gateway() string { return n.fit(maxService, "apim") }

// Account is the name of an Azure OpenAI account and the first label of its host name.
func (n Names) Account(account string) string { return n.fit(maxAccount, "oai", account) }

// AccountHost is the host name of an account: its custom subdomain is its name.
func (n Names) AccountHost(account string) string { return n.Account(account) + ".openai.azure.com" }

// Endpoint is the name of an account's private endpoint.
func (n Names) Endpoint(account string) string { return n.fit(maxEndpoint, "pe", account) }

// EventHubs is the name of the Event Hubs namespace and the first label of its host name.
func (n Names) EventHubs() string { return n.fit(maxNamespace, "evhns") }

// Workspace is the name of the Log Analytics workspace.
func (n Names) Workspace() string { return n.fit(maxWorkspace, "log") }

// Component is the name of the Application Insights component.
func (n Names) Component() string { return n.fit(maxComponent, "appi") }

// Workbook is the name of the workbook, which Azure wants to be a GUID.
func (n Names) Workbook() string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join([]string{"workbook", n.Prefix, n.Stack, n.Suffix}, "/"))).String()
}

// ActionGroup is the name of the group of people who are notified.
func (n Names) ActionGroup() string { return n.fit(maxAlert, "ag") }

// Alert is the name of an alert rule.
func (n Names) Alert(alert string) string { return n.fit(maxAlert, "alert", alert) }

// DeploymentStack is the name of an ARM deployment stack.
func (n Names) DeploymentStack(purpose string) string {
	return n.fit(maxResourceGroup, "stack", purpose)
}

// RoleAssignment is the name of the gateway's role on an account, a GUID as Azure demands.
func (n Names) RoleAssignment(account string) string {
	return n.gatewayRole(n.Account(account), openAIUser)
}

// FilesRole is the name of the gateway's other role on an account that takes files.
func (n Names) FilesRole(account string) string {
	return n.gatewayRole(n.Account(account), openAIContributor)
}

// SendingRole is the name of the gateway's role on the Event Hub.
func (n Names) SendingRole() string {
	return n.gatewayRole(n.EventHubs(), eventHubsDataSender)
}

func (n Names) gatewayRole(on, definition string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(on+"/"+n.Gateway()+"/"+definition)).String()
}

// fit joins the parts and, where the result is too long, shortens the stack's name: prefix, kind and suffix carry meaning.
func (n Names) fit(limit int, parts ...string) string {
	rest := strings.Join(append([]string{n.Prefix}, append(parts, n.Suffix)...), "-")
	room := limit - len(rest) - 1
	stack := policies.Shorten(clean(n.Stack), max(room, 1))
	whole := append([]string{n.Prefix, stack}, parts...)
	return strings.Join(append(whole, n.Suffix), "-")
}

// clean leaves what every kind of name allows: lower-case letters, digits and single dashes between them. Of a name that has
// none of these, its hash is used.
func clean(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if trimmed := strings.Trim(b.String(), "-"); trimmed != "" {
		return trimmed
	}
	return policies.ShortHash(name)
}

// gatewayHosts are the five host names of a service that is injected in internal mode; none is in public DNS.
// Source: Microsoft Learn, api-management/api-management-using-with-internal-vnet.
func gatewayHosts(service string) []gatewayHost {
	hosts := []gatewayHost{{"gateway", service + ".azure-api.net"}}
	for _, part := range []string{"portal", "developer", "management", "scm"} {
		hosts = append(hosts, gatewayHost{part, fmt.Sprintf("%s.%s.azure-api.net", service, part)})
	}
	return hosts
}

type gatewayHost struct{ name, zone string }
