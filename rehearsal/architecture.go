package rehearsal

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// architectureOf is what a program declares, as far as it decides who reaches what. Products' rules are text of policy documents in
// a plan, so that they come from the settings.
func architectureOf(settings stacks.Settings, resources []plan.Resource) *report.Architecture {
	d := declaration{resources: resources, byURN: map[string]plan.Resource{}}
	for _, r := range resources {
		d.byURN[r.URN] = r
	}
	return &report.Architecture{
		Gateway: d.gateway(), Network: d.network(), Accounts: d.accounts(), Pools: d.pools(), Products: productsOf(settings),
		Teams: d.teams(), Logs: d.logs(),
	}
}

// declaration is a plan that is read by type.
type declaration struct {
	resources []plan.Resource
	byURN     map[string]plan.Resource
}

// of are the resources of a type, by the last part of its token.
func (d declaration) of(kind string) []plan.Resource {
	var found []plan.Resource
	for _, r := range d.resources {
		if strings.HasSuffix(r.Type, ":"+kind) {
			found = append(found, r)
		}
	}
	return found
}

// at is a value below inputs; nil when there is none.
func at(value any, path ...string) any {
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

func textAt(r plan.Resource, path ...string) string {
	text, _ := at(r.Inputs, path...).(string)
	return text
}

func numberIn(value any) int {
	number, _ := value.(float64)
	return int(number)
}

func (d declaration) gateway() (g report.Gateway) {
	for _, r := range d.of("ApiManagementService") {
		g.SKU, g.Units = textAt(r, "sku", "name"), numberIn(at(r.Inputs, "sku", "capacity"))
		g.Region, g.Mode = textAt(r, "location"), strings.ToLower(cmp.Or(textAt(r, "virtualNetworkType"), "none"))
	}
	return g
}

func (d declaration) network() *report.Network {
	declared := d.of("VirtualNetwork")
	if len(declared) == 0 {
		return nil
	}
	r := declared[0]
	n := &report.Network{Subnets: []report.Subnet{}}
	prefixes, _ := at(r.Inputs, "addressSpace", "addressPrefixes").([]any)
	for _, prefix := range prefixes {
		text, _ := prefix.(string)
		n.AddressSpace = strings.TrimPrefix(n.AddressSpace+", "+text, ", ")
	}
	subnets, _ := at(r.Inputs, "subnets").([]any)
	for _, subnet := range subnets {
		name, _ := at(subnet, "name").(string)
		addresses, _ := at(subnet, "addressPrefix").(string)
		n.Subnets = append(n.Subnets, report.Subnet{Name: name, Range: addresses})
	}
	return n
}

// accountOf is the name of the account that a resource's dependencies lead to.
func (d declaration) accountOf(r plan.Resource) string {
	for _, urn := range r.Uses {
		if strings.HasSuffix(d.byURN[urn].Type, ":Account") {
			return accountName(d.byURN[urn])
		}
	}
	return ""
}

// accountName is that of the settings: logical names are made of it.
func accountName(r plan.Resource) string { return strings.TrimPrefix(r.Name, "account-") }

func (d declaration) accounts() []report.Account {
	endpoints := map[string]bool{}
	for _, r := range d.of("PrivateEndpoint") {
		endpoints[d.accountOf(r)] = true
	}
	deployments := map[string][]report.Deployment{}
	for _, r := range d.of("Deployment") {
		name := d.accountOf(r)
		deployments[name] = append(deployments[name], report.Deployment{
			Name: textAt(r, "deploymentName"), Model: textAt(r, "properties", "model", "name"), Version: textAt(r, "properties", "model", "version"),
			SKU: textAt(r, "sku", "name"), Capacity: numberIn(at(r.Inputs, "sku", "capacity")),
		})
	}
	all := []report.Account{}
	for _, r := range d.of("Account") {
		name := accountName(r)
		all = append(all, report.Account{
			Name: name, Region: textAt(r, "location"), PrivateEndpoint: endpoints[name],
			Public: textAt(r, "properties", "publicNetworkAccess") != "Disabled", Deployments: slices.Clip(deployments[name]),
		})
	}
	return all
}

// reference matches an output of another resource: "${Backend backends-sweden-gpt-5.4.id}".
var reference = regexp.MustCompile(`^\$\{(\w+) (.+)\.id\}$`)

// pools are the backends of kind pool in the templates that declare them.
func (d declaration) pools() []report.Pool {
	accounts := map[string]string{}
	for _, r := range d.of("Backend") {
		accounts[r.Name] = d.accountOf(r)
	}
	all := []report.Pool{}
	for _, stack := range d.of("DeploymentStackAtResourceGroup") {
		declared, _ := at(stack.Inputs, "template", "resources").([]any)
		for _, r := range declared {
			members, isPool := at(r, "properties", "pool", "services").([]any)
			if !isPool {
				continue
			}
			name, _ := at(r, "name").(string)
			pool := report.Pool{Deployment: strings.TrimPrefix(name[strings.LastIndex(name, "/")+1:], "pool-"), Members: []report.Member{}}
			for _, m := range members {
				id, _ := at(m, "id").(string)
				member := report.Member{Priority: numberIn(at(m, "priority")), Weight: numberIn(at(m, "weight"))}
				if found := reference.FindStringSubmatch(id); found != nil {
					member.Account = accounts[found[2]]
				}
				pool.Members = append(pool.Members, member)
			}
			all = append(all, pool)
		}
	}
	return all
}

func productsOf(s stacks.Settings) []report.Product {
	all := make([]report.Product, 0, len(s.Products))
	for _, p := range s.Products {
		product := report.Product{
			Name: p.Name, Title: cmp.Or(p.DisplayName, p.Name), Authentication: string(p.Authentication), Groups: []string{},
			Deployments: p.Deployments, Privacy: string(p.Privacy), TokensPerMinute: p.TokensPerMinute,
			RequestsPerMinute: p.RequestsPerMinute, TokenQuota: p.TokenQuota.Tokens, QuotaPeriod: string(p.TokenQuota.Period),
		}
		for _, g := range p.Groups {
			product.Groups = append(product.Groups, g.Name)
		}
		all = append(all, product)
	}
	return all
}

// teams are those that have a subscription on a product: the components of their names.
func (d declaration) teams() []report.Team {
	all := []report.Team{}
	for _, r := range d.of("Subscription") {
		name := strings.TrimPrefix(d.byURN[r.Parent].Name, "team-")
		scope := reference.FindStringSubmatch(textAt(r, "scope"))
		if name == "" || scope == nil {
			continue
		}
		// A plan is sorted by URN, so that the subscriptions of a team whose name begins another's do not always follow each other.
		i := slices.IndexFunc(all, func(t report.Team) bool { return t.Name == name })
		if i < 0 {
			i = len(all)
			all = append(all, report.Team{Name: name, Title: cmp.Or(textAt(r, "displayName"), name)})
		}
		team := &all[i]
		team.Products = append(team.Products, strings.TrimPrefix(scope[2], "product-"))
	}
	return all
}

// logs are where calls are logged.
func (d declaration) logs() []string {
	all := []string{}
	for _, kind := range []struct{ token, name string }{
		{"Workspace", "Log Analytics workspace"}, {"Component", "Application Insights"}, {"EventHub", "Event Hub"},
	} {
		if len(d.of(kind.token)) > 0 {
			all = append(all, kind.name)
		}
	}
	return all
}
