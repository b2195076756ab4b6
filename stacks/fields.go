package stacks

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// This file reads the fields of settings.go: their types, and the tags json (the name), default and required.

// settingNames are the names of a section's settings, in the order of its fields.
func settingNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		names = append(names, settingName(t.Field(i)))
	}
	return names
}

func settingName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func required(field reflect.StructField) bool { return field.Tag.Get("required") == "true" }

// enumeration lists the values a setting of a type may have, or is nil when it may have any.
func enumeration(of reflect.Type) []string {
	if enum, ok := reflect.Zero(of).Interface().(Enum); ok {
		return enum.Values()
	}
	return nil
}

// isTextual reports whether a type reads itself from text, as netip.Prefix does.
func isTextual(v reflect.Value) bool {
	return v.CanAddr() && v.Addr().Type().Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// isSection reports whether a setting is an optional section.
func isSection(v reflect.Value) bool {
	return v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct
}

// isEmpty reports whether a required text or list was given without content. A number's range is Validate's business.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.TrimSpace(v.String()) == ""
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	default:
		return false
	}
}

var errDefault = errors.New("default does not fit its type")

// setDefault sets a field to the text of its default tag.
func setDefault(v reflect.Value, text string) error {
	if isTextual(v) {
		reader, _ := v.Addr().Interface().(encoding.TextUnmarshaler)
		return reader.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.Slice:
		parts := strings.Split(text, ",")
		v.Set(reflect.MakeSlice(v.Type(), len(parts), len(parts)))
		for i, part := range parts {
			if err := setDefault(v.Index(i), part); err != nil {
				return err
			}
		}
	case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		n := topLevelScalar(&node{kind: kindText, text: text}, v.Type())
		d := &decoder{problemList: newProblemList(nil)}
		d.value(v, n, "")
		return d.err()
	default:
		return errDefault
	}
	return nil
}

// topLevelScalar reads a bare text as the scalar that the setting wants. Only top-level keys and default tags are
// read so: everywhere else a quoted 3 is a mistake worth telling.
func topLevelScalar(n *node, want reflect.Type) *node {
	if n.kind != kindText {
		return n
	}
	switch want.Kind() {
	case reflect.Bool:
		if truth, err := strconv.ParseBool(n.text); err == nil {
			return &node{kind: kindBoolean, truth: truth}
		}
	case reflect.Int, reflect.Float64:
		if _, err := strconv.ParseFloat(n.text, 64); err == nil {
			return &node{kind: kindNumber, text: n.text}
		}
	}
	return n
}
