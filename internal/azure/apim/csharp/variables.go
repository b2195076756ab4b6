package csharp

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// ValueKind is the kind of a Value.
type ValueKind byte

// The kinds of value. The order is that of host/Values.cs.
const (
	Null ValueKind = iota
	Bool
	Int  // System.Int32
	Long // System.Int64
	Double
	String
	Bytes
	DateTime
	TimeSpan
	GUID
	Decimal
	Object // stays in C#: a JObject, a Jwt, a response …
	kindResponse
	kindJWT
	JSON // a JObject, JArray or other JToken that was wanted as WantPortable
)

// JWT is a token as a variable: validate-jwt's output-token-variable-name holds a Jwt.
type JWT string

// Value is what an expression returned, or what a variable holds.
type Value struct {
	Kind  ValueKind
	Bool  bool
	Int   int64 // Int and Long; the .NET binary form of a DateTime; the ticks of a TimeSpan
	Float float64
	Text  string // the value as API Management prints it; empty for Object and Bytes
	Bytes []byte
	Type  string // the .NET type of an Object

	handle     int32
	session    *Session
	generation int32 // of the process that holds it
}

// Identity tells an Object from the others of its session.
func (v Value) Identity() int64 { return int64(v.generation)<<32 | int64(v.handle) }

// IsNull tells whether the value is null.
func (v Value) IsNull() bool { return v.Kind == Null }

// String is the value as API Management puts it into a header or a body; null is empty.
func (v Value) String() string {
	switch v.Kind {
	case Bool:
		if v.Bool {
			return "True"
		}
		return "False"
	case Int, Long:
		return strconv.FormatInt(v.Int, 10)
	case Bytes:
		return string(v.Bytes)
	case Object:
		return v.Type
	default:
		return v.Text
	}
}

// encodeVariable writes a value a variable is set to.
func (s *Session) encodeVariable(w *writer, v any) error {
	switch v := v.(type) {
	case nil:
		w.byte(byte(Null))
	case bool:
		w.byte(byte(Bool))
		w.bool(v)
	case int:
		if v >= math.MinInt32 && v <= math.MaxInt32 {
			w.byte(byte(Int))
			w.int(v)
			return nil
		}
		return s.encodeVariable(w, int64(v))
	case int64:
		w.byte(byte(Long))
		w.long(v)
	case float64:
		w.byte(byte(Double))
		w.double(v)
	case string:
		w.byte(byte(String))
		w.string(v)
	case []byte:
		w.byte(byte(Bytes))
		w.bytes(v)
	case time.Time:
		w.byte(byte(DateTime))
		w.long(ticks(v) | 1<<62) // DateTimeKind.Utc, as DateTime.ToBinary has it
	case *Response:
		if v == nil {
			w.byte(byte(Null))
			return nil
		}
		w.byte(byte(kindResponse))
		w.bytes(s.encodeResponse(v))
	case JWT:
		w.byte(byte(kindJWT))
		w.string(string(v))
	case Value:
		return s.encodeValue(w, v)
	default:
		return fmt.Errorf("a variable cannot hold a %T: use a string, bool, int, float64, []byte, time.Time, *Response, JWT or Value", v)
	}
	return nil
}

// encodeValue writes a value that came from an expression.
func (s *Session) encodeValue(w *writer, v Value) error {
	w.byte(byte(v.Kind))
	switch v.Kind {
	case Null:
	case Bool:
		w.bool(v.Bool)
	case Int:
		w.int(int(v.Int))
	case Long, DateTime, TimeSpan:
		w.long(v.Int)
	case Double:
		w.double(v.Float)
	case String, GUID, Decimal, JSON:
		w.string(v.Text)
	case Bytes:
		w.bytes(v.Bytes)
	case Object:
		if v.session != s {
			return fmt.Errorf("a %s of another request cannot be put into a variable", v.Type)
		}
		if v.generation != s.generation {
			return ErrLost
		}
		w.int(int(v.handle))
	default:
		return fmt.Errorf("unknown kind of value %d", v.Kind)
	}
	return nil
}

// decodeValue reads what an expression returned.
func (s *Session) decodeValue(r *reader) Value {
	v := Value{Kind: ValueKind(r.byte())}
	switch v.Kind {
	case Bool:
		v.Bool = r.bool()
	case Int:
		v.Int = int64(r.int())
	case Long:
		v.Int = r.long()
	case DateTime, TimeSpan:
		v.Int, v.Text = r.long(), r.string()
	case Double:
		v.Float, v.Text = r.double(), r.string()
	case String, JSON:
		v.Text = r.string()
	case GUID, Decimal:
		r.string()
		v.Text = r.string()
	case Bytes:
		v.Bytes = r.bytes()
	case Object:
		v.handle, v.session, v.generation = r.int(), s, s.generation
		v.Type = r.string()
	default: // Null has nothing more, and the other kinds go to the host only
	}
	return v
}
