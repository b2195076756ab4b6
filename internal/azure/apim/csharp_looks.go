package apim

import (
	"encoding/binary"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/evaluation"
)

// See appends what a look shows now, and says where that can be compared.
func (s *sharpSession) See(b []byte, l csharp.Look, supposed map[string]any) ([]byte, evaluation.Scope) {
	c := s.c
	switch l.Kind {
	case csharp.LookVariable:
		return s.seeVariable(b, l.Name, supposed)
	case csharp.LookDeployment:
		return b, evaluation.AnyCall // one for all calls of a configuration
	case csharp.LookAPI, csharp.LookOperation, csharp.LookProduct, csharp.LookSubscription, csharp.LookUser:
		return s.seeEntity(b, l.Kind), evaluation.AnyCall
	case csharp.LookResponse:
		return seePresence(b, c.Response != nil), evaluation.AnyCall
	case csharp.LookStatusCode, csharp.LookStatusReason, csharp.LookResponseHeader, csharp.LookResponseHeaderNames, csharp.LookResponseBody:
		return s.seeResponse(b, l, c.Response)
	case csharp.LookElapsed:
		if s.session == nil {
			return b, evaluation.Nowhere
		}
		return binary.AppendVarint(b, s.session.Moment().UnixNano()), evaluation.ThisCall
	case csharp.LookLastError:
		// No two calls share one for long.
		return binary.AppendVarint(b, int64(c.Changes.LastError)), evaluation.ThisCall
	default:
		return s.seeRequest(b, l, c.Request)
	}
}

func (s *sharpSession) seeRequest(b []byte, l csharp.Look, r *Request) ([]byte, evaluation.Scope) {
	switch l.Kind {
	case csharp.LookMethod:
		return append(b, r.Method...), evaluation.AnyCall
	case csharp.LookIPAddress:
		return append(b, r.IP...), evaluation.AnyCall
	case csharp.LookParameter:
		for name, v := range r.Matched {
			if strings.EqualFold(name, l.Name) {
				return append(append(b, 1), v...), evaluation.AnyCall
			}
		}
		return append(b, 0), evaluation.AnyCall
	case csharp.LookRequestHeader:
		return seeHeader(b, r.Header, l.Name), evaluation.AnyCall
	case csharp.LookRequestHeaderNames:
		return seeNames(b, r.Header), evaluation.AnyCall
	case csharp.LookRequestBody:
		return s.seeBody(b, &r.body)
	case csharp.LookURL:
		return append(b, r.URL.String()...), evaluation.ThisCall
	case csharp.LookOriginalURL:
		return b, evaluation.ThisCall
	default:
		return b, evaluation.Nowhere
	}
}

func (s *sharpSession) seeResponse(b []byte, l csharp.Look, r *Response) ([]byte, evaluation.Scope) {
	switch {
	case r == nil:
		return b, evaluation.Nowhere
	case l.Kind == csharp.LookStatusCode:
		return binary.AppendVarint(b, int64(r.Status)), evaluation.AnyCall
	case l.Kind == csharp.LookStatusReason:
		return append(b, r.Reason...), evaluation.AnyCall
	case l.Kind == csharp.LookResponseHeader:
		return seeHeader(b, r.Header, l.Name), evaluation.AnyCall
	case l.Kind == csharp.LookResponseHeaderNames:
		return seeNames(b, r.Header), evaluation.AnyCall
	default:
		return s.seeBody(b, &r.body)
	}
}

// seeBody tells the contents apart that C# was given.
func (s *sharpSession) seeBody(b []byte, body *content) ([]byte, evaluation.Scope) {
	switch given := s.bodies[body]; {
	case !body.present:
		return append(b, 0), evaluation.ThisCall
	case given == nil || body.replaced:
		return b, evaluation.Nowhere
	default:
		return s.seeObject(append(b, 1), given), evaluation.ThisCall
	}
}

// seeObject tells objects of Go apart.
func (s *sharpSession) seeObject(b []byte, object any) []byte {
	number, ok := s.known[object]
	if !ok {
		if s.known == nil {
			s.known = map[any]int{}
		}
		number = len(s.known)
		s.known[object] = number
	}
	return binary.AppendVarint(b, int64(number))
}

// seeEntity tells things apart by their ids: within a configuration nothing
// else of them differs.
func (s *sharpSession) seeEntity(b []byte, kind csharp.LookKind) []byte {
	c := s.c
	switch {
	case kind == csharp.LookAPI && c.API != nil:
		return append(append(b, 1), c.API.ID...)
	case kind == csharp.LookOperation && c.API != nil && c.Operation != nil:
		return append(append(append(append(b, 1), c.API.ID...), 0), c.Operation.ID...)
	case kind == csharp.LookProduct && c.Product != nil:
		return append(append(b, 1), c.Product.ID...)
	case kind == csharp.LookSubscription && c.Subscription != nil:
		return append(append(b, 1), c.Subscription.ID...)
	case kind == csharp.LookUser && c.User != nil:
		return append(append(b, 1), c.User.ID...)
	default:
		return append(b, 0)
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

// seeNames shows the names of all headers.
func seeNames(b []byte, h http.Header) []byte {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		b = append(append(b, name...), 0)
	}
	return b
}

// seeVariable shows a value and its type. Objects can be changed in place: within a call that takes an evaluation, and what was
// evaluated ahead of one is not used after it.
func (s *sharpSession) seeVariable(b []byte, name string, supposed map[string]any) ([]byte, evaluation.Scope) {
	v, ok := supposed[name]
	if !ok {
		v, ok = s.c.Variables[name]
	}
	if !ok {
		return append(b, 0), evaluation.AnyCall
	}
	b = append(b, 1)
	switch t := v.(type) {
	case nil:
		return append(b, 'n'), evaluation.AnyCall
	case string:
		return append(append(b, 's'), t...), evaluation.AnyCall
	case bool:
		return seePresence(append(b, 'b'), t), evaluation.AnyCall
	case int64:
		return binary.AppendVarint(append(b, 'i'), t), evaluation.AnyCall
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'f'), math.Float64bits(t)), evaluation.AnyCall
	case sharpObject:
		return seeSharp(b, t)
	case *Message, *Token:
		return s.seeObject(append(b, 'g'), v), evaluation.ThisCall
	default:
		return b, evaluation.Nowhere
	}
}

func seeSharp(b []byte, o sharpObject) ([]byte, evaluation.Scope) {
	switch o.v.Kind {
	case csharp.Long, csharp.DateTime, csharp.TimeSpan, csharp.GUID, csharp.Decimal:
		return append(binary.AppendVarint(append(b, 'v', byte(o.v.Kind)), o.v.Int), o.v.Text...), evaluation.AnyCall
	case csharp.Object:
		return binary.AppendVarint(append(b, 'o'), o.v.Identity()), evaluation.ThisCall
	default:
		return b, evaluation.Nowhere
	}
}
