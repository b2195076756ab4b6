package apim

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/words"
)

// Sizes of documents that Azure takes
// (Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits, API Management;
// policy-fragments).
const (
	maxDocument = 256 << 10
	maxFragment = 512 << 10
)

// missingSectionInherits says what a document without, say, <on-error> does:
// run nothing there, or what the scope above does. [M] unverified.
const missingSectionInherits = false

// step is one policy ready to run.
type step struct {
	do   func(*call) error
	name string
	meta *stepMeta
}

// stepMeta is what LastError says about a step.
type stepMeta struct {
	id      string
	path    string
	scope   Scope
	section Section
}

// compiled is one document ready to run.
type compiled struct {
	sections [sectionCount][]step
	present  [sectionCount]bool
}

// references are the names a document may mention.
type references struct {
	values    map[string]document.NamedValue
	fragments map[string]*Fragment
	backends  map[string]bool
	loggers   map[string]bool
}

func newReferences(cfg *Configuration) *references {
	r := &references{values: map[string]document.NamedValue{}, fragments: map[string]*Fragment{}, backends: map[string]bool{},
		loggers: map[string]bool{}}
	for _, v := range cfg.NamedValues {
		r.values[v.Name] = document.NamedValue{Text: v.Value, Secret: v.Secret}
	}
	for i := range cfg.Fragments {
		r.fragments[cfg.Fragments[i].ID] = &cfg.Fragments[i]
	}
	for _, b := range cfg.Backends {
		r.backends[b.ID] = true
	}
	for _, l := range cfg.Loggers {
		r.loggers[l.ID] = true
	}
	return r
}

// compiler turns the documents of a configuration into steps and collects
// their expressions and everything that is wrong.
type compiler struct {
	refs  *references
	scan  document.Scan
	exprs []Expression
	// parsed are fragments that were read before: each is included by every API.
	parsed map[*Fragment]*document.Node
	errs   document.Errors

	// Where the element being compiled stands.
	scope    Scope
	section  Section
	fragment string
	path     []string
	counts   []map[string]int
	// serial tells apart policies that count by definition, such as rate-limit.
	serial int
	doc    string
}

func newCompiler(refs *references, scan document.Scan) *compiler {
	if scan == nil {
		scan = csharp.ScanRaw
	}
	return &compiler{refs: refs, scan: scan, parsed: map[*Fragment]*document.Node{}}
}

func (c *compiler) fail(err *document.Error) { c.errs = append(c.errs, err) }

// read parses a document and puts named values in; nil means it is reported.
func (c *compiler) read(p *Policy, limit int) *document.Node {
	src := document.Source{File: p.File, Text: p.Text, Format: p.Format}
	if len(p.Text) > limit {
		c.fail(document.NewError(&src, "", document.Pos{Line: 1, Column: 1}, "",
			fmt.Sprintf("The document has %d bytes, more than the %d allowed", len(p.Text), limit)))
		return nil
	}
	root, err := document.Parse(src, c.scan)
	if err == nil {
		err = document.Substitute(root, func(name string) (document.NamedValue, bool) { v, ok := c.refs.values[name]; return v, ok })
	}
	if err != nil {
		c.collect(err)
		return nil
	}
	return root
}

func (c *compiler) collect(err error) {
	var one *document.Error
	var several document.Errors
	switch {
	case errors.As(err, &several):
		c.errs = append(c.errs, several...)
	case errors.As(err, &one):
		c.fail(one)
	default:
		c.fail(&document.Error{Message: err.Error(), Pos: document.Pos{Line: 1, Column: 1}})
	}
}

// document compiles a document at a scope; doc identifies it.
func (c *compiler) document(p *Policy, scope Scope, doc string) *compiled {
	root := c.read(p, maxDocument)
	if root == nil {
		return nil
	}
	if root.Name != "policies" {
		c.fail(root.Errorf("the root of a document is <policies>", "The root element is '%s'", root.Name))
		return nil
	}
	c.scope, c.doc, c.serial = scope, doc, 0
	out := &compiled{}
	if t := strings.TrimSpace(root.Text); t != "" {
		c.fail(root.ErrorfAt(root.TextPos, "remove the text", "The element cannot contain text"))
	}
	for _, n := range root.Children {
		s, ok := sectionOf(n.Name)
		switch {
		case !ok:
			c.fail(n.Errorf(words.Suggest(n.Name, sectionNames[:]), "'%s' is not a section of a policy document", n.Name))
		case out.present[s]:
			c.fail(n.Errorf("merge the two", "The section '%s' appears twice", n.Name))
		default:
			c.section, out.present[s] = s, true
			if t := strings.TrimSpace(n.Text); t != "" {
				c.fail(n.ErrorfAt(n.TextPos, "remove the text", "The element cannot contain text"))
			}
			out.sections[s] = c.policies(n)
		}
	}
	return out
}

func sectionOf(name string) (Section, bool) {
	for i, n := range sectionNames {
		if n == name {
			return Section(i), true
		}
	}
	return 0, false
}

// policies compiles the child elements of n as policies.
func (c *compiler) policies(n *document.Node) []step {
	var out []step
	c.counts = append(c.counts, map[string]int{})
	for _, k := range n.Children {
		if s, ok := c.policy(k); ok {
			out = append(out, s)
		}
	}
	c.counts = c.counts[:len(c.counts)-1]
	return out
}

// policy compiles one element.
func (c *compiler) policy(n *document.Node) (step, bool) {
	st := statements[n.Name]
	if st == nil {
		var known []string
		for name := range statements {
			known = append(known, name)
		}
		c.fail(n.Errorf(words.Suggest(n.Name, known), "Unknown policy '%s'", n.Name))
		return step{}, false
	}
	if !c.allowed(n, st) {
		return step{}, false
	}
	before := len(c.errs)
	c.enter(n.Name)
	defer c.leave()
	c.check(n, &st.shape)
	if len(c.errs) > before {
		// The children are still worth a look; what they compile to is not used.
		if st.nested == anyPolicies {
			c.policies(n)
		}
		return step{}, false
	}
	meta := &stepMeta{path: strings.Join(c.path, "/"), scope: c.scope, section: c.section}
	if id, ok := n.Attr("id"); ok && st.attr("id") == nil {
		meta.id = id.Value
	}
	do := st.compile(c, n)
	return step{do: do, name: n.Name, meta: meta}, do != nil
}

func (c *compiler) allowed(n *document.Node, st *statement) bool {
	switch {
	case st.support == NotSupported:
		c.fail(n.Errorf(st.note, "The policy '%s' is not modelled", n.Name))
	case !st.scopes.has(c.scope):
		c.fail(n.Errorf("allowed: "+strings.Join(st.scopes.Names(), ", "), "Policy '%s' is not allowed in the scope '%s'", n.Name, c.scope))
	case c.scope != ScopeFragment && !st.sections.has(c.section):
		c.fail(n.Errorf("allowed: "+strings.Join(st.sections.Names(), ", "), "Policy is not allowed in the section '%s'", c.section))
	default:
		return true
	}
	return false
}

// enter and leave keep the path of LastError, e.g. choose[3]/when[2].
func (c *compiler) enter(name string) {
	index := 1
	if len(c.counts) > 0 {
		top := c.counts[len(c.counts)-1]
		top[name]++
		index = top[name]
	}
	c.path = append(c.path, fmt.Sprintf("%s[%d]", name, index))
}

func (c *compiler) leave() { c.path = c.path[:len(c.path)-1] }

// Place is where a document is going to hang.
type Place struct {
	Scope Scope
}

// Check does what saving a document does: it reads it, refuses what Azure would
// refuse, and compiles its expressions. The error is a document.Errors.
func Check(ctx context.Context, p Policy, at Place, cfg *Configuration, deps Deps) error {
	c := newCompiler(newReferences(cfg), deps.Scan)
	if at.Scope == ScopeFragment {
		c.fragmentDocument(&p)
	} else {
		c.document(&p, at.Scope, "check")
	}
	if err := c.errs.Err(); err != nil {
		return err
	}
	if len(c.exprs) == 0 || deps.Expressions == nil {
		return nil
	}
	program, err := deps.Expressions.Compile(ctx, c.exprs)
	if err != nil {
		return err
	}
	return program.Close()
}

// fragmentDocument checks a fragment by itself, without a section.
func (c *compiler) fragmentDocument(p *Policy) {
	root := c.read(p, maxFragment)
	if root == nil {
		return
	}
	if root.Name != "fragment" {
		c.fail(root.Errorf("the root of a fragment is <fragment>", "The root element is '%s'", root.Name))
		return
	}
	c.scope, c.fragment = ScopeFragment, "the fragment"
	c.policies(root)
}
