package apim

import (
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/words"
)

// check compares an element with its shape and reports what is wrong with it.
func (c *compiler) check(n *document.Node, s *shape) {
	c.checkAttributes(n, s)
	c.checkText(n, s)
	if s.text == freeText || s.nested == anyPolicies || s.nested == listedPolicies && len(s.children) == 0 {
		return
	}
	c.checkChildren(n, s)
}

func (c *compiler) checkAttributes(n *document.Node, s *shape) {
	for _, a := range n.Attrs {
		if a.Name == "id" && s.attr("id") == nil {
			// Any policy may carry an id (Microsoft Learn: api-management-error-handling-policies).
			continue
		}
		spec := s.attr(a.Name)
		if spec == nil {
			var known []string
			for _, k := range s.attrs {
				known = append(known, k.name)
			}
			c.fail(n.ErrorfAt(a.Pos, words.Suggest(a.Name, known), "Unrecognized attribute '%s'", a.Name))
			continue
		}
		c.checkValue(n, a, spec)
	}
	for _, spec := range s.attrs {
		if _, ok := n.Attr(spec.name); spec.required && !ok {
			c.fail(n.Errorf("add "+spec.name+"=\"…\"", "Required attribute '%s' not found", spec.name))
		}
	}
}

func (c *compiler) checkValue(n *document.Node, a document.Attr, spec *attribute) {
	if document.IsExpression(a.Value) {
		if !spec.expr {
			c.fail(n.ErrorfAt(a.ValuePos, "write the value itself", "Policy expressions are not allowed in the attribute '%s'", a.Name))
		}
		return
	}
	if len(spec.oneOf) > 0 && !slices.Contains(spec.oneOf, a.Value) {
		c.fail(n.ErrorfAt(a.ValuePos, "one of "+strings.Join(spec.oneOf, ", "),
			"The value '%s' of the attribute '%s' is not valid", a.Value, a.Name))
	}
	switch spec.want {
	case WantBool:
		if a.Value != "true" && a.Value != "false" && a.Value != "True" && a.Value != "False" {
			c.fail(n.ErrorfAt(a.ValuePos, "true or false", "The value '%s' of the attribute '%s' is not a boolean", a.Value, a.Name))
		}
	case WantInt:
		if _, err := parseNumber(a.Value); err != nil {
			c.fail(n.ErrorfAt(a.ValuePos, "a whole number", "The value '%s' of the attribute '%s' is not a number", a.Value, a.Name))
		}
	default: // any text
	}
}

func (c *compiler) checkText(n *document.Node, s *shape) {
	text := strings.TrimSpace(n.Text)
	switch {
	case text == "":
	case s.text == noText:
		c.fail(n.ErrorfAt(n.TextPos, "remove the text", "The element cannot contain text"))
	case s.text == literalText && document.IsExpression(text):
		c.fail(n.ErrorfAt(n.TextPos, "write the value itself", "Policy expressions are not allowed in the element '%s'", n.Name))
	}
}

func (c *compiler) checkChildren(n *document.Node, s *shape) {
	at := 0
	count := map[string]int{}
	for _, k := range n.Children {
		i := slices.IndexFunc(s.children, func(spec child) bool { return spec.name == k.Name })
		if i < 0 {
			var known []string
			for _, spec := range s.children {
				known = append(known, spec.name)
			}
			c.fail(k.Errorf(words.Suggest(k.Name, known), "The element '%s' has an invalid child element '%s'", n.Name, k.Name))
			continue
		}
		if i < at {
			c.fail(k.Errorf("put it before <"+s.children[at].name+">", "The child element '%s' of '%s' is out of order", k.Name, n.Name))
		}
		at = max(at, i)
		spec := &s.children[i]
		if count[k.Name]++; count[k.Name] > 1 && !spec.repeat {
			c.fail(k.Errorf("keep one", "The element '%s' may appear only once in '%s'", k.Name, n.Name))
		}
		c.check(k, &spec.shape)
	}
	for _, spec := range s.children {
		if spec.required && count[spec.name] == 0 {
			c.fail(n.Errorf("add <"+spec.name+">", "The element '%s' has incomplete content: '%s' is missing", n.Name, spec.name))
		}
	}
}
