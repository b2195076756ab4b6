package tokens

import (
	"bytes"
	"encoding/json"
)

// sieve reads one JSON object as it passes, in pieces of any size, and gives
// away the members that its form asks for. An answer may be of any size: what
// nobody asks for is not kept.
type sieve struct {
	form *form
	// limit is how much of one member is kept.
	limit int
	// take gets a member's text when it is complete, and the whole of it unless it is a string above the limit.
	take func(f *form, raw []byte)

	stack                          []level
	want                           expectation
	inString, isKey, escaped, bare bool
	key, kept                      []byte
	keeping                        *form
	keptAt                         int
}

// form is a member that is looked into or kept. Arrays are transparent: the
// form of an array is that of its elements.
type form struct {
	name    string
	keep    bool
	members map[string]*form
}

// level is an open object or array.
type level struct {
	form   *form
	object bool
}

// expectation is what may come next.
type expectation byte

const (
	aValue expectation = iota
	aValueOrEnd
	aKey
	aKeyOrEnd
	aColon
	aCommaOrEnd
	nothing
	broke
)

// Bounds that no answer of a model meets.
const (
	maxNesting = 1000
	maxKey     = 64
)

// reset begins with a new object.
func (s *sieve) reset() {
	*s = sieve{form: s.form, limit: s.limit, take: s.take, stack: s.stack[:0], key: s.key[:0], kept: s.kept[:0]}
}

// complete tells whether the object has ended, with nothing behind it.
func (s *sieve) complete() bool { return s.want == nothing }

// feed takes the next bytes.
func (s *sieve) feed(p []byte) {
	for len(p) > 0 && s.want != broke {
		if s.inString {
			p = p[s.text(p):]
			continue
		}
		c := p[0]
		switch {
		case s.bare && isBare(c):
			s.hold(p[:1])
		case s.bare:
			s.bare = false
			s.ended()
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		default:
			s.sign(c)
		}
		p = p[1:]
	}
}

// isBare tells the characters of numbers, true, false and null.
func isBare(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

// text passes the inside of a string, up to its end or that of p.
func (s *sieve) text(p []byte) int {
	n := 0
	for n < len(p) {
		if s.escaped {
			s.escaped = false
			n++
			continue
		}
		i := bytes.IndexAny(p[n:], `"\`)
		if i < 0 {
			n = len(p)
			break
		}
		n += i + 1
		if p[n-1] == '"' {
			s.inString = false
			break
		}
		s.escaped = true
	}
	if s.isKey {
		if len(s.key) <= maxKey {
			s.key = append(s.key, p[:n]...)
		}
	}
	s.hold(p[:n])
	if !s.inString {
		s.stringEnded()
	}
	return n
}

func (s *sieve) stringEnded() {
	if s.isKey {
		s.isKey, s.want = false, aColon
		return
	}
	s.ended()
}

// sign takes a character between strings, numbers and words.
func (s *sieve) sign(c byte) {
	switch {
	case c == '"' && (s.want == aKey || s.want == aKeyOrEnd):
		s.inString, s.isKey, s.key = true, true, append(s.key[:0], c)
		s.hold([]byte{c})
	case c == ':' && s.want == aColon:
		s.want = aValue
		s.hold([]byte{c})
	case c == ',' && s.want == aCommaOrEnd:
		s.want = aValue
		if s.stack[len(s.stack)-1].object {
			s.want = aKey
		}
		s.hold([]byte{c})
	case (c == '}' || c == ']') && s.closes(c == '}'):
		s.hold([]byte{c})
		s.stack = s.stack[:len(s.stack)-1]
		s.ended()
	case s.want == aValue || s.want == aValueOrEnd:
		s.begin(c)
	default:
		s.want = broke
	}
}

// closes tells whether the innermost object or array can end here.
func (s *sieve) closes(object bool) bool {
	open := s.want == aCommaOrEnd || s.want == aKeyOrEnd && object || s.want == aValueOrEnd && !object
	return open && len(s.stack) > 0 && s.stack[len(s.stack)-1].object == object
}

// begin starts a value.
func (s *sieve) begin(c byte) {
	f := s.formHere()
	if s.keeping == nil && f != nil && f.keep {
		s.keeping, s.keptAt, s.kept = f, len(s.stack), s.kept[:0]
	}
	switch {
	case len(s.stack) == 0 && c != '{', len(s.stack) > maxNesting:
		s.want = broke
		return
	case c == '{':
		s.stack, s.want = append(s.stack, level{f, true}), aKeyOrEnd
	case c == '[':
		s.stack, s.want = append(s.stack, level{f, false}), aValueOrEnd
	case c == '"':
		s.inString = true
	case isBare(c):
		s.bare = true
	default:
		s.want = broke
		return
	}
	s.hold([]byte{c})
}

// formHere is the form of the value that begins here, or nil.
func (s *sieve) formHere() *form {
	if len(s.stack) == 0 {
		return s.form
	}
	in := s.stack[len(s.stack)-1]
	if !in.object || in.form == nil {
		return in.form
	}
	var key string
	if len(s.key) > maxKey || json.Unmarshal(s.key, &key) != nil {
		return nil
	}
	return in.form.members[key]
}

// ended is called behind a value.
func (s *sieve) ended() {
	s.want = aCommaOrEnd
	if len(s.stack) == 0 {
		s.want = nothing
	}
	if s.keeping != nil && len(s.stack) == s.keptAt {
		f := s.keeping
		s.keeping = nil
		s.take(f, s.kept)
	}
}

// hold keeps bytes of a member that the form names.
func (s *sieve) hold(p []byte) {
	if s.keeping != nil {
		s.kept = append(s.kept, p[:min(len(p), max(s.limit-len(s.kept), 0))]...)
	}
}
