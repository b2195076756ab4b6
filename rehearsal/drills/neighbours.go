package drills

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/stacks"
)

// neighbours lets one team send the worst that is legal to each deployment, and then asks as another team.
func neighbours() Drill {
	return Drill{
		Name:    "neighbours",
		Promise: "Whatever one team sends to a deployment (answers and batches larger than every account, giant or broken bodies, prompts that make the model fail, hanging up), another team's next call is answered by the first account that is called.",
		When:    Standing,
		Work:    with(aSandbox, tryNeighbours),
	}
}

// disturbance is a call of a team that may take a deployment from the others.
type disturbance struct {
	name string
	body map[string]any
	// raw replaces the body by text that no map can be.
	raw string
	// fails lets the model fail for this call alone.
	fails bool
	// hangsUp ends the call before there is an answer.
	hangsUp bool
}

// thousandTokens is a text of about 1,000 tokens.
var thousandTokens = strings.Repeat("four", 1000)

// chatDisturbances and embeddingDisturbances: the figures are the models' own maxima, or what a client sends that counts in other units.
func chatDisturbances() []disturbance {
	messages := []any{map[string]any{"role": "user", "content": "hello"}}
	giant := []any{map[string]any{"role": "user", "content": strings.Repeat(thousandTokens, 256)}}
	return []disturbance{
		{name: "the model's largest answer", body: map[string]any{"messages": messages, "max_completion_tokens": 128_000}},
		{name: "the largest number as an answer's size", body: map[string]any{"messages": messages, "max_completion_tokens": 2_147_483_647}},
		{name: "128 answers", body: map[string]any{"messages": messages, "n": 128, "max_completion_tokens": 128_000}},
		{name: "an answer's size that no number holds", raw: `{"messages":[{"role":"user","content":"hello"}],"max_completion_tokens":1e999}`},
		{name: "two sizes of an answer", body: map[string]any{"messages": messages, "max_completion_tokens": 1, "max_tokens": 128_000}},
		{name: "a prompt of a million characters", body: map[string]any{"messages": giant}},
		{name: "a body that breaks off", raw: `{"messages":[{"role":"user","content":"hel`},
		{name: "a prompt that makes the model fail", body: map[string]any{"messages": messages}, fails: true},
		{name: "hanging up", body: map[string]any{"messages": messages}, hangsUp: true},
		{name: "hanging up a stream", body: map[string]any{"messages": messages, "stream": true}, hangsUp: true},
	}
}

func embeddingDisturbances() []disturbance {
	batch := func(n int, text string) map[string]any {
		inputs := make([]string, n)
		for i := range inputs {
			inputs[i] = text
		}
		return map[string]any{"input": inputs}
	}
	return []disturbance{
		{name: "a batch of 20,000 tokens", body: batch(20, thousandTokens)},
		{name: "a batch of a million tokens", body: batch(1000, thousandTokens)},
		{name: "more texts than a batch may have", body: batch(2049, "hello")},
		{name: "a body that breaks off", raw: `{"input":["hel`},
		{name: "hanging up", body: batch(1, "hello"), hangsUp: true},
	}
}

// modelFails is what an account answers when the model fails at a prompt (Azure/azure-sdk-for-net#45353).
const modelFails = `{"error":{"message":"The model produced invalid content. Consider modifying your prompt if you are seeing this error persistently.","type":"model_error","param":null,"code":null}}`

// NeighboursMeasured counts what one team did and what the other one got.
type NeighboursMeasured struct {
	Deployments     int `json:"deployments"`
	Deeds           int `json:"deeds"`
	CallsOfTheOther int `json:"callsOfTheOther"`
	Answered        int `json:"answered"`
}

func tryNeighbours(ctx context.Context, g *sandbox, f *findings) (*NeighboursMeasured, error) {
	t := &neighbourTrial{sandbox: g, findings: f}
	for _, pool := range g.site.Settings.Pools() {
		products := productsOf(g.site.Settings, pool.Deployment)
		if len(products) == 0 {
			continue // callers are distinguished by their keys
		}
		if err := t.try(ctx, pool, products[0]); err != nil {
			return nil, err
		}
	}
	return &t.NeighboursMeasured, nil
}

type neighbourTrial struct {
	*sandbox
	*findings
	NeighboursMeasured
}

// try does everything to one deployment, as often as it has accounts and once more.
func (t *neighbourTrial) try(ctx context.Context, pool stacks.Pool, product stacks.Product) error {
	c, err := t.callerWith(pool.Deployment, func(p stacks.Product) bool { return p.Name == product.Name })
	if err != nil {
		return err
	}
	loud, quiet := c.ask, c.ask
	for key, name := range map[*string]string{&loud.key: "loud", &quiet.key: "quiet"} {
		if *key, err = t.subscribe("neighbours-"+name+"-"+pool.Deployment, "/products/"+product.Name); err != nil {
			return err
		}
	}
	t.Deployments++
	deeds := chatDisturbances()
	if c.embed {
		deeds = embeddingDisturbances()
	}
	for _, d := range deeds {
		t.Models.Heal("")
		t.clock.Advance(5 * time.Minute)
		t.Deeds++
		for range len(pool.Members) + 1 {
			if err := t.do(ctx, loud, d); err != nil {
				return err
			}
		}
		t.records.take()
		t.CallsOfTheOther++
		got := t.ask(ctx, quiet)
		attempts := t.records.takeAttempts()
		switch {
		case got.status != http.StatusOK:
			t.add("after %s on %s by one team, another team's call was answered %s", d.name, pool.Deployment, got)
		case attempts > 1:
			t.add("after %s on %s by one team, another team's call was offered to %d accounts", d.name, pool.Deployment, attempts)
		default:
			t.Answered++
		}
	}
	return nil
}

// do sends a disturbance. The answer to its own caller is not checked.
func (t *neighbourTrial) do(ctx context.Context, a ask, d disturbance) error {
	if d.fails {
		fault := accounts.Fault{Kind: accounts.FaultStatus, Status: http.StatusInternalServerError, Body: modelFails}
		if err := t.Models.Script(fault); err != nil {
			return err
		}
		defer t.Models.Heal("")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	text := d.raw
	if text == "" {
		data, err := json.Marshal(d.body)
		if err != nil {
			return err
		}
		text = string(data)
	}
	if d.hangsUp {
		cancel()
	}
	_, err := t.askWith(ctx, a, text)
	return err
}
