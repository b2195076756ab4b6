package drills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/clock"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// upgradeWatch calls the gateway after every write to Azure, before the write is answered.
type upgradeWatch struct {
	*sandbox
	f *findings
	// first and settings are those of the file, and of the last update.
	first, settings stacks.Settings
	path            string

	mu      sync.Mutex
	staying []stayingCall
	// writes counts since the beginning of a path; the others count the whole drill.
	writes int
	UpgradeMeasured
}

// stayingCall is a call that works before an update and has to work all through it.
type stayingCall struct {
	caller
	team string
}

func watchUpgrades(ctx context.Context, t Trial, f *findings) (*upgradeWatch, error) {
	site, err := t.Site()
	if err != nil {
		return nil, err
	}
	g, err := site.openLive(ctx, clock.NewFake(clock.Epoch))
	if err != nil {
		return nil, err
	}
	w := &upgradeWatch{sandbox: g, f: f, first: site.Settings, settings: site.Settings}
	t.Azure().OnChange(func(string) { w.look(ctx) })
	return w, nil
}

// original are the file's settings, for a change to be made to them.
func (w *upgradeWatch) original() stacks.Settings { return deepCopy(w.first) }

// deepCopy shares no list with what it was made of.
func deepCopy(s stacks.Settings) stacks.Settings {
	s.Accounts = slices.Clone(s.Accounts)
	for i := range s.Accounts {
		s.Accounts[i].Deployments = slices.Clone(s.Accounts[i].Deployments)
	}
	s.Products, s.Teams = slices.Clone(s.Products), slices.Clone(s.Teams)
	for i := range s.Products {
		s.Products[i].Groups = slices.Clone(s.Products[i].Groups)
	}
	return s
}

// stay begins to call what is there before and after an update.
func (w *upgradeWatch) stay(before, after stacks.Settings) error {
	var calls []stayingCall
	for _, p := range before.Products {
		same := func(other stacks.Product) bool {
			return other.Name == p.Name && other.Authentication == p.Authentication && before.BasePath(p) == after.BasePath(other)
		}
		i := slices.IndexFunc(after.Products, same)
		if i < 0 {
			continue
		}
		for _, deployment := range p.Deployments {
			if !slices.Contains(after.Products[i].Deployments, deployment) {
				continue
			}
			call, err := w.callOf(p, deployment, before, after)
			if err != nil {
				return err
			}
			if call != nil {
				calls = append(calls, *call)
			}
		}
	}
	if len(calls) == 0 {
		return errors.New("nothing stays that could be called")
	}
	w.begin(calls)
	return nil
}

// callOf is a call by a team that stays, or by a person where the product takes tokens alone; nil when nobody stays.
func (w *upgradeWatch) callOf(p stacks.Product, deployment string, before, after stacks.Settings) (*stayingCall, error) {
	call := &stayingCall{caller: caller{p, ask{base: before.BasePath(p), surface: dated, deployment: deployment, embed: embeds(before, deployment)}}}
	if p.Authentication.TakesKeys() {
		stays := func(t stacks.Team) bool {
			return slices.Contains(t.Products, p.Name) && slices.ContainsFunc(after.Teams, func(other stacks.Team) bool {
				return other.Name == t.Name && slices.Contains(other.Products, p.Name)
			})
		}
		i := slices.IndexFunc(before.Teams, stays)
		if i < 0 {
			return nil, nil //nolint:nilnil // a product without a team has no caller
		}
		call.team = before.Teams[i].Name
		var err error
		if call.key, err = w.key(infra.SubscriptionID(call.team, p.Name)); err != nil {
			return nil, err
		}
	}
	if p.Authentication.TakesTokens() {
		var err error
		if call.token, err = w.people.Token(dataplane.Person{Product: p.Name}, w.longLived()); err != nil {
			return nil, fmt.Errorf("token of a member of %s: %w", p.Name, err)
		}
	}
	return call, nil
}

func (w *upgradeWatch) begin(calls []stayingCall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.staying, w.writes = calls, 0
}

func (w *upgradeWatch) end() { w.begin(nil) }

// look is one moment of an update: every call that stays is made, and the pool behind it is looked into.
func (w *upgradeWatch) look(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	if len(w.staying) == 0 {
		return
	}
	w.Moments++
	w.clock.Advance(2 * time.Minute) // no limit is used up, no breaker open: what fails now fails because of the update
	looked := map[string]bool{}
	for _, call := range w.staying {
		w.Calls++
		if got := w.ask(ctx, call.ask); got.status != http.StatusOK {
			w.FailedCalls++
			w.f.add("%s, after write %d: team %s got %s for %s on product %s", w.path, w.writes, orNobody(call.team), got, call.deployment, call.product.Name)
		}
		if !looked[call.deployment] {
			looked[call.deployment] = true
			w.lookInto(call.deployment)
		}
	}
	w.records.take()
}

// lookInto counts the members of a pool that can answer.
func (w *upgradeWatch) lookInto(deployment string) {
	members, able := w.members(deployment)
	if able == 0 {
		w.EmptyPools++
		w.f.add("%s, after write %d: pool of %s has no member that can answer", w.path, w.writes, deployment)
	}
	if able < members {
		w.UselessMembers++
		w.f.add("%s, after write %d: %d of %d members of the pool of %s cannot answer", w.path, w.writes, members-able, members, deployment)
	}
}

// members counts the members of a deployment's pool, and those whose account has the deployment, an endpoint and the role.
func (w *upgradeWatch) members(deployment string) (members, able int) {
	backends := map[string]arm.Resource{}
	for _, b := range w.arm.Resources("Microsoft.ApiManagement/service/backends") {
		backends[strings.ToLower(b.ID)] = b
	}
	for _, b := range backends {
		if b.Name != policies.PoolID(deployment) {
			continue
		}
		services := jsonpath.Object(b.Body, "properties", "pool")["services"]
		list, _ := services.([]any)
		for _, entry := range list {
			member, _ := entry.(map[string]any)
			id, _ := member["id"].(string)
			members++
			address, _ := properties(backends[strings.ToLower(id)].Body)["url"].(string)
			if w.answers(address, deployment) {
				able++
			}
		}
	}
	return members, able
}

// answers says whether an account at an address has the deployment and lets the gateway use it.
func (w *upgradeWatch) answers(address, deployment string) bool {
	for _, account := range w.arm.Resources(accountType) {
		endpoint, _ := properties(account.Body)["endpoint"].(string)
		if endpoint == "" || !strings.HasPrefix(address, endpoint) {
			continue
		}
		if _, deployed := w.arm.Get(account.ID + "/deployments/" + deployment); !deployed {
			return false
		}
		return w.refersTo("Microsoft.Authorization/roleAssignments", account.ID) && w.refersTo("Microsoft.Network/privateEndpoints", account.ID)
	}
	return false
}

// refersTo says whether a resource of a type names an id.
func (w *upgradeWatch) refersTo(armType, id string) bool {
	for _, r := range w.arm.Resources(armType) {
		if text, err := json.Marshal(r.Body["properties"]); err == nil && strings.Contains(strings.ToLower(string(text)), strings.ToLower(id)+`"`) {
			return true
		}
	}
	return false
}

func orNobody(team string) string {
	if team == "" {
		return "nobody's"
	}
	return team
}

// buryShell looks at the product that was removed, which must not serve any caller any more, and removes what Azure kept of it as
// docs/operations.md says: by hand, with its subscriptions.
func (w *upgradeWatch) buryShell() error {
	service, err := w.service()
	if err != nil {
		return err
	}
	shell := service + "/products/" + addedName
	if _, there := w.arm.Get(shell); !there {
		return errors.New("the product that was removed left no shell: is it deleted now? Then docs/operations.md and this drill say too much")
	}
	for _, r := range w.arm.Resources("") {
		scope, _ := properties(r.Body)["scope"].(string)
		if (strings.HasPrefix(r.ID, shell+"/") || strings.EqualFold(scope, shell)) && !w.arm.BuiltIn(r.ID) {
			w.f.add("the product that was removed still has %s", r.ID)
		}
	}
	_, err = w.send(http.MethodDelete, shell+"?deleteSubscriptions=true", nil)
	return err
}

func (w *upgradeWatch) measured() *UpgradeMeasured {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.UpgradeMeasured
	m.Paths = len(paths()) + 1
	return &m
}
