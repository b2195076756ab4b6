package stacks

import (
	"fmt"
	"slices"
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

func (s Settings) tenant(to target) string {
	if s.Gateway.Entra.TenantID != "" {
		return s.Gateway.Entra.TenantID
	}
	return to.TenantID
}

func (a Account) plan() infra.AccountPlan {
	plan := infra.AccountPlan{Name: a.Name, Location: a.Location}
	for _, d := range a.Deployments {
		plan.Deployments = append(plan.Deployments, infra.DeploymentPlan{
			Name: d.Name, Model: d.Model, Version: d.Version, SKU: string(d.SKU),
			Capacity: d.Capacity, ContentFilter: string(d.ContentFilter), Upgrade: string(d.Upgrade), MovesVersion: d.Upgrade.IsAutomatic(),
		})
	}
	return plan
}

func (g Gateway) plan() infra.GatewayPlan {
	modes := map[NetworkMode]string{ModeExternal: infra.ModeExternal, ModeInternal: infra.ModeInternal}
	return infra.GatewayPlan{
		SKU: string(g.SKU), Units: g.Units, Zones: g.Zones, Mode: modes[g.Mode],
		PublisherName: g.PublisherName, PublisherEmail: g.PublisherEmail, DeveloperPortal: g.DeveloperPortal,
	}
}

// poolPlans are the deployments, each with the accounts that serve it, the one that is called first before the others.
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
func (s Settings) signInPlan(to target) infra.SignInPlan {
	in := s.Gateway.Portal.SignIn
	plan := infra.SignInPlan{ClientID: in.ClientID, AllowedTenants: in.AllowedTenants, Secret: secretText(in.ClientSecret)}
	if len(plan.AllowedTenants) == 0 {
		plan.AllowedTenants = []string{s.tenant(to)}
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
func (s Settings) facts(to target, names infra.Names) policies.Facts {
	facts := policies.Facts{
		Hosts:                map[string]string{},
		Person:               string(s.Logging.Person),
		TenantID:             s.tenant(to),
		Audiences:            s.Gateway.Entra.Audiences,
		MaxAttempts:          s.Gateway.Failover.MaxAttempts,
		DeadlineSeconds:      s.Gateway.Failover.DeadlineSeconds,
		StreamSeconds:        s.Gateway.Failover.StreamSeconds,
		AttemptSeconds:       s.Gateway.Failover.AttemptSeconds,
		RetryAfterCapSeconds: s.Gateway.Failover.RetryAfterCapSeconds,
	}
	for _, p := range s.Products {
		takers, first := s.fileTakers(p)
		facts.Products = append(facts.Products, policies.Product{
			FileAccounts: takers, FileFirst: first,
			Name: p.Name, Authentication: string(p.Authentication), Groups: p.groupIDs(), Deployments: p.Deployments, Paths: s.paths(p),
			Endpoints:         texts(p.Endpoints...),
			RequestsPerMinute: p.RequestsPerMinute, TokensPerMinute: p.TokensPerMinute,
			ReservedTokensPerMinute: p.ReservedTokensPerMinute, OpenAnswerTokens: p.OpenAnswerTokens,
			ImagesPerMinute: p.ImagesPerMinute, SpeechCharactersPerMinute: p.SpeechCharactersPerMinute, AudioMegabytesPerMinute: p.AudioMegabytesPerMinute,
			TokenQuota: p.TokenQuota.Tokens, TokenQuotaPeriod: string(p.TokenQuota.Period),
			KeepsText: p.Privacy.KeepsText(), Tools: p.Tools.Allow, Hosts: p.Tools.Hosts,
			LimitsPerPerson: p.LimitsPer.CountsPeople(),
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

// surface is one form of the API. What is logged is a property of an API of the gateway, so that each surface becomes one API for each
// logClass.
type surface struct {
	id, title, path string
	document        policies.Surface
}

var surfaces = []surface{
	{"openai", "Azure OpenAI", "openai", policies.Deployments},
	{"openai-v1", "OpenAI v1", "openai/v1", policies.V1},
}

// logClass is what the logs keep of a call's text. Logging is a property of an API, so every class has APIs of its own.
type logClass struct {
	prefix, title string
	messages      bool
	requests, all bool
}

// BodiesOf is which bodies of a product's calls are logged: none, requests or all.
func (s Settings) BodiesOf(p Product) Bodies {
	switch {
	case !p.Privacy.KeepsText():
		return BodiesNone
	case p.Bodies != "":
		return p.Bodies
	}
	return s.Logging.Bodies
}

func (s Settings) logClass(p Product) logClass {
	bodies := s.BodiesOf(p)
	class := logClass{messages: s.Logging.Messages, requests: bodies.LogsRequests(), all: bodies.LogsAnswers()}
	switch {
	case !p.Privacy.KeepsText():
		class.prefix, class.title, class.messages = string(PrivacyMetadata), " (metadata only)", false
	case bodies != s.Logging.Bodies:
		class.prefix, class.title = "bodies-"+string(bodies), " (bodies: "+string(bodies)+")"
	}
	return class
}

func (c logClass) path(s surface) string {
	if c.prefix == "" {
		return s.path
	}
	return c.prefix + "/" + s.path
}

func (c logClass) apiID(s surface) string {
	if c.prefix == "" {
		return s.id
	}
	return c.prefix + "-" + s.id
}

// BasePath is what the paths of a product's calls begin with, without slashes: empty, or that of a class of logs.
func (s Settings) BasePath(p Product) string { return s.logClass(p).prefix }

// logClasses are those that some product needs: the one without a prefix first, then by prefix.
func (s Settings) logClasses() []logClass {
	var classes []logClass
	for _, p := range s.Products {
		if class := s.logClass(p); !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
	}
	slices.SortFunc(classes, func(a, b logClass) int { return strings.Compare(a.prefix, b.prefix) })
	return classes
}

// api is one API of the gateway.
type api struct {
	surface
	class logClass
}

func (a api) id() string { return a.class.apiID(a.surface) }

// apis are those that some product needs.
func (s Settings) apis() []api {
	var all []api
	for _, class := range s.logClasses() {
		for _, surface := range surfaces {
			all = append(all, api{surface, class})
		}
	}
	return all
}

// apiPlans are the APIs with their documents.
func (s Settings) apiPlans(facts policies.Facts) ([]infra.APIPlan, error) {
	var plans []infra.APIPlan
	for _, a := range s.apis() {
		document, err := facts.API(a.document)
		if err != nil {
			return nil, fmt.Errorf("api %s: %w", a.id(), err)
		}
		// One product without keys takes the demand for a key from the API; the policy then demands it of the others.
		keyless := slices.ContainsFunc(s.Products, func(p Product) bool {
			return s.logClass(p) == a.class && !p.Authentication.TakesKeys()
		})
		plans = append(plans, infra.APIPlan{
			ID: a.id(), Title: a.title + a.class.title, Path: a.class.path(a.surface),
			Operations: facts.Operations(a.document), Policy: document,
			KeyRequired:    !keyless,
			Messages:       a.class.messages,
			RequestBodies:  a.class.requests,
			ResponseBodies: a.class.all,
			ClientIP:       s.Logging.ClientIP,
		})
	}
	return plans, nil
}

// LogsAnswers is true if the bodies of a product's answers are logged.
func (s Settings) LogsAnswers(p Product) bool { return s.BodiesOf(p).LogsAnswers() }

// logsAllBodies is true if some product's answers are logged as bodies.
func (s Settings) logsAllBodies() bool {
	return slices.ContainsFunc(s.Products, s.LogsAnswers)
}

// paths are those of the APIs the product gives access to.
func (s Settings) paths(p Product) []string {
	var paths []string
	for _, surface := range surfaces {
		paths = append(paths, s.logClass(p).path(surface))
	}
	return paths
}

// apiIDs are the plan ids of the APIs the product gives access to.
func (s Settings) apiIDs(p Product) []string {
	var ids []string
	for _, surface := range surfaces {
		ids = append(ids, s.logClass(p).apiID(surface))
	}
	return ids
}
