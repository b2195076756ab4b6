package apim

import (
	"encoding/binary"
	"math"
	"net/http"
	"strings"
	"sync"

	"enterprise-openai/internal/azure/apim/csharp"
)

// Most expressions of a call are asked the same as in the call before: the same
// deployment, the same team, the same status. The host says what an evaluation
// looked at; an expression is a function of that, so that its value is recalled
// where it would look at the same again. What looks at the time or at a body,
// or gives an object, is always evaluated, and so is what threw.

// recaller is a session that may know a value without evaluating.
type recaller interface {
	Recall(id int) (value any, ok bool)
}

// Bounds of what is remembered of one expression, so that callers who send
// something new each time cost no memory.
const (
	maxRecollections = 2000
	maxLook          = 512
)

// memory is what one expression came to, as a tree: the first look is the same
// in every evaluation, the next depends on what the ones before it showed.
type memory struct {
	mu   sync.RWMutex
	size int
	root *recollection
}

// recollection is a look with what followed, or the value.
type recollection struct {
	look  csharp.Look
	then  map[string]*recollection
	value any
	done  bool
}

// recall follows the looks of earlier evaluations as long as they show the same.
func (m *memory) recall(see func([]byte, csharp.Look) ([]byte, bool)) (any, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var buffer [maxLook]byte
	for n := m.root; n != nil; {
		if n.done {
			return n.value, true
		}
		shown, ok := see(buffer[:0], n.look)
		if !ok {
			return nil, false
		}
		n = n.then[string(shown)]
	}
	return nil, false
}

// learn keeps a value under what was looked at.
func (m *memory) learn(looks []csharp.Look, value any, see func([]byte, csharp.Look) ([]byte, bool)) {
	shown := make([]string, len(looks))
	for i, l := range looks {
		b, ok := see(nil, l)
		if !ok || len(b) > maxLook {
			return
		}
		shown[i] = string(b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.size > maxRecollections {
		m.root, m.size = nil, 0
	}
	grow := func(depth int) *recollection {
		m.size++
		if depth == len(looks) {
			return &recollection{value: value, done: true}
		}
		return &recollection{look: looks[depth], then: map[string]*recollection{}}
	}
	if m.root == nil {
		m.root = grow(0)
	}
	n := m.root
	for i, l := range looks {
		if n.done || n.look != l {
			// Not a function of what it looked at, or learnt by another call meanwhile.
			return
		}
		next := n.then[shown[i]]
		if next == nil {
			next = grow(i + 1)
			n.then[shown[i]] = next
		}
		n = next
	}
}

// Recall gives the value of an expression where it is known.
func (s *sharpSession) Recall(id int) (any, bool) {
	if s.err != nil {
		return nil, false
	}
	return s.program.memories[id].recall(s.see)
}

// learn keeps what an evaluation gave, if that can be told again.
func (s *sharpSession) learn(id int, r csharp.Result, value any) {
	if r.Err != nil || !r.All {
		return
	}
	switch r.Value.Kind {
	case csharp.Null, csharp.Bool, csharp.Int, csharp.Long, csharp.Double, csharp.String:
		s.program.memories[id].learn(r.Looks, value, s.see)
	default: // an object, or bytes that the next one may change
	}
}

// see appends what a look shows now. False means that it cannot be compared.
func (s *sharpSession) see(b []byte, l csharp.Look) ([]byte, bool) {
	c := s.c
	switch l.Kind {
	case csharp.LookVariable:
		v, ok := c.Variables[l.Name]
		if !ok {
			return append(b, 0), true
		}
		return seeValue(append(b, 1), v)
	case csharp.LookDeployment:
		return b, true // one for all calls of a configuration
	case csharp.LookAPI, csharp.LookOperation, csharp.LookProduct, csharp.LookSubscription, csharp.LookUser:
		return s.seeEntity(b, l.Kind)
	case csharp.LookMethod:
		return append(b, c.Request.Method...), true
	case csharp.LookIPAddress:
		return append(b, c.Request.IP...), true
	case csharp.LookParameter:
		for name, v := range c.Request.Matched {
			if strings.EqualFold(name, l.Name) {
				return append(append(b, 1), v...), true
			}
		}
		return append(b, 0), true
	case csharp.LookRequestHeader:
		return seeHeader(b, c.Request.Header, l.Name), true
	case csharp.LookResponse:
		return seePresence(b, c.Response != nil), true
	case csharp.LookStatusCode, csharp.LookStatusReason, csharp.LookResponseHeader:
		return seeResponse(b, l, c.Response)
	default: // context.LastError, which no two calls share for long
		return b, false
	}
}

func seeResponse(b []byte, l csharp.Look, r *Response) ([]byte, bool) {
	switch {
	case r == nil:
		return b, false
	case l.Kind == csharp.LookStatusCode:
		return binary.AppendVarint(b, int64(r.Status)), true
	case l.Kind == csharp.LookStatusReason:
		return append(b, r.Reason...), true
	default:
		return seeHeader(b, r.Header, l.Name), true
	}
}

// seeEntity tells things apart by their ids: within a configuration nothing
// else of them differs.
func (s *sharpSession) seeEntity(b []byte, kind csharp.LookKind) ([]byte, bool) {
	c := s.c
	switch {
	case kind == csharp.LookAPI && c.API != nil:
		return append(append(b, 1), c.API.ID...), true
	case kind == csharp.LookOperation && c.API != nil && c.Operation != nil:
		return append(append(append(append(b, 1), c.API.ID...), 0), c.Operation.ID...), true
	case kind == csharp.LookProduct && c.Product != nil:
		return append(append(b, 1), c.Product.ID...), true
	case kind == csharp.LookSubscription && c.Subscription != nil:
		return append(append(b, 1), c.Subscription.ID...), true
	case kind == csharp.LookUser && c.User != nil:
		return append(append(b, 1), c.User.ID...), true
	default:
		return append(b, 0), true
	}
}

func seePresence(b []byte, present bool) []byte {
	if present {
		return append(b, 1)
	}
	return append(b, 0)
}

// seeHeader shows all values of a header, each with its length.
func seeHeader(b []byte, h http.Header, name string) []byte {
	values, ok := h[http.CanonicalHeaderKey(name)]
	if !ok {
		for k, v := range h {
			if strings.EqualFold(k, name) {
				values, ok = v, true
				break
			}
		}
	}
	if !ok {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, v := range values {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	return b
}

// seeValue shows a value and its type; objects and bytes can be changed in
// place and are not compared.
func seeValue(b []byte, v any) ([]byte, bool) {
	switch t := v.(type) {
	case nil:
		return append(b, 'n'), true
	case string:
		return append(append(b, 's'), t...), true
	case bool:
		return seePresence(append(b, 'b'), t), true
	case int64:
		return binary.AppendVarint(append(b, 'i'), t), true
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'f'), math.Float64bits(t)), true
	case sharpObject:
		switch t.v.Kind {
		case csharp.Long, csharp.DateTime, csharp.TimeSpan, csharp.GUID, csharp.Decimal:
			return append(binary.AppendVarint(append(b, 'v', byte(t.v.Kind)), t.v.Int), t.v.Text...), true
		default:
			return b, false
		}
	default:
		return b, false
	}
}

var _ recaller = (*sharpSession)(nil)
