package models

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// OfStruct describes a Go struct and what it refers to. Fields need json tags; named string types are enums, whose values the caller
// gives by type. The schema's name of a type is its Go name.
func OfStruct(t reflect.Type, enums map[reflect.Type][]string) *Schema {
	s := &Schema{Types: map[string]map[string]string{}, Enums: map[string][]string{}}
	Describe(s, t, JSONTag, reflect.Type.Name, func(t reflect.Type) []string { return enums[t] })
	return s
}

// JSONTag is a field's name by its json tag.
func JSONTag(_ reflect.Type, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		panic(fmt.Sprintf("field %s has no json tag", field.Name)) //nolint:forbidigo // a mistake in this program's own types, found by every test
	}
	return name
}

// Describe adds a type to a schema and returns its kind. It panics on Go types that no JSON of Azure has (functions, channels, inlined
// maps), since a schema without them would let bodies pass unread.
func Describe(
	s *Schema, t reflect.Type, fieldName func(reflect.Type, reflect.StructField) string, typeName func(reflect.Type) string,
	values func(reflect.Type) []string,
) string {
	recurse := func(t reflect.Type) string { return Describe(s, t, fieldName, typeName, values) }
	if t == reflect.TypeFor[time.Time]() {
		return "date"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return recurse(t.Elem())
	case reflect.Slice:
		return list + recurse(t.Elem())
	case reflect.Map:
		return object + recurse(t.Elem())
	case reflect.Struct:
		name := cmp.Or(typeName(t), t.String()) // a struct without a name is known by its fields
		if s.Has(name) {
			return name
		}
		fields := map[string]string{}
		s.Types[name] = fields // before its fields: types refer to themselves
		for i := range t.NumField() {
			field := fieldName(t, t.Field(i))
			fields[field] = recurse(t.Field(i).Type)
			if field == FreeNames {
				fields[field] = strings.TrimPrefix(fields[field], object)
			}
		}
		return name
	case reflect.String:
		if t.PkgPath() == "" {
			return "string"
		}
		s.Enums[typeName(t)] = values(t)
		return typeName(t)
	}
	return basic(t)
}

func basic(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "int64"
	case reflect.Int32, reflect.Float32, reflect.Float64:
		return t.Kind().String()
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any"
		}
	}
	panic(fmt.Sprintf("%v has no kind in a schema", t)) //nolint:forbidigo // as above
}
