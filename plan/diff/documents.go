package diff

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// policy is a policy document or a fragment.
type policy struct { //nolint:recvcheck // only reading one changes it
	// name is an API's or a fragment's id.
	name     string
	fragment bool
	resource string // the URN that declares it
	root     *node
	// includes are the fragments that it names.
	includes []string

	// What the settings fill in is read before it is left out of the tree.
	literals  []string
	limits    map[string][]limit
	audiences []string
	person    string
}

// node is an element as it is compared: without comments and white space, its expressions as symbols with single spaces.
type node struct {
	name       string
	attributes map[string]string
	text       string
	children   []*node
}

// keys are the attributes that name an element among its siblings, by which it is found again.
var keys = []string{"name", "fragment-id", "header-name", "key"}

// title is an element in a path: set-variable[fault].
func (n *node) title() string {
	for _, key := range keys {
		if value := n.attributes[key]; value != "" && !strings.HasPrefix(value, "@") {
			return n.name + "[" + value + "]"
		}
	}
	return n.name
}

// String is the whole element, the same for what means the same.
func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	fmt.Fprintf(b, "<%s", n.name)
	for _, key := range sortedKeys(n.attributes) {
		fmt.Fprintf(b, " %s=%q", key, n.attributes[key])
	}
	fmt.Fprintf(b, ">%q", n.text)
	for _, child := range n.children {
		child.write(b)
	}
	b.WriteString("</>")
}

// walk calls for an element and everything in it.
func (n *node) walk(do func(*node)) {
	do(n)
	for _, child := range n.children {
		child.walk(do)
	}
}

// readDocuments reads every policy. A document that is no XML is an error: nobody could say what it means.
func (e *environment) readDocuments(name string, other *environment) error {
	var problems []error
	add := func(r plan.Resource, of string, fragment bool) {
		if same, ok := other.policy(r); ok {
			e.documents = append(e.documents, same)
			return
		}
		format := document.Format(jsonpath.Text(r.Inputs, "format"))
		tree, err := document.Parse(document.Source{File: of, Text: jsonpath.Text(r.Inputs, "value"), Format: format}, csharp.ScanRaw)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s %s: %w", name, shortType(r), r.Name, err))
			return
		}
		e.documents = append(e.documents, newPolicy(r.URN, of, fragment, tree))
	}
	e.each("PolicyFragment", func(r plan.Resource) { add(r, jsonpath.Text(r.Inputs, "id"), true) })
	e.each("ApiPolicy", func(r plan.Resource) {
		if of, ok := e.refers(jsonpath.Text(r.Inputs, "apiId"), "Api"); ok {
			add(r, jsonpath.Text(of.Inputs, "apiId"), false)
		}
	})
	slices.SortFunc(e.documents, func(a, b policy) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.resource, b.resource)) })
	return errors.Join(problems...)
}

// policy is the document of a resource with the same inputs.
func (e *environment) policy(r plan.Resource) (policy, bool) {
	if e == nil || !reflect.DeepEqual(e.byURN[r.URN].Inputs, r.Inputs) {
		return policy{}, false
	}
	i := slices.IndexFunc(e.documents, func(p policy) bool { return p.resource == r.URN })
	if i < 0 {
		return policy{}, false
	}
	return e.documents[i], true
}

func newPolicy(urn, name string, fragment bool, tree *document.Node) policy {
	d := policy{name: name, fragment: fragment, resource: urn, limits: map[string][]limit{}}
	d.root = d.element(tree)
	limitsIn(d.root, "", d.limits)
	d.audiences = audiencesIn(d.root)
	d.root.walk(func(n *node) {
		if n.name == "include-fragment" {
			d.includes = append(d.includes, n.attributes["fragment-id"])
		}
	})
	d.root.fillOut()
	return d
}

// element is an element in the form in which it is compared.
func (d *policy) element(from *document.Node) *node {
	n := &node{name: from.Name, attributes: map[string]string{}, text: d.value(from.Text)}
	for _, a := range from.Attrs {
		n.attributes[a.Name] = d.value(a.Value)
	}
	for _, child := range from.Children {
		n.children = append(n.children, d.element(child))
	}
	return n
}

// value is a text, or an expression as its symbols with what the settings fill in left out.
func (d *policy) value(text string) string {
	text = strings.TrimSpace(text)
	if !document.IsExpression(text) {
		return text
	}
	symbols := lex(text)
	d.literals = append(d.literals, literalsIn(symbols)...)
	if person := personIn(symbols); person != "" {
		d.person = person
	}
	return join(symbols)
}

// The attributes that the settings fill in, by element.
var filled = map[string][]string{
	"llm-token-limit":          {"tokens-per-minute", "token-quota", "token-quota-period"},
	"azure-openai-token-limit": {"tokens-per-minute", "token-quota", "token-quota-period"},
	"rate-limit-by-key":        {"calls", "increment-count"},
}

// ofStep is a condition that holds for one step of a reservation alone: which steps there are follows from the products.
const ofStep = `@((string)context.Variables["reserve"]=="`

// fillOut replaces what the settings fill in, and leaves one of several branches that are then the same: the limits of products,
// audiences, steps. They are compared as facts.
func (n *node) fillOut() {
	var kept []*node
	for _, child := range n.children {
		filling := false
		switch condition := child.attributes["condition"]; {
		case child.name == "when" && (ofProduct.MatchString(condition) || strings.HasPrefix(condition, ofStep)):
			child.attributes["condition"], filling = "…", true
			child.walk(func(inner *node) {
				for _, name := range filled[inner.name] {
					if value, ok := inner.attributes[name]; ok && !strings.HasPrefix(value, "@") {
						inner.attributes[name] = "…"
					}
				}
			})
		case child.name == "audience":
			child.text, filling = "…", true
		}
		child.fillOut()
		if filling && slices.ContainsFunc(kept, func(other *node) bool { return other.String() == child.String() }) {
			continue
		}
		kept = append(kept, child)
	}
	n.children = kept
}
