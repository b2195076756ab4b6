package drills

import (
	"context"
	"fmt"
	"io"
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/jsonpath"
)

// isolation goes around the gateway: to every account directly, with every credential that could leak, from the
// internet and from a machine in the network.
func isolation() Drill {
	return Drill{
		Name:    "isolation",
		Promise: "No client reaches a model except through the gateway: not from the internet, not from inside the network, with no key and no token.",
		When:    Standing,
		Work:    with(aSandbox, tryIsolation),
	}
}

// loot is a credential that is tried on an account.
type loot struct {
	name       string
	key, token string
	// outsideOnly is a credential that works inside, because it is the gateway's own: outside it must not help either.
	outsideOnly bool
}

const accountType = "Microsoft.CognitiveServices/accounts"

// IsolationMeasured counts calls to accounts past the gateway.
type IsolationMeasured struct {
	DirectCalls int `json:"directCalls"`
	Answered    int `json:"answered"`
	// Refusals are by place and answer.
	Refusals map[string]int `json:"refusals"`
}

func tryIsolation(ctx context.Context, g *sandbox, f *findings) (*IsolationMeasured, error) {
	listeners := map[dataplane.Place]*dataplane.Listener{}
	for _, place := range []dataplane.Place{dataplane.Outside, dataplane.Inside} {
		listener, err := g.Open(ctx, place, "127.0.0.1:0", g.site.CA)
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }()
		listeners[place] = listener
	}
	m := &IsolationMeasured{Refusals: map[string]int{}}
	for _, account := range g.arm.Resources(accountType) {
		credentials, err := lootOf(g, account)
		if err != nil {
			return nil, err
		}
		for place, listener := range listeners {
			for _, c := range credentials {
				if c.outsideOnly && place == dataplane.Inside {
					continue
				}
				m.DirectCalls++
				status, text := tryAccount(ctx, listener, g, account.Name, c)
				m.Refusals[place.String()+": "+text]++
				if status > 0 && status < 400 {
					m.Answered++
					f.add("account %s answered a call from %s the network with %s: %d", account.Name, place, c.name, status)
				}
			}
		}
	}
	holders(g, f)
	if err := gateways(ctx, g, f, listeners); err != nil {
		return nil, err
	}
	return m, nil
}

func lootOf(g *sandbox, account arm.Resource) ([]loot, error) {
	// ARM lists no keys of an account without key authentication ("Failed to list key. disableLocalAuth is set to be true"), but
	// they exist, and may have been seen before.
	key, _ := account.Private["key1"].(string)
	const resource = "https://cognitiveservices.azure.com"
	person, err := g.people.TokenFor(dataplane.Person{Product: g.site.Settings.Products[0].Name}, resource)
	if err != nil {
		return nil, fmt.Errorf("a person's token: %w", err)
	}
	gateway, err := g.GatewayToken(resource)
	if err != nil {
		return nil, fmt.Errorf("the gateway's token: %w", err)
	}
	all := []loot{
		{name: "no credential"},
		{name: "the account's own key", key: key},
		{name: "an employee's Entra token", token: person},
		{name: "an invented token", token: strings.Repeat("invented.", 3)},
		{name: "the gateway's own token", token: gateway, outsideOnly: true},
	}
	for _, product := range g.site.Settings.Products {
		key, err := g.teamKey("", product.Name)
		if err != nil {
			return nil, err
		}
		all = append(all, loot{name: "a key of product " + product.Name, key: key})
	}
	return all, nil
}

// tryAccount calls an account under its own name. Status 0 means that the name led nowhere.
func tryAccount(ctx context.Context, listener *dataplane.Listener, g *sandbox, account string, c loot) (status int, text string) {
	served, ok := g.Models.Account(account)
	if !ok || len(served.Deployments) == 0 {
		return 0, "not served"
	}
	a := ask{surface: dated, deployment: served.Deployments[0].Name, embed: strings.HasPrefix(served.Deployments[0].Model, "text-embedding"), key: c.key, token: c.token}
	r, err := a.request(ctx, "https://"+served.Host())
	if err != nil {
		return 0, err.Error()
	}
	res, err := listener.Client().Do(r)
	if err != nil {
		return 0, "not reached"
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, err.Error()
	}
	return res.StatusCode, answer{status: res.StatusCode, body: string(body)}.String()
}

// holders checks that the gateway alone has a role on an account.
func holders(g *sandbox, f *findings) {
	identity := ""
	for _, service := range g.arm.Resources("Microsoft.ApiManagement/service") {
		identity = jsonpath.Text(service.Body, "identity", "principalId")
	}
	for _, account := range g.arm.Resources(accountType) {
		served, _ := g.Models.Account(account.Name)
		for _, holder := range served.Roles {
			if holder != identity {
				f.add("principal %s holds a role on account %s, which only the gateway may", holder, account.Name)
			}
		}
	}
}

// gateways checks that the gateway answers where the settings say that it does, and only those who are known.
func gateways(ctx context.Context, g *sandbox, f *findings, listeners map[dataplane.Place]*dataplane.Listener) error {
	callers, err := g.callers()
	if err != nil {
		return err
	}
	for place, listener := range listeners {
		want := place == dataplane.Inside || !g.site.Settings.Gateway.Mode.IsInternal()
		for _, c := range callers {
			anonymous := c.ask
			anonymous.key, anonymous.token = "", ""
			for _, try := range []struct {
				who    string
				ask    ask
				status int
			}{{"somebody who is known", c.ask, 200}, {"a stranger", anonymous, 401}} {
				r, err := try.ask.request(ctx, "https://"+g.HostName)
				if err != nil {
					return err
				}
				res, err := listener.Client().Do(r)
				switch {
				case err != nil && want:
					f.add("the gateway cannot be reached from %s: %v", place, err)
				case err == nil && !want:
					f.add("the gateway answers from %s although it is %s", place, g.site.Settings.Gateway.Mode)
				case err == nil && res.StatusCode != try.status:
					f.add("the gateway answered %s of product %s from %s with %d, not %d", try.who, c.product.Name, place, res.StatusCode, try.status)
				}
				if err == nil {
					_ = res.Body.Close()
				}
			}
		}
	}
	return nil
}
