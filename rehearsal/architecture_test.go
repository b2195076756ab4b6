package rehearsal

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// TestTheArchitectureOfAReportIsThatOfTheSettings reads the plans of the shipped environments and compares what is found in them with
// the settings they were made of.
func TestTheArchitectureOfAReportIsThatOfTheSettings(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			environment, err := doctor.Load(context.Background(), "..", stack, []string{stack}, time.Unix(1_800_000_000, 0))
			require.NoError(t, err)
			settings := environment.Settings
			got := architectureOf(settings, environment.Plan)

			assert.Equal(t, string(settings.Gateway.SKU), got.Gateway.SKU)
			assert.Equal(t, settings.Gateway.Units, got.Gateway.Units)
			assert.Equal(t, settings.Location, got.Gateway.Region)
			assert.Equal(t, string(settings.Gateway.Mode), got.Gateway.Mode)
			require.NotNil(t, got.Network)
			assert.NotEmpty(t, got.Network.AddressSpace)
			assert.NotEmpty(t, got.Network.Subnets)
			assert.Contains(t, got.Logs, "Log Analytics workspace")

			require.Len(t, got.Accounts, len(settings.Accounts))
			pools := map[string]map[string]report.Member{}
			for _, want := range settings.Accounts {
				account := accountNamed(t, got.Accounts, want.Name)
				assert.Equal(t, want.Location, account.Region)
				assert.True(t, account.PrivateEndpoint, want.Name)
				assert.False(t, account.Public, want.Name)
				declared := make([]report.Deployment, len(want.Deployments))
				for i, d := range want.Deployments {
					declared[i] = report.Deployment{Name: d.Name, Model: d.Model, Version: d.Version, SKU: string(d.SKU), Capacity: d.Capacity}
					if pools[d.Name] == nil {
						pools[d.Name] = map[string]report.Member{}
					}
					pools[d.Name][want.Name] = report.Member{Account: want.Name, Priority: want.Priority, Weight: want.Weight}
				}
				assert.ElementsMatch(t, declared, account.Deployments)
			}
			require.Len(t, got.Pools, len(pools))
			for _, pool := range got.Pools {
				require.Len(t, pool.Members, len(pools[pool.Deployment]), pool.Deployment)
				for _, m := range pool.Members {
					assert.Equal(t, pools[pool.Deployment][m.Account].Account, m.Account, "%s has a member that is no account", pool.Deployment)
				}
			}
			require.Len(t, got.Teams, len(settings.Teams))
			for _, team := range settings.Teams {
				assert.ElementsMatch(t, team.Products, teamNamed(t, got.Teams, team.Name).Products)
			}
			require.Len(t, got.Products, len(settings.Products))
			for i, p := range settings.Products {
				assert.Equal(t, p.Name, got.Products[i].Name)
				assert.Equal(t, string(p.Authentication), got.Products[i].Authentication)
				assert.Equal(t, string(p.Privacy), got.Products[i].Privacy)
				assert.Len(t, got.Products[i].Groups, len(p.Groups))
			}
		})
	}
}

func accountNamed(t *testing.T, all []report.Account, name string) report.Account {
	t.Helper()
	for _, a := range all {
		if a.Name == name {
			return a
		}
	}
	require.Fail(t, "no account "+name)
	return report.Account{}
}

func teamNamed(t *testing.T, all []report.Team, name string) report.Team {
	t.Helper()
	for _, team := range all {
		if team.Name == name {
			return team
		}
	}
	require.Fail(t, "no team "+name)
	return report.Team{}
}

// subscribed is a team's subscription on a product in a plan.
func subscribed(team, product string) plan.Resource {
	return plan.Resource{
		URN: "urn:" + team + "-" + product, Type: "azure-native:apimanagement:Subscription", Parent: "urn:" + team,
		Inputs: map[string]any{"scope": "${Product product-" + product + ".id}"},
	}
}

func TestATeamIsOneTeamWhateverStandsBetweenItsSubscriptions(t *testing.T) {
	got := architectureOf(stacks.Settings{}, []plan.Resource{
		{URN: "urn:a", Name: "team-a"}, {URN: "urn:a-b", Name: "team-a-b"},
		subscribed("a", "alpha"), subscribed("a-b", "x"), subscribed("a", "x"),
		{URN: "urn:key", Type: "azure-native:apimanagement:Subscription", Inputs: map[string]any{"scope": "/apis"}}, // no team's
	})
	assert.Equal(t, []report.Team{
		{Name: "a", Title: "a", Products: []string{"alpha", "x"}}, {Name: "a-b", Title: "a-b", Products: []string{"x"}},
	}, got.Teams)
}

func TestAnEmptyPlanHasAnArchitectureWithoutNulls(t *testing.T) {
	got := architectureOf(stacks.Settings{}, nil)
	assert.Equal(t, &report.Architecture{
		Gateway: report.Gateway{}, Accounts: []report.Account{}, Pools: []report.Pool{}, Products: []report.Product{},
		Teams: []report.Team{}, Logs: []string{},
	}, got)
}

func TestOperationsBeginWithTheFirstAndKnowWhatDecides(t *testing.T) {
	at := func(minutes float64) time.Time {
		return time.Unix(0, 0).Add(time.Duration(minutes * float64(time.Minute)))
	}
	urn := func(kind, name string) string {
		return "urn:pulumi:dev::enterprise-openai::azure-native:x:" + kind + "::" + name
	}
	group, gateway, workspace := urn("ResourceGroup", "group"), urn("ApiManagementService", "gateway"), urn("Workspace", "logs")
	schedule := &timeline.Schedule{
		Order: func([]timeline.Resource) map[string][]string {
			return map[string][]string{gateway: {group}, workspace: {group}}
		},
		Spans: []timeline.Span{ // in the order in which they ended
			{URN: group, Start: at(5), End: at(5.5)},
			{URN: workspace, Start: at(5.5), End: at(6.5), Failed: true},
			{URN: gateway, Start: at(5.5), End: at(40.5)},
		},
	}
	assert.Equal(t, []report.Operation{
		{Type: "ResourceGroup", Name: "group", Start: 0, Minutes: 0.5, Critical: true},
		{Type: "ApiManagementService", Name: "gateway", Start: 0.5, Minutes: 35, Critical: true},
		{Type: "Workspace", Name: "logs", Start: 0.5, Minutes: 1, Failed: true},
	}, operationsOf(schedule))
}
