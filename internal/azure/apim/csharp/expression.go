package csharp

// Kind is the form of an expression.
type Kind int

// The two forms of api-management/api-management-policy-expressions, "Syntax".
const (
	Single Kind = iota // @(expression)
	Block              // @{ statements; return value; }
)

// Want is the type an attribute or element expects.
type Want byte

// What an expression's value is turned into. A condition must be a bool in C# already, a
// compile error otherwise; the others are converted in the culture en-US.
const (
	WantAny Want = iota // a variable: kept as it is
	WantString
	WantBool
	WantInt
	WantFloat
	WantPortable // for a cache: a value that other requests can use, JSON included
)

// Expression is one policy expression and its place in the policy document.
type Expression struct {
	File    string // the policy document, as errors should name it
	Line    int    // of the @, from 1
	Column  int    // of the @, from 1, in characters
	Element string // the policy element it belongs to, such as set-variable
	Kind    Kind
	Text    string // the C# between the brackets
	Want    Want

	// Sensitive marks a text into which a secret named value was put. A program with a
	// sensitive expression is compiled but never kept in the cache.
	Sensitive bool
}

// source is the expression as it is written in the document.
func (e Expression) source() string {
	if e.Kind == Block {
		return "@{" + e.Text + "}"
	}
	return "@(" + e.Text + ")"
}
