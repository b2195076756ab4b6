package drills

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/jsonpath"
)

// drift changes what was deployed by hand, as is done in the portal, and puts it right.
func drift() Drill {
	return Drill{
		Name: "drift",
		Promise: "What was changed or deleted by hand is found by a refresh, by name, and put right by the next deployment; only a pool " +
			"has to be made visible first, as docs/operations.md says.",
		When: Standing,
		Work: with(inLab(AtOnce), tryDrift),
	}
}

// edit is something done by hand to one resource.
type edit struct {
	// what says it in the report.
	what    string
	armType string
	// which of the type; nil takes the first.
	which func(*arm.Server, arm.Resource) bool
	// change edits the body that is put back; nil deletes the resource.
	change func(body map[string]any)
	// found is the engine's word for what a refresh makes of it; empty where it finds nothing.
	found string
}

const (
	backendType = "Microsoft.ApiManagement/service/backends"
	stackType   = "Microsoft.Resources/deploymentStacks"
)

// editsByHand are in an order that Azure accepts: a backend leaves its pool before it is deleted.
func editsByHand() []edit {
	return []edit{
		{what: "a policy lost", armType: "Microsoft.ApiManagement/service/apis/policies", change: func(body map[string]any) {
			p := properties(body)
			p["value"] = strings.Replace(fmt.Sprint(p["value"]), "</outbound>",
				`<set-header name="x-by-hand" exists-action="override"><value>1</value></set-header></outbound>`, 1)
		}, found: "update"},
		{what: "an account opened to the internet", armType: accountType, change: func(body map[string]any) {
			properties(body)["publicNetworkAccess"] = "Enabled"
		}, found: "update"},
		{what: "a capacity raised", armType: "Microsoft.CognitiveServices/accounts/deployments", change: func(body map[string]any) {
			jsonpath.Object(body, "sku")["capacity"] = 99
		}, found: "update"},
		{what: "a diagnostic setting removed", armType: "Microsoft.Insights/diagnosticSettings", found: "delete"},
		{what: "a member taken out of a pool", armType: backendType, which: isPool, change: func(body map[string]any) {
			pool := jsonpath.Object(body, "properties", "pool")
			pool["services"] = jsonpath.List(pool, "services")[1:]
		}},
		{what: "its backend deleted", armType: backendType, which: outOfPools, found: "delete"},
	}
}

func properties(body map[string]any) map[string]any {
	return jsonpath.Object(body, "properties")
}

func isPool(_ *arm.Server, r arm.Resource) bool { return properties(r.Body)["type"] == "Pool" }

func outOfPools(server *arm.Server, r arm.Resource) bool {
	for _, other := range server.Resources(backendType) {
		for _, member := range jsonpath.Objects(other.Body, "properties", "pool", "services") {
			if strings.EqualFold(jsonpath.Text(member, "id"), r.ID) {
				return false
			}
		}
	}
	return !isPool(server, r)
}

// DriftMeasured counts edits by hand.
type DriftMeasured struct {
	// Found are the edits that a refresh has to find; the others are in the template of a deployment stack alone.
	Edits             int `json:"edits"`
	Found             int `json:"found"`
	OnlyInTheTemplate int `json:"onlyInTheTemplate"`
	// PutRight is what the next deployment changed.
	PutRight []string `json:"putRight"`
}

func tryDrift(ctx context.Context, t *ownStack, f *findings) (*DriftMeasured, error) {
	t.Change(oneProduct)
	if _, err := t.Up(ctx); err != nil {
		return nil, err
	}
	names, err := logicalNames(ctx, t)
	if err != nil {
		return nil, err
	}
	before := bodies(t.Azure())
	var want []string
	edited := editsByHand()
	for _, e := range edited {
		id, err := e.apply(t.Azure())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.what, err)
		}
		if e.found != "" {
			want = append(want, e.found+" "+names[strings.ToLower(id)])
		}
	}
	refreshed(ctx, t, f, want)

	// The engine does not look into the stack's template. A stack that is gone is deployed again, with every pool.
	for _, r := range t.Azure().Resources(stackType) {
		if !managesPools(r) {
			continue
		}
		if _, err := byHand(t.Azure(), http.MethodDelete, r.ID, r.APIVersion, nil); err != nil {
			return nil, err
		}
		refreshed(ctx, t, f, []string{"delete " + names[strings.ToLower(r.ID)]})
	}
	res, err := t.Up(ctx)
	if err != nil {
		f.add("%v", err)
	}
	after := bodies(t.Azure())
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if !reflect.DeepEqual(before[id], after[id]) {
			f.add("not put right: %s", id)
		}
	}
	return &DriftMeasured{Edits: len(edited), Found: len(want), OnlyInTheTemplate: len(edited) - len(want), PutRight: append([]string{}, res.Changed...)}, nil
}

// managesPools says whether a deployment stack made the pools.
func managesPools(stack arm.Resource) bool {
	return slices.ContainsFunc(jsonpath.Objects(stack.Body, "properties", "resources"), func(managed map[string]any) bool {
		return strings.Contains(jsonpath.Text(managed, "id"), "/backends/")
	})
}

// apply does it to the first resource that fits, and returns its id.
func (e edit) apply(server *arm.Server) (string, error) {
	for _, r := range server.Resources(e.armType) {
		if server.BuiltIn(r.ID) || e.which != nil && !e.which(server, r) {
			continue
		}
		if e.change == nil {
			_, err := byHand(server, http.MethodDelete, r.ID, r.APIVersion, nil)
			return r.ID, err
		}
		e.change(r.Body)
		_, err := byHand(server, http.MethodPut, r.ID, r.APIVersion, r.Body)
		return r.ID, err
	}
	return "", fmt.Errorf("there is no such %s", e.armType)
}

// refreshed refreshes and compares what that finds with what was done.
func refreshed(ctx context.Context, t Trial, f *findings, want []string) {
	res, err := t.Refresh(ctx)
	if err != nil {
		f.add("%v", err)
	}
	for _, w := range want {
		if !slices.Contains(res.Changed, w) {
			f.add("the refresh did not find: %s", w)
		}
	}
	for _, c := range res.Changed {
		if !slices.Contains(want, c) {
			f.add("the refresh found a change that was not made: %s", c)
		}
	}
}

// logicalNames are the types and names of resources in the engine's words, by id.
func logicalNames(ctx context.Context, t Trial) (map[string]string, error) {
	state, err := t.State(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, k := range state.Resources {
		names[strings.ToLower(k.ID)] = k.Type[strings.LastIndexByte(k.Type, ':')+1:] + " " + k.Name
	}
	return names, nil
}

// bodies are what Azure answers for everything that was created, without what changes at every write.
func bodies(server *arm.Server) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, r := range server.Resources("") {
		if server.BuiltIn(r.ID) {
			continue
		}
		delete(r.Body, "etag")
		for _, volatile := range []string{"etag", "createdOn", "updatedOn", "createdDate", "subnets", "correlationId"} {
			delete(properties(r.Body), volatile)
		}
		all[strings.ToLower(r.ID)] = r.Body
	}
	return all
}
