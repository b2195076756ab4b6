package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
)

func isPolicy(kind *Kind) bool {
	return strings.HasSuffix(kind.Type, "/policies") || kind.Type == fragmentType
}

// maxPolicy and maxFragment: Microsoft Learn, azure-subscription-service-limits (API Management) and policy-fragments.
const (
	maxPolicy   = 256 << 10
	maxFragment = 512 << 10
)

func checkPolicyFormat(w *write) {
	format := text(w.props, "format")
	if strings.HasSuffix(strings.ToLower(format), "-link") {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "The policy format '%s' is not supported", format))
		return
	}
	document, limit, root := text(w.props, "value"), maxPolicy, "policies"
	if w.kind.Type == fragmentType {
		limit, root = maxFragment, "fragment"
	}
	if len(document) > limit {
		w.bad("value", "The document has %d bytes, %d are allowed.", len(document), limit)
	}
	if start := firstElement(document); start != root {
		w.bad("value", "The root element must be <%s>, it is <%s>.", root, start)
	}
}

var elementName = regexp.MustCompile(`<([A-Za-z][\w.-]*)`)

var xmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)

// firstElement is the name of a document's root element.
func firstElement(document string) string {
	match := elementName.FindStringSubmatch(xmlComment.ReplaceAllString(document, ""))
	if match == nil {
		return ""
	}
	return match[1]
}

var (
	valueReference    = regexp.MustCompile(`\{\{([A-Za-z0-9-._]+)\}\}`)
	fragmentReference = regexp.MustCompile(`<include-fragment\s[^>]*fragment-id\s*=\s*(?:"([^"@{]*)"|'([^'@{]*)')`)
	backendReference  = regexp.MustCompile(`\sbackend-id\s*=\s*(?:"([^"@{]*)"|'([^'@{]*)')`)
)

// references are the names a document uses, outside of comments, each with its place.
type reference struct {
	name         string
	element      string
	line, column int
}

func references(document string, pattern *regexp.Regexp) []reference {
	// Comments are blanked, not cut: the places of what follows must stay.
	document = xmlComment.ReplaceAllStringFunc(document, func(c string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, c)
	})
	var out []reference
	for _, at := range pattern.FindAllStringSubmatchIndex(document, -1) {
		name := ""
		for group := 2; group+1 < len(at); group += 2 {
			if at[group] >= 0 {
				name = document[at[group]:at[group+1]]
			}
		}
		before := document[:at[0]]
		line := strings.Count(before, "\n") + 1
		column := at[0] - strings.LastIndexByte(before, '\n')
		element := ""
		if all := elementName.FindAllStringSubmatch(document[:at[0]+1], -1); len(all) > 0 {
			element = all[len(all)-1][1]
		}
		out = append(out, reference{name, element, line, column})
	}
	return out
}

// checkPolicy refuses a document that names what does not exist. The form of the text was read from reported deployments;
// the ends of those for fragments and backends are [M].
func checkPolicy(w *write) {
	document := text(w.props, "value")
	service := serviceID(w.id)
	known := map[string]bool{}
	for _, r := range w.s.ofType(namedValueType, service) {
		known[text(r.props(), "displayName")] = true // case counts here, unlike anywhere else in ARM
	}
	complain := func(r reference, format string) {
		w.bad("value", "Error in element '%s' on line %d, column %d: "+format, r.element, r.line, r.column, r.name)
	}
	for _, r := range references(document, valueReference) {
		if !known[r.name] {
			complain(r, "Cannot find a property '%s'")
		}
	}
	for _, r := range references(document, fragmentReference) {
		if w.s.find(service+"/policyFragments/"+r.name) == nil {
			complain(r, "Policy fragment with id '%s' could not be found.")
		}
		if w.kind.Type == fragmentType {
			complain(r, "A policy fragment cannot include the fragment '%s'.")
		}
	}
	for _, r := range references(document, backendReference) {
		if r.name != "" && w.s.find(service+"/backends/"+r.name) == nil {
			complain(r, "Backend with id '%s' could not be found.")
		}
	}
	if w.s.options.ValidatePolicy != nil && len(w.found) == 0 {
		if err := w.s.options.ValidatePolicy(policyScope(w.kind), document); err != nil {
			w.bad("value", "%v", err)
		}
	}
}

// policyScope is the scope that Options.ValidatePolicy gets.
func policyScope(kind *Kind) string {
	switch kind.Type {
	case fragmentType:
		return "fragment"
	case apiType + "/policies":
		return "api"
	case apiType + "/operations/policies":
		return "operation"
	case productType + "/policies":
		return "product"
	}
	return "global"
}

// fillPolicy: whatever was sent, GET answers format xml with CRLF line ends.
func fillPolicy(w *write) {
	format, value := text(w.props, "format"), text(w.props, "value")
	if format == "" {
		format = "xml"
	}
	w.private["format"], w.private["value"] = format, value
	if strings.EqualFold(format, "rawxml") {
		value = escapeExpressions(value)
	}
	w.props["format"] = "xml"
	w.props["value"] = strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\n", "\r\n")
	if w.kind.Type == fragmentType {
		w.props["provisioningState"] = "Succeeded"
	}
}

// escapeExpressions turns rawxml into xml: in rawxml an expression is C# as it is written, or escaped in part, in xml its <, &, > and
// quotes are entities.
func escapeExpressions(raw string) string {
	return document.Expressions(raw, csharp.ScanRaw, codeEscaper.Replace)
}

var codeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// policyTypes hold documents.
var policyTypes = []string{fragmentType, serviceType + "/policies", apiType + "/policies", apiType + "/operations/policies",
	productType + "/policies"}

// policyDocuments are the documents of a service.
func (s *Server) policyDocuments(service string) []*record {
	var out []*record
	for _, t := range policyTypes {
		out = append(out, s.ofType(t, service)...)
	}
	return out
}

func (s *Server) usedBy(service string, pattern *regexp.Regexp, name string, fold bool) string {
	for _, r := range s.policyDocuments(service) {
		for _, ref := range references(text(r.Private, "value"), pattern) {
			if ref.name == name || fold && strings.EqualFold(ref.name, name) {
				return r.ID
			}
		}
	}
	return ""
}

func stillUsed(what, name, user string) *Error {
	e := refusal(http.StatusBadRequest, "ValidationError", "%s", apimStyle.message)
	e.Details = []*Error{{Code: "ValidationError", Message: fmt.Sprintf("%s '%s' cannot be deleted or renamed: the policy '%s' uses it.", what, name, user)}} // [M]: text
	return e
}

func valueUnused(rm *removal) *Error {
	name := text(rm.rec.props(), "displayName")
	if user := rm.s.usedBy(serviceID(rm.id), valueReference, name, false); user != "" {
		return stillUsed("Named value", name, user)
	}
	return nil
}

func fragmentUnused(rm *removal) *Error {
	if user := rm.s.usedBy(serviceID(rm.id), fragmentReference, rm.id.Name(), true); user != "" {
		return stillUsed("Policy fragment", rm.id.Name(), user)
	}
	return nil
}

// resetServicePolicy: a service is never without a global policy; deleting it brings the default back.
func resetServicePolicy(rm *removal) {
	service := rm.s.find(serviceID(rm.id))
	if rm.rec.Type != serviceType+"/policies" || service == nil {
		return
	}
	w := &write{s: rm.s, req: &request{version: rm.rec.APIVersion}, id: service.id()}
	w.builtIn(rm.rec.Type, "policies", "policy", map[string]any{"format": "xml", "value": DefaultServicePolicy},
		map[string]any{"value": DefaultServicePolicy, "format": "xml"})
}
