package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
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
	d := differ{replaces: s.kind.replaceKeys(), found: map[string]*pulumirpc.PropertyDiff{}}
	d.object(changesOf(olds, news), "", "", false)
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

// changesOf leaves out what the provider does not count: how a location is written, and its own marks.
func changesOf(olds, news resource.PropertyMap) *resource.ObjectDiff {
	diff := olds.Diff(news, func(key resource.PropertyKey) bool { return strings.HasPrefix(string(key), "__") })
	if diff == nil {
		return nil
	}
	if v, ok := diff.Updates["location"]; ok && v.Old.IsString() && v.New.IsString() &&
		sameLocation(v.Old.StringValue(), v.New.StringValue()) {
		delete(diff.Updates, "location")
	}
	return diff
}

// sameLocation compares "West US 2" and "westus2".
func sameLocation(a, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
	return plain(a) == plain(b)
}

// replaceKeys are the inputs whose change replaces the resource: whatever is in its id, and what its type cannot change.
// Much of what Azure cannot change either is not among them (an account's kind, a deployment's model): that goes out as an
// update and is refused by ARM.
func (k *kind) replaceKeys() map[string]bool {
	return set(append(slices.Clone(k.params), k.forceNew...)...)
}

// differ collects changes by path. A path to an array element has its index in found, but [] in replaces.
type differ struct {
	replaces map[string]bool
	found    map[string]*pulumirpc.PropertyDiff
}

func (d *differ) object(diff *resource.ObjectDiff, path, rule string, forced bool) {
	if diff == nil {
		return
	}
	at := func(base string, key resource.PropertyKey) string { return join(base, string(key)) }
	for key := range diff.Adds {
		d.add(at(path, key), at(rule, key), forced, pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE)
	}
	for key := range diff.Deletes {
		d.add(at(path, key), at(rule, key), forced, pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE)
	}
	for key, change := range diff.Updates {
		d.value(change, at(path, key), at(rule, key), forced)
	}
}

func (d *differ) value(change resource.ValueDiff, path, rule string, forced bool) {
	forced = forced || d.replaces[rule]
	switch {
	case change.Object != nil:
		d.object(change.Object, path, rule, forced)
	case change.Array != nil:
		for i, item := range change.Array.Updates {
			d.value(item, fmt.Sprintf("%s[%d]", path, i), rule+"[]", forced)
		}
		for i := range change.Array.Adds {
			d.add(fmt.Sprintf("%s[%d]", path, i), rule, forced, pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE)
		}
		for i := range change.Array.Deletes {
			d.add(fmt.Sprintf("%s[%d]", path, i), rule, forced, pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE)
		}
	default:
		d.add(path, rule, forced, pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE)
	}
}

func (d *differ) add(path, rule string, forced bool, plain, replace pulumirpc.PropertyDiff_Kind) {
	k := plain
	if forced || d.replaces[rule] {
		k = replace
	}
	d.found[path] = &pulumirpc.PropertyDiff{Kind: k, InputDiff: true}
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
