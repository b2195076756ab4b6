package policytest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"enterprise-openai/internal/azure/entra"
)

// The defaults of a call.
const (
	defaultRequest = "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
	defaultBody    = `{"messages":[{"role":"user","content":"Say hello"}]}`
	streamedBody   = `{"messages":[{"role":"user","content":"Say hello"}],"stream":true}`
)

func (c Call) target() (method, path string, err error) {
	fields := strings.Fields(or(c.Request, defaultRequest))
	if len(fields) != 2 {
		return "", "", fmt.Errorf("request %q is not a method and a path", c.Request)
	}
	return fields[0], fields[1], nil
}

// streamed is the call with stream set; false if the case has a body of its own.
func (c Call) streamed() (Call, bool) {
	method, _, err := c.target()
	if err != nil || method != http.MethodPost || c.Body != nil || c.JSON != nil {
		return c, false
	}
	body := streamedBody
	c.Body = &body
	return c, true
}

func (c Call) content(method string) io.Reader {
	switch {
	case c.JSON != nil:
		return bytes.NewReader(encode(c.JSON))
	case c.Body != nil:
		return strings.NewReader(c.Repeat.in(*c.Body))
	case method == http.MethodGet || method == http.MethodDelete || method == http.MethodHead:
		return http.NoBody
	default:
		return strings.NewReader(defaultBody)
	}
}

// The application that callers' tokens are for, and the one they use.
const (
	gatewayApplication = "22222222-3333-4444-8555-666666666666"
	callerApplication  = "33333333-4444-4555-8666-777777777777"
	otherTenant        = "99999999-8888-4777-8666-555555555555"
)

func (e *Engine) populate() error {
	if err := e.directory.AddTenant(entra.Tenant{ID: TenantID, Domain: "contoso.test"}); err != nil {
		return err
	}
	// The applications are in the one tenant; a token of the other one is spoilt into being so.
	for _, a := range []entra.Application{
		{ClientID: gatewayApplication, Name: "gateway", Identifier: Audience, TokenVersion: 1},
		{ClientID: callerApplication, Name: "caller"},
	} {
		a.TenantID, a.ObjectID = TenantID, stableID("object", a.Name)
		if err := e.directory.PutApplication(a); err != nil {
			return err
		}
	}
	return nil
}

// longAgo is how long a token of the past has been worthless.
const longAgo = time.Hour

// spoils are what can be wrong with a token.
var spoils = map[string]func() entra.Spoil{
	"expired":       func() entra.Spoil { return entra.Expired(longAgo) },
	"not-yet-valid": func() entra.Spoil { return entra.NotYetValid(longAgo) },
	"audience":      func() entra.Spoil { return entra.WithAudience("https://cognitiveservices.azure.com") },
	"tenant":        func() entra.Spoil { return entra.WithTenant(otherTenant) },
	"unsigned":      entra.Unsigned,
	"signature":     entra.WrongKey,
	"unknown-key":   entra.UnknownKey,
}

// token issues the token of a call.
func (e *Engine) token(t Token) (string, error) {
	user := entra.User{TenantID: TenantID, Name: or(t.User, "ada")}
	user.ObjectID, user.PrincipalName = stableID("user", user.Name), user.Name+"@contoso.test"
	for _, g := range t.Groups {
		user.Groups = append(user.Groups, groupID(g))
	}
	for i := range t.MoreGroups {
		user.Groups = append(user.Groups, stableID("more", fmt.Sprint(i)))
	}
	if err := e.directory.PutUser(user); err != nil {
		return "", err
	}
	var change []entra.Spoil
	if t.Wrong != "" {
		change = append(change, spoils[t.Wrong]())
	}
	if t.Version == 2 {
		// As an application's manifest wants it; the audience stays what the gateway takes.
		change = append(change, entra.WithClaim("iss", "https://login.microsoftonline.com/"+TenantID+"/v2.0"), entra.WithClaim("ver", "2.0"))
	}
	issued, err := e.directory.UserToken(user.ObjectID, callerApplication, Audience, change...)
	return issued.Access, err
}

// groupID is the object id of a group that cases call by a name.
func groupID(name string) string { return stableID("group", name) }

func stableID(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + " " + name))
	id := uuid.UUID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4 of RFC 9562
	return id.String()
}

// reply is the response as it reaches the caller.
type reply struct {
	header http.Header
	// sent is the header as it was when the status went out.
	sent    http.Header
	status  int
	body    bytes.Buffer
	flushed int
}

func newReply() *reply { return &reply{header: http.Header{}, sent: http.Header{}} }

// Header implements http.ResponseWriter.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (r *reply) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// Flush implements http.Flusher: what was written so far has reached the caller.
func (r *reply) Flush() { r.flushed = r.body.Len() }

var (
	_ http.ResponseWriter = (*reply)(nil)
	_ http.Flusher        = (*reply)(nil)
)
