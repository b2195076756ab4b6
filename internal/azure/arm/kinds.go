package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Kind is one resource type: what it is called, what a body may hold, what Azure refuses and what it fills in. Adding a
// type is adding a Kind to one of the kinds_*.go lists.
type Kind struct {
	// Type is the ARM type in its documented spelling.
	Type string
	// Versions are the API versions that are answered.
	Versions []string
	// Source is the public page or schema the behaviour was read from.
	Source string
	// Partly says what of the type is not modelled; empty when everything the program can send is.
	Partly string

	model     modelCheck
	style     errorStyle
	name      nameRule
	location  locationRule
	extension bool // lives below any other resource
	async     bool // answers 201 or 202 with Azure-AsyncOperation
	bodyless  bool // a link: PUT without a body
	builtIn   bool // exists only as something Azure made; PUT is not modelled
	stateful  bool // has properties.provisioningState
	entity    string
	required  []string
	immutable []string
	checks    []func(*write)
	fill      func(*write)
	created   func(*write)
	removing  []func(*removal) *Error
	removed   func(*removal)
	actions   map[string]func(*Server, *record) (map[string]any, *Error)
}

type locationRule int

const (
	noLocation locationRule = iota
	anyRegion
	optionalRegion
	globalOnly
)

// nameRule is what a name may be (Microsoft Learn: azure-resource-manager/management/resource-name-rules).
type nameRule struct {
	min, max int
	pattern  *regexp.Regexp
	only     []string
}

func (n nameRule) problem(name string) string {
	switch {
	case len(n.only) > 0 && !slices.ContainsFunc(n.only, func(o string) bool { return strings.EqualFold(o, name) }):
		return fmt.Sprintf("the name must be %s", strings.Join(n.only, " or "))
	case n.max > 0 && (len(name) < n.min || len(name) > n.max):
		return fmt.Sprintf("the name must have %d to %d characters, it has %d", n.min, n.max, len(name))
	case n.pattern != nil && !n.pattern.MatchString(name):
		return fmt.Sprintf("the name must match %s", n.pattern)
	}
	return ""
}

// errorStyle is how a service reports wrong fields.
type errorStyle struct {
	code, message string
	// detail is the code of every inner problem; empty folds the problems into the message, as ARM itself does.
	detail string
}

var (
	// armStyle is Azure Resource Manager's own (Microsoft Learn: troubleshooting/common-deployment-errors, InvalidRequestContent).
	armStyle = errorStyle{code: "InvalidRequestContent", message: "The request content was invalid and could not be deserialized:"}
	// apimStyle was read from reported deployments (Azure/bicep issue 14097).
	apimStyle = errorStyle{code: "ValidationError", message: "One or more fields contain incorrect values:", detail: "ValidationError"}
	// networkStyle [M].
	networkStyle = errorStyle{code: "InvalidRequestFormat", message: "Cannot parse the request.", detail: "InvalidJson"}
	// cognitiveStyle: code from reported deployments; the folding [M].
	cognitiveStyle = errorStyle{code: "InvalidResourceProperties", message: "The resource properties are invalid:"}
)

func (e errorStyle) refuse(problems []problem) *Error {
	out := refusal(http.StatusBadRequest, e.code, "%s", e.message)
	for _, p := range problems {
		if e.detail == "" {
			out.Message += fmt.Sprintf(" '%s Path '%s'.'", p.Message, p.Path)
			continue
		}
		target := p.Path
		if e.detail == "ValidationError" {
			target = strings.TrimPrefix(target, "properties.") // API Management counts from there
		}
		out.Details = append(out.Details, &Error{Code: e.detail, Message: p.Message, Target: target})
	}
	return out
}

// registry is every type there is, by lower-case name.
var registry map[string]*Kind

func init() { //nolint:gochecknoinits // breaks the initialisation cycle: the types' rules look other types up
	registry = register(resourceKinds, networkKinds, dnsKinds, endpointKinds, eventHubKinds, monitorKinds, tableKinds, workbookKinds, alertKinds,
		authorizationKinds, cognitiveKinds, serviceKinds, apiKinds, productKinds)
}

func register(lists ...func() []*Kind) map[string]*Kind {
	out := map[string]*Kind{}
	for _, list := range lists {
		for _, kind := range list() {
			out[strings.ToLower(kind.Type)] = kind
		}
	}
	return out
}

// Support is one line of the generated page on what is modelled.
type Support struct {
	// Type is the ARM type.
	Type string
	// Versions are the API versions that are answered.
	Versions []string
	// Status is "supported" or "partly".
	Status string
	// Note says what is missing when the status is "partly".
	Note string
	// Source is where the behaviour is documented.
	Source string
}

// Coverage lists every modelled type, ordered by name.
func Coverage() []Support {
	var out []Support
	for _, kind := range registry {
		line := Support{Type: kind.Type, Versions: kind.Versions, Status: "supported", Note: kind.Partly, Source: kind.Source}
		if kind.Partly != "" {
			line.Status = "partly"
		}
		out = append(out, line)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Type < out[j].Type })
	return out
}

// Knows says whether a type is modelled.
func Knows(armType string) bool { return registry[strings.ToLower(armType)] != nil }

// LongRunning says whether a PUT of a type starts an operation that goes on after the answer.
func LongRunning(armType string) bool {
	kind := registry[strings.ToLower(armType)]
	return kind != nil && kind.async
}

// kindOf finds the type of an id and checks the API version. The codes are ARM's (Microsoft Learn:
// troubleshooting/error-invalid-resource-type and error-noregisteredproviderfound) [M: exact texts].
func kindOf(id ID, version string) (*Kind, *Error) {
	kind := registry[strings.ToLower(id.Type)]
	if kind == nil {
		namespace, rest, _ := strings.Cut(id.Type, "/")
		return nil, notModelled(http.StatusNotFound, "InvalidResourceType",
			"The resource type '%s' could not be found in the namespace '%s' for api version '%s'", rest, namespace, version)
	}
	if !slices.Contains(kind.Versions, version) {
		return nil, notModelled(http.StatusBadRequest, "NoRegisteredProviderFound",
			"No registered resource provider found for API version '%s' for type '%s'. The supported api-versions are '%s'",
			version, kind.Type, strings.Join(kind.Versions, ", "))
	}
	return kind, nil
}

// parentType is the type a nested type lives in, "" for top-level and extension types.
func (k *Kind) parentType() string {
	if k.extension || strings.Count(k.Type, "/") < 2 {
		return ""
	}
	return k.Type[:strings.LastIndexByte(k.Type, '/')]
}
