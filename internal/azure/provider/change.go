package provider

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Compare is Diff without an engine: the paths of inputs that changed, sorted, and those among them whose change replaces a
// resource of this type. A type that the provider does not know changes in place.
func Compare(token string, olds, news map[string]any) (changed, replacing []string) {
	types, _ := PublishedTypes() // without them no default is known; the package's own tests read them
	var inputs Object
	if types != nil {
		described, _ := types.Resource(token)
		inputs = described.Inputs
	}
	k, _ := kindOf(token)
	d := newDiffer(k, inputs, types)
	d.top(resource.NewPropertyMapFromMap(olds), resource.NewPropertyMapFromMap(news))
	for _, path := range slices.Sorted(maps.Keys(d.found)) {
		changed = append(changed, path)
		if forces(d.found[path].GetKind()) {
			replacing = append(replacing, path)
		}
	}
	return changed, replacing
}
