package stacks

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/infra"
	"enterprise-openai/policies"
)

// Names are the physical names of the environment in a subscription.
func (s Settings) Names(subscriptionID, project, stack string) infra.Names {
	suffix := s.Naming.Suffix
	if suffix == "" {
		suffix = infra.DeriveSuffix(subscriptionID, project, stack)
	}
	return infra.Names{Prefix: s.Naming.Prefix, Stack: stack, Suffix: suffix}
}

func (s Settings) tenant(who client) string {
	if s.Gateway.Entra.TenantID != "" {
		return s.Gateway.Entra.TenantID
	}
	return who.TenantID
}

func (a Account) plan() infra.AccountPlan {
	plan := infra.AccountPlan{Name: a.Name, Location: a.Location}
	for _, d := range a.Deployments {
		plan.Deployments = append(plan.Deployments, infra.DeploymentPlan{
			Name: d.Name, Model: d.Model, Version: d.Version, SKU: d.SKU,
			Capacity: d.Capacity, ContentFilter: d.ContentFilter, Upgrade: d.Upgrade,
		})
	}
	return plan
}

func (g Gateway) plan() infra.GatewayPlan {
	modes := map[string]string{"external": infra.ModeExternal, "internal": infra.ModeInternal}
	return infra.GatewayPlan{
		SKU: g.SKU, Units: g.Units, Zones: g.Zones, Mode: modes[g.Mode],
		PublisherName: g.PublisherName, PublisherEmail: g.PublisherEmail, DeveloperPortal: g.DeveloperPortal,
	}
}

// poolPlans are the deployments, each with the accounts that serve it, the one asked first before the others.
func (s Settings) poolPlans() []infra.PoolPlan {
	var plans []infra.PoolPlan
	for _, pool := range s.Pools() {
		plan := infra.PoolPlan{Deployment: pool.Deployment}
		for _, member := range pool.Members {
			plan.Members = append(plan.Members, infra.MemberPlan{
				Account: member.Account.Name, Priority: member.Priority, Weight: member.Weight,
			})
		}
		plans = append(plans, plan)
	}
	return plans
}

// signInPlan is the portal's application. Its secret is one of Pulumi's (config.go), and stays one on its way to Azure.
func (s Settings) signInPlan(who client) infra.SignInPlan {
	in := s.Gateway.Portal.SignIn
	plan := infra.SignInPlan{ClientID: in.ClientID, AllowedTenants: in.AllowedTenants, Secret: secretText(in.ClientSecret)}
	if len(plan.AllowedTenants) == 0 {
		plan.AllowedTenants = []string{s.tenant(who)}
	}
	return plan
}

// secretText marks a text as a secret: it is encrypted in the state and shown nowhere.
func secretText(text string) pulumi.StringInput {
	return pulumi.ToSecret(pulumi.String(text)).(pulumi.StringOutput)
}

func (s Settings) groupPlans() []infra.GroupPlan {
	var plans []infra.GroupPlan
	known := map[string]bool{}
	for _, product := range s.Products {
		for _, group := range product.Groups {
			if id := strings.ToLower(group.ObjectID); !known[id] {
				known[id] = true
				plans = append(plans, infra.GroupPlan{Name: group.Name, ObjectID: id})
			}
		}
	}
	return plans
}

func (p Product) groupIDs() []string {
	var ids []string
	for _, group := range p.Groups {
		ids = append(ids, strings.ToLower(group.ObjectID))
	}
	return ids
}

func (p Product) plan() infra.ProductPlan {
	plan := infra.ProductPlan{Name: p.Name, Title: orName(p.DisplayName, p.Name), Description: p.Description}
	for _, group := range p.Groups {
		plan.Groups = append(plan.Groups, strings.ToLower(group.Name))
	}
	return plan
}

func (t Team) plan() infra.TeamPlan {
	return infra.TeamPlan{Name: t.Name, Title: orName(t.DisplayName, t.Name), Products: t.Products}
}

func orName(title, name string) string {
	if title != "" {
		return title
	}
	return name
}

// facts are what the policies decide by.
func (s Settings) facts(who client, names infra.Names) policies.Facts {
	facts := policies.Facts{
		Hosts:                map[string]string{},
		Person:               s.Logging.Person,
		TenantID:             s.tenant(who),
		Audiences:            s.Gateway.Entra.Audiences,
		MaxAttempts:          s.Gateway.Failover.MaxAttempts,
		DeadlineSeconds:      s.Gateway.Failover.DeadlineSeconds,
		StreamSeconds:        s.Gateway.Failover.StreamSeconds,
		AttemptSeconds:       s.Gateway.Failover.AttemptSeconds,
		RetryAfterCapSeconds: s.Gateway.Failover.RetryAfterCapSeconds,
	}
	for _, p := range s.Products {
		facts.Products = append(facts.Products, policies.Product{
			Name: p.Name, Authentication: p.Authentication, Groups: p.groupIDs(), Deployments: p.Deployments, Paths: p.paths(),
			RequestsPerMinute: p.RequestsPerMinute, TokensPerMinute: p.TokensPerMinute,
			TokenQuota: p.TokenQuota.Tokens, TokenQuotaPeriod: p.TokenQuota.Period,
			KeepsText: p.Privacy != privacyMetadata, Tools: p.Tools.Allow, Hosts: p.Tools.Hosts,
			LimitsPerPerson: p.LimitsPer == "person",
		})
	}
	for _, a := range s.Accounts {
		facts.Hosts[a.Name] = names.AccountHost(a.Name)
	}
	if s.Logging.EventHub != nil {
		facts.ExportLogger = infra.ExportLogger
	}
	for _, pool := range s.Pools() {
		fact := policies.Pool{Deployment: pool.Deployment, LargestTokensPerMinute: pool.LargestTokensPerMinute()}
		for _, member := range pool.Members {
			fact.Accounts = append(fact.Accounts, member.Account.Name)
		}
		facts.Pools = append(facts.Pools, fact)
	}
	return facts
}

// surface is one API in its two privacies. Whether messages are logged is a property of an API, so that products whose
// text is kept nowhere have APIs, and paths, of their own.
type surface struct {
	id, title, path string
	document        policies.Surface
}

var surfaces = []surface{
	{"openai", "Azure OpenAI", "openai", policies.Deployments},
	{"openai-v1", "OpenAI v1", "openai/v1", policies.V1},
}

const (
	privacyMetadata = "metadata"
)

// pathFor is the surface's path for products of a privacy.
func (s surface) pathFor(privacy string) string {
	if privacy == privacyMetadata {
		return privacy + "/" + s.path
	}
	return s.path
}

// apiPlans are the APIs that some product needs.
func (s Settings) apiPlans(facts policies.Facts) ([]infra.APIPlan, error) {
	var plans []infra.APIPlan
	for _, privacy := range []string{"full", privacyMetadata} {
		used, keyless := false, false
		for _, product := range s.Products {
			if product.Privacy == privacy {
				used = true
				keyless = keyless || product.Authentication == "entra"
			}
		}
		if !used {
			continue
		}
		for _, surface := range surfaces {
			document, err := facts.API(surface.document)
			if err != nil {
				return nil, fmt.Errorf("api %s: %w", surface.id, err)
			}
			plan := infra.APIPlan{
				ID: surface.id, Title: surface.title, Path: surface.path,
				Operations: surface.document.Operations(), Policy: document,
				KeyRequired: !keyless,
				Messages:    s.Logging.Messages,
				Bodies:      s.Logging.Bodies,
				ClientIP:    s.Logging.ClientIP,
			}
			if privacy == privacyMetadata {
				plan.ID, plan.Title, plan.Path = privacy+"-"+plan.ID, plan.Title+" (metadata only)", surface.pathFor(privacy)
				plan.Messages, plan.Bodies = false, false
			}
			plans = append(plans, plan)
		}
	}
	return plans, nil
}

// paths are those of the APIs the product gives access to.
func (p Product) paths() []string {
	var paths []string
	for _, surface := range surfaces {
		paths = append(paths, surface.pathFor(p.Privacy))
	}
	return paths
}

// apiIDs are the plan ids of the APIs the product gives access to.
func (p Product) apiIDs() []string {
	var ids []string
	for _, surface := range surfaces {
		if p.Privacy == privacyMetadata {
			ids = append(ids, privacyMetadata+"-"+surface.id)
		} else {
			ids = append(ids, surface.id)
		}
	}
	return ids
}
