package provider

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Compare is Diff without an engine: the paths of inputs that changed, sorted, and those among them whose change replaces a
// resource of this type. A type that the provider does not know changes in place.
func Compare(token string, olds, news map[string]any) (changed, replacing []string) {
	d := differ{found: map[string]*pulumirpc.PropertyDiff{}}
	if k, ok := kindOf(token); ok {
		d.replaces = k.replaceKeys()
	}
	d.object(changesOf(resource.NewPropertyMapFromMap(olds), resource.NewPropertyMapFromMap(news)), "", "", false)
	for _, path := range slices.Sorted(maps.Keys(d.found)) {
		changed = append(changed, path)
		if forces(d.found[path].GetKind()) {
			replacing = append(replacing, path)
		}
	}
	return changed, replacing
}
