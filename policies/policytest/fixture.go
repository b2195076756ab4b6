package policytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/plan/deployed"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// TenantID is the tenant whose tokens the project's fixture takes, Audience the application they are for.
const (
	TenantID = "11111111-2222-4333-8444-555555555555"
	Audience = "api://gateway"
)

// stackName is the fixture's stack.
const stackName = "cases"

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Edit changes a document before it is used: name is "apis/v1.xml" or "fragments/caller.xml".
type Edit func(name, text string) string

// setup is the gateway's configuration for a case.
type setup struct {
	apim.Configuration
	// accounts are the accounts' names in cases by the first label of their host names.
	accounts map[string]string
}

// deployments are the setups that were deployed before, by their facts.
var deployments sync.Map

// project is the fixture with what a case changes, deployed.
func (f Facts) project(ctx context.Context, edit Edit) (setup, error) {
	f.HubDown = false // nothing that is deployed
	key, err := json.Marshal(f)
	if err != nil {
		return setup{}, err
	}
	known, ok := deployments.Load(string(key))
	if !ok {
		if known, err = f.deploy(ctx); err != nil {
			return setup{}, err
		}
		deployments.Store(string(key), known)
	}
	w := known.(setup)
	if edit != nil {
		w.edit(edit)
	}
	return w, nil
}

// deploy deploys the fixture with what a case changes, and calls things as cases do.
func (f Facts) deploy(ctx context.Context) (setup, error) {
	settings, err := f.settings()
	if err != nil {
		return setup{}, err
	}
	stack, err := deployed.New(ctx, deployed.Options{Stack: stackName, Settings: settings, Unvalidated: true, TenantID: TenantID})
	if err != nil {
		return setup{}, err
	}
	w := setup{accounts: map[string]string{}}
	if w.Configuration, err = dataplane.Configuration(stack.Azure(), TenantID); err != nil {
		return setup{}, err
	}
	w.name(settings)
	w.addStrangers(settings)
	if err := w.breakers(f.BreakerStatuses); err != nil {
		return setup{}, err
	}
	w.edit(func(_, text string) string { return f.small(text) })
	return w, nil
}

// name gives subscriptions, keys and accounts the names that cases use.
func (w *setup) name(settings stacks.Settings) {
	for _, team := range settings.Teams {
		for i := range w.Subscriptions {
			if s := &w.Subscriptions[i]; s.ID == infra.SubscriptionID(team.Name, team.Products[0]) {
				s.ID, s.Name, s.PrimaryKey = team.Name, team.Name, Key(team.Name)
			}
		}
	}
	for _, account := range settings.Accounts {
		for _, d := range account.Deployments {
			for _, b := range w.Backends {
				if address, err := url.Parse(b.URL); err == nil && b.ID == policies.BackendID(account.Name, d.Name) {
					label, _, _ := strings.Cut(address.Hostname(), ".")
					w.accounts[label] = account.Name
				}
			}
		}
	}
}

// Key is the key of a team.
func Key(team string) string { return "key-of-" + team }

// addStrangers adds what can be created by hand in the portal: a product that the documents do not know, and keys of all kinds.
func (w *setup) addStrangers(settings stacks.Settings) {
	var apis []string
	for _, api := range w.APIs {
		if !strings.HasPrefix(api.ID, string(stacks.PrivacyMetadata)) {
			apis = append(apis, api.ID)
		}
	}
	w.Products = append(w.Products, apim.Product{ID: "foreign", Name: "foreign", Published: true, SubscriptionRequired: true, APIs: apis})
	add := func(name, scope, state string) {
		w.Subscriptions = append(w.Subscriptions, apim.Subscription{ID: name, Name: name, Scope: scope, State: state, PrimaryKey: Key(name)})
	}
	add("stranger", "/products/foreign", "active")
	add("master", "/apis", "active")
	if len(apis) > 0 {
		add("one-api", "/apis/"+apis[0], "active")
	}
	if len(settings.Products) > 0 {
		add("suspended", "/products/"+settings.Products[0].Name, "suspended")
	}
}

// breakers replaces what opens breakers, where a case says so.
func (w *setup) breakers(texts []string) error {
	statuses, err := ranges(texts)
	if err != nil || statuses == nil {
		return err
	}
	for i := range w.Backends {
		if w.Backends[i].Breaker != nil {
			w.Backends[i].Breaker.StatusCodes = statuses
		}
	}
	return nil
}

// edit changes the documents of this setup, and names them by their files. Other users of the same deployment keep theirs.
func (w *setup) edit(edit Edit) {
	w.Fragments, w.APIs = slices.Clone(w.Fragments), slices.Clone(w.APIs)
	for i, f := range w.Fragments {
		name := "fragments/" + f.ID + ".xml"
		w.Fragments[i].Policy.File, w.Fragments[i].Policy.Text = name, edit(name, f.Policy.Text)
	}
	for i, api := range w.APIs {
		surface := policies.Deployments
		if slices.ContainsFunc(api.Operations, func(o apim.Operation) bool { return o.ID == policies.V1.Operations()[0].ID }) {
			surface = policies.V1
		}
		name := "apis/" + string(surface) + ".xml"
		policy := *api.Policy
		policy.File, policy.Text = name, edit(name, policy.Text)
		w.APIs[i].Policy = &policy
	}
}

// small writes limits of pools into a document that no deployment can have: its unit is a thousand tokens per minute.
func (f Facts) small(text string) string {
	for _, pool := range sortedKeys(f.Pools) {
		largest := 0
		for _, m := range f.Pools[pool] {
			if m.TokensPerMinute == 0 {
				largest = 0
				break
			}
			largest = max(largest, m.TokensPerMinute)
		}
		units := (largest + tokensPerUnit - 1) / tokensPerUnit
		if units*tokensPerUnit != largest {
			capacity := func(tokens int) string { return fmt.Sprintf(`\"%s\": { \"tokensPerMinute\": %d,`, pool, tokens) }
			text = strings.ReplaceAll(text, capacity(units*tokensPerUnit), capacity(largest))
		}
	}
	return text
}
