package models

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/jsonpath"
)

// Problem is what does not fit, and where: properties.subnets[0].name.
type Problem struct{ Path, Message string }

// UnknownMember is the problem of a path that a type does not have, in the words of Azure's services, which name no package.
func UnknownMember(path, typeName string) Problem {
	return Problem{path, fmt.Sprintf("Could not find member '%s' on object of type '%s'.", last(path), last(typeName))}
}

// Check compares a body, as encoding/json decodes it into any, with a type. Kinds of values and enums come first; members that the
// type does not have, in exactly this spelling, are reported when the rest fits. Null and an empty object say nothing about a member
// and pass under any name, as Microsoft's models drop both.
func (s *Schema) Check(typeName string, body map[string]any) []Problem {
	c := check{schema: s}
	c.object(typeName, body, "")
	if len(c.found) > 0 {
		return c.found
	}
	c.members(typeName, body, "", typeName)
	return c.found
}

type check struct {
	schema *Schema
	found  []Problem
}

func (c *check) report(path, format string, args ...any) {
	c.found = append(c.found, Problem{path, fmt.Sprintf(format, args...)})
}

// value compares a value with a kind.
func (c *check) value(kind string, value any, path string) {
	switch {
	case value == nil || kind == "any":
	case strings.HasPrefix(kind, list):
		items, ok := value.([]any)
		if !ok {
			c.wrongKind(path, "array", value)
			return
		}
		for i, item := range items {
			c.value(kind[len(list):], item, jsonpath.Index(path, i))
		}
	case strings.HasPrefix(kind, object):
		m, ok := value.(map[string]any)
		if !ok {
			c.wrongKind(path, "object", value)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			c.value(kind[len(object):], m[key], jsonpath.Key(path, key))
		}
	case c.schema.Has(kind):
		m, ok := value.(map[string]any)
		if !ok {
			c.wrongKind(path, "object", value)
			return
		}
		c.object(kind, m, path)
	default:
		c.scalar(kind, value, path)
	}
}

// object compares the members that a type has, in whatever spelling.
func (c *check) object(typeName string, m map[string]any, path string) {
	fields := c.schema.Types[typeName]
	for _, key := range slices.Sorted(maps.Keys(m)) {
		kind, ok := fields[key]
		if !ok {
			for name, k := range fields {
				if strings.EqualFold(name, key) {
					kind, ok = k, true
				}
			}
		}
		if ok {
			c.value(kind, m[key], jsonpath.Key(path, key))
		}
	}
}

func (c *check) scalar(kind string, value any, path string) {
	switch v := value.(type) {
	case string:
		switch {
		case kind == "date":
			if _, err := time.Parse(time.RFC3339, v); err != nil {
				c.report(path, "The body does not fit: '%s' is not a date as in 2026-11-29T00:00:00Z.", v)
			}
		case kind != "string" && c.schema.Enums[kind] == nil:
			c.wrongKind(path, kindInJSON(kind), value)
		default:
			allowed := c.schema.Enums[kind]
			if len(allowed) > 0 && !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, v) }) {
				c.report(path, "'%s' is not one of %s.", v, strings.Join(allowed, ", "))
			}
		}
	case bool:
		if kind != "boolean" {
			c.wrongKind(path, kindInJSON(kind), value)
		}
	case float64:
		c.number(kind, v, path)
	default:
		c.wrongKind(path, kindInJSON(kind), value)
	}
}

func (c *check) number(kind string, v float64, path string) {
	low, high := float64(math.MinInt64), float64(math.MaxInt64)
	switch kind {
	case "float32", "float64":
		return
	case "int32":
		low, high = math.MinInt32, math.MaxInt32
	case "int64":
	default:
		c.wrongKind(path, kindInJSON(kind), v)
		return
	}
	switch {
	case v != math.Trunc(v):
		c.report(path, "%v is not an integer.", v)
	case v < low || v > high:
		c.report(path, "The body does not fit: %v is outside of %s.", v, kind)
	}
}

// members reports what a type does not have in exactly the spelling of the body.
func (c *check) members(kind string, value any, path, typeName string) {
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			c.members(strings.TrimPrefix(kind, list), item, jsonpath.Index(path, i), typeName)
		}
	case map[string]any:
		fields, typed := c.schema.Types[kind]
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below, known := fields[key]
			if free, ok := fields[FreeNames]; ok && !known {
				below, known = free, true
			}
			switch {
			case kind == "any":
				return
			case !typed:
				below, known = strings.TrimPrefix(kind, object), true
			}
			if m, isObject := v[key].(map[string]any); v[key] == nil || isObject && len(m) == 0 {
				continue
			}
			if !known {
				c.found = append(c.found, UnknownMember(jsonpath.Key(path, key), typeName))
				continue
			}
			c.members(below, v[key], jsonpath.Key(path, key), typeName)
		}
	}
}

func (c *check) wrongKind(path, expected string, value any) {
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
	c.report(path, "Error converting value: %s is expected, not %s.", article(expected), article(got))
}

func article(noun string) string {
	if strings.IndexByte("aeiou", noun[0]) >= 0 {
		return "an " + noun
	}
	return "a " + noun
}

func kindInJSON(kind string) string {
	switch kind {
	case "boolean", "date":
		return kind
	case "int32", "int64", "float32", "float64":
		return "number"
	}
	return "string"
}

// last is what follows the last dot.
func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
