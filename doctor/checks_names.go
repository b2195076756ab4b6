package doctor

import (
	"fmt"
	"regexp"
	"strings"
)

var nameChecks = []Check{
	{
		ID: "names", Settings: "naming",
		Looks:  "Physical names that Azure would refuse for their length or characters, or that two environments share (error)",
		Source: "Microsoft Learn: azure-resource-manager/management/resource-name-rules", Confidence: Documented,
		run: checkNames,
	},
	{
		ID: "fixed-suffix", Settings: "naming.suffix",
		Looks:  "A suffix written down: a copy of the file claims the same names, which are globally unique (advice)",
		Source: "infra/naming.go derives it from the subscription", Confidence: Derived,
		run: checkFixedSuffix,
	},
}

// Name is a physical name that another customer may have.
type Name struct {
	// Kind is the kind of resource that it names.
	Kind string
	// Value is the name.
	Value string
	// Setting decides it.
	Setting string
	// Region is where an account lives; empty for the others.
	Region string

	longest int
	shape   *regexp.Regexp
}

// The limits of names, of section G.2 of the facts this project was built from: BT is bicep-types-az.
var (
	serviceShape   = regexp.MustCompile(`^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	subdomainShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`) // [M] unverified
	labelShape     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,61}[a-z0-9]$`)
	workspaceShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$`)
	groupShape     = regexp.MustCompile(`^[A-Za-z0-9._()-]*[A-Za-z0-9_()-]$`)
)

// What names are of.
const (
	KindGateway = "API Management service"
	KindAccount = "Azure OpenAI account and its subdomain"
	KindLabel   = "DNS label of the public address"
)

// Names are the physical names of an environment in a subscription.
func Names(e *Environment, subscriptionID string) []Name {
	names := e.Settings.Names(subscriptionID, e.Project, e.Stack)
	all := []Name{
		{Kind: "resource group", Value: names.ResourceGroup(), Setting: "naming", longest: 90, shape: groupShape},
		{Kind: KindGateway, Value: names.Gateway(), Setting: "naming", longest: 50, shape: serviceShape},
		{Kind: KindLabel, Value: names.PublicLabel(), Setting: "naming", longest: 63, shape: labelShape},
		{Kind: "Log Analytics workspace", Value: names.Workspace(), Setting: "naming", longest: 63, shape: workspaceShape},
	}
	for i, a := range e.Settings.Accounts {
		all = append(all, Name{
			Kind: KindAccount, Value: names.Account(a.Name), Setting: fmt.Sprintf("accounts[%d].name", i), Region: a.Location,
			longest: 64, shape: subdomainShape,
		})
	}
	return all
}

// checkNames works with a suffix of the usual length: the subscription is not known.
func checkNames(x *examination) {
	judgeNames(x, Names(x.Environment, ""), func(other *Environment) []Name { return Names(other, "") })
}

func judgeNames(x *examination, mine []Name, theirs func(*Environment) []Name) {
	for _, n := range mine {
		switch {
		case len(n.Value) > n.longest:
			x.find(Error, fmt.Sprintf("the %s would be called %s: %d characters, Azure allows %d", n.Kind, n.Value, len(n.Value), n.longest),
				"shorten the prefix, the stack's name or the account's", n.Setting)
		case !n.shape.MatchString(n.Value):
			x.find(Error, fmt.Sprintf("the %s would be called %s, which Azure does not allow", n.Kind, n.Value), "use letters, digits and dashes", n.Setting)
		}
	}
	for i := range x.Others {
		other := &x.Others[i]
		for _, their := range theirs(other) {
			for _, n := range mine {
				if n.Kind == their.Kind && strings.EqualFold(n.Value, their.Value) {
					x.find(Error, fmt.Sprintf("%s has the same %s: %s", other.Stack, n.Kind, n.Value), "give one of them another naming.prefix", n.Setting)
				}
			}
		}
	}
}

func checkFixedSuffix(x *examination) {
	if suffix := x.Settings.Naming.Suffix; suffix != "" {
		x.find(Advice, fmt.Sprintf("the suffix %s is written down: a copy of this file in another subscription claims the same gateway and account names, which are unique in the world", suffix),
			"remove it once the 48 hours that Azure keeps deleted names are over, unless something depends on the host names; removing it recreates the environment", "naming.suffix")
	}
}
