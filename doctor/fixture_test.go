package doctor

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

// aDay is one on which the models of the fixture have most of their lives before them.
var aDay = time.Date(2026, 7, 8, 15, 4, 5, 0, time.UTC)

// healthy is an environment that no check has anything to say about, with the given changes.
func healthy(t *testing.T, changes ...func(*Environment)) *Environment {
	t.Helper()
	knowledge, err := Known()
	require.NoError(t, err)
	deployment := stacks.Deployment{
		Name: "chat", Model: "gpt-5.1", Version: "2025-11-13", SKU: "DataZoneStandard", Capacity: 100, Upgrade: "NoAutoUpgrade",
	}
	account := func(name, region string, priority int) stacks.Account {
		return stacks.Account{Name: name, Location: region, Priority: priority, Weight: 1, Deployments: []stacks.Deployment{deployment}}
	}
	e := &Environment{Project: "enterprise-openai", Stack: "test", Knowledge: knowledge, Today: aDay, Locate: nil}
	e.Settings = stacks.Settings{
		Location: "swedencentral",
		Naming:   stacks.Naming{Prefix: "aoai"},
		Network: stacks.Network{
			AddressSpace:   netip.MustParsePrefix("10.20.0.0/22"),
			GatewaySubnet:  netip.MustParsePrefix("10.20.0.0/26"),
			EndpointSubnet: netip.MustParsePrefix("10.20.1.0/26"),
		},
		Gateway: stacks.Gateway{
			SKU: "Premium", Units: 3, Zones: []string{"1", "2", "3"}, Mode: "internal", PublisherEmail: "ai@contoso.com",
			Entra:    stacks.Entra{Audiences: []string{"api://ai.contoso.com"}},
			Failover: stacks.Failover{MaxAttempts: 4},
		},
		Accounts: []stacks.Account{account("sweden", "swedencentral", 1), account("france", "francecentral", 2)},
		Products: []stacks.Product{{
			Name: "standard", Authentication: "key", Privacy: "full", TokensPerMinute: 10_000, Deployments: []string{"chat"},
			Groups: []stacks.Group{{Name: "ai-users", ObjectID: "7d3c1f0e-52a1-4a39-8f0e-6b8c0d9a1e55"}},
		}},
		Teams:   []stacks.Team{{Name: "search", Contact: "search@contoso.com", Products: []string{"standard"}}},
		Logging: stacks.Logging{RetentionDays: 31, Messages: true},
	}
	for _, change := range changes {
		change(e)
	}
	return e
}

// findings are the findings of the checks, a line for each finding: severity check paths: message; remedy.
func findings(e *Environment) []string {
	lines := []string{}
	for _, f := range Examine(e).Findings {
		lines = append(lines, f.text())
	}
	return lines
}

func (f Finding) text() string {
	at := ""
	for _, s := range f.Settings {
		at += " " + s.Path
	}
	return fmt.Sprintf("%s %s%s: %s; %s", f.Severity, f.Check, at, f.Message, f.Remedy)
}

// Changes of the fixture.

func on(date string) func(*Environment) {
	return func(e *Environment) { e.Today = day(date) }
}

func production(e *Environment) { e.Settings.Tags = map[string]string{"environment": "prod"} }

// everywhere changes the deployment of every account.
func everywhere(change func(*stacks.Deployment)) func(*Environment) {
	return func(e *Environment) {
		for i := range e.Settings.Accounts {
			change(&e.Settings.Accounts[i].Deployments[0])
		}
	}
}

// firstly changes the deployment of the first account.
func firstly(change func(*stacks.Deployment)) func(*Environment) {
	return func(e *Environment) { change(&e.Settings.Accounts[0].Deployments[0]) }
}

func model(name, version string) func(*stacks.Deployment) {
	return func(d *stacks.Deployment) { d.Model, d.Version = name, version }
}

func gateway(change func(*stacks.Gateway)) func(*Environment) {
	return func(e *Environment) { change(&e.Settings.Gateway) }
}

// beside adds another environment, the same but for its name and the changes.
func beside(name string, changes ...func(*Environment)) func(*Environment) {
	return func(e *Environment) {
		other := *e
		other.Stack = name
		other.Others = nil
		for _, change := range changes {
			change(&other)
		}
		e.Others = append(e.Others, other)
	}
}
