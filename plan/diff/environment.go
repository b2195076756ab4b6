package diff

import (
	"regexp"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// environment is what a plan declares about access to models.
type environment struct {
	resources []plan.Resource
	byURN     map[string]plan.Resource
	symbols   map[string]plan.Resource // by type and name: "Account account-sweden"
	documents []policy                 // sorted by title
	products  map[string]product
	facts     facts
	teams     map[string]team
	accounts  map[string]account // by name
	pools     map[string]pool    // by deployment
	apis      map[string]api     // by id
}

// team is who has keys.
type team struct {
	products map[string]bool
}

// account is an account with its deployments.
type account struct {
	region      string
	deployments map[string]deployment
	shared      bool // another account is in the region
}

// deployment is a model on an account.
type deployment struct {
	model, version, sku, filter, upgrade string
	capacity                             int
}

func (d deployment) provisioned() bool { return strings.Contains(d.sku, "Provisioned") }

// pool are the members of a pool by account.
type pool map[string]member

type member struct{ priority, weight int }

// api is one API of the gateway.
type api struct {
	path     string
	products map[string]bool
	logged   logged
}

// read takes a plan apart. Documents that another plan has in the same words are taken from it.
func read(name string, resources []plan.Resource, other *environment) (*environment, error) {
	e := &environment{
		resources: resources, byURN: map[string]plan.Resource{}, symbols: map[string]plan.Resource{},
		products: map[string]product{}, teams: map[string]team{}, accounts: map[string]account{}, pools: map[string]pool{}, apis: map[string]api{},
	}
	for _, r := range resources {
		e.byURN[r.URN] = r
		if r.Custom {
			e.symbols[shortType(r)+" "+r.Name] = r
		}
	}
	e.readAccounts()
	e.readPools()
	if err := e.readDocuments(name, other); err != nil {
		return nil, err
	}
	e.readProducts()
	e.readTeams()
	e.readAPIs()
	return e, nil
}

func shortType(r plan.Resource) string { return r.Type[strings.LastIndex(r.Type, ":")+1:] }

// each calls for every resource of a type, in the plan's order.
func (e *environment) each(kind string, do func(plan.Resource)) {
	for _, r := range e.resources {
		if r.Custom && shortType(r) == kind {
			do(r)
		}
	}
}

// output is an output of another resource, as a plan writes it: ${Account account-sweden.id}.
var output = regexp.MustCompile(`\$\{([^}]+)\}`)

// of is the resource that an output is of. Names have dots, too.
func (e *environment) of(inner string) (plan.Resource, bool) {
	for i := len(inner) - 1; i > 0; i-- {
		if inner[i] != '.' {
			continue
		}
		if r, ok := e.symbols[inner[:i]]; ok {
			return r, true
		}
	}
	return plan.Resource{}, false
}

// refers is the resource of a type that a text names.
func (e *environment) refers(text, kind string) (plan.Resource, bool) {
	for _, m := range output.FindAllStringSubmatch(text, -1) {
		if r, ok := e.of(m[1]); ok && shortType(r) == kind {
			return r, true
		}
	}
	return plan.Resource{}, false
}

// readable writes outputs of resources as people call the resources.
func (e *environment) readable(text string) string {
	return output.ReplaceAllStringFunc(text, func(mark string) string {
		if r, ok := e.of(mark[2 : len(mark)-1]); ok {
			return title(r)
		}
		return mark
	})
}

// accountName is what the settings call an account: its logical name without the component's prefix.
func accountName(r plan.Resource) string { return strings.TrimPrefix(r.Name, "account-") }

func (e *environment) readAccounts() {
	regions := map[string]int{}
	e.each("Account", func(r plan.Resource) {
		region := jsonpath.Text(r.Inputs, "location")
		regions[region]++
		e.accounts[accountName(r)] = account{region: region, deployments: map[string]deployment{}}
	})
	for name, a := range e.accounts {
		a.shared = regions[a.region] > 1
		e.accounts[name] = a
	}
	e.each("Deployment", func(r plan.Resource) {
		on, ok := e.refers(jsonpath.Text(r.Inputs, "accountName"), "Account")
		if !ok {
			return
		}
		e.accounts[accountName(on)].deployments[jsonpath.Text(r.Inputs, "deploymentName")] = deployment{
			model:    jsonpath.Text(r.Inputs, "properties", "model", "name"),
			version:  jsonpath.Text(r.Inputs, "properties", "model", "version"),
			filter:   jsonpath.Text(r.Inputs, "properties", "raiPolicyName"),
			upgrade:  jsonpath.Text(r.Inputs, "properties", "versionUpgradeOption"),
			sku:      jsonpath.Text(r.Inputs, "sku", "name"),
			capacity: whole(jsonpath.At(r.Inputs, "sku", "capacity")),
		}
	})
}

// readPools reads the pools, which are deployed by a template.
func (e *environment) readPools() {
	e.eachInTemplates("Microsoft.ApiManagement/service/backends", func(_ plan.Resource, name string, properties map[string]any) {
		deployment, isPool := strings.CutPrefix(name, "pool-")
		if !isPool {
			return
		}
		p := pool{}
		for _, service := range jsonpath.Objects(properties, "pool", "services") {
			backend, ok := e.refers(jsonpath.Text(service, "id"), "Backend")
			if !ok {
				continue
			}
			on, ok := e.refers(jsonpath.Text(backend.Inputs, "url"), "Account")
			if !ok {
				continue
			}
			p[accountName(on)] = member{whole(service["priority"]), whole(service["weight"])}
		}
		e.pools[deployment] = p
	})
}

// eachInTemplates calls for every resource of an ARM type that a template deploys, with the last part of its name.
func (e *environment) eachInTemplates(kind string, do func(r plan.Resource, name string, properties map[string]any)) {
	e.each("DeploymentStackAtResourceGroup", func(r plan.Resource) {
		for _, inner := range jsonpath.Objects(r.Inputs, "template", "resources") {
			if jsonpath.Text(inner, "type") != kind {
				continue
			}
			name := jsonpath.Text(inner, "name")
			do(r, name[strings.LastIndex(name, "/")+1:], jsonpath.Object(inner, "properties"))
		}
	})
}

// readTeams reads who has a subscription on which product.
func (e *environment) readTeams() {
	e.each("Subscription", func(r plan.Resource) {
		on, ok := e.refers(jsonpath.Text(r.Inputs, "scope"), "Product")
		if !ok {
			return
		}
		product := jsonpath.Text(on.Inputs, "productId")
		name := strings.TrimSuffix(jsonpath.Text(r.Inputs, "sid"), "-"+product)
		if e.teams[name].products == nil {
			e.teams[name] = team{products: map[string]bool{}}
		}
		e.teams[name].products[product] = true
	})
}

func (e *environment) readAPIs() {
	e.each("Api", func(r plan.Resource) {
		e.apis[r.Name] = api{path: jsonpath.Text(r.Inputs, "path"), products: map[string]bool{}}
	})
	e.each("ProductApi", func(r plan.Resource) {
		of, ok := e.refers(jsonpath.Text(r.Inputs, "apiId"), "Api")
		to, known := e.refers(jsonpath.Text(r.Inputs, "productId"), "Product")
		if ok && known {
			e.apis[of.Name].products[jsonpath.Text(to.Inputs, "productId")] = true
		}
	})
	e.each("ApiDiagnostic", func(r plan.Resource) {
		of, ok := e.refers(jsonpath.Text(r.Inputs, "apiId"), "Api")
		if !ok {
			return
		}
		a := e.apis[of.Name]
		a.logged = loggedBy(r.Inputs)
		e.apis[of.Name] = a
	})
}

// whole is a number of a plan, which JSON reads as a float.
func whole(value any) int {
	switch v := value.(type) {
	case float64:
		return int(v)
	case int:
		return v
	}
	return 0
}
