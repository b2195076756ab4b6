// Package resourcetypes is what is known about each type of Azure resource, as data: one row a type, in types.yaml. Resource Manager,
// the provider, the modelled clock and the drills read the same rows.
//
//	types.yaml  the rows
//	row.go      what a row says
//	read.go     reading them, strictly
package resourcetypes

import "time"

// Row is one type of resource.
type Row struct {
	// Type is the ARM type in its documented spelling.
	Type string `yaml:"type"`
	// Token is the type's in the azure-native provider; empty for what no program declares.
	Token string `yaml:"token"`
	// Path is the ARM path with the provider's names for its parameters.
	Path string `yaml:"path"`
	// Versions are the API versions that Resource Manager answers. The provider speaks the first one.
	Versions []string `yaml:"versions"`
	// Reads are further published versions (Azure/bicep-types-az, generated/<service>) in which a resource is read, listed and deleted; their
	// bodies have not been compared, so a PUT in them is not modelled. A nested type has its parent's unless it has its own.
	Reads []string `yaml:"reads"`
	// Source is the public page or schema that the behaviour was read from.
	Source string `yaml:"source"`
	// Partly says what of the type is not modelled; empty when everything that the program can send is.
	Partly string `yaml:"partly"`
	// Name is what a name may be (Microsoft Learn: azure-resource-manager/management/resource-name-rules).
	Name Name `yaml:"name"`
	// Location is none, any, optional or global.
	Location Location `yaml:"location"`
	// Required and Immutable are paths in the body, with dots.
	Required  []string `yaml:"required"`
	Immutable []string `yaml:"immutable"`
	// Lengths are the least and most characters of texts in properties.
	Lengths map[string][2]int `yaml:"lengths"`
	// Defaults are what Azure fills in when it is not sent, by path in the body, with dots.
	Defaults map[string]any `yaml:"defaults"`
	// Duration is how long Azure typically takes.
	Duration Duration `yaml:"duration"`
	// Overlap is what only one operation at a time may work on.
	Overlap Overlap `yaml:"overlap"`
	// Uses are the types that must not be in the middle of an operation when this one names them.
	Uses []string `yaml:"uses"`
	// Waits are the orders that Azure wants although no output is used.
	Waits []Wait `yaml:"waits"`
	// ARM is what else Resource Manager knows, Provider what else the provider knows.
	ARM      ARM      `yaml:"arm"`
	Provider Provider `yaml:"provider"`
}

// Short is the last part of the token, by which programs and plans call the type.
func (r Row) Short() string { return short(r.Token) }

// Name constrains a name: its length in characters, a regular expression, or the only names there are.
type Name struct {
	Min     int      `yaml:"min"`
	Max     int      `yaml:"max"`
	Pattern string   `yaml:"pattern"`
	Only    []string `yaml:"only"`
}

// Location says what location a resource has.
type Location string

// The locations.
const (
	NoLocation     Location = "none"
	AnyRegion      Location = "any"
	OptionalRegion Location = "optional"
	GlobalOnly     Location = "global"
)

// Duration is how long Azure typically takes for a create or update, and for a delete.
type Duration struct {
	Put    time.Duration `yaml:"put"`
	Delete time.Duration `yaml:"delete"`
	// Tiers replace both for a SKU.
	Tiers map[string]Duration `yaml:"tiers"`
}

// Overlap is what only one operation at a time may work on.
type Overlap string

// The overlaps. Account, service, API and network are the resource itself or the one that it lies in.
const (
	NoOverlap         Overlap = "none"
	OnAccount         Overlap = "account"
	OnService         Overlap = "service"
	OnAPI             Overlap = "api"
	OnNetwork         Overlap = "network"
	OnNetworkAndOther Overlap = "network and account" // a private endpoint, which works on what it connects to as well
)

// Wait is an order that no output expresses: Azure does not do both at once, or looks a name up that is in a text.
type Wait struct {
	// For are the types, by the last part of their tokens, that come first.
	For []string `yaml:"for"`
	// On is the type of the resource that both use; only then does the order hold. Empty asks for none.
	On string `yaml:"on"`
	// Because is Azure's answer otherwise.
	Because string `yaml:"because"`
}

// ARM is what Resource Manager alone needs to know of a type.
type ARM struct {
	// Style is how the service reports wrong fields: arm, apim, network or cognitive.
	Style string `yaml:"style"`
	// Entity is what API Management calls it in messages.
	Entity string `yaml:"entity"`
	// Extension types live below any other resource.
	Extension bool `yaml:"extension"`
	// Async is answered 201 or 202 with Azure-AsyncOperation.
	Async bool `yaml:"async"`
	// Link is a PUT without a body.
	Link bool `yaml:"link"`
	// BuiltIn exists only as something that Azure made; PUT is not modelled.
	BuiltIn bool `yaml:"builtIn"`
	// Stateful has properties.provisioningState.
	Stateful bool `yaml:"stateful"`
}

// Provider is what the azure-native provider alone needs to know of a type.
type Provider struct {
	// Top lists keys that are beside properties in the body, in addition to those of every resource; Nested lists keys of those that
	// are inside properties for this type. Inside is short for all of them.
	Top    []string `yaml:"top"`
	Nested []string `yaml:"nested"`
	Inside bool     `yaml:"inside"`
	// Names maps SDK names to JSON names where they differ (x-ms-client-name in the API description).
	Names map[string]string `yaml:"names"`
	// ForceNew lists properties besides the path's parameters whose change replaces the resource.
	ForceNew []string `yaml:"forceNew"`
	// Untracked has a location and tags, and is no tracked resource for all that.
	Untracked bool `yaml:"untracked"`
	// Keyed are the arrays whose elements have keys in the API description (x-ms-identifiers), by path.
	Keyed map[string][]string `yaml:"keyed"`
	// Query lists inputs that are sent as query parameters.
	Query []string `yaml:"query"`
	// Subresources lists properties that are also resources of their own: when they are not set inline, what exists is kept.
	Subresources []string `yaml:"subresources"`
	// Head: presence is checked with HEAD, and there is no body to read.
	Head bool `yaml:"head"`
	// NoLocation: the provider does not fill in a location.
	NoLocation bool `yaml:"noLocation"`
	// LongRunning are the operations, put and delete, that the API description marks as long-running.
	LongRunning []string `yaml:"longRunning"`
	// Limits constrain texts, as the API description does. Those of a parent's name are in the parent's row.
	Limits map[string]Limit `yaml:"limits"`
}

// Limit constrains a text: its length in bytes, and a Go regular expression.
type Limit struct {
	Min     int    `yaml:"min"`
	Max     int    `yaml:"max"`
	Pattern string `yaml:"pattern"`
}
