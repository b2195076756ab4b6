package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var callerChecks = []Check{
	{
		ID: "example-groups", Settings: "products[].groups[].objectId",
		Looks:  "Object ids of this project's examples: no directory has them (error where tokens are taken or people sign in to the portal, else warning)",
		Source: "Pulumi.dev.yaml", Confidence: Derived,
		run: checkExampleGroups,
	},
	{
		ID: "example-audience", Settings: "gateway.entra.audiences",
		Looks:  "The audience of this project's examples (warning)",
		Source: "Pulumi.dev.yaml", Confidence: Derived,
		run: checkExampleAudience,
	},
	{
		ID: "example-addresses", Settings: "gateway.publisherEmail, teams[].contact",
		Looks:  "Addresses at example.com and its like, where nobody reads (warning)",
		Source: "RFC 2606", Confidence: Documented,
		run: checkExampleAddresses,
	},
	{
		ID: "no-team", Settings: "products[].name",
		Looks:  "Products that need a key and have no team to hold one (warning)",
		Source: "a key comes with a team's subscription", Confidence: Derived,
		run: checkNoTeam,
	},
}

// exampleID matches the ids of the examples, and others that no directory makes: all but a few digits are zero.
var exampleID = regexp.MustCompile(`^0{8}-0{4}-[04]0{3}-[08]0{3}-0{8}[0-9a-fA-F]{4}$`)

func checkExampleGroups(x *examination) {
	for i, p := range x.Settings.Products {
		for j, g := range p.Groups {
			if !exampleID.MatchString(g.ObjectID) {
				continue
			}
			path := fmt.Sprintf("products[%d].groups[%d].objectId", i, j)
			const remedy = "use the id of a group of yours: az ad group show --group NAME --query id"
			switch {
			case x.Settings.Gateway.Portal.SignIn != nil:
				x.find(Error, "an example's object id: API Management looks the group up in the directory, and the update fails there", remedy, path)
			case !p.Authentication.TakesTokens():
				x.find(Warning, "an example's object id: no directory has the group; its absence shows only when people sign in to the portal", remedy, path)
			default:
				x.find(Error, "an example's object id: no directory has the group, and every caller of the product is refused", remedy, path)
			}
		}
	}
}

// exampleAudience is the one of the stack files that come with the project.
const exampleAudience = "api://enterprise-openai"

func checkExampleAudience(x *examination) {
	if !slices.ContainsFunc(x.Settings.Products, func(p product) bool { return p.Authentication.TakesTokens() }) {
		return
	}
	for i, audience := range x.Settings.Gateway.Entra.Audiences {
		if strings.EqualFold(audience, exampleAudience) {
			x.find(Warning, audience+" is the example's audience: unless your directory has an application with this URI, every token is refused",
				"register an application that emits groups, and name its URI: az ad app create, az ad app update --set groupMembershipClaims=SecurityGroup",
				fmt.Sprintf("gateway.entra.audiences[%d]", i))
		}
	}
}

// nobodys are the domains and endings that never belong to anybody (RFC 2606, RFC 6761).
var nobodys = regexp.MustCompile(`(?i)@(?:[^@]+\.)?(?:example\.(?:com|net|org)|[^@]+\.(?:example|test|invalid|localhost))$`)

func checkExampleAddresses(x *examination) {
	const remedy = "use an address that people read"
	if e := x.Settings.Gateway.PublisherEmail; nobodys.MatchString(e) {
		x.find(Warning, "an example's address: Azure's notices about the gateway, its retirements and certificates go to nobody", remedy, "gateway.publisherEmail")
	}
	for i, t := range x.Settings.Teams {
		if nobodys.MatchString(t.Contact) {
			x.find(Warning, "an example's address: nobody is there to write to when the team's calls fail", remedy, fmt.Sprintf("teams[%d].contact", i))
		}
	}
	if a := x.Settings.Alerts; a != nil {
		for i, email := range a.Emails {
			if nobodys.MatchString(email) {
				x.find(Warning, "an example's address: alerts go to nobody", remedy, fmt.Sprintf("alerts.emails[%d]", i))
			}
		}
	}
}

func checkNoTeam(x *examination) {
	for i, p := range x.Settings.Products {
		if p.Authentication.TakesKeys() && x.teams(p.Name) == 0 {
			x.find(Warning, fmt.Sprintf("%s needs a key, and no team has one: nobody can use it", p.Name), "add it to a team's products, or remove it", fmt.Sprintf("products[%d].name", i))
		}
	}
}
