package csharp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrNotExpression is returned by Scan when no expression starts at the given place.
var ErrNotExpression = errors.New("no expression starts here")

// ScanError says where an expression goes wrong before a compiler can look at it.
type ScanError struct {
	Offset  int // bytes from the start of the scanned text
	Message string
}

// Error implements error.
func (e *ScanError) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Message) }

// Scan finds the end of the policy expression that starts at s[at] with "@(" or "@{": the
// offset after its closing bracket. Brackets in strings, characters and comments do not
// count, so that the quotes, "<" and "&&" of an unescaped document do not end it early.
// It checks nothing else: that is the compiler's part.
func Scan(s string, at int) (end int, err error) {
	l, err := lex(s, at)
	if err != nil {
		return 0, err
	}
	return l.at, nil
}

// entity is a character as XML escapes it.
var entity = regexp.MustCompile(`&(?:quot|apos|amp|lt|gt|#[0-9]+|#[xX][0-9a-fA-F]+);`)

// ScanRaw is Scan for a document that holds C# as it is. escaped tells that there are XML entities where C# has none: outside
// of strings and comments.
func ScanRaw(s string, at int) (end int, escaped bool, err error) {
	l, err := lex(s, at)
	if err != nil {
		return 0, false, err
	}
	for _, c := range l.code {
		escaped = escaped || entity.MatchString(l.s[c.start:c.end])
	}
	return l.at, escaped, nil
}

// Parse splits a whole attribute value or element text into the kind of expression and
// its C#. ok is false for a literal, and also for text that only contains an expression:
// API Management evaluates a value that is an expression from end to end, nothing else.
func Parse(value string) (kind Kind, text string, ok bool, err error) {
	trimmed := strings.TrimSpace(value)
	if !strings.HasPrefix(trimmed, "@(") && !strings.HasPrefix(trimmed, "@{") {
		return 0, "", false, nil
	}
	end, err := Scan(trimmed, 0)
	if err != nil {
		return 0, "", false, err
	}
	if end != len(trimmed) {
		return 0, "", false, nil
	}
	if trimmed[1] == '{' {
		kind = Block
	}
	return kind, trimmed[2 : end-1], true, nil
}

// span is a stretch of code: neither string nor comment.
type span struct{ start, end int }

// lexer walks C# far enough to know where strings, comments and brackets end.
type lexer struct {
	s      string
	at     int
	code   []span
	opaque []span // strings, characters and comments; what an interpolated string interpolates is code all the same
}

// lex walks the expression that starts at s[at].
func lex(s string, at int) (*lexer, error) {
	if at < 0 || at+1 >= len(s) || s[at] != '@' || (s[at+1] != '(' && s[at+1] != '{') {
		return nil, ErrNotExpression
	}
	l := &lexer{s: s, at: at + 1}
	return l, l.brackets(0)
}

// maxDepth bounds nesting, so that a hostile document cannot exhaust the stack.
const maxDepth = 500

var closing = map[byte]byte{'(': ')', '[': ']', '{': '}'}

// brackets consumes from an opening bracket to the one that closes it.
func (l *lexer) brackets(depth int) error {
	start := l.at
	if depth > maxDepth {
		return &ScanError{start, "brackets are nested too deeply"}
	}
	want := closing[l.s[l.at]]
	l.at++
	codeStart := l.at
	mark := func() {
		if l.at > codeStart {
			l.code = append(l.code, span{codeStart, l.at})
		}
	}
	for l.at < len(l.s) {
		c := l.s[l.at]
		switch c {
		case '(', '[', '{':
			mark()
			if err := l.brackets(depth + 1); err != nil {
				return err
			}
			codeStart = l.at
		case want:
			mark()
			l.at++
			return nil
		case ')', ']', '}':
			return &ScanError{l.at, fmt.Sprintf("%q where %q was expected", c, want)}
		default:
			n, skip := l.startsOpaque()
			if n == 0 {
				l.at++
				continue
			}
			mark()
			from := l.at
			if err := skip(depth); err != nil {
				return err
			}
			l.opaque = append(l.opaque, span{from, l.at})
			codeStart = l.at
		}
	}
	return &ScanError{start, fmt.Sprintf("%q is not closed", l.s[start])}
}

// startsOpaque tells whether a string, character or comment starts here, and how to pass it.
func (l *lexer) startsOpaque() (int, func(depth int) error) {
	// Most characters start none, and this is asked of every character of every document.
	if strings.IndexByte(`$@"'/`, l.s[l.at]) < 0 {
		return 0, nil
	}
	rest := l.s[l.at:]
	for _, o := range []struct {
		prefix string
		skip   func(depth int) error
	}{
		{`$@"`, func(d int) error { return l.text(3, true, true, d) }},
		{`@$"`, func(d int) error { return l.text(3, true, true, d) }},
		{`@"`, func(d int) error { return l.text(2, true, false, d) }},
		{`$"`, func(d int) error { return l.text(2, false, true, d) }},
		{`"`, func(d int) error { return l.text(1, false, false, d) }},
		{`'`, func(int) error { l.character(); return nil }},
		{`//`, func(int) error { l.until("\n"); return nil }},
		{`/*`, func(int) error { return l.comment() }},
	} {
		if strings.HasPrefix(rest, o.prefix) {
			return len(o.prefix), o.skip
		}
	}
	return 0, nil
}

// text passes a string literal whose opening is n bytes long.
func (l *lexer) text(n int, verbatim, interpolated bool, depth int) error {
	start := l.at
	l.at += n
	for l.at < len(l.s) {
		c := l.s[l.at]
		doubled := l.at+1 < len(l.s) && l.s[l.at+1] == c
		switch {
		case c == '"' && verbatim && doubled, interpolated && (c == '{' || c == '}') && doubled, c == '\\' && !verbatim:
			l.at += 2
		case c == '"':
			l.at++
			return nil
		case interpolated && c == '{':
			if err := l.brackets(depth + 1); err != nil {
				return err
			}
		case c == '\n' && !verbatim:
			return &ScanError{start, "string is not closed before the end of the line"}
		default:
			l.at++
		}
	}
	return &ScanError{start, "string is not closed"}
}

// character passes a character literal; a lone apostrophe is left to the compiler.
func (l *lexer) character() {
	for i := l.at + 1; i < len(l.s) && l.s[i] != '\n'; i++ {
		switch l.s[i] {
		case '\\':
			i++
		case '\'':
			l.at = i + 1
			return
		}
	}
	l.at++
}

// comment passes a block comment.
func (l *lexer) comment() error {
	start := l.at
	l.at += 2
	if !l.until("*/") {
		return &ScanError{start, "comment is not closed"}
	}
	return nil
}

// until moves behind the next occurrence of mark, or to the end.
func (l *lexer) until(mark string) bool {
	i := strings.Index(l.s[l.at:], mark)
	if i < 0 {
		l.at = len(l.s)
		return false
	}
	l.at += i + len(mark)
	return true
}
