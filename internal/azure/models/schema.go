// Package models checks bodies of Azure Resource Manager against types that are data: the fields of Microsoft's Go models, and those
// of Go structs written for what Microsoft publishes no Go module of.
//
//	schema.go    types, their fields and enums; the published ones, read from models.json
//	structs.go   types described by Go structs
//	check.go     a body against a type: unknown members, kinds of values, values of enums
//	generate/    writes models.json from Microsoft's modules: go generate -tags published ./internal/azure/models
//
// Compiling Microsoft's modules takes a minute of processor time for some 40 of their 2,000 types, so that only the generator and the
// test that compares this package with them, both behind the build tag published, import them.
package models

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:generate go run -tags published ./generate

// Schema is a set of types that refer to each other by name.
type Schema struct {
	// Modules are the Go modules that the types come from, with their versions.
	Modules map[string]string `json:"modules,omitempty"`
	// Types are the fields of each type by their name in JSON, and the kind of each: a scalar (boolean, string, date, any, int32,
	// int64, float32, float64), the name of a type or an enum, []kind for a list, map[string]kind for an object with free names.
	// A type with fields and free names has the kind of the latter under FreeNames.
	Types map[string]map[string]string `json:"types"`
	// Enums are the values of each enum.
	Enums map[string][]string `json:"enums"`
}

// Prefixes of kinds that have elements.
const (
	list   = "[]"
	object = "map[string]"
)

// FreeNames stands for every name that is not a field's.
const FreeNames = "*"

//go:embed models.json
var published []byte

// Published are the types of Microsoft's Go modules that Resource Manager's bodies are checked against, as in
// armnetwork.VirtualNetwork.
var Published = sync.OnceValue(func() *Schema {
	var s Schema
	if err := json.Unmarshal(published, &s); err != nil {
		panic(fmt.Sprintf("models.json: %v; run: go generate -tags published ./internal/azure/models", err)) //nolint:forbidigo // the file is part of the program
	}
	return &s
})

// Has reports whether the schema has a type.
func (s *Schema) Has(name string) bool {
	_, ok := s.Types[name]
	return ok
}

// Undescribed are the kinds that fields refer to and that the schema neither describes nor has values of.
func (s *Schema) Undescribed() []string {
	var missing []string
	for name, fields := range s.Types {
		for field, kind := range fields {
			kind = element(kind)
			if !scalar(kind) && !s.Has(kind) && len(s.Enums[kind]) == 0 {
				missing = append(missing, name+"."+field+": "+kind)
			}
		}
	}
	return missing
}

// element is the kind of the innermost elements.
func element(kind string) string {
	for {
		switch {
		case strings.HasPrefix(kind, list):
			kind = kind[len(list):]
		case strings.HasPrefix(kind, object):
			kind = kind[len(object):]
		default:
			return kind
		}
	}
}

func scalar(kind string) bool {
	switch kind {
	case "any", "boolean", "date", "string", "int32", "int64", "float32", "float64":
		return true
	}
	return false
}
