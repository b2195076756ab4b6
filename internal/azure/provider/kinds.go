package provider

import (
	"slices"

	"enterprise-openai/internal/azure/resourcetypes"
)

// kind is what the provider knows about a resource type besides its property types: its row (internal/azure/resourcetypes).
type kind struct {
	token string
	// path is the ARM path with the SDK's names for its parameters.
	path       string
	apiVersion string
	// top lists keys that are beside `properties` in the body, in addition to topLevel; nested lists keys of topLevel that
	// are inside `properties` for this type.
	top, nested []string
	// names maps SDK names to JSON names where they differ (x-ms-client-name in the API description).
	names map[string]string
	// forceNew lists properties besides the path's parameters whose change replaces the resource.
	forceNew []string
	// untracked: it has a location and tags, and is no tracked resource for all that.
	untracked bool
	// keyed are the arrays whose elements have keys in the API description (x-ms-identifiers), by path.
	keyed map[string][]string
	// query lists inputs that are sent as query parameters.
	query []string
	// subresources lists properties that are also resources of their own: when they are not set inline, what exists is kept.
	subresources []string
	// head: presence is checked with HEAD, and there is no body to read.
	head bool
	// async and asyncDelete: the API description marks PUT or DELETE as long-running.
	async, asyncDelete bool
	// noLocation: the provider does not fill in a location.
	noLocation bool
	// defaultBody recognises the state in which Azure creates the resource together with its parent, and reset is the body
	// that brings it back to it; only such a resource may be "created" although it exists.
	defaultBody func(body map[string]any) bool
	// limits constrain inputs, as the API description does.
	limits map[string]limit

	params []string // of path, without subscriptionId
	naming autoname // of the last of them
}

// topLevel are the keys that ARM resources have beside `properties` (Microsoft Learn: azure-resource-manager, resource
// syntax).
var topLevel = []string{"location", "tags", "sku", "identity", "kind", "zones", "etag", "plan", "extendedLocation", "managedBy", "id"}

// defaultBodies recognise the state in which Azure creates a resource together with its parent, by token.
var defaultBodies = map[string]func(body map[string]any) bool{
	"azure-native:apimanagement/v20240601preview:Policy": isDefaultPolicy,
}

// kinds are the types that programs declare, by token, from their rows.
var kinds = index(resourcetypes.All())

func index(rows []resourcetypes.Row) map[string]*kind {
	all := map[string]*kind{}
	for _, r := range rows {
		if r.Token != "" {
			all[r.Token] = newKind(r)
		}
	}
	return all
}

func newKind(r resourcetypes.Row) *kind {
	p := r.Provider
	k := &kind{
		token: r.Token, path: r.Path, apiVersion: r.Versions[0], top: p.Top, nested: p.Nested, names: p.Names, forceNew: p.ForceNew,
		untracked: p.Untracked, keyed: p.Keyed, query: p.Query, subresources: p.Subresources, head: p.Head, noLocation: p.NoLocation,
		async: slices.Contains(p.LongRunning, "put"), asyncDelete: slices.Contains(p.LongRunning, "delete"),
		defaultBody: defaultBodies[r.Token], limits: map[string]limit{}, params: r.Params(), naming: autonameOf(r.Path),
	}
	if p.Inside {
		k.nested = topLevel
	}
	for name, l := range p.Limits {
		k.limits[name] = limit{min: l.Min, max: l.Max, pattern: l.Pattern}
	}
	return k
}

func kindOf(token string) (*kind, bool) {
	k, ok := kinds[token]
	return k, ok
}

// Tokens lists the resource types that the provider knows.
func Tokens() []string {
	tokens := make([]string, 0, len(kinds))
	for token := range kinds {
		tokens = append(tokens, token)
	}
	slices.Sort(tokens)
	return tokens
}

// isParam tells whether an input is part of the path.
func (k *kind) isParam(name string) bool { return slices.Contains(k.params, name) }

// isTop tells whether a JSON key is beside `properties`.
func (k *kind) isTop(key string) bool {
	return slices.Contains(k.top, key) || slices.Contains(topLevel, key) && !slices.Contains(k.nested, key)
}

func (k *kind) jsonName(name string) string {
	if json, ok := k.names[name]; ok {
		return json
	}
	return name
}

const properties = "properties"
