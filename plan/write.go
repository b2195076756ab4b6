package plan

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"enterprise-openai/internal/jsonpath"
)

// How secrets, and values that are not known before an update, are written.
const (
	Secret  = "[secret]"
	Unknown = "[unknown]"
)

// writer turns property values into plain ones and notes where the secrets are.
type writer struct {
	secrets []string
}

func (w *writer) value(path string, v resource.PropertyValue) any {
	switch {
	case v.IsSecret() || (v.IsOutput() && v.OutputValue().Secret):
		w.secrets = append(w.secrets, path)
		return Secret
	case v.IsComputed() || (v.IsOutput() && !v.OutputValue().Known):
		return Unknown
	case v.IsOutput():
		return w.value(path, v.OutputValue().Element)
	case v.IsObject():
		object := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v.ObjectValue())) {
			object[string(key)] = w.value(jsonpath.Key(path, string(key)), v.ObjectValue()[key])
		}
		return object
	case v.IsArray():
		list := make([]any, 0, len(v.ArrayValue()))
		for i, element := range v.ArrayValue() {
			list = append(list, w.value(jsonpath.Index(path, i), element))
		}
		return list
	case v.IsResourceReference():
		return string(v.ResourceReferenceValue().URN)
	case v.IsNull():
		return nil
	default:
		return v.V
	}
}
