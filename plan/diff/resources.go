package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
)

// Resource is one resource that is not left alone.
type Resource struct {
	Kind change.Kind `json:"kind"`
	Type string      `json:"type"`
	Name string      `json:"name"`
	// Paths are the inputs that differ, for a replacement those that force it.
	Paths []string `json:"paths"`
}

// Counts is how many resources there are of each kind.
type Counts struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Replaced  int `json:"replaced"`
	Removed   int `json:"removed"`
	Forgotten int `json:"forgotten"`
}

// String is the counts in words, the replaced ones loud.
func (n Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{n.Added, "added"}, {n.Changed, "changed"}, {n.Replaced, "REPLACED"}, {n.Removed, "removed"}, {n.Forgotten, "left in Azure"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "no resource changes"
	}
	return "resources: " + strings.Join(parts, ", ")
}

// grave are the types whose replacement interrupts callers or loses what is in them.
var grave = []string{"ApiManagementService", "Account", "ResourceGroup", "Workspace", "VirtualNetwork", "Namespace"}

// replacements says what is made anew, the gravest first: it comes before everything else.
func (c *comparison) replacements() {
	var all []change.Change
	for _, ch := range c.changes {
		if ch.Kind == change.Replaced {
			all = append(all, ch)
		}
	}
	rank := func(ch change.Change) int {
		if i := slices.Index(grave, ch.Type); i >= 0 {
			return i
		}
		return len(grave)
	}
	slices.SortStableFunc(all, func(a, b change.Change) int { return rank(a) - rank(b) })
	for _, ch := range all {
		if slices.Contains(grave, ch.Type) {
			text := fmt.Sprintf("%s is REPLACED, because %s changes", c.title(ch), list(ch.Paths))
			c.say(Loss, "%s: what is in it is lost, and callers wait", text)
			c.warn(Replaced, "%s", text)
		}
	}
}

func (c *comparison) title(ch change.Change) string {
	return title(c.after.symbols[ch.Type+" "+ch.Name])
}

// replaced says that a resource is made anew, unless it is only because it lies in another one that is.
func (c *comparison) replaced(ch change.Change) (follows bool) {
	if slices.Contains(grave, ch.Type) {
		return false
	}
	old, now := c.before.symbols[ch.Type+" "+ch.Name], c.after.symbols[ch.Type+" "+ch.Name]
	if !slices.ContainsFunc(ch.Paths, func(path string) bool { return !reflect.DeepEqual(at(old, path), at(now, path)) }) {
		return true
	}
	c.say(Change, "%s is REPLACED, because %s changes", c.title(ch), list(ch.Paths))
	return false
}

// resources says what happens to resources.
func (c *comparison) resources() {
	followers := 0
	for _, ch := range c.changes {
		r := Resource{ch.Kind, ch.Type, ch.Name, ch.Paths}
		if r.Paths == nil {
			r.Paths = []string{}
		}
		c.diff.Resources = append(c.diff.Resources, r)
		switch ch.Kind {
		case change.Added:
			c.diff.Counts.Added++
			c.other(ch, "is added")
		case change.Changed:
			c.diff.Counts.Changed++
			c.changed(ch)
		case change.Replaced:
			c.diff.Counts.Replaced++
			if c.replaced(ch) {
				followers++
			}
		case change.Removed:
			c.diff.Counts.Removed++
			c.other(ch, "is removed")
		case change.Forgotten:
			c.diff.Counts.Forgotten++
			c.say(Change, "%s %s leaves the program and stays in Azure", ch.Type, ch.Name)
		}
	}
	if followers > 0 {
		c.say(Change, "%s REPLACED with what they belong to", counted(followers, "resource"))
	}
}

// described are the types about whose coming and going there are sentences, by what they are for: pools, products, logs and the like.
var described = []string{
	"Account", "Api", "ApiOperation", "ApiPolicy", "Backend", "Deployment", "EventHub", "NamedValue", "PolicyFragment", "Product", "ProductApi",
	"RoleAssignment", "Subscription", "NetworkSecurityGroup",
	// Those that an account has.
	"PrivateEndpoint", "PrivateDnsZoneGroup",
	// Those that nobody loses anything with.
	"Workbook", "PrivateZone", "VirtualNetworkLink", "PrivateRecordSet", "PublicIPAddress", "Namespace", "Logger",
}

// loggers are the types without which less is logged, or nobody is notified.
var loggers = []string{
	"ApiDiagnostic", "Diagnostic", "DiagnosticSetting", "Workspace", "Component", "ScheduledQueryRule", "MetricAlert", "ActionGroup",
}

// other says that a resource comes or goes that nothing else describes.
func (c *comparison) other(ch change.Change, what string) {
	lessLogged := ch.Kind == change.Removed && slices.Contains(loggers, ch.Type)
	switch {
	case lessLogged && !c.withAccount(ch):
		c.say(Change, "%s %s %s", ch.Type, ch.Name, what)
		c.warn(Logs, "%s %s %s", ch.Type, ch.Name, what)
	case ch.Kind == change.Removed && !slices.Contains(described, ch.Type) && !lessLogged:
		c.say(Change, "%s %s %s", ch.Type, ch.Name, what)
	}
}

// withAccount reports whether a resource goes with an account or an API.
func (c *comparison) withAccount(ch change.Change) bool {
	for _, r := range c.before.resources {
		if r.Name != ch.Name || shortType(r) != ch.Type {
			continue
		}
		_, stays := c.after.byURN[r.Parent]
		return !stays
	}
	return false
}

// quiet are the inputs whose change nobody can lose by, by type; the empty type is every one.
var quiet = map[string][]string{
	"":                     {"tags", "description", "displayName"},
	"ApiManagementService": {"publisherName", "publisherEmail"},
	"Workbook":             {""},
	"ScheduledQueryRule":   {"criteria.allOf[0].query"},
}

// told are the inputs about which there are sentences, by type.
var told = map[string][]string{
	"Account":              {"properties.publicNetworkAccess", "properties.disableLocalAuth", "properties.networkAcls.defaultAction"},
	"ActionGroup":          {"emailReceivers"},
	"Api":                  {"path", "subscriptionRequired"},
	"ApiDiagnostic":        {"largeLanguageModel", "frontend.request.body", "backend.response.body", "frontend.response.body", "logClientIp", "sampling", "backend"},
	"ApiManagementService": {"sku", "zones", "customProperties", "virtualNetworkType", "developerPortalStatus"},
	"ApiPolicy":            {"value"},
	"Backend":              {"circuitBreaker"},
	"Deployment":           {"sku", "properties.model", "properties.raiPolicyName", "properties.versionUpgradeOption"},
	"DiagnosticSetting":    {"logs", "metrics"},
	"EventHub":             {"messageRetentionInDays"},
	"NamedValue":           {"value", "secret"},
	"Namespace":            {"publicNetworkAccess", "disableLocalAuth"},
	"NetworkSecurityGroup": {"securityRules"},
	"PolicyFragment":       {"value"},
	"Product":              {"approvalRequired"},
	"RoleAssignment":       {"roleDefinitionId", "principalId", "scope", "roleAssignmentName"},
	"Subscription":         {"allowTracing", "scope"},
	"Workspace":            {"retentionInDays", "workspaceCapping"},
}

// templates are the templates about which there are sentences, or by which nobody can lose: pools, tables, saved searches.
var templates = []string{"backends-pools", "tables", "searches"}

// changed says what changes of a resource, as far as nothing else does.
func (c *comparison) changed(ch change.Change) {
	if ch.Type == "DeploymentStackAtResourceGroup" && slices.Contains(templates, ch.Name) {
		return
	}
	var rest []string
	for _, path := range ch.Paths {
		if !below(path, quiet[""]) && !below(path, quiet[ch.Type]) && !below(path, told[ch.Type]) {
			rest = append(rest, path)
		}
	}
	old, now := c.before.symbols[ch.Type+" "+ch.Name], c.after.symbols[ch.Type+" "+ch.Name]
	for i, path := range rest {
		const most = 3
		if i == most {
			c.say(Change, "%s %s has %d more inputs that change", ch.Type, ch.Name, len(rest)-most)
			return
		}
		was, is := c.before.scalar(at(old, path)), c.after.scalar(at(now, path))
		if was == "" && is == "" {
			c.say(Change, "%s %s changes: %s", ch.Type, ch.Name, path)
			continue
		}
		c.say(Change, "%s %s has %s %s instead of %s", ch.Type, ch.Name, path, orNone(is), orNone(was))
	}
}

func below(path string, all []string) bool {
	return slices.ContainsFunc(all, func(above string) bool {
		return above == "" || path == above || strings.HasPrefix(path, above+".") || strings.HasPrefix(path, above+"[")
	})
}

// at is the value at a path such as a.b[0].c.
func at(r plan.Resource, path string) any {
	steps := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
	return jsonpath.At(r.Inputs, steps...)
}

func (e *environment) scalar(value any) string {
	switch v := value.(type) {
	case string:
		return short(e.readable(v))
	case float64, bool, int:
		return fmt.Sprint(v)
	}
	return ""
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
