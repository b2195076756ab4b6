package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"

	"enterprise-openai/internal/azure/resourcetypes"
)

// Kind is one resource type: its row (internal/azure/resourcetypes), and what no table can say: what Azure refuses, fills in and
// does besides. Adding a type is adding a row, and a Kind to one of the kinds_*.go lists.
type Kind struct {
	// Type is the ARM type in its documented spelling.
	Type string

	row      resourcetypes.Row
	style    errorStyle
	name     nameRule
	model    modelCheck
	checks   []func(*write)
	fill     func(*write)
	created  func(*write)
	removing []func(*removal) *Error
	removed  func(*removal)
	actions  map[string]func(*Server, *record) (map[string]any, *Error)
}

// nameRule is what a name may be, with its pattern compiled.
type nameRule struct {
	min, max int
	pattern  *regexp.Regexp
	only     []string
}

func newNameRule(n resourcetypes.Name) nameRule {
	rule := nameRule{min: n.Min, max: n.Max, only: n.Only}
	if n.Pattern != "" {
		rule.pattern = regexp.MustCompile(n.Pattern)
	}
	return rule
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

// styles are the errors of a row's style.
var styles = map[string]errorStyle{"arm": armStyle, "apim": apimStyle, "network": networkStyle, "cognitive": cognitiveStyle}

// registry is every type there is, by lower-case name.
var registry map[string]*Kind

func init() { //nolint:gochecknoinits // breaks the initialisation cycle: the types' rules look other types up
	registry = register(resourceKinds, networkKinds, dnsKinds, endpointKinds, eventHubKinds, monitorKinds, tableKinds, workbookKinds, alertKinds,
		authorizationKinds, cognitiveKinds, serviceKinds, apiKinds, productKinds)
}

// register gives every type its row. A type without one is a mistake of this program, which its first test shows.
func register(lists ...func() []*Kind) map[string]*Kind {
	out := map[string]*Kind{}
	for _, list := range lists {
		for _, kind := range list() {
			row, known := resourcetypes.Of(kind.Type)
			if !known {
				//nolint:forbidigo // a mistake of this program, which its first test shows
				panic(kind.Type + " has no row in internal/azure/resourcetypes/types.yaml")
			}
			kind.row, kind.style, kind.name = row, styles[row.ARM.Style], newNameRule(row.Name)
			if len(row.Lengths) > 0 {
				kind.checks = append(kind.checks, lengths(row.Lengths))
			}
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
		line := Support{Type: kind.Type, Versions: kind.row.Versions, Status: "supported", Note: kind.row.Partly, Source: kind.row.Source}
		if kind.row.Partly != "" {
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
	return kind != nil && kind.row.ARM.Async
}

// parentType is the type a nested type lives in, "" for top-level and extension types.
func (k *Kind) parentType() string {
	if k.row.ARM.Extension || strings.Count(k.Type, "/") < 2 {
		return ""
	}
	return k.Type[:strings.LastIndexByte(k.Type, '/')]
}
