package subscription

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"enterprise-openai/doctor"
	"enterprise-openai/stacks"
)

var today = time.Date(2026, 7, 8, 15, 4, 5, 0, time.UTC)

// world is an environment, the subscription it is to live in, and how it is queried.
type world struct {
	environment *doctor.Environment
	azure       *azure
	options     Options
}

const dataZoneUsage = "OpenAI.DataZoneStandard.gpt-5.1"

// newWorld is one in which nothing is wrong, with the given changes.
func newWorld(t *testing.T, changes ...func(*world)) *world {
	t.Helper()
	deployment := stacks.Deployment{Name: "chat", Model: "gpt-5.1", Version: "2025-11-13", SKU: "DataZoneStandard", Capacity: 100}
	account := func(name, region string) stacks.Account {
		return stacks.Account{Name: name, Location: region, Priority: 1, Weight: 1, Deployments: []stacks.Deployment{deployment}}
	}
	knowledge, err := doctor.Known()
	require.NoError(t, err)
	w := &world{
		environment: &doctor.Environment{
			Project: "enterprise-openai", Stack: "test", Knowledge: knowledge, Today: today,
			Settings: stacks.Settings{
				Location: "swedencentral", Naming: stacks.Naming{Prefix: "aoai", Suffix: "abc123"},
				Network:  stacks.Network{AddressSpace: netip.MustParsePrefix("10.20.0.0/22")},
				Accounts: []stacks.Account{account("sweden", "swedencentral"), account("france", "francecentral")},
			},
		},
		azure: &azure{
			models: map[string][]*armcognitiveservices.Model{}, usages: map[string][]*armcognitiveservices.Usage{},
			accounts: map[string][]*armcognitiveservices.Deployment{}, taken: map[string]string{}, providers: map[string]string{},
			roles: map[string]*armauthorization.RoleDefinitionProperties{}, failures: map[string]*failure{},
		},
		options: Options{
			ID: subscriptionID, Credential: loggedInAs(t, jwt.MapClaims{"oid": me}),
			Retry: policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Millisecond, MaxRetryDelay: 2 * time.Millisecond},
		},
	}
	for _, region := range []string{"swedencentral", "francecentral"} {
		w.azure.models[region] = []*armcognitiveservices.Model{
			offers("gpt-5.1", "2025-11-13", "DataZoneStandard", "ProvisionedManaged"),
			offers("gpt-5.4", "2026-03-05", "GlobalStandard"),
		}
		w.azure.usages[region] = []*armcognitiveservices.Usage{used("OpenAI.Standard.other", 5, 10), used(dataZoneUsage, 50, 500), used("OpenAI.ProvisionedManaged", 0, 300),
			used("OpenAI.Standard.gpt-5.1", 0, 500), used("OpenAI.DataZoneStandard.gpt-9", 0, 500)}
	}
	w.azure.assign("Owner", "/subscriptions/"+subscriptionID, "", []string{"*"}, nil)
	for _, change := range changes {
		change(w)
	}
	w.options.Transport = w.azure
	return w
}

// offers is a model as a region lists it.
func offers(model, version string, kinds ...string) *armcognitiveservices.Model {
	m := &armcognitiveservices.Model{Kind: to.Ptr("OpenAI"), Model: &armcognitiveservices.AccountModel{Name: &model, Version: &version, Format: to.Ptr("OpenAI")}}
	for _, kind := range kinds {
		usage := "OpenAI." + kind
		if !strings.HasSuffix(kind, "ProvisionedManaged") {
			usage += "." + model
		}
		m.Model.SKUs = append(m.Model.SKUs, &armcognitiveservices.ModelSKU{Name: to.Ptr(kind), UsageName: &usage})
	}
	return m
}

func used(name string, now, limit float64) *armcognitiveservices.Usage {
	return &armcognitiveservices.Usage{Name: &armcognitiveservices.MetricName{Value: &name}, CurrentValue: &now, Limit: &limit}
}

// assign gives a role; several assignments may name the same.
func (a *azure) assign(role, scope, condition string, actions, notActions []string) {
	id := "/subscriptions/" + subscriptionID + "/providers/Microsoft.Authorization/roleDefinitions/" + strings.ReplaceAll(role, " ", "-")
	a.roles[id] = &armauthorization.RoleDefinitionProperties{RoleName: &role, Permissions: []*armauthorization.Permission{{Actions: to.SliceOfPtrs(actions...), NotActions: to.SliceOfPtrs(notActions...)}}}
	p := &armauthorization.RoleAssignmentProperties{Scope: &scope, RoleDefinitionID: &id, PrincipalID: to.Ptr(me)}
	if condition != "" {
		p.Condition = &condition
	}
	a.assignments = append(a.assignments, &armauthorization.RoleAssignment{Properties: p})
}

// check queries the subscription: findings, a line each, and what could not be seen.
func (w *world) check(t *testing.T) (found, unseen []string) {
	t.Helper()
	got, err := Ask(context.Background(), w.environment, w.options)
	require.NoError(t, err)
	found, unseen = []string{}, []string{}
	for _, f := range doctor.Sort(got.Findings) {
		at := ""
		for _, s := range f.Settings {
			if s.Path != "" {
				at += " " + s.Path
			}
		}
		found = append(found, fmt.Sprintf("%s %s%s: %s; %s", f.Severity, f.Check, at, f.Message, f.Remedy))
	}
	return found, append(unseen, got.NotChecked...)
}

// name is a physical name of the environment.
func (w *world) name(kind string) string {
	for _, n := range doctor.Names(w.environment, subscriptionID) {
		if n.Kind == kind {
			return n.Value
		}
	}
	return ""
}

func first(change func(*stacks.Deployment)) func(*world) {
	return func(w *world) { change(&w.environment.Settings.Accounts[0].Deployments[0]) }
}

// fails replaces the answers to a method of the SDK.
func fails(api string, f failure) func(*world) {
	return func(w *world) { w.azure.failures[api] = &f }
}
