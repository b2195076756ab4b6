package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/internal/words"
)

// tier is what a SKU can do (Microsoft Learn: api-management/api-management-features and virtual-network-concepts).
type tier struct {
	modes []NetworkMode // besides none
	units int           // at most
	zones bool
}

var tiers = map[GatewaySKU]tier{
	SKUDeveloper: {modes: []NetworkMode{ModeExternal, ModeInternal}, units: 1},
	SKUBasic:     {units: 2},
	SKUStandard:  {units: 4}, // [M] unverified, and moot: a Standard gateway cannot join a network
	// 31 is the most for an injected region; above 10 Azure wants a support request first.
	SKUPremium:     {modes: []NetworkMode{ModeExternal, ModeInternal}, units: 31, zones: true},
	SKUBasicV2:     {units: 10},
	SKUStandardV2:  {modes: []NetworkMode{ModeIntegrated}, units: 10},
	SKUPremiumV2:   {modes: []NetworkMode{ModeIntegrated}, units: 30},
	SKUConsumption: {},
}

// checkMode refuses every gateway that could not reach the accounts, whose public access is off.
func checkMode(c *check) {
	g := c.s.Gateway
	t, known := tiers[g.SKU]
	switch {
	case !known:
		c.add("gateway.sku", "unknown value "+show("gateway.sku", g.SKU), words.Suggest(string(g.SKU), g.SKU.Values()))
	case g.SKU == SKUConsumption:
		c.add("gateway.sku", "Consumption has no token limits, no resource logs and no way into a network", "use Developer or Premium")
	case len(t.modes) == 0:
		c.add("gateway.sku", string(g.SKU)+" cannot be injected into a virtual network, so it cannot reach the private accounts", "use Developer or Premium")
	case g.Mode == ModeNone:
		c.add("gateway.mode", "none leaves the gateway without a way to the accounts, which are private", "use "+strings.Join(texts(t.modes...), " or "))
	case !slices.Contains(t.modes, g.Mode):
		c.add("gateway.mode", show("gateway.mode", g.Mode)+" is not possible with "+string(g.SKU), "use "+strings.Join(texts(t.modes...), " or "))
	}
}

func checkUnits(c *check) {
	g := c.s.Gateway
	if t, ok := tiers[g.SKU]; ok && t.units == 1 && g.Units != 1 {
		c.add("gateway.units", fmt.Sprintf("%s has exactly 1 unit, got %d", g.SKU, g.Units), "use 1, or Premium")
	} else if ok && t.units > 1 {
		c.between("gateway.units", g.Units, 1, t.units)
	}
}

// checkZones compares units with zones: Azure refuses units that do not divide among the zones
// (Microsoft Learn: reliability/reliability-api-management).
func checkZones(c *check) {
	g := c.s.Gateway
	zones := len(g.Zones)
	if zones == 0 {
		return
	}
	if t, ok := tiers[g.SKU]; ok && !t.zones {
		c.add("gateway.zones", string(g.SKU)+" has no availability zones", "remove them, or use Premium")
		return
	}
	seen := map[string]string{}
	for i, zone := range g.Zones {
		path := at("gateway.zones", i)
		if !slices.Contains([]string{"1", "2", "3"}, zone) {
			c.add(path, show(path, zone)+" is not a zone", `use "1", "2" or "3"`)
		}
		c.unique(seen, path, zone)
	}
	if g.Units > 0 && g.Units%zones != 0 {
		c.add("gateway.units", fmt.Sprintf("%d units do not divide among %d zones", g.Units, zones),
			fmt.Sprintf("use %d or %d units", g.Units/zones*zones+zones, g.Units/zones*zones+2*zones))
	}
}

// longestPublisher limits both publisher fields (bicep-types-az: microsoft.apimanagement).
const longestPublisher = 100

func checkPublisher(c *check) {
	if strings.TrimSpace(c.s.Gateway.PublisherName) == "" {
		c.add("gateway.publisherName", "must not be empty", "")
	}
	c.length("gateway.publisherName", c.s.Gateway.PublisherName, longestPublisher)
	c.length("gateway.publisherEmail", c.s.Gateway.PublisherEmail, longestPublisher)
	c.email("gateway.publisherEmail", c.s.Gateway.PublisherEmail)
}

// mostTenants is the limit of an identity provider (bicep-types-az: microsoft.apimanagement).
const mostTenants = 32

func checkSignIn(c *check) {
	const path = "gateway.portal.signIn"
	in := c.s.Gateway.Portal.SignIn
	if in == nil {
		return
	}
	c.matches(path+".clientId", in.ClientID, guidShape, "the application's id, a GUID (az ad app list --display-name NAME --query [].appId)")
	if n := len(in.AllowedTenants); n > mostTenants {
		c.add(path+".allowedTenants", fmt.Sprintf("%d tenants, at most %d are allowed", n, mostTenants), "remove some")
	}
	seen := map[string]string{}
	for i, tenant := range in.AllowedTenants {
		c.matches(at(path+".allowedTenants", i), tenant, guidShape, "the tenant's id, a GUID")
		c.unique(seen, at(path+".allowedTenants", i), tenant)
	}
}

// audienceShape has no character that means something in a policy document, an expression or a named value.
var audienceShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:/._~%+=-]*$`)

// checkEntra demands audiences where a product takes tokens: without one, tokens for any application would do.
func checkEntra(c *check) {
	e := c.s.Gateway.Entra
	if e.TenantID != "" {
		// The policy would take common and organizations too, and with them every tenant there is.
		c.matches("gateway.entra.tenantId", e.TenantID, guidShape, "the tenant's id, a GUID")
	}
	seen := map[string]string{}
	for i, audience := range e.Audiences {
		path := at("gateway.entra.audiences", i)
		if !audienceShape.MatchString(audience) {
			c.add(path, "an audience is a URI or an application id of letters, digits and :/._~%+=-, without spaces", "such as api://enterprise-openai")
			continue
		}
		if isMicrosofts(audience) {
			c.add(path, show(path, audience)+" is Microsoft's own: its tokens carry no groups, and every caller would be refused",
				"register an application that emits groups, and name its URI or id")
		}
		c.unique(seen, path, audience)
	}
	if len(e.Audiences) > 0 {
		return
	}
	for i, p := range c.s.Products {
		if p.Authentication.TakesTokens() {
			path := at("products", i, "authentication")
			c.add(path, show(path, p.Authentication)+" needs an audience to compare tokens with", "fill gateway.entra.audiences")
		}
	}
}

// isMicrosofts reports whether an audience belongs to one of Azure's own services, whose group claims cannot be switched on
// (Microsoft Learn: entra/identity-platform/optional-claims, "Configure groups optional claims").
func isMicrosofts(audience string) bool {
	for _, suffix := range []string{".azure.com", ".microsoft.com", ".windows.net", ".azure.net"} {
		if strings.HasSuffix(strings.TrimSuffix(strings.ToLower(audience), "/"), suffix) {
			return strings.HasPrefix(audience, "https://")
		}
	}
	return false
}

const (
	// mostAttempts is so small that one call does not occupy every region.
	mostAttempts = 10
	// longestDeadline is what the network path honours (Microsoft Learn: api-management/forward-request-policy).
	longestDeadline = 240
	// longestRetryAfter is a day, the most Azure OpenAI is known to answer.
	longestRetryAfter = 86_400
)

func checkFailover(c *check) {
	f := c.s.Gateway.Failover
	c.between("gateway.failover.maxAttempts", f.MaxAttempts, 1, mostAttempts)
	c.between("gateway.failover.deadlineSeconds", f.DeadlineSeconds, 1, longestDeadline)
	c.between("gateway.failover.streamSeconds", f.StreamSeconds, 1, longestDeadline)
	c.between("gateway.failover.attemptSeconds", f.AttemptSeconds, 1, longestDeadline)
	c.between("gateway.failover.retryAfterCapSeconds", f.RetryAfterCapSeconds, 1, longestRetryAfter)
}
