package change_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
	"enterprise-openai/stacks"
)

// alteration is a change of an environment's settings.
type alteration = func(*stacks.Settings)

// planned is the plan of a stack whose settings are changed first.
func planned(t *testing.T, env string, alter alteration) []plan.Resource {
	t.Helper()
	declared, err := plan.Of(context.Background(), "../..", env, plan.Update, func(ctx *pulumi.Context) error {
		settings, err := stacks.LoadSettings(ctx)
		if err != nil {
			return err
		}
		if alter != nil {
			alter(&settings)
		}
		return stacks.DeploySettings(ctx, settings)
	})
	require.NoError(t, err)
	return declared.Resources
}

// between are the changes on a path from dev's settings, changed by from, to the same changed by to. Questions to the logs are
// left out as long as they change in place: names, quotas and prices are written into them.
func between(t *testing.T, from, to alteration) []string {
	t.Helper()
	var lines []string
	for _, c := range change.Between(planned(t, "dev", from), planned(t, "dev", to)) {
		if c.Kind == change.Changed && (c.Type == "ScheduledQueryRule" || c.Type == "Workbook" || c.Name == "searches") {
			continue
		}
		lines = append(lines, c.String())
	}
	return lines
}

func deployment(name, model, version string) stacks.Deployment {
	return stacks.Deployment{Name: name, Model: model, Version: version, SKU: "DataZoneStandard", Capacity: 10,
		ContentFilter: "Microsoft.DefaultV2", Upgrade: "NoAutoUpgrade"}
}

var mini = deployment("mini", "gpt-5-mini", "2025-08-07")

func germany(s *stacks.Settings) {
	s.Accounts = append(s.Accounts, stacks.Account{Name: "germany", Location: "germanywestcentral", Priority: 2, Weight: 1,
		Deployments: []stacks.Deployment{deployment("gpt-5.4", "gpt-5.4", "2026-03-05")}})
}

func miniOn(account int) alteration {
	return func(s *stacks.Settings) {
		s.Accounts[account].Deployments = append([]stacks.Deployment{mini}, s.Accounts[account].Deployments...)
	}
}

// signIn lets people sign in to the portal, which declares the products' groups.
func signIn(s *stacks.Settings) {
	s.Gateway.Portal.SignIn = &stacks.SignIn{ClientID: "00000000-0000-4000-8000-00000000000c", ClientSecret: "s"}
}

// signedIn is a change of settings that have a sign-in.
func signedIn(alter alteration) alteration {
	return func(s *stacks.Settings) {
		signIn(s)
		alter(s)
	}
}

// upgraded leaves the version to Azure, which has the given one at first.
func upgraded(version string) alteration {
	return func(s *stacks.Settings) {
		for i := range s.Accounts {
			s.Accounts[i].Deployments[0].Upgrade, s.Accounts[i].Deployments[0].Version = "OnceCurrentVersionExpired", version
		}
	}
}

// miniPool is what a pool that is new in the middle does to the list of pools.
const miniPool = "change DeploymentStackAtResourceGroup backends-pools (template.resources[1].name, " +
	"template.resources[1].properties.description, template.resources[1].properties.pool.services[0].id, " +
	"template.resources[1].properties.pool.services[1], template.resources[2])"

func TestEveryUpgradePathTouchesWhatItMustAndNothingElse(t *testing.T) {
	for name, path := range map[string]struct {
		from, to alteration
		want     []string
	}{
		"a region is added": {to: germany, want: []string{
			"add Backend backends-germany-gpt-5.4", "add RoleAssignment access-germany", "add RoleAssignment access-germany-files", "add Account account-germany",
			"add Deployment account-germany-gpt-5.4", "add DiagnosticSetting account-germany-logs",
			"add PrivateDnsZoneGroup account-germany-endpoint-zones", "add PrivateEndpoint account-germany-endpoint",
			"change DeploymentStackAtResourceGroup backends-pools (template.resources[0].properties.pool.services[2])",
			"change PolicyFragment attached (value)", "change PolicyFragment caller (value)", "change PolicyFragment deployment (value)",
			"change PolicyFragment file (value)", "change PolicyFragment response (value)", "change PolicyFragment transfer (value)"}},
		"a region is removed": {from: germany, want: []string{
			"change DeploymentStackAtResourceGroup backends-pools (template.resources[0].properties.pool.services[2])",
			"change PolicyFragment attached (value)", "change PolicyFragment caller (value)", "change PolicyFragment deployment (value)",
			"change PolicyFragment file (value)", "change PolicyFragment response (value)", "change PolicyFragment transfer (value)",
			"remove Backend backends-germany-gpt-5.4", "remove RoleAssignment access-germany", "remove RoleAssignment access-germany-files", "remove Account account-germany",
			"remove Deployment account-germany-gpt-5.4", "remove DiagnosticSetting account-germany-logs",
			"remove PrivateDnsZoneGroup account-germany-endpoint-zones", "remove PrivateEndpoint account-germany-endpoint"}},
		"a deployment is added before the others": {to: miniOn(0), want: []string{
			"add Backend backends-sweden-mini", "add Deployment account-sweden-mini", miniPool, "change PolicyFragment deployment (value)"}},
		"a deployment is removed": {from: miniOn(0), want: []string{
			miniPool, "change PolicyFragment deployment (value)", "remove Backend backends-sweden-mini", "remove Deployment account-sweden-mini"}},
		"a deployment moves to another account": {from: miniOn(0), to: miniOn(1), want: []string{
			"add Backend backends-france-mini", "add Deployment account-france-mini",
			"change DeploymentStackAtResourceGroup backends-pools (template.resources[1].properties.pool.services[0].id, " +
				"template.resources[1].properties.pool.services[0].priority)",
			"change PolicyFragment deployment (value)",
			"remove Backend backends-sweden-mini", "remove Deployment account-sweden-mini"}},
		"a product is added before the others": {
			to: func(s *stacks.Settings) {
				extra := s.Products[0]
				extra.Name, extra.DisplayName = "extra", "Extra"
				s.Products = append([]stacks.Product{extra}, s.Products...)
			},
			want: []string{"add Product product-extra", "add ProductApi product-extra-openai", "add ProductApi product-extra-openai-v1",
				"change PolicyFragment caller (value)", "change PolicyFragment limits (value)", "change PolicyFragment requests (value)"}},
		"a team is added": {
			to: func(s *stacks.Settings) {
				s.Teams = append(s.Teams, stacks.Team{Name: "sales", Contact: "sales@example.com", CostCentre: "1", Products: []string{"standard"}})
			},
			want: []string{"add Subscription team-sales-standard"}},
		"a team is removed": {
			to:   func(s *stacks.Settings) { s.Teams = s.Teams[1:] },
			want: []string{"remove Subscription team-search-standard"}},
		"a team is shown under another name": {
			to:   func(s *stacks.Settings) { s.Teams[0].DisplayName = "Findings" },
			want: []string{"change Subscription team-search-standard (displayName)"}},
		"a team gets another identifier, and with it another key": {
			to:   func(s *stacks.Settings) { s.Teams[0].Name = "findings" },
			want: []string{"add Subscription team-findings-standard", "remove Subscription team-search-standard"}},
		"a model's version and capacity": {
			to: func(s *stacks.Settings) {
				for i := range s.Accounts {
					s.Accounts[i].Deployments[0].Version = "2024-08-06"
				}
				s.Accounts[0].Deployments[0].Capacity = 20
			},
			want: []string{"change Deployment account-france-gpt-5.4 (properties.model.version)",
				"change Deployment account-sweden-gpt-5.4 (properties.model.version, sku.capacity)",
				"change PolicyFragment deployment (value)"}},
		"a version that Azure moves by itself": {
			from: upgraded("2026-03-05"), to: upgraded("2024-08-06"), want: nil},
		"limits": {
			to: func(s *stacks.Settings) {
				s.Products[0].TokensPerMinute, s.Products[0].TokenQuota.Period = 4000, "Daily"
			},
			want: []string{"change PolicyFragment limits (value)"}},
		"priorities and weights": {
			to: func(s *stacks.Settings) {
				s.Accounts[0].Deployments[0].Priority, s.Accounts[0].Deployments[0].Weight = 2, 40
				s.Accounts[1].Deployments[0].Weight = 60
			},
			want: []string{"change DeploymentStackAtResourceGroup backends-pools (template.resources[0].properties.pool.services[0].priority, " +
				"template.resources[0].properties.pool.services[0].weight, template.resources[0].properties.pool.services[1].weight)",
				"change PolicyFragment caller (value)"}}, // which of its accounts takes a product's files first
		"a group's object id": {
			from: signIn,
			to:   signedIn(func(s *stacks.Settings) { s.Products[0].Groups[0].ObjectID = "00000000-0000-4000-8000-000000000009" }),
			want: []string{"change Group groups-ai-users (externalId)", "change PolicyFragment caller (value)"}},
		"another group": {
			from: signIn,
			to: signedIn(func(s *stacks.Settings) {
				s.Products[0].Groups = []stacks.Group{{Name: "others", ObjectID: "00000000-0000-4000-8000-000000000009"}}
			}),
			want: []string{"add Group groups-others", "add ProductGroup product-standard-others", "change PolicyFragment caller (value)",
				"remove Group groups-ai-users", "remove ProductGroup product-standard-ai-users"}},
		"people sign in to the portal": {
			to: signIn,
			want: []string{"add Group groups-ai-confidential-users", "add Group groups-ai-users", "add IdentityProvider groups-sign-in",
				"add ProductGroup product-confidential-ai-confidential-users", "add ProductGroup product-standard-ai-users"}},
		"another secret of the portal's application": {
			from: signIn, to: signedIn(func(s *stacks.Settings) { s.Gateway.Portal.SignIn.ClientSecret = "t" }), want: nil},
		"retention": {
			to:   func(s *stacks.Settings) { s.Logging.RetentionDays = 60 },
			want: []string{"change Workspace monitoring (retentionInDays)"}},
		"the developer portal": {
			to:   func(s *stacks.Settings) { s.Gateway.DeveloperPortal = true },
			want: []string{"change ApiManagementService gateway (developerPortalStatus)"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, path.want, between(t, path.from, path.to)) })
	}
}

// A product stays behind as a shell, because Azure refuses to delete it; what gave access to it goes. The last product whose text
// is stored nowhere takes the APIs with it that only such products have.
func TestAProductThatIsRemovedIsForgottenAndEverythingOnItGoes(t *testing.T) {
	var others []string
	for _, line := range between(t, nil, func(s *stacks.Settings) { s.Products, s.Teams = s.Products[:1], s.Teams[:2] }) {
		if !strings.Contains(line, " api-metadata-openai") {
			others = append(others, line)
			continue
		}
		assert.True(t, strings.HasPrefix(line, "remove Api"), line)
	}
	assert.Equal(t, []string{
		"change PolicyFragment caller (value)", "change PolicyFragment limits (value)", "change PolicyFragment requests (value)",
		"remove ProductApi product-confidential-metadata-openai", "remove ProductApi product-confidential-metadata-openai-v1",
		"remove Subscription team-legal-confidential",
		"forget Product product-confidential"}, others)
}

func TestAnotherKindOfDeploymentIsAnotherDeployment(t *testing.T) {
	assert.Equal(t, []string{"replace Deployment account-sweden-gpt-5.4 (sku.name)"},
		between(t, nil, func(s *stacks.Settings) { s.Accounts[0].Deployments[0].SKU = "GlobalStandard" }))
}

func TestWhatLivesInAReplacedResourceIsReplacedWithIt(t *testing.T) {
	lines := between(t, nil, func(s *stacks.Settings) { s.Naming.Suffix = "abcdef" })
	assert.Contains(t, lines, "replace ApiManagementService gateway (serviceName)")
	assert.Contains(t, lines, "replace NamedValue policies-max-attempts (serviceName)")
	assert.Contains(t, lines, "replace RoleAssignment access-sweden (principalId, roleAssignmentName)")
}

func TestTheSamePlanTwiceIsNoChange(t *testing.T) {
	for _, env := range []string{"dev", "prod"} {
		assert.Empty(t, change.Between(planned(t, env, nil), planned(t, env, nil)), env)
	}
}
