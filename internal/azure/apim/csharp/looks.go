package csharp

import "regexp"

// LookKind is a part of the context.
type LookKind byte

// The parts an evaluation can look at and another request be compared by. The order of all
// of them is that of host/Looks.cs.
const (
	LookAPI LookKind = 2 + iota
	LookDeployment
	LookOperation
	LookProduct
	LookSubscription
	LookUser
	LookLastError LookKind = 10
)

// The parts of messages, and variables.
const (
	LookVariable LookKind = 16 + iota // present or not, and its value
	LookMethod
	LookIPAddress
	LookParameter // one of MatchedParameters
	LookRequestHeader
	LookResponse // whether there is one
	LookStatusCode
	LookStatusReason
	LookResponseHeader
	LookRequestHeaderNames
	LookResponseHeaderNames
)

// The parts that only the same request can be compared by.
const (
	LookRequestBody LookKind = LookResponseHeaderNames + 1 + iota
	LookResponseBody
	LookURL
	LookOriginalURL
	LookElapsed // see Session.Moment
)

// Look is one part of the context that an evaluation looked at.
type Look struct {
	Kind LookKind
	Name string // of a variable, a parameter or a header, as the expression spells it
}

// looks reads what an evaluation looked at; all is false when it looked further than can
// be compared with another request: at the time, at a body, at an object that can be changed.
func (r *reader) looks() (looks []Look, all bool) {
	all = r.bool()
	for n := int(r.int()); n > 0 && r.err == nil; n-- {
		looks = append(looks, Look{LookKind(r.byte()), r.string()})
	}
	return looks, all && r.err == nil
}

// fickleNames are what an allowed expression can use to make its value depend on more than
// its looks: the clock (a time of day is parsed as one of today), chance, keys that are
// made up, identities. A backslash could spell any of them otherwise.
var fickleNames = regexp.MustCompile(`\b(?:Now|Today|UtcNow|ToDateTime|DateTime\w*|TimeZone\w*|Random|NewGuid|RNG\w*|GetHashCode|` +
	`RSA\w*|HMAC\w*|\w*Algorithm|X509\w*|Encrypt|Decrypt|CreateEncryptor|CreateDecryptor)\b|\\`)

// fickle tells whether an expression may give different values for the same looks.
func fickle(e Expression) bool {
	l, err := lex(e.source(), 0)
	if err != nil {
		return true
	}
	for _, c := range l.code {
		if fickleNames.MatchString(l.s[c.start:c.end]) {
			return true
		}
	}
	return false
}

// Fickle tells whether expression id may give different values for the same looks, so that it is never evaluated ahead of its turn.
func (p *Program) Fickle(id int) bool { return p.fickle[id] }
