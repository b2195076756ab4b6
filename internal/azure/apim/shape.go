package apim

// Section is one of the four parts of a document.
type Section int

// The sections in the order of a request.
const (
	Inbound Section = iota
	BackendSection
	Outbound
	OnError
	sectionCount
)

var sectionNames = [sectionCount]string{"inbound", "backend", "outbound", "on-error"}

// String is the element's name.
func (s Section) String() string { return sectionNames[s] }

// Sections is a set of them.
type Sections uint8

const (
	inInbound Sections = 1 << iota
	inBackend
	inOutbound
	inOnError
	inAllSections = inInbound | inBackend | inOutbound | inOnError
)

func (s Sections) has(one Section) bool { return s&(1<<one) != 0 }

// Names lists the sections of the set.
func (s Sections) Names() []string {
	var out []string
	for i := Inbound; i < sectionCount; i++ {
		if s.has(i) {
			out = append(out, i.String())
		}
	}
	return out
}

// Scope is where a document hangs.
type Scope int

// The scopes from the widest to the narrowest; ScopeFragment is a fragment's,
// which has none until it is included.
const (
	Global Scope = iota
	ProductScope
	APIScope
	OperationScope
	scopeCount
	ScopeFragment
)

var scopeNames = [...]string{"global", "product", "api", "operation", "", "fragment"}

// String is the name LastError.Scope uses.
func (s Scope) String() string { return scopeNames[s] }

// Scopes is a set of them.
type Scopes uint8

const (
	atGlobal Scopes = 1 << iota
	atProduct
	atAPI
	atOperation
	atAllScopes = atGlobal | atProduct | atAPI | atOperation
)

func (s Scopes) has(one Scope) bool { return one == ScopeFragment || s&(1<<one) != 0 }

// Names lists the scopes of the set.
func (s Scopes) Names() []string {
	var out []string
	for i := Global; i < scopeCount; i++ {
		if s.has(i) {
			out = append(out, i.String())
		}
	}
	return out
}

// Support is how much of a policy the gateway runs.
type Support string

// What the support table can say. A policy that is not supported is known, so
// that saving it is refused with the reason and not as a misspelling.
const (
	Supported    Support = "supported"
	Partly       Support = "partly"
	NotSupported Support = "no"
)

// textKind is what may stand between an element's tags.
type textKind int

const (
	noText textKind = iota
	literalText
	exprText
	freeText
)

// nesting is which policies an element may hold.
type nesting int

const (
	noPolicies nesting = iota
	anyPolicies
	listedPolicies
)

// attribute describes one attribute.
type attribute struct {
	name     string
	required bool
	// expr is true where Microsoft's page allows policy expressions.
	expr bool
	want Wanted
	// oneOf lists the values a literal may have.
	oneOf []string
}

// shape describes an element: what it may hold.
type shape struct {
	attrs    []attribute
	text     textKind
	children []child
	nested   nesting
	// listed are the policies that may nest when nested is listedPolicies.
	listed []string
}

// child is an element inside a policy. The order of a shape's children is the
// order in the document (every page: "set the policy's elements and child
// elements in the order provided in the policy statement").
type child struct {
	name     string
	required bool
	repeat   bool
	shape
}

func (s *shape) attr(name string) *attribute {
	for i := range s.attrs {
		if s.attrs[i].name == name {
			return &s.attrs[i]
		}
	}
	return nil
}

// Shorthand for the tables: the first letter says required or optional, the
// second whether expressions are allowed.

func reqE(name string, want Wanted) attribute {
	return attribute{name: name, required: true, expr: true, want: want}
}

func optE(name string, want Wanted) attribute { return attribute{name: name, expr: true, want: want} }

func reqL(name string) attribute { return attribute{name: name, required: true, want: WantString} }

func optL(name string, oneOf ...string) attribute {
	return attribute{name: name, want: WantString, oneOf: oneOf}
}

var trueFalse = []string{"true", "false"}
