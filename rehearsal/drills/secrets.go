package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
)

// secrets sends credentials in every way clients can, in calls that work and calls that fail, and then looks for them
// everywhere they must not be.
func secrets() Drill {
	return Drill{
		Name:    "secrets",
		Promise: "No credential of a client reaches an account, a log record, an event or an answer, nor does the gateway's own; prompts and answers of a confidential product are in no log record.",
		When:    Standing,
		Work:    with(aSandbox, trySecrets),
	}
}

// privateText is in every call of a product whose text is not logged; it is in no other text.
const privateText = "thequickzebrajumps"

// SecretsMeasured counts what was searched for credentials.
type SecretsMeasured struct {
	Searched Searched `json:"searched"`
}

// Searched counts what accounts, logs and callers got.
type Searched struct {
	Requests int `json:"requests"`
	Records  int `json:"records"`
	Events   int `json:"events,omitempty"`
	Answers  int `json:"answers"`
}

func trySecrets(ctx context.Context, g *sandbox, f *findings) (*SecretsMeasured, error) {
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	own, err := g.GatewayToken("https://cognitiveservices.azure.com")
	if err != nil {
		return nil, fmt.Errorf("the gateway's token: %w", err)
	}
	m := &SecretsMeasured{}
	for _, c := range callers {
		hunted := map[string]string{"the client's key": c.key, "the client's token": c.token}
		for _, a := range waysToAsk(c.ask) {
			for _, failing := range []bool{false, true} {
				g.clock.Advance(5 * time.Minute)
				g.Models.Heal("")
				g.Models.ForgetRequests()
				g.records.take()
				if failing {
					if err := g.Models.Script(accounts.Fault{Kind: accounts.FaultStatus, Status: 503}); err != nil {
						return nil, err
					}
				}
				got := g.ask(ctx, a)
				if failing == (got.status == 200) {
					f.add("%s of %s was answered %s", a.path(), c.product.Name, got)
				}
				hunt(g, f, c, got, hunted, own, &m.Searched)
			}
		}
	}
	return m, nil
}

// waysToAsk are the forms in which a client presents what it has.
func waysToAsk(a ask) []ask {
	a.prompt = privateText
	inHeader, inQuery, onV1, streamed := a, a, a, a
	inQuery.keyInQuery = true
	onV1.surface = v1
	streamed.stream = !a.embed
	return []ask{inHeader, inQuery, onV1, streamed}
}

// hunt looks for secrets in what accounts, logs and the caller got of the last call.
func hunt(g *sandbox, f *findings, c caller, got answer, hunted map[string]string, own string, searched *Searched) {
	for _, request := range g.Models.Requests() {
		searched.Requests++
		for name, secret := range hunted {
			if request.Holds(secret) {
				f.add("%s of product %s reached account %s", name, c.product.Name, request.Account)
			}
		}
	}
	answered := fmt.Sprint(got.body, got.header)
	for _, record := range g.records.take() {
		searched.Records++
		searched.Events += len(record.Events)
		text, err := json.Marshal(record)
		if err != nil {
			f.add("a log record cannot be read: %v", err)
			continue
		}
		for name, secret := range hunted {
			if secret != "" && strings.Contains(string(text), secret) {
				f.add("%s of product %s is in the log record of %s", name, c.product.Name, record.OperationID)
			}
		}
		if strings.Contains(string(text), own) {
			f.add("the gateway's own token is in the log record of %s", record.OperationID)
		}
		if private(c.product) && strings.Contains(string(text), privateText) {
			f.add("product %s keeps no text, but the prompt is in the log record of %s", c.product.Name, record.OperationID)
		}
	}
	searched.Answers++
	hunted["the gateway's own token"] = own
	for name, secret := range hunted {
		if secret != "" && strings.Contains(answered, secret) {
			f.add("%s is in an answer of product %s", name, c.product.Name)
		}
	}
	delete(hunted, "the gateway's own token")
	for _, account := range g.arm.Resources(accountType) {
		if got.status != 200 && strings.Contains(answered, account.Name) {
			f.add("a refusal of product %s names account %s: %s", c.product.Name, account.Name, got.body)
		}
	}
}
