package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Diff compares old inputs with new inputs. What Azure answered plays no part, so values that Azure normalises never
// show up as changes.
func (p *Provider) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	state, err := plainInputs(req.GetOlds())
	if err != nil {
		return nil, err
	}
	olds, err := oldInputs(req.GetOldInputs(), state)
	if err != nil {
		return nil, err
	}
	news, err := plainInputs(req.GetNews())
	if err != nil {
		return nil, err
	}
	d := newDiffer(s.kind, s.typ.Inputs, p.options.Types)
	d.top(olds, news)
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	if len(d.found) == 0 {
		return response, nil
	}
	response.Changes = pulumirpc.DiffResponse_DIFF_SOME
	response.DetailedDiff, response.HasDetailedDiff = d.found, true
	changed, replaced := map[string]bool{}, map[string]bool{}
	for path, change := range d.found {
		top := topOf(path)
		changed[top] = true
		if forces(change.Kind) {
			replaced[top] = true
		}
	}
	response.Diffs = slices.Sorted(maps.Keys(changed))
	response.Replaces = slices.Sorted(maps.Keys(replaced))
	response.DeleteBeforeReplace = len(response.Replaces) > 0
	if flag, ok := olds[createBeforeDelete]; ok && flag.IsBool() && flag.BoolValue() {
		response.DeleteBeforeReplace = false
	}
	return response, nil
}

// sameLocation compares "West US 2" and "westus2".
func sameLocation(a, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
	return plain(a) == plain(b)
}

// replaceKeys are the inputs whose change replaces the resource: whatever is in its id, the location of a tracked resource, and
// what its type cannot change. Much of what Azure cannot change either is not among them (an account's kind, a deployment's model):
// that goes out as an update and is refused by ARM.
func (k *kind) replaceKeys(inputs Object) map[string]bool {
	keys := set(append(slices.Clone(k.params), k.forceNew...)...)
	_, located := inputs.Properties["location"]
	_, tagged := inputs.Properties["tags"]
	if located && tagged && !k.untracked {
		keys["location"] = true
	}
	return keys
}

func forces(k pulumirpc.PropertyDiff_Kind) bool {
	return k == pulumirpc.PropertyDiff_ADD_REPLACE || k == pulumirpc.PropertyDiff_UPDATE_REPLACE || k == pulumirpc.PropertyDiff_DELETE_REPLACE
}

// topOf is the first element of a property path.
func topOf(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}
