package stacks

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/words"
)

// Keys are the top-level keys of an environment's settings, in the order of Settings.
func Keys() []string { return settingNames(reflect.TypeFor[Settings]()) }

// Decode turns the values of the top-level keys (objects and lists as JSON, scalars as text, the way Pulumi passes
// them) into Settings. It is strict: unknown keys, wrong types, values outside an enumeration and missing required
// settings are problems, all of which are reported at once. What is left out takes its default. Decode looks at one
// setting at a time; Validate judges them together.
func Decode(values map[string]string, locate Locator) (Settings, error) {
	return decode(values, locate, nil)
}

// decode is Decode for a stack file that encrypts some settings.
func decode(values map[string]string, locate Locator, secure map[string]bool) (Settings, error) {
	var s Settings
	d := &decoder{problemList: newProblemList(locate), secure: secure}
	target := reflect.ValueOf(&s).Elem()
	for key := range values {
		if !slices.Contains(Keys(), key) {
			d.unknown("", key, Keys())
		}
	}
	for i := range target.NumField() {
		field := target.Type().Field(i)
		name := settingName(field)
		text, given := values[name]
		if !given {
			d.absent(target.Field(i), field, name)
			continue
		}
		n, err := parseTopLevel(text)
		if err != nil {
			d.add(name, err.Error(), "")
			continue
		}
		d.field(target.Field(i), field, topLevelScalar(n, field.Type), name)
	}
	s.complete()
	return s, d.err()
}

// complete fills what a setting takes from another one.
func (s *Settings) complete() {
	for i := range s.Products {
		if s.Products[i].DisplayName == "" {
			s.Products[i].DisplayName = s.Products[i].Name
		}
	}
	for i := range s.Teams {
		if s.Teams[i].DisplayName == "" {
			s.Teams[i].DisplayName = s.Teams[i].Name
		}
	}
}

// decoder walks a type and a document side by side.
type decoder struct {
	*problemList
	// secure are the paths of settings that the stack file encrypts. Pulumi encrypts every value as text, a number or a boolean too.
	secure map[string]bool
}

// field decodes a setting that may or may not be given (n is nil when it is not).
func (d *decoder) field(v reflect.Value, field reflect.StructField, n *node, path string) {
	if n == nil || n.kind == kindNothing {
		d.absent(v, field, path)
		return
	}
	// Pulumi.yaml gives every optional key the default {}, because Pulumi demands a key without one of every stack.
	if isSection(v) && n.kind == kindObject && len(n.members) == 0 && !strings.Contains(path, ".") {
		return
	}
	if allowed := enumeration(field.Type); allowed != nil && (n.kind == kindNumber || n.kind == kindBoolean) {
		d.add(path, "unknown value "+n.describe(path), "use one of "+strings.Join(allowed, ", "))
		return
	}
	before := len(d.problems)
	d.value(v, n, path)
	if len(d.problems) > before {
		return
	}
	if required(field) && isEmpty(v) {
		d.add(path, "must not be empty", "")
	}
	if allowed := enumeration(field.Type); allowed != nil {
		d.among(allowed, v.String(), path)
	}
}

// absent gives a setting that was left out its default, or reports it when it is required.
func (d *decoder) absent(v reflect.Value, field reflect.StructField, path string) {
	if required(field) {
		d.add(path, "required setting is missing", "")
		return
	}
	if text, ok := field.Tag.Lookup("default"); ok {
		if err := setDefault(v, text); err != nil {
			d.add(path, "default "+strconv.Quote(text)+" does not fit the setting", "correct its tag in settings.go")
		}
		return
	}
	if v.Kind() == reflect.Struct && !isTextual(v) {
		d.object(v, &node{kind: kindObject}, path)
	}
}

// value decodes what is written at path.
func (d *decoder) value(v reflect.Value, n *node, path string) {
	if d.secure[path] {
		n = topLevelScalar(n, v.Type())
	}
	if isTextual(v) {
		d.textual(v, n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem(), n, path)
	case reflect.Struct:
		if d.wants(n, kindObject, path) {
			d.object(v, n, path)
		}
	case reflect.Slice:
		if d.wants(n, kindList, path) {
			d.list(v, n, path)
		}
	case reflect.Map:
		if d.wants(n, kindObject, path) {
			d.dictionary(v, n, path)
		}
	case reflect.String:
		if d.wants(n, kindText, path) && d.writable(n.text, path) {
			v.SetString(n.text)
		}
	case reflect.Bool:
		if d.wants(n, kindBoolean, path) {
			v.SetBool(n.truth)
		}
	case reflect.Int:
		if d.wants(n, kindNumber, path) {
			d.integer(v, n, path)
		}
	case reflect.Float64:
		if d.wants(n, kindNumber, path) {
			d.float(v, n, path)
		}
	default:
		d.add(path, "a setting of type "+v.Type().String()+" cannot be read", "correct it in settings.go")
	}
}

// object decodes a section: every key must be one of its settings.
func (d *decoder) object(v reflect.Value, n *node, path string) {
	given := map[string]*node{}
	names := settingNames(v.Type())
	for _, m := range n.members {
		switch {
		case !slices.Contains(names, m.key):
			d.unknown(path, m.key, names)
		case given[m.key] != nil:
			d.add(Join(path, m.key), "given twice", "keep one of them")
		default:
			given[m.key] = m.value
		}
	}
	for i, name := range names {
		d.field(v.Field(i), v.Type().Field(i), given[name], Join(path, name))
	}
}

func (d *decoder) unknown(path, key string, names []string) {
	d.add(Join(path, key), "unknown setting", words.Suggest(key, names))
}

func (d *decoder) list(v reflect.Value, n *node, path string) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		at := jsonpath.Index(path, i)
		if item.kind == kindNothing {
			d.add(at, "the list has an empty entry", "fill it or remove it")
			continue
		}
		before := len(d.problems)
		d.value(v.Index(i), item, at)
		if allowed := enumeration(v.Type().Elem()); allowed != nil && len(d.problems) == before {
			d.among(allowed, v.Index(i).String(), at)
		}
	}
}

// among reports a value that an enumeration does not have.
func (d *decoder) among(allowed []string, value, path string) {
	if !slices.Contains(allowed, value) {
		d.add(path, "unknown value "+show(path, value), words.Suggest(value, allowed))
	}
}

func (d *decoder) dictionary(v reflect.Value, n *node, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, m := range n.members {
		at, key := Join(path, m.key), reflect.ValueOf(m.key)
		if v.MapIndex(key).IsValid() {
			d.add(at, "given twice", "keep one of them")
			continue
		}
		if !d.writable(m.key, at) {
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(element, m.value, at)
		v.SetMapIndex(key, element)
	}
}

// writable reports characters that cannot be written into an XML document, or that are invisible in a portal. A description may
// have lines.
func (d *decoder) writable(text, path string) bool {
	for _, r := range text {
		lines := (r == '\n' || r == '\t') && strings.HasSuffix(path, ".description")
		if (unicode.IsControl(r) && !lines) || r == '\uFFFE' || r == '\uFFFF' || r == utf8.RuneError {
			d.add(path, fmt.Sprintf("has the character %U, which cannot be shown", r), "remove it")
			return false
		}
	}
	return true
}

// textual decodes types that read themselves from text.
func (d *decoder) textual(v reflect.Value, n *node, path string) {
	if !d.wants(n, kindText, path) {
		return
	}
	reader, _ := v.Addr().Interface().(encoding.TextUnmarshaler)
	// The type's own error is left out: it repeats the value and speaks of Go.
	if err := reader.UnmarshalText([]byte(n.text)); err != nil || n.text == "" {
		d.add(path, "wanted "+examples[v.Type().String()]+", got "+show(path, n.text), "")
	}
}

// examples describe the types that read themselves from text.
var examples = map[string]string{
	"netip.Prefix": "a CIDR such as 10.20.0.0/22",
	"netip.Addr":   "an address such as 10.20.0.4",
}

func (d *decoder) integer(v reflect.Value, n *node, path string) {
	if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
		v.SetInt(i)
		return
	}
	// YAML's 2.0 and 1e3 are whole numbers too, up to where a float64 is exact.
	const exact = 1 << 53
	if f, err := strconv.ParseFloat(n.text, 64); err == nil && f == math.Trunc(f) && math.Abs(f) <= exact {
		v.SetInt(int64(f))
		return
	}
	d.add(path, "wanted a whole number, got "+show(path, n.text), "")
}

func (d *decoder) float(v reflect.Value, n *node, path string) {
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		d.add(path, "wanted a number, got "+show(path, n.text), "")
		return
	}
	v.SetFloat(f)
}

// wants reports whether the value is of the kind the setting needs, and the problem when it is not.
func (d *decoder) wants(n *node, want kind, path string) bool {
	if n.kind == want {
		return true
	}
	hint := ""
	switch {
	case n.kind == kindText && want != kindObject && want != kindList:
		hint = "write it without quotes"
	case want == kindText && (n.kind == kindNumber || n.kind == kindBoolean):
		hint = "put it in quotes"
	case want == kindList:
		hint = "start each entry with a dash"
	}
	d.add(path, fmt.Sprintf("wanted %s, got %s", want, n.describe(path)), hint)
	return false
}
