package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Account is an Azure OpenAI account as far as its data plane can tell.
type Account struct {
	// Name is the ARM name of the account; books and faults refer to it.
	Name string
	// Subdomain is the custom subdomain: the account is served as <Subdomain>.openai.azure.com.
	Subdomain string
	// Region is the ARM location, for example "eastus2".
	Region string
	// TenantID is the Entra tenant of the account; tokens of other tenants are refused. Empty accepts every tenant.
	TenantID string
	// PublicNetworkAccess is false when the account accepts private endpoints only.
	PublicNetworkAccess bool
	// NetworkDefaultDeny is networkAcls.defaultAction = Deny without a rule for the caller.
	NetworkDefaultDeny bool
	// DisableLocalAuth refuses both keys.
	DisableLocalAuth bool
	// Keys are the two account keys.
	Keys []string
	// Deployments are the models that can be called.
	Deployments []Deployment
	// Roles are the object ids of principals that hold a role with the OpenAI data actions on this account.
	Roles []string
	// Writers are those of them whose role may also write and delete files.
	Writers []string
}

// Deployment is a deployed model with its rate limits.
type Deployment struct {
	Name    string
	Model   string
	Version string
	// SKU is the ARM sku name: Standard, GlobalStandard, DataZoneStandard, ProvisionedManaged, …
	SKU string
	// Capacity is in thousands of tokens per minute, or in PTU for provisioned SKUs.
	Capacity int
	// RequestSlice is the period over which requests are counted. Zero means DefaultRequestSlice.
	// "Typically 1 or 10 seconds": Microsoft Learn, ai-services/openai/how-to/quota.
	RequestSlice time.Duration
}

// DefaultRequestSlice is the period of the request counter: rateLimits of a deployment name 10 seconds.
const DefaultRequestSlice = 10 * time.Second

// Provisioned reports whether the deployment is sold by throughput units instead of tokens.
func (d Deployment) Provisioned() bool { return strings.Contains(d.SKU, "Provisioned") }

// TokensPerMinute is the token limit of a pay-as-you-go deployment: 1,000 for each unit of capacity.
func (d Deployment) TokensPerMinute() int {
	if d.Provisioned() {
		return 0
	}
	return d.Capacity * 1000
}

// RequestsPerMinute is the request limit that goes with the capacity. The ratio depends on the model
// (Microsoft Learn: ai-services/openai/how-to/quota).
func (d Deployment) RequestsPerMinute() int {
	if d.Provisioned() {
		return 0
	}
	requests, thousands := requestRatio(d.Model)
	return max(1, d.Capacity*requests/thousands)
}

// requestRatio is how many requests a minute come with how many thousand tokens a minute.
func requestRatio(model string) (requests, thousands int) {
	switch model {
	case "o1", "o1-preview":
		return 1, 6
	case "o3", "o4-mini":
		return 1, 1
	case "o3-mini", "o1-mini", "o3-pro":
		return 1, 10
	}
	return 6, 1
}

// Host is the public name of the account.
func (a Account) Host() string { return strings.ToLower(a.Subdomain) + ".openai.azure.com" }

// Hosts are all names the account answers to: Azure serves both suffixes for kind OpenAI.
func (a Account) Hosts() []string {
	sub := strings.ToLower(a.Subdomain)
	return []string{sub + ".openai.azure.com", sub + ".cognitiveservices.azure.com"}
}

// Deployment is the one of a name, whatever its case.
func (a Account) Deployment(name string) (Deployment, bool) {
	i := slices.IndexFunc(a.Deployments, func(d Deployment) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return Deployment{}, false
	}
	return a.Deployments[i], true
}

// validate reports everything that would make the account unusable, at once.
func (a Account) validate() error {
	var problems []error
	if a.Name == "" {
		problems = append(problems, errors.New("account without a name"))
	}
	if a.Subdomain == "" {
		problems = append(problems, fmt.Errorf("account %q without a custom subdomain: Entra tokens and private endpoints need one", a.Name))
	}
	seen := map[string]bool{}
	for _, d := range a.Deployments {
		key := strings.ToLower(d.Name)
		switch {
		case d.Name == "":
			problems = append(problems, fmt.Errorf("account %q: deployment without a name", a.Name))
		case seen[key]:
			problems = append(problems, fmt.Errorf("account %q: deployment %q occurs twice", a.Name, d.Name))
		}
		seen[key] = true
		if d.Model == "" {
			problems = append(problems, fmt.Errorf("account %q: deployment %q without a model", a.Name, d.Name))
		}
		if d.Capacity < 1 {
			problems = append(problems, fmt.Errorf("account %q: deployment %q has capacity %d, at least 1 is needed", a.Name, d.Name, d.Capacity))
		}
	}
	return errors.Join(problems...)
}

// clone keeps callers from changing a served account behind the service's back.
func (a Account) clone() Account {
	a.Keys, a.Roles, a.Writers, a.Deployments = slices.Clone(a.Keys), slices.Clone(a.Roles), slices.Clone(a.Writers), slices.Clone(a.Deployments)
	return a
}

// regionNames are the display names that Azure puts into x-ms-region.
var regionNames = map[string]string{
	"australiaeast": "Australia East", "brazilsouth": "Brazil South", "canadaeast": "Canada East", "centralus": "Central US",
	"eastus": "East US", "eastus2": "East US 2", "francecentral": "France Central", "germanywestcentral": "Germany West Central",
	"italynorth": "Italy North", "japaneast": "Japan East", "koreacentral": "Korea Central", "northcentralus": "North Central US",
	"northeurope": "North Europe", "norwayeast": "Norway East", "polandcentral": "Poland Central", "southafricanorth": "South Africa North",
	"southcentralus": "South Central US", "southindia": "South India", "spaincentral": "Spain Central", "swedencentral": "Sweden Central",
	"switzerlandnorth": "Switzerland North", "uksouth": "UK South", "westeurope": "West Europe", "westus": "West US", "westus3": "West US 3",
}

// regionName is the display name of a region, or the region itself when it is not known here.
func regionName(region string) string {
	if name, ok := regionNames[strings.ToLower(strings.ReplaceAll(region, " ", ""))]; ok {
		return name
	}
	return region
}
