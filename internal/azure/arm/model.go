package arm

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// modelCheck holds a body of an API version against a model and reports what does not fit.
type modelCheck func(version string, body map[string]any) []problem

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

// model checks bodies by Microsoft's Go type T: a body is unmarshalled and marshalled again, and what is lost on the way is
// what Azure does not know. Types and enums are checked on the way with the JSON path in the message.
func model[T any](o modelOptions) modelCheck {
	goType := reflect.TypeFor[T]()
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
				found = append(found, unknownMember(path, goType.Name()))
			}
		}
		walkTypes(goType, body, "", &found)
		if len(found) > 0 {
			return found
		}
		return append(found, lost[T](body)...)
	}
}

func unknownMember(path, typeName string) problem {
	last := path[strings.LastIndexByte(path, '.')+1:]
	return problem{path, fmt.Sprintf("Could not find member '%s' on object of type '%s'.", last, typeName)}
}

// lost names every field that does not survive the model.
func lost[T any](body map[string]any) []problem {
	data, err := json.Marshal(body)
	if err != nil {
		return []problem{{"", fmt.Sprintf("The body is not JSON: %v.", err)}}
	}
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return []problem{{"", fmt.Sprintf("The body does not fit: %v.", err)}}
	}
	back, err := json.Marshal(value)
	if err != nil {
		return []problem{{"", fmt.Sprintf("The body does not fit: %v.", err)}}
	}
	var survived any
	if err := json.Unmarshal(back, &survived); err != nil {
		return []problem{{"", fmt.Sprintf("The body does not fit: %v.", err)}}
	}
	var found []problem
	compare(body, survived, "", reflect.TypeFor[T]().Name(), &found)
	return found
}

func compare(sent, survived any, path, typeName string, found *[]problem) {
	switch sent := sent.(type) {
	case map[string]any:
		back, _ := survived.(map[string]any)
		for _, key := range sortedKeys(sent) {
			value, ok := back[key]
			switch {
			case sent[key] == nil || isEmpty(sent[key]):
			case !ok:
				*found = append(*found, unknownMember(join(path, key), typeName))
			default:
				compare(sent[key], value, join(path, key), typeName, found)
			}
		}
	case []any:
		back, _ := survived.([]any)
		for i, item := range sent {
			if i < len(back) {
				compare(item, back[i], path+"["+strconv.Itoa(i)+"]", typeName, found)
			}
		}
	}
}

// isEmpty: an empty object tells nothing about a field and may be dropped by a model.
func isEmpty(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 0
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

var timeType = reflect.TypeFor[time.Time]()

// walkTypes compares JSON with a Go type: kinds of values and members of enums. Fields it cannot find are left to compare.
func walkTypes(t reflect.Type, value any, path string, found *[]problem) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil || t.Kind() == reflect.Interface {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		walkStruct(t, value, path, found)
	case reflect.Map:
		m, ok := value.(map[string]any)
		if !ok {
			wrongType(path, "object", value, found)
			return
		}
		for _, key := range sortedKeys(m) {
			walkTypes(t.Elem(), m[key], join(path, key), found)
		}
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			wrongType(path, "array", value, found)
			return
		}
		for i, item := range list {
			walkTypes(t.Elem(), item, path+"["+strconv.Itoa(i)+"]", found)
		}
	default:
		walkScalar(t, value, path, found)
	}
}

func walkStruct(t reflect.Type, value any, path string, found *[]problem) {
	if t == timeType {
		if _, ok := value.(string); !ok {
			wrongType(path, "date", value, found)
		}
		return
	}
	m, ok := value.(map[string]any)
	if !ok {
		wrongType(path, "object", value, found)
		return
	}
	for _, key := range sortedKeys(m) {
		if field, ok := fieldsOf(t)[strings.ToLower(key)]; ok {
			walkTypes(field, m[key], join(path, key), found)
		}
	}
}

var knownFields sync.Map // reflect.Type to map[string]reflect.Type

// fieldsOf are a struct's fields by what they are called in JSON: their json tag, or their Go name in any case, which is
// how Microsoft's models map the two.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if cached, ok := knownFields.Load(t); ok {
		return cached.(map[string]reflect.Type)
	}
	out := make(map[string]reflect.Type, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" {
			name = t.Field(i).Name
		}
		out[strings.ToLower(name)] = t.Field(i).Type
	}
	knownFields.Store(t, out)
	return out
}

func walkScalar(t reflect.Type, value any, path string, found *[]problem) {
	switch v := value.(type) {
	case string:
		if t.Kind() != reflect.String {
			wrongType(path, jsonName(t), value, found)
			return
		}
		if allowed := enums[t]; len(allowed) > 0 && !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, v) }) {
			*found = append(*found, problem{path, fmt.Sprintf("'%s' is not one of %s.", v, strings.Join(allowed, ", "))})
		}
	case bool:
		if t.Kind() != reflect.Bool {
			wrongType(path, jsonName(t), value, found)
		}
	case float64:
		switch {
		case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		case t.Kind() < reflect.Int || t.Kind() > reflect.Uint64:
			wrongType(path, jsonName(t), value, found)
		case v != float64(int64(v)):
			*found = append(*found, problem{path, fmt.Sprintf("%v is not an integer.", v)})
		}
	default:
		wrongType(path, jsonName(t), value, found)
	}
}

func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	}
	return "number"
}

func wrongType(path, want string, value any, found *[]problem) {
	got := "object"
	switch value.(type) {
	case string:
		got = "string"
	case bool:
		got = "boolean"
	case float64:
		got = "number"
	case []any:
		got = "array"
	}
	*found = append(*found, problem{path, fmt.Sprintf("Error converting value: a %s is expected, not a %s.", want, got)})
}

// cut removes a path from a body; "[]" after a name means every element. It says whether anything was there.
func cut(m map[string]any, path []string) bool {
	name, each := strings.CutSuffix(path[0], "[]")
	value, ok := m[name]
	if !ok {
		return false
	}
	if len(path) == 1 {
		delete(m, name)
		return true
	}
	if each {
		there := false
		for _, item := range items(m, name) {
			there = cut(item, path[1:]) || there
		}
		return there
	}
	next, ok := value.(map[string]any)
	return ok && cut(next, path[1:])
}
