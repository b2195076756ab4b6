package apim

import (
	"context"
	"net/http"
	"time"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/clock"
)

// Deps is what surrounds a gateway. Backends is needed, and Expressions
// as soon as a document holds one; the rest has defaults that refuse or forget.
type Deps struct {
	Clock       clock.Clock
	Expressions Expressions
	// Scan finds the end of an expression in a document; nil is csharp.ScanRaw.
	Scan     document.Scan
	Backends Backends
	// Identity gives tokens to authentication-managed-identity.
	Identity Identity
	// Directory fetches OpenID metadata and keys.
	Directory http.RoundTripper
	Tokens    TokenCounter
	Recorder  Recorder
	// BrokenStatus is the status of context.Response after a backend that gave no answer; 0 leaves it null, as
	// Azure-Samples/Apim-Samples (inference-failover) has it. [M] Microsoft documents neither; a trace of Azure shows 500 or above
	// (openai-apim-lb#25).
	BrokenStatus int
	// Hubs takes what log-to-eventhub sends; nil takes everything.
	Hubs Hubs
}

// Hubs are the Event Hubs that loggers lead to.
type Hubs interface {
	// Send delivers an event. What goes wrong is the event's fate, never the call's.
	Send(ctx context.Context, e Event) error
}

// Backends is how a gateway reaches what is behind it. backend is the id of a
// single backend, or empty when a policy gave a URL.
type Backends interface {
	RoundTrip(ctx context.Context, unit int, backend string, req *http.Request) (*http.Response, error)
}

// Identity issues tokens for the managed identities of the service. An empty
// client id means the system-assigned one.
type Identity interface {
	Token(ctx context.Context, clientID, resource string) (token string, expires time.Time, err error)
}

// TokenCounter counts the tokens of a text as a model would.
type TokenCounter interface {
	Count(model, text string) int
}

// Recorder gets the record of every call when it has ended.
type Recorder interface {
	Record(*CallRecord)
}

// Wanted is the type an attribute wants from its expression.
type Wanted string

// The types that an attribute can want. Any keeps the value as it is; Portable is a
// value that outlives its call, for the cache.
const (
	WantAny    Wanted = "any"
	WantString Wanted = "string"
	WantBool   Wanted = "bool"
	WantInt    Wanted = "int"

	WantPortable Wanted = "portable"
)

// Expression is one expression of a document, ready to be compiled.
type Expression struct {
	// Text is the whole of it, with @( ) or @{ }.
	Text string
	Want Wanted
	// Variable is the variable that set-variable puts the value into, or empty.
	Variable string
	// Element, Source and Pos say where it stands, for errors.
	Element string
	Source  *document.Source
	Pos     document.Pos
	// Secret is true when the text holds the value of a secret named value.
	Secret bool
}

// Expressions compiles expressions. Problems of the expressions themselves come
// back as document.Errors.
type Expressions interface {
	Compile(ctx context.Context, list []Expression) (Program, error)
}

// Program is a set of compiled expressions; an expression's id is its index.
type Program interface {
	// Open starts the evaluations of one call.
	Open(ctx context.Context, c *Context) Session
	Close() error
}

// Session evaluates for one call; it is used by one goroutine at a time.
//
// A value is nil, bool, string, int64, float64, []byte, time.Time, a [Message]
// or an [Object] the evaluator keeps.
type Session interface {
	Eval(ctx context.Context, id int) (any, error)
	Close()
}

// Assignee is a session that needs to know which literals policies put into variables.
type Assignee interface {
	Assigned(variable, literal string)
}

// Object is a value that stays with the evaluator, such as a JObject or a Jwt.
type Object interface {
	// Text is what ToString() gives.
	Text() string
}

// Context is what an expression sees as `context`
// (Microsoft Learn: api-management-policy-expressions, "Context variable").
type Context struct {
	RequestID    string
	Timestamp    time.Time
	Now          func() time.Time
	Tracing      bool
	Service      *Service
	API          *API
	Operation    *Operation
	Product      *Product
	Subscription *Subscription
	User         *User
	// Groups and ProductGroups are those of User and Product.
	Groups        []Group
	ProductGroups []Group
	ProductAPIs   []*API
	Request       *Request
	// Response is nil until there is one.
	Response  *Response
	Variables map[string]any
	LastError *LastError
	// Trace is what context.Trace(text) calls.
	Trace func(message string)
	// Changes counts up with every change of a part, so that an evaluator
	// which copies the context elsewhere knows what to copy again.
	Changes Changes
}

// Changes counts changes to the parts of a context.
type Changes struct {
	Request   int
	Response  int
	Variables int
	LastError int
}

// Body is a message's body as expressions reach it.
type Body interface {
	// Read gives the content. Without preserve the body is empty afterwards.
	Read(preserve bool) ([]byte, error)
	// Present is false for a message without a body.
	Present() bool
}

// Message is a variable that holds the response of a send-request.
type Message struct {
	Response *Response
}

// LastError describes what went wrong (Microsoft Learn:
// api-management-error-handling-policies, "LastError").
type LastError struct {
	Source   string
	Reason   string
	Message  string
	Scope    string
	Section  string
	Path     string
	PolicyID string
	// Elapsed is when it happened, counted from the start of the call.
	Elapsed time.Duration
}

// discard is the recorder of a gateway that was given none.
type discard struct{}

// Record forgets.
func (discard) Record(*CallRecord) {}

var _ Recorder = discard{}
