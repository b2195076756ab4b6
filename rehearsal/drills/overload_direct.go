package drills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// direct calls accounts as the gateway does, without the gateway.
type direct struct {
	*sandbox
	load  *load
	token string
}

func (d *direct) ask(ctx context.Context, account accounts.Account, maxTokens int) (int, error) {
	a := ask{surface: dated, deployment: d.load.pool.Deployment, token: d.token, prompt: accounts.MarkAnswer.With("max"), maxTokens: maxTokens}
	r, err := a.request(ctx, "https://"+account.Host())
	if err != nil {
		return 0, err
	}
	res, err := d.Models.Transport(accounts.PrivateEndpoint).RoundTrip(r)
	if err != nil {
		return 0, err
	}
	// The account books a call when its answer has been read.
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, errors.Join(err, res.Body.Close())
}

// answerTokens is the max_tokens with which a call has the load's size: the prompt has a price too, and the account says which.
func (d *direct) answerTokens(ctx context.Context) (int, error) {
	account, err := d.accountOf(d.load.pool.Members[0])
	if err != nil {
		return 0, err
	}
	const probe = 10
	d.Models.ForgetRequests()
	status, err := d.ask(ctx, account, probe)
	if err != nil {
		return 0, fmt.Errorf("account %s: %w", account.Name, err)
	}
	if status != http.StatusOK {
		return 0, fmt.Errorf("account %s answered the gateway's identity with %d", account.Name, status)
	}
	seen := d.Models.Requests()
	if len(seen) == 0 {
		return 0, fmt.Errorf("account %s booked no call", account.Name)
	}
	d.clock.Advance(2 * time.Minute)
	return d.load.size - (seen[len(seen)-1].Estimate - probe), nil
}

// saturate asks one account for twice what it is thought to serve, for as long as the drill, and says what it served.
func (d *direct) saturate(ctx context.Context, account accounts.Account) (int, error) {
	perMinute := 0
	for _, m := range d.load.pool.Members {
		if other, err := d.accountOf(m); err == nil && other.Name == account.Name {
			perMinute = m.Deployment.TokensPerMinute() / d.load.scale
		}
	}
	calls := max(1, overloadFactor*overloadMinutes*perMinute/d.load.size)
	every := overloadMinutes * time.Minute / time.Duration(calls)
	served := 0
	for range calls {
		status, err := d.ask(ctx, account, d.load.answer)
		if err != nil {
			return 0, fmt.Errorf("account %s: %w", account.Name, err)
		}
		if status == http.StatusOK {
			served += d.load.size
		}
		d.clock.Advance(every)
	}
	return served, nil
}

// splitName are the parts of a physical name.
func splitName(name string) []string { return strings.Split(name, "-") }

// oneAccount is a policy that knows a single account.
func oneAccount(pool stacks.Pool) string { return comparison(pool, `<forward-request />`) }

// comparison is a policy as they are often found, with a backend section.
func comparison(pool stacks.Pool, backend string) string {
	return fmt.Sprintf(`<policies>
	<inbound><base /><include-fragment fragment-id="identity" /><set-backend-service backend-id="%s" /></inbound>
	<backend>%s</backend>
	<outbound><base /></outbound>
	<on-error><base /></on-error>
</policies>`, policies.BackendID(pool.Members[0].Account.Name, pool.Deployment), backend)
}

// retryWithoutBreaker is a policy that tries every account again.
func retryWithoutBreaker(pool stacks.Pool) string {
	var members []string
	for _, m := range pool.Members {
		members = append(members, policies.BackendID(m.Account.Name, pool.Deployment))
	}
	return comparison(pool, fmt.Sprintf(`<set-variable name="attempt" value="@(0)" />
	<retry condition="@((int)context.Variables["attempt"] < %d && (context.Response.StatusCode == 429 || context.Response.StatusCode >= 500))" count="%d" interval="0" first-fast-retry="true">
		<set-backend-service backend-id="@("%s".Split(',')[(int)context.Variables["attempt"]])" />
		<set-variable name="attempt" value="@((int)context.Variables["attempt"] + 1)" />
		<forward-request buffer-request-body="true" />
	</retry>`, len(members), len(members), strings.Join(members, ",")))
}

// datedPath is how the paths of the APIs on the dated surface end, whatever class of logs they are.
const datedPath = "/openai"

// replace puts another policy in the place of ours, and takes the breakers away.
func (g *sandbox) replace(pool stacks.Pool, document string) error {
	service, err := g.service()
	if err != nil {
		return err
	}
	for _, m := range pool.Members {
		backend, ok := g.arm.Get(service + "/backends/" + policies.BackendID(m.Account.Name, pool.Deployment))
		if !ok {
			return fmt.Errorf("backend of %s on account %s does not exist", pool.Deployment, m.Account.Name)
		}
		p := properties(backend.Body)
		delete(p, "circuitBreaker")
		if _, err := g.send(http.MethodPut, backend.ID, map[string]any{"properties": p}); err != nil {
			return err
		}
	}
	for _, api := range g.arm.Resources("Microsoft.ApiManagement/service/apis") {
		if path, _ := properties(api.Body)["path"].(string); !strings.HasSuffix("/"+path, datedPath) {
			continue
		}
		if _, err := g.send(http.MethodPut, api.ID+"/policies/policy", map[string]any{
			"properties": map[string]any{"format": "rawxml", "value": document}}); err != nil {
			return err
		}
	}
	return nil
}
