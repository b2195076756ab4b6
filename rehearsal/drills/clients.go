package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/rehearsal/clients"
	"enterprise-openai/stacks"
)

// libraries lets the libraries that teams use make their calls, unchanged.
func libraries() Drill {
	return Drill{
		Name:    "clients",
		Promise: "The OpenAI libraries that teams use work as they are, over TLS: plain, streamed, parsed by a schema, with tools, with continued responses, files, for embeddings and with agents, with key and with token; and they show the reason of a refusal.",
		When:    Standing,
		Work:    with(aSandbox, tryClients),
	}
}

// clientTokens is the length of the requested answers.
const clientTokens = 24

// expectation is a call with what has to come of it.
type expectation struct {
	clients.Call
	product string
	// status and text are those of a refusal; status 0 is success.
	status int
	text   string
}

// ClientsMeasured counts the calls of libraries.
type ClientsMeasured struct {
	Calls int `json:"calls"`
	// Worked are by library.
	Worked map[string]int `json:"worked"`
}

func tryClients(ctx context.Context, g *sandbox, f *findings) (*ClientsMeasured, error) {
	site := g.site
	if err := g.plenty(); err != nil {
		return nil, err
	}
	listener, err := g.Open(ctx, placeOfCallers(site), "127.0.0.1:0", site.CA)
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }()
	// Every call on a minute of its own: limits are another drill's business.
	listener.BeforeEach = func() { g.clock.Advance(time.Minute) }
	expected, err := g.clientCalls()
	if err != nil {
		return nil, err
	}
	answers, err := g.makeCalls(ctx, listener, expected)
	if err != nil {
		return nil, err
	}
	worked := map[string]int{}
	for i, e := range expected {
		if wrong := e.judge(answers[i]); wrong != "" {
			f.add("%s, %s on product %s with %s: %s", e.Client, e.Kind, e.product, e.with(), wrong)
			continue
		}
		worked[e.Client]++
	}
	return &ClientsMeasured{Calls: len(expected), Worked: worked}, nil
}

// clientCalls are what every library has to be able to do.
func (g *sandbox) clientCalls() ([]expectation, error) {
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	var all []expectation
	for _, library := range slices.Concat(clients.Go, clients.Node) {
		for _, c := range callers {
			call := clients.Call{Client: library, Base: c.base, Key: c.key, Token: c.token, Prompt: "Say something about rivers. " + accounts.MarkAnswer.With(fmt.Sprint(clientTokens))}
			for _, deployment := range c.product.Deployments {
				call.Deployment = deployment
				if embeds(g.site.Settings, deployment) {
					if library == "Agents" {
						continue // it has no embeddings
					}
					call.Kind = "embedding"
					all = append(all, expectation{Call: call, product: c.product.Name})
					continue
				}
				for _, kind := range kinds(library, c.product) {
					call.Kind = kind
					all = append(all, expectation{Call: call, product: c.product.Name})
				}
			}
			if !c.product.Authentication.TakesTokens() {
				call.Kind, call.Deployment, call.Key = "plain", c.deployment, "not-a-key"
				all = append(all, expectation{Call: call, product: c.product.Name, status: 401, text: "invalid subscription key"})
				call.Key, call.Deployment = c.key, "no-such-deployment"
				all = append(all, expectation{Call: call, product: c.product.Name, status: 404, text: "No deployment of this name exists"})
				if library == "AI SDK" {
					call.Kind, call.Deployment = "stored", c.deployment
					all = append(all, expectation{Call: call, product: c.product.Name, status: 400, text: "send the items themselves"})
				}
			}
		}
	}
	return all, nil
}

// kinds are what a library does with a model for chat. Products that keep no text have no responses to go on with.
func kinds(library string, p stacks.Product) []string {
	all := []string{"plain", "stream"}
	if slices.Contains(clients.Node, library) {
		all = append(all, "parse")
	}
	if slices.Contains(clients.Tooling, library) {
		all = append(all, "tools")
	}
	if slices.Contains(clients.Conversing, library) && !private(p) {
		all = append(all, "response")
	}
	if slices.Contains(clients.Filing, library) && p.AllowsFiles() {
		all = append(all, "files")
	}
	return all
}

// makeCalls makes the calls of Go's libraries in one process and those of Node's in another.
func (g *sandbox) makeCalls(ctx context.Context, listener *dataplane.Listener, expected []expectation) ([]clients.Answer, error) {
	log := g.site.Log
	if log == nil {
		log = io.Discard
	}
	at, err := url.Parse(listener.URL)
	if err != nil {
		return nil, err
	}
	endpoint := clients.Endpoint{Host: g.HostName, Port: at.Port(), CA: g.site.CA.PEM()}
	binary, err := clients.BuildGo(ctx, g.site.ProjectDir, log)
	if err != nil {
		return nil, err
	}
	folder, err := clients.Install(ctx, g.site.CacheDir, log)
	if err != nil {
		return nil, err
	}
	answers := make([]clients.Answer, len(expected))
	for _, side := range []struct {
		libraries []string
		run       func(calls []clients.Call) ([]clients.Answer, error)
	}{
		{clients.Go, func(calls []clients.Call) ([]clients.Answer, error) {
			return clients.RunGo(ctx, binary, endpoint, calls)
		}},
		{clients.Node, func(calls []clients.Call) ([]clients.Answer, error) { return clients.Run(ctx, folder, endpoint, calls) }},
	} {
		var calls []clients.Call
		var places []int
		for i, e := range expected {
			if slices.Contains(side.libraries, e.Client) {
				calls, places = append(calls, e.Call), append(places, i)
			}
		}
		made, err := side.run(calls)
		if err != nil {
			return nil, err
		}
		for i, answer := range made {
			answers[places[i]] = answer
		}
	}
	return answers, nil
}

// parsed says what is wrong with a value of the schema in water.mjs.
func parsed(text string) string {
	var water struct {
		Name *string `json:"name"`
		Kind string  `json:"kind"`
	}
	if err := json.Unmarshal([]byte(text), &water); err != nil {
		return fmt.Sprintf("the answer %q is not what its schema says: %v", text, err)
	}
	if water.Name == nil || water.Kind != "river" && water.Kind != "lake" {
		return fmt.Sprintf("the answer %q is not what its schema says", text)
	}
	return ""
}

func (e expectation) with() string {
	switch {
	case e.Token == "":
		return "a key"
	case e.Key == "":
		return "a token"
	}
	return "a key and a token"
}

// judge says what is wrong with an answer, or nothing.
func (e expectation) judge(a clients.Answer) string {
	if e.status != 0 {
		switch {
		case a.Error == "":
			return fmt.Sprintf("it worked, where a refusal with %d was promised", e.status)
		case a.Status != e.status:
			return fmt.Sprintf("it was refused with %d, not %d: %s", a.Status, e.status, a.Error)
		case !strings.Contains(a.Error, e.text):
			return fmt.Sprintf("its error does not contain the reason %q: %s", e.text, a.Error)
		}
		return ""
	}
	switch {
	case a.Error != "":
		return fmt.Sprintf("failed with %d: %s", a.Status, a.Error)
	case e.Kind == "embedding" && a.Size < 2:
		return "the embedding is empty"
	case e.Kind == "embedding":
		return ""
	case e.Kind == "parse":
		return parsed(a.Text)
	case e.Kind == "tools" && a.Size != 1:
		return fmt.Sprintf("%d tools were called, not the one that is required", a.Size)
	case e.Kind == "response" && a.Size != 2:
		return "the second response does not count the first as its prompt"
	}
	if n := accounts.CountTokens("gpt-4o", a.Text); n != clientTokens {
		return fmt.Sprintf("the answer has %d tokens, not the %d that the account sent: %q", n, clientTokens, a.Text)
	}
	if e.Kind == "stream" && a.Size < 2 {
		return "the stream came in one piece"
	}
	return ""
}
