// Package document reads policy documents the way API Management does.
//
// A document looks like XML and often is none: the `rawxml` format takes C#
// expressions as they are written, with quotes inside quoted attributes, `<`
// and `&&` (Microsoft Learn: rest/api/apimanagement/policy/create-or-update,
// PolicyContentFormat). So the reader finds the extent of an expression first
// and looks for XML around it.
//
// The pieces: [Parse] makes a tree of [Node] with a position on every element
// and attribute, [Substitute] puts named values in, [Error] and [Errors] say
// what is wrong with file, line and column.
package document

// Format is how the text of a document treats its expressions.
type Format string

const (
	// XML is well-formed XML; expressions are escaped.
	XML Format = "xml"
	// RawXML holds expressions as they are.
	RawXML Format = "rawxml"
	// Detect takes the text as XML when it is well-formed and as RawXML when not.
	Detect Format = ""
)

// Scan finds the end of the expression that starts with `@(` or `@{` at the
// offset given; end is the offset after its closing bracket. escaped tells that
// its code has XML entities, which C# has nowhere.
type Scan func(s string, at int) (end int, escaped bool, err error)

// Source is the text of one document.
type Source struct {
	// File is the name used in errors, e.g. "policies/api.xml".
	File   string
	Text   string
	Format Format
}

// Pos is a place in a document; both numbers start at one, and a column counts
// characters, not bytes.
type Pos struct {
	Line   int
	Column int
}

// Attr is an attribute with its value as the gateway sees it.
type Attr struct {
	Name  string
	Value string
	// Pos is where the name starts, ValuePos where the text between the quotes does.
	Pos      Pos
	ValuePos Pos
	// Secret is true when a secret named value was put into the value.
	Secret bool
}

// Node is an element.
type Node struct {
	Name     string
	Pos      Pos
	Attrs    []Attr
	Children []*Node
	// Text is what stands between the tags, without child elements and comments.
	Text string
	// TextPos is where the first character that is not white space stands.
	TextPos Pos
	// Secret is true when a secret named value was put into the text.
	Secret bool
	// Inner is the source between the tags, child elements included, for
	// elements whose content is not policy language.
	Inner string
	// Source is the document the element was written in.
	Source *Source
	// Parent is nil for the root.
	Parent *Node
}

// Attr finds an attribute by name.
func (n *Node) Attr(name string) (Attr, bool) {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return Attr{}, false
}

// Child finds the first child element of that name, or nil.
func (n *Node) Child(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// All lists the child elements of that name.
func (n *Node) All(name string) []*Node {
	var out []*Node
	for _, c := range n.Children {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Walk visits the node and everything below it, parents first.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, c := range n.Children {
		c.Walk(visit)
	}
}

// Errorf makes an error that points at the element.
func (n *Node) Errorf(hint, format string, args ...any) *Error {
	return newError(n.Source, n.Name, n.Pos, hint, format, args...)
}

// ErrorfAt makes an error that points into the element, say at an attribute.
func (n *Node) ErrorfAt(at Pos, hint, format string, args ...any) *Error {
	return newError(n.Source, n.Name, at, hint, format, args...)
}
