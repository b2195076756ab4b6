package arm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"enterprise-openai/internal/azure/models"
)

// modelCheck compares a body of an API version with a model and reports what does not fit.
type modelCheck func(version string, body map[string]any) []problem

// problem is a field that does not fit.
type problem = models.Problem

// newer are fields that an API version has and the Go module's older version lacks.
type newer struct {
	version string
	path    string
	source  string
}

// modelOptions bend a model to the API version that is spoken.
type modelOptions struct {
	// newer paths are accepted whatever is below them; the type's own checks read them.
	newer []newer
	// later paths exist in the module's version only; the API version that is spoken refuses them.
	later []string
}

// published checks bodies by a type of Microsoft's Go modules, as in armnetwork.Subnet.
func published(name string, o modelOptions) modelCheck {
	if !models.Published().Has(name) {
		//nolint:forbidigo // a mistake of this program, which its first test shows
		panic(name + " is not in internal/azure/models/models.json")
	}
	return checked(models.Published, name, o)
}

// model checks bodies by a Go type of this package, for what Microsoft publishes no Go module of.
func model[T any](o modelOptions) modelCheck {
	t := reflect.TypeFor[T]()
	return checked(sync.OnceValue(func() *models.Schema { return models.OfStruct(t, enums) }), t.Name(), o)
}

func checked(schema func() *models.Schema, name string, o modelOptions) modelCheck {
	return func(version string, body map[string]any) []problem {
		body = clone(body)
		for _, n := range o.newer {
			if n.version == version {
				cut(body, strings.Split(n.path, "."))
			}
		}
		for _, key := range []string{"id", "name", "type", "apiVersion", "systemData", "etag"} { // read by ARM, not by the service
			delete(body, key)
		}
		var found []problem
		for _, path := range o.later {
			if cut(body, strings.Split(path, ".")) {
				found = append(found, models.UnknownMember(path, name))
			}
		}
		return append(found, schema().Check(name, body)...)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// cut removes a path from a body and says whether anything was there.
func cut(m map[string]any, path []string) bool {
	last := len(path) - 1
	inner := object(m, path[:last]...)
	_, there := inner[path[last]]
	delete(inner, path[last])
	return there
}

// lengths are the limits of an entity's texts, from its schema.
func lengths(limits map[string][2]int) func(*write) {
	return func(w *write) {
		for path, limit := range limits {
			parts := strings.Split(path, ".")
			value, ok := object(w.props, parts[:len(parts)-1]...)[parts[len(parts)-1]].(string)
			if ok && (len(value) < limit[0] || len(value) > limit[1]) {
				w.bad("properties."+path, "%s", fmt.Sprintf("The length must be %d to %d characters, it is %d.", limit[0], limit[1], len(value)))
			}
		}
	}
}
