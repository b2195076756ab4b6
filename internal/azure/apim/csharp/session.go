package csharp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Session is the context of one request. What a policy changes is set here and sent with
// the next evaluation; values that are not plain live in C# until Close. It is safe for
// concurrent use, as the children of a wait policy need it.
type Session struct {
	program *Program
	id      int32

	mu         sync.Mutex
	slot       *slot
	generation int32 // of the slot's process that knows this session; 0 before the first
	core       Context
	sections   [sectionVariable][]byte
	dirty      uint32
	variables  []variable
	bodies     []*bodyState
	request    *Body
	response   *Body
	moment     time.Time
	informed   bool // the process was sent the request's body, or has to ask for it
	closed     bool
}

type variable struct {
	name    string
	encoded []byte
	held    bool // the value lives in the process
	dirty   bool
}

type bodyState struct {
	body           *Body
	data           []byte
	have, consumed bool
	err            error
}

// Step is an expression, and the variable that its value is going to be put into, or "".
type Step struct {
	ID       int
	Variable string
}

// Ahead is what is evaluated in one exchange with an expression, after it.
type Ahead struct {
	// Variables are set meanwhile, to what SetVariable takes.
	Variables map[string]any
	Steps     []Step
}

// Result is what came of an expression.
type Result struct {
	Value Value
	Err   error // an *ExpressionError
	// TooEarly is true for an expression that was evaluated ahead and has to be evaluated again at its turn.
	TooEarly bool
	// Looks are the parts of the context the evaluation looked at, in order. With All, the
	// value follows from them alone; one that was evaluated ahead follows from them in this request.
	Looks []Look
	All   bool
}

// Effects is what an evaluation did besides returning a value.
type Effects struct {
	Traces []string // context.Trace
	// A body that was read has been fetched whole: it no longer streams. One that was
	// consumed (As without preserveContent) is empty from now on, also for the backend or
	// the client.
	RequestBodyRead, RequestBodyConsumed   bool
	ResponseBodyRead, ResponseBodyConsumed bool
}

// NewSession opens a context. It costs nothing until the first evaluation.
func (p *Program) NewSession(c *Context) (*Session, error) {
	s := &Session{program: p, id: p.sessions.Add(1), core: *c}
	if len(p.slots) > 0 {
		s.slot = p.slots[int(s.id)%len(p.slots)]
	}
	s.set(sectionCore, s.encodeCore())
	put(s, sectionAPI, c.API, (*writer).api)
	put(s, sectionDeployment, c.Deployment, (*writer).deployment)
	put(s, sectionProduct, c.Product, (*writer).product)
	put(s, sectionSubscription, c.Subscription, (*writer).subscription)
	put(s, sectionUser, c.User, (*writer).user)
	put(s, sectionOperation, c.Operation, func(w *writer, o *Operation) {
		for _, text := range []string{o.ID, o.Method, o.Name, o.URLTemplate} {
			w.string(text)
		}
	})
	s.SetLastError(c.LastError)
	request := c.Request
	if request == nil {
		request = &Request{} // context.Request is never null
	}
	s.SetRequest(request)
	s.SetResponse(c.Response)
	for name, v := range c.Variables {
		if err := s.SetVariable(name, v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// put encodes a section that may be nil.
func put[T any](s *Session, section int, v *T, encode func(*writer, *T)) {
	if v == nil {
		s.set(section, nil)
		return
	}
	w := writer{b: make([]byte, 0, 256)}
	encode(&w, v)
	s.set(section, w.b)
}

func (s *Session) set(section int, encoded []byte) {
	if encoded == nil && s.sections[section] == nil {
		return
	}
	s.sections[section] = encoded
	s.dirty |= 1 << section
}

func (s *Session) encodeCore() []byte {
	var w writer
	w.string(s.core.RequestID)
	w.long(ticks(s.core.Timestamp))
	w.bool(s.core.Tracing)
	var consumed []int
	for i, b := range s.bodies {
		if b.consumed {
			consumed = append(consumed, i+1)
		}
	}
	w.int(len(consumed))
	for _, id := range consumed {
		w.int(id)
	}
	return w.b
}

// SetRequest replaces context.Request.
func (s *Session) SetRequest(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.request = r.Body
	put(s, sectionRequest, r, func(w *writer, r *Request) { w.request(r, s) })
}

// SetResponse replaces context.Response; nil while there is none.
func (s *Session) SetResponse(r *Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.response = nil; r == nil {
		s.set(sectionResponse, nil)
		return
	}
	s.response = r.Body
	s.set(sectionResponse, s.encodeResponse(r))
}

// SetLastError replaces context.LastError; nil outside on-error.
func (s *Session) SetLastError(e *LastError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	put(s, sectionLastError, e, (*writer).lastError)
}

// SetVariable sets context.Variables[name] to nil, a string, bool, int, int64, float64,
// []byte, time.Time, *Response, JWT, or a Value an expression of this session returned.
func (s *Session) SetVariable(name string, v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var w writer
	if err := s.encodeVariable(&w, v); err != nil {
		return fmt.Errorf("variable %q: %w", name, err)
	}
	value, isValue := v.(Value)
	set := variable{name: name, encoded: w.b, held: isValue && value.Kind == Object, dirty: true}
	if i := slices.IndexFunc(s.variables, func(v variable) bool { return v.name == name }); i >= 0 {
		s.variables[i] = set
	} else {
		s.variables = append(s.variables, set)
	}
	return nil
}

// bodyID numbers the bodies of this request from 1; 0 is no body.
func (s *Session) bodyID(b *Body) int32 {
	if b == nil {
		return 0
	}
	for i, known := range s.bodies {
		if known.body == b {
			return int32(i + 1)
		}
	}
	s.bodies = append(s.bodies, &bodyState{body: b, data: b.Bytes, have: b.Bytes != nil || b.Load == nil})
	return int32(len(s.bodies)) //nolint:gosec // a request has a handful of bodies
}

// Eval evaluates one expression. An exception in it is an *ExpressionError.
func (s *Session) Eval(ctx context.Context, id int) (Value, Effects, error) {
	results, effects, err := s.Evaluate(ctx, Step{ID: id}, Ahead{})
	if err != nil {
		return Value{}, effects, err
	}
	return results[0].Value, effects, results[0].Err
}

// Evaluate evaluates an expression, and in the same exchange those that are likely to follow, each as it would come out if the
// variables of the steps before it were set. What is evaluated ahead leaves no trace: no change of a variable or a body, no
// exception. The user of such a result compares its looks first. err is for what is not the expression's fault.
func (s *Session) Evaluate(ctx context.Context, step Step, ahead Ahead) ([]Result, Effects, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var effects Effects
	for _, step := range append([]Step{step}, ahead.Steps...) {
		if step.ID < 0 || step.ID >= len(s.program.expressions) {
			return nil, effects, fmt.Errorf("expression %d does not exist: the program has %d", step.ID, len(s.program.expressions))
		}
	}
	wanted, again := 1+len(ahead.Steps), false
	for {
		results, missing, err := s.round(ctx, exchange{step, ahead, again}, &effects)
		switch {
		case errors.Is(err, errAlone):
			ahead, again = Ahead{}, true
		case err != nil:
			return nil, effects, err
		case missing == 0:
			for len(results) < wanted {
				results = append(results, Result{TooEarly: true})
			}
			return results, effects, nil
		default:
			if err := s.loadBody(ctx, missing); err != nil {
				return nil, effects, err
			}
		}
	}
}

// sameMoment is how long a clock may show the same. That of .NET Framework, in which API Management evaluates, stands still between its
// ticks for 0.5 to 15 milliseconds (Microsoft Learn: dotnet/api/system.datetime.utcnow, "Remarks"). [M] That context.Elapsed goes by it.
const sameMoment = 10 * time.Millisecond

// Moment is the time that the last exchange showed, as long as a clock could still show it, and the time of now after that.
func (s *Session) Moment() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.program.options.now()
	if passed := now.Sub(s.moment); passed >= 0 && passed < sameMoment {
		return s.moment
	}
	return now
}

// errAlone asks for an evaluation that ended its process, or was in it when it ended, to be repeated by itself.
var errAlone = errors.New("evaluate it alone")

// loadBody fetches a body without holding any process.
func (s *Session) loadBody(ctx context.Context, id int32) error {
	if id < 1 || int(id) > len(s.bodies) {
		return fmt.Errorf("the host wants body %d of %d", id, len(s.bodies))
	}
	b := s.bodies[id-1]
	b.data, b.err = b.body.Load(ctx)
	b.have = true
	return ctx.Err()
}

// Close lets the process forget this request.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.slot == nil {
		return
	}
	s.closed = true
	if s.generation == 0 {
		return
	}
	s.slot.endedMu.Lock()
	s.slot.ended = append(s.slot.ended, s.id)
	s.slot.endedMu.Unlock()
}
