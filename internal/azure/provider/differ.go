package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"enterprise-openai/internal/jsonpath"
)

// differ compares inputs and collects what changed by path (provider/pkg/provider/diff.go). A path to an array element has its index
// in found, but [] in replaces.
type differ struct {
	types    Types
	inputs   Object
	keyed    map[string][]string
	replaces map[string]bool
	found    map[string]*pulumirpc.PropertyDiff
}

func newDiffer(k *kind, inputs Object, types Types) *differ {
	d := &differ{types: types, inputs: inputs, found: map[string]*pulumirpc.PropertyDiff{}}
	if k != nil {
		d.keyed, d.replaces = k.keyed, k.replaceKeys(inputs)
	}
	return d
}

// place is where a value is: with indexes for the report, without them for the rules.
type place struct {
	path, rule string
}

func (p place) key(name string) place {
	return place{jsonpath.Key(p.path, name), jsonpath.Key(p.rule, name)}
}

func (p place) item(index int) place {
	return place{jsonpath.Index(p.path, index), p.rule + "[]"}
}

// top compares two resources. The provider's own marks do not count, nor does how a location is written.
func (d *differ) top(olds, news resource.PropertyMap) {
	skip := func(key resource.PropertyKey) bool {
		if strings.HasPrefix(string(key), "__") {
			return true
		}
		before, after := olds[key], news[key]
		return key == "location" && before.IsString() && after.IsString() && sameLocation(before.StringValue(), after.StringValue())
	}
	d.object(olds, news, place{}, d.inputs.Properties, skip)
}

// object compares two objects key by key. An addition or a deletion is a matter of its own key: below an object that cannot change
// it stays an update in place, which ARM may refuse.
func (d *differ) object(
	olds, news resource.PropertyMap, at place, types map[string]Property, skip ...func(resource.PropertyKey) bool,
) {
	for _, key := range keysOf(olds, news) {
		if slices.ContainsFunc(skip, func(f func(resource.PropertyKey) bool) bool { return f(key) }) {
			continue
		}
		before, had := olds[key]
		after, has := news[key]
		here, typ := at.key(string(key)), types[string(key)]
		switch {
		case had && has:
			d.value(before, after, here, typ)
		case had:
			d.note(here, pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE)
		case !isDefault(typ, after): // a value that Azure has anyway is no change (pulumi-azure-native#2506)
			d.note(here, pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE)
		}
	}
}

func keysOf(maps ...resource.PropertyMap) []resource.PropertyKey {
	var keys []resource.PropertyKey
	for _, m := range maps {
		for key := range m {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func isDefault(typ Property, value resource.PropertyValue) bool {
	return typ.Default != nil && value.DeepEquals(resource.NewPropertyValue(typ.Default))
}

// value compares two values. A change below an object that cannot change replaces the resource.
func (d *differ) value(before, after resource.PropertyValue, at place, typ Property) {
	switch {
	case before.IsObject() && after.IsObject():
		below := newBelow(d)
		below.object(before.ObjectValue(), after.ObjectValue(), at, d.properties(typ))
		for path, change := range below.found {
			if change.Kind == pulumirpc.PropertyDiff_UPDATE && d.replaces[at.rule] {
				change.Kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
			}
			d.found[path] = change
		}
	case before.IsArray() && after.IsArray():
		d.array(before.ArrayValue(), after.ArrayValue(), at, typ)
	case !before.DeepEquals(after):
		d.note(at, pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE)
	}
}

// newBelow collects separately what is below a value.
func newBelow(d *differ) *differ {
	below := *d
	below.found = map[string]*pulumirpc.PropertyDiff{}
	return &below
}

// properties are the types below a value; none where they are not published.
func (d *differ) properties(typ Property) map[string]Property {
	if d.types == nil || typ.Ref == "" {
		return nil
	}
	object, _ := d.types.Object(typ.Ref)
	return object.Properties
}

// array compares two arrays: by position, or by the keys that the API description gives their elements (x-ms-identifiers,
// pulumi-azure-native#2968). Elements that come and go are never a replacement.
func (d *differ) array(olds, news []resource.PropertyValue, at place, typ Property) {
	var items Property
	if typ.Items != nil {
		items = *typ.Items
	}
	pairs, ok := byKey(olds, news, d.keyed[at.rule])
	if !ok {
		pairs = byPosition(olds, news)
	}
	for i, after := range news {
		if partner, has := pairs.of[i]; has {
			d.value(olds[partner], after, at.item(i), items)
			continue
		}
		d.found[at.item(i).path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_ADD, InputDiff: true}
	}
	for _, i := range pairs.gone {
		d.found[at.item(i).path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_DELETE, InputDiff: true}
	}
}

// pairing says which old element a new one is compared with, and which old ones are gone.
type pairing struct {
	of   map[int]int
	gone []int
}

func byPosition(olds, news []resource.PropertyValue) pairing {
	p := pairing{of: map[int]int{}}
	for i := range olds {
		if i < len(news) {
			p.of[i] = i
		} else {
			p.gone = append(p.gone, i)
		}
	}
	return p
}

// byKey makes a set of the old elements. Where several have one key, as the content filters of a policy for responsible AI have,
// the last hides the others, and every update finds a change (pulumi-azure-native#3311). It fails where a key is missing.
func byKey(olds, news []resource.PropertyValue, keys []string) (pairing, bool) {
	p := pairing{of: map[int]int{}}
	places := map[string]int{}
	for i, element := range olds {
		key, ok := keyOf(element, keys)
		if !ok {
			return p, false
		}
		places[key] = i
	}
	present := map[string]bool{}
	for i, element := range news {
		key, ok := keyOf(element, keys)
		if !ok {
			return p, false
		}
		present[key] = true
		if place, has := places[key]; has {
			p.of[i] = place
		}
	}
	for key, place := range places {
		if !present[key] {
			p.gone = append(p.gone, place)
		}
	}
	return p, true
}

func keyOf(element resource.PropertyValue, keys []string) (string, bool) {
	if len(keys) == 0 || !element.IsObject() {
		return "", false
	}
	var parts []string
	for _, key := range keys {
		value, ok := element.ObjectValue()[resource.PropertyKey(key)]
		if !ok || value.ContainsUnknowns() {
			return "", false
		}
		parts = append(parts, fmt.Sprintf("%q", value.Mappable()))
	}
	return strings.Join(parts, ","), true
}

// note reports a change of one value.
func (d *differ) note(at place, plain, replace pulumirpc.PropertyDiff_Kind) {
	kind := plain
	if d.replaces[at.rule] {
		kind = replace
	}
	d.found[at.path] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: true}
}
