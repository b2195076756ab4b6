// Package stacks is what an environment is: its settings, the rules they have to keep, and how they become resources.
//
//	settings.go   every setting with its default and meaning; docs/settings.md is made from it
//	config.go     the one place that reads Pulumi config
//	parse.go      YAML with its keys in order; position.go: the line of each key
//	decode.go     strict decoding: an unknown key is an error that names the nearest valid one
//	show.go       how values and their paths read in messages
//	fields.go     the fields of settings.go: names, defaults, required or not
//	enums.go      the types of settings that have few values, and what the values mean
//	validate*.go  what the settings may say together
//	deploy.go     the architecture: components and how they are wired
//	callers.go    its last part: groups, products, teams and their keys
//	foundation.go what an update cannot change, remembered in a stack output
//	plans.go      settings turned into what the components declare; pools.go, alerts.go: pools and alerts
//	files.go      which accounts take files
//	observe.go    saved searches and the workbook
//	target.go     the subscription and tenant of the deployment
//	notyet.go     settings that are not built yet
//	problem.go    one thing that is wrong with the settings, with its place and remedy
package stacks

import (
	"fmt"
	"slices"

	"enterprise-openai/infra"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Deploy declares the environment of the current stack: the program that pulumi up runs.
func Deploy(ctx *pulumi.Context) error {
	settings, err := LoadSettings(ctx)
	if err != nil {
		return err
	}
	return deploy(ctx, settings)
}

// DeploySettings declares an environment from settings that are in no file. They are completed and validated as those of a file,
// only without positions.
func DeploySettings(ctx *pulumi.Context, settings Settings) error {
	settings.complete()
	if err := Validate(settings, ctx.Stack(), nowhere); err != nil {
		return err
	}
	return deploy(ctx, settings)
}

// DeployUnvalidated is DeploySettings without validation. A test of one thing may need settings that no environment may have, such
// as a quota below the limit of a minute.
func DeployUnvalidated(ctx *pulumi.Context, settings Settings) error {
	settings.complete()
	return deploy(ctx, settings)
}

func deploy(ctx *pulumi.Context, settings Settings) error {
	to, err := currentTarget(ctx)
	if err != nil {
		return err
	}
	return declare(ctx, settings, to)
}

// declare is the architecture from top to bottom: network, DNS and logs, the accounts, the gateway,
// what the gateway decides, who may call it, and which queries run on its logs.
func declare(ctx *pulumi.Context, s Settings, to target) error {
	names := s.Names(to.SubscriptionID, ctx.Project(), ctx.Stack())
	if err := checkFoundation(ctx, s, names, to); err != nil {
		return err
	}
	group, err := infra.NewResourceGroup(ctx, "group", &infra.ResourceGroupArgs{Location: s.Location, Names: names, Tags: s.Tags})
	if err != nil {
		return fmt.Errorf("resource group: %w", err)
	}
	site := infra.Site{ResourceGroup: group.Name, Location: s.Location, Names: names, Tags: s.Tags}

	shared, err := declareBase(ctx, s, site)
	if err != nil {
		return err
	}
	accounts, err := declareAccounts(ctx, s, site, shared)
	if err != nil {
		return err
	}
	gateway, access, err := declareGateway(ctx, s, site, shared, accounts, to)
	if err != nil {
		return err
	}
	apis, err := declareAPIs(ctx, s, site, shared, accounts, gateway, access, to)
	if err != nil {
		return err
	}
	keys, err := declareCallers(ctx, s, gateway, apis, to)
	if err != nil {
		return err
	}
	if err := declareAnswers(ctx, s, site, shared, gateway); err != nil {
		return err
	}

	ctx.Export("endpoint", gateway.URL)
	ctx.Export("keys", keys)
	ctx.Export("workspace", shared.monitoring.WorkspaceID)
	ctx.Export("portal", portalLinks(gateway, shared, s.Gateway.DeveloperPortal))
	return nil
}

// base is what all other components use.
type base struct {
	network    *infra.Network
	dns        *infra.PrivateDNS
	monitoring *infra.Monitoring
}

func declareBase(ctx *pulumi.Context, s Settings, site infra.Site) (*base, error) {
	network, err := infra.NewNetwork(ctx, "network", &infra.NetworkArgs{
		Site:           site,
		AddressSpace:   s.Network.AddressSpace,
		GatewaySubnet:  s.Network.GatewaySubnet,
		EndpointSubnet: s.Network.EndpointSubnet,
		Public:         s.Gateway.Mode.IsPublic(),
		EventHub:       s.Logging.EventHub != nil,
	})
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	dns, err := infra.NewPrivateDNS(ctx, "dns", &infra.PrivateDNSArgs{Site: site, NetworkID: network.ID, EventHub: s.Logging.EventHub != nil})
	if err != nil {
		return nil, fmt.Errorf("private dns: %w", err)
	}
	monitoring, err := infra.NewMonitoring(ctx, "monitoring", &infra.MonitoringArgs{
		Site:              site,
		SharedWorkspaceID: s.Logging.Workspace,
		RetentionDays:     s.Logging.RetentionDays,
		DailyCapGB:        s.Logging.DailyCapGB,
	})
	if err != nil {
		return nil, fmt.Errorf("monitoring: %w", err)
	}
	return &base{network, dns, monitoring}, nil
}

func declareAccounts(ctx *pulumi.Context, s Settings, site infra.Site, g *base) ([]*infra.NamedAccount, error) {
	accounts := make([]*infra.NamedAccount, 0, len(s.Accounts))
	var before infra.Done
	for _, setting := range s.Accounts {
		account, err := infra.NewModelAccount(ctx, "account-"+setting.Name, &infra.ModelAccountArgs{
			Site:        site,
			Plan:        setting.plan(),
			SubnetID:    g.network.EndpointSubnetID,
			ZoneID:      g.dns.OpenAIZoneID,
			WorkspaceID: g.monitoring.WorkspaceID,

			EndpointAfter: before,
		})
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", setting.Name, err)
		}
		before = account.EndpointDone
		accounts = append(accounts, &infra.NamedAccount{Name: setting.Name, Account: account})
	}
	return accounts, nil
}

func declareGateway(
	ctx *pulumi.Context, s Settings, site infra.Site, g *base, accounts []*infra.NamedAccount, to target,
) (*infra.Gateway, *infra.ModelAccess, error) {
	gateway, err := infra.NewGateway(ctx, "gateway", &infra.GatewayArgs{
		Site:      site,
		Plan:      s.Gateway.plan(),
		NetworkID: g.network.ID,
		SubnetID:  g.network.GatewaySubnetID,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("gateway: %w", err)
	}
	access, err := infra.NewModelAccess(ctx, "access", &infra.ModelAccessArgs{
		Names:          site.Names,
		SubscriptionID: to.SubscriptionID,
		PrincipalID:    gateway.PrincipalID,
		Accounts:       accounts,
		Files:          s.fileAccounts(),
	})
	if err != nil {
		return nil, nil, fmt.Errorf("access: %w", err)
	}
	return gateway, access, nil
}

// declareAPIs declares the APIs and what their policies name.
func declareAPIs(
	ctx *pulumi.Context, s Settings, site infra.Site, g *base, accounts []*infra.NamedAccount, gateway *infra.Gateway,
	access *infra.ModelAccess, to target,
) (map[string]*infra.API, error) {
	urls, answering := map[string]pulumi.StringInput{}, access.Done
	for _, account := range accounts {
		urls[account.Name] = account.Account.URL
		answering = append(answering, account.Account.Done...)
	}
	backends, err := infra.NewBackends(ctx, "backends", &infra.BackendsArgs{
		Site: site, Service: gateway.Service, Pools: s.poolPlans(), AccountURLs: urls,
		PoolsAfter: answering,
	})
	if err != nil {
		return nil, fmt.Errorf("backends: %w", err)
	}
	logs, err := infra.NewGatewayLogs(ctx, "logs", &infra.GatewayLogsArgs{
		Site:             site,
		Service:          gateway.Service,
		WorkspaceID:      g.monitoring.WorkspaceID,
		ComponentID:      g.monitoring.ComponentID,
		ConnectionString: g.monitoring.ConnectionString,
		ClientIP:         s.Logging.ClientIP,
	})
	if err != nil {
		return nil, fmt.Errorf("gateway logs: %w", err)
	}
	logger, err := declareExport(ctx, s, site, g, gateway, accounts[len(accounts)-1].Account.EndpointDone, to)
	if err != nil {
		return nil, err
	}
	facts := s.facts(to, site.Names)
	shared, err := infra.NewPolicies(ctx, "policies", &infra.PoliciesArgs{Service: gateway.Service, Facts: facts, LoggerAfter: logger})
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}

	plans, err := s.apiPlans(facts)
	if err != nil {
		return nil, err
	}
	apis := map[string]*infra.API{}
	for _, plan := range plans {
		api, err := infra.NewAPI(ctx, "api-"+plan.ID, &infra.APIArgs{
			Service:  gateway.Service,
			Plan:     plan,
			LoggerID: logs.MonitorLoggerID,

			DiagnosticAfter: logs.Done,
			PolicyAfter:     slices.Concat(backends.Done, shared.Done),
		})
		if err != nil {
			return nil, fmt.Errorf("api %s: %w", plan.ID, err)
		}
		apis[plan.ID] = api
	}
	return apis, nil
}

// declareExport declares the Event Hub, if the settings have one, and returns its logger.
func declareExport(
	ctx *pulumi.Context, s Settings, site infra.Site, g *base, gateway *infra.Gateway, endpointAfter infra.Done, to target,
) (infra.Done, error) {
	hub := s.Logging.EventHub
	if hub == nil {
		return nil, nil
	}
	export, err := infra.NewEventExport(ctx, "export", &infra.EventExportArgs{
		Site:           site,
		Plan:           infra.EventExportPlan{RetentionDays: hub.RetentionDays, ThroughputUnits: hub.ThroughputUnits},
		Service:        gateway.Service,
		SubscriptionID: to.SubscriptionID,
		PrincipalID:    gateway.PrincipalID,
		SubnetID:       g.network.EndpointSubnetID,
		ZoneID:         g.dns.EventHubZoneID,
		WorkspaceID:    g.monitoring.WorkspaceID,
		EndpointAfter:  endpointAfter,
	})
	if err != nil {
		return nil, fmt.Errorf("event hub: %w", err)
	}
	return export.Done, nil
}

// portalLinks are where a person looks at what was deployed.
func portalLinks(gateway *infra.Gateway, g *base, developerPortal bool) pulumi.StringMap {
	const portal = "https://portal.azure.com/#resource"
	links := pulumi.StringMap{
		"gateway":   pulumi.Sprintf("%s%s/overview", portal, gateway.Service.ID),
		"workspace": pulumi.Sprintf("%s%s/logs", portal, g.monitoring.WorkspaceID),
	}
	if developerPortal {
		links["developers"] = gateway.PortalURL
	}
	return links
}
