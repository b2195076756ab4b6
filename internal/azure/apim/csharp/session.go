package csharp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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

// Result is one expression's outcome in EvalAll.
type Result struct {
	Value Value
	Err   error // an *ExpressionError
	// Looks are the parts of the context the evaluation looked at, in order. With All, the
	// value follows from them alone.
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
	results, effects, err := s.EvalAll(ctx, id)
	if err != nil {
		return Value{}, effects, err
	}
	return results[0].Value, effects, results[0].Err
}

// EvalAll evaluates several expressions in one exchange, in order; each sees what the ones
// before it did to the bodies. err is for what is not one expression's fault.
func (s *Session) EvalAll(ctx context.Context, ids ...int) ([]Result, Effects, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var effects Effects
	for _, id := range ids {
		if id < 0 || id >= len(s.program.expressions) {
			return nil, effects, fmt.Errorf("expression %d does not exist: the program has %d", id, len(s.program.expressions))
		}
	}
	results := make([]Result, 0, len(ids))
	oneByOne := false
	for len(results) < len(ids) {
		next := ids[len(results):]
		if oneByOne {
			next = next[:1]
		}
		missing, err := s.round(ctx, next, oneByOne, &results, &effects)
		if errors.Is(err, errOneByOne) {
			oneByOne = true
			continue
		}
		if err != nil {
			return results, effects, err
		}
		if missing == 0 {
			continue
		}
		if err := s.loadBody(ctx, missing); err != nil {
			return results, effects, err
		}
	}
	return results, effects, nil
}

// errOneByOne asks for the evaluations of a batch that ended its process to be repeated
// alone, so that only the culprit fails.
var errOneByOne = errors.New("evaluate one by one")

// loadBody fetches a body without holding any process.
func (s *Session) loadBody(ctx context.Context, id int32) error {
	if id < 1 || int(id) > len(s.bodies) {
		return fmt.Errorf("the host asked for body %d of %d", id, len(s.bodies))
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
