// Package schema says what the azure-native provider knows about each resource of this project: property names, types, what is
// required, enums, defaults, secrets. It is read from schema.json, which sdks/generate writes from the provider's published package.
//
//	schema.go    loading and looking up
//	lookup.go    questions about a property: the enum behind it, what makes it required
//	schema.json  the data, one property per line
package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed schema.json
var file []byte

// Package is the whole schema.
type Package struct {
	Version string `json:"version"` // of the provider, such as "2.92.3"

	Resources map[string]*Resource `json:"resources"` // by token, such as "azure-native:network/v20240501:Subnet"
	Functions map[string]*Function `json:"functions"` // by token
	Types     map[string]*Type     `json:"types"`     // by token; Property.Ref leads here
}

// Resource is one resource of the provider. Its inputs and outputs differ: ids in the path are inputs only, what Azure adds is an
// output only.
type Resource struct {
	Token      string `json:"-"`
	ARMType    string `json:"armType"`    // such as "Microsoft.Network/virtualNetworks/subnets"
	APIVersion string `json:"apiVersion"` // such as "2024-05-01"

	InputProperties map[string]Property `json:"inputProperties"`
	RequiredInputs  []string            `json:"requiredInputs"` // sorted
	Properties      map[string]Property `json:"properties"`     // outputs
	RequiredOutputs []string            `json:"required"`       // outputs that are always there, sorted
	Aliases         []string            `json:"aliases"`        // tokens of the same resource in other versions
}

// Function is a call that the provider answers without making anything.
type Function struct {
	Token      string `json:"-"`
	ARMAction  string `json:"armAction"` // "" where the provider answers by itself
	APIVersion string `json:"apiVersion"`

	InputProperties map[string]Property `json:"inputProperties"`
	RequiredInputs  []string            `json:"requiredInputs"`
	Properties      map[string]Property `json:"properties"` // of the result
	RequiredOutputs []string            `json:"required"`
}

// Type is an object or an enum that properties refer to.
type Type struct {
	Token string `json:"-"`

	Properties map[string]Property `json:"properties"` // of an object
	Required   []string            `json:"required"`   // sorted

	Type string `json:"type"` // of an enum: "string" or "number"
	Enum []any  `json:"enum"` // its values; nil for an object
}

// Property is the type of a value. Exactly one of Type, Ref and OneOf is set.
type Property struct {
	Type                 string     `json:"type"`                 // string, boolean, integer, number, array, object or any
	Ref                  string     `json:"ref"`                  // token of a Type
	OneOf                []Property `json:"oneOf"`                // any of these will do
	Items                *Property  `json:"items"`                // of an array
	AdditionalProperties *Property  `json:"additionalProperties"` // of an object with free keys

	Const            any  `json:"const"`            // the only value allowed
	Default          any  `json:"default"`          // what the Node and Go SDKs send when nothing is set; the provider adds nothing
	Secret           bool `json:"secret"`           // kept encrypted in the state
	ReplaceOnChanges bool `json:"replaceOnChanges"` // a change makes a new resource
}

// load is shared: nobody may change what it answers.
var load = sync.OnceValues(func() (*Package, error) { return parse(file) })

// Load reads the schema. It is read once; callers share it and must not change it.
func Load() (*Package, error) {
	return load()
}

func parse(text []byte) (*Package, error) {
	var pkg Package
	if err := json.Unmarshal(text, &pkg); err != nil {
		return nil, fmt.Errorf("azure-native schema: %w", err)
	}
	for token, resource := range pkg.Resources {
		resource.Token = token
	}
	for token, function := range pkg.Functions {
		function.Token = token
	}
	for token, described := range pkg.Types {
		described.Token = token
	}
	return &pkg, nil
}

// Resource finds a resource by its token.
func (p *Package) Resource(token string) (*Resource, bool) {
	found, ok := p.Resources[token]
	return found, ok
}

// Function finds a function by its token.
func (p *Package) Function(token string) (*Function, bool) {
	found, ok := p.Functions[token]
	return found, ok
}

// Type finds what a Property.Ref names.
func (p *Package) Type(ref string) (*Type, bool) {
	found, ok := p.Types[ref]
	return found, ok
}
