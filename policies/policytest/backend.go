package policytest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"enterprise-openai/internal/clock"
	"enterprise-openai/internal/jsonpath"
)

// faults are the ways in which there is no answer.
var faults = map[string]error{
	"refused": &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
	"reset":   &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
	"dns":     &net.DNSError{Err: "no such host", Name: "account", IsNotFound: true},
	"tls":     x509.HostnameError{Certificate: &x509.Certificate{}, Host: "account"},
}

// patience is the longest a silent backend is waited for, in the gateway's time.
const patience = 2 * time.Hour

// backends answer by script.
type backends struct {
	clock *clock.Fake
	// accounts are the project's accounts by the first label of their host names.
	accounts map[string]string

	mu      sync.Mutex
	scripts map[string][]Answer
	given   map[string]int
	seen    []Seen
	reply   *reply
	held    bool
	made    []madeResponse
}

// madeResponse is a response that an account has made.
type madeResponse struct {
	account  string
	metadata any
}

func newBackends(c *clock.Fake, accounts map[string]string) *backends {
	return &backends{clock: c, accounts: accounts, scripts: map[string][]Answer{}, given: map[string]int{}}
}

func (b *backends) script(name string, answers []Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scripts[name], b.given[name] = answers, 0
}

// watch names the response that the next answers are for.
func (b *backends) watch(r *reply) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reply, b.held = r, false
}

func (b *backends) heldBack() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

func (b *backends) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.seen)
}

func (b *backends) since(n int) []Seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Seen{}, b.seen[n:]...)
}

// RoundTrip implements gateway.Backends.
func (b *backends) RoundTrip(ctx context.Context, _ int, backend string, req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	account, deployment := b.whose(backend, req)
	if id, ok := lookedUp(backend, req); ok {
		return b.lookUp(ctx, account, id, req)
	}
	b.mu.Lock()
	at := len(b.seen)
	b.seen = append(b.seen, Seen{
		Account: account, Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery, Header: req.Header.Clone(), Body: string(body),
	})
	answer := b.next(account+"/"+deployment, account)
	b.mu.Unlock()
	if err := b.linger(ctx, answer); err != nil {
		return nil, err
	}
	if answer.Fault != "" {
		return nil, faults[answer.Fault]
	}
	return b.respond(account, answer, req, body, at), nil
}

// lookedUp is the id of the response that the gateway looks up in an account.
func lookedUp(backend string, req *http.Request) (id string, ok bool) {
	if backend != "" || req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Hostname(), ".openai.azure.com") {
		return "", false
	}
	return strings.CutPrefix(req.URL.Path, "/openai/v1/responses/")
}

// lookUp answers by the script of account/lookup, or as an account does that has what it made and what was made before the case.
func (b *backends) lookUp(ctx context.Context, account, id string, req *http.Request) (*http.Response, error) {
	b.mu.Lock()
	answer := b.next(account + "/lookup")
	made := b.stored(account, id)
	b.mu.Unlock()
	if err := b.linger(ctx, answer); err != nil {
		return nil, err
	}
	if answer.Fault != "" {
		return nil, faults[answer.Fault]
	}
	switch {
	case req.Header.Get("Authorization") == "":
		answer.Status = http.StatusUnauthorized
	case answer.Status != 0:
	case made == nil:
		answer.Status = http.StatusNotFound
	default:
		answer.Body = made
	}
	return b.respond(account, answer, req, nil, -1), nil
}

// stored is the body of a response that an account has, or nil. Every account has a response that the case did not create, except
// resp_nowhere.
func (b *backends) stored(account, id string) *string {
	var n int
	var metadata any
	if _, err := fmt.Sscanf(id, "resp_%d", &n); err == nil && n > 0 && n <= len(b.made) {
		if b.made[n-1].account != account {
			return nil
		}
		metadata = b.made[n-1].metadata
	}
	if id == "resp_nowhere" {
		return nil
	}
	body := string(encode(response(id, metadata)))
	return &body
}

// remember gives a response its id, by which its account knows it.
func (b *backends) remember(account string, body []byte) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = append(b.made, madeResponse{account, field(body, "metadata")})
	return fmt.Sprint("resp_", len(b.made))
}

// next takes the next answer of the first of the names that has a script; the last answer stays.
func (b *backends) next(names ...string) Answer {
	for _, name := range names {
		script := b.scripts[name]
		if len(script) == 0 {
			continue
		}
		n := b.given[name]
		b.given[name]++
		for _, a := range script {
			if n -= or(a.Times, 1); n < 0 {
				return a
			}
		}
		return script[len(script)-1]
	}
	return Answer{}
}

// linger lets time pass until the headers are due, in small steps, so that a time-out ends it.
func (b *backends) linger(ctx context.Context, a Answer) error {
	const step = 100 * time.Millisecond
	left := a.Slow
	if a.Silent {
		left = patience
	}
	for ; left > 0 && ctx.Err() == nil; left -= step {
		b.clock.Advance(min(step, left))
	}
	if ctx.Err() == nil && a.Silent {
		return os.ErrDeadlineExceeded
	}
	return ctx.Err()
}

// whose is the account and deployment of a request: accounts of the project are known by their host, others by their id.
func (b *backends) whose(backend string, req *http.Request) (account, deployment string) {
	label, azure := strings.CutSuffix(req.URL.Hostname(), ".openai.azure.com")
	switch {
	case azure:
		account = or(b.accounts[label], label)
		return account, strings.TrimPrefix(backend, account+"-")
	case backend != "":
		return backend, ""
	default:
		return req.URL.Hostname(), ""
	}
}

// respond makes the response of an answer.
func (b *backends) respond(account string, a Answer, req *http.Request, body []byte, at int) *http.Response {
	status := or(a.Status, http.StatusOK)
	_, id, _ := strings.Cut(req.URL.Path, "/responses/")
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/responses") && status == http.StatusOK {
		id = b.remember(account, body)
	}
	header, parts := defaultAnswer(account, id, status, a, req, body)
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, ContentLength: -1,
		Body: &staged{backends: b, left: parts, cut: a.Cut, at: at}, Request: req,
	}
}

// staged returns its parts one by one, and notices if one was not passed on before the next is read.
type staged struct {
	backends *backends
	left     [][]byte
	given    int
	cut      bool
	at       int
	rest     bytes.Reader
}

// Read gives one part at a time.
func (p *staged) Read(into []byte) (int, error) {
	if p.rest.Len() > 0 {
		return p.rest.Read(into)
	}
	p.backends.mu.Lock()
	defer p.backends.mu.Unlock()
	if len(p.left) == 0 {
		if p.cut {
			return 0, io.ErrUnexpectedEOF
		}
		return 0, io.EOF
	}
	if r := p.backends.reply; p.given > 0 && r != nil && r.flushed < p.given {
		p.backends.held = true
	}
	if p.at >= 0 {
		p.backends.seen[p.at].Begun = true
	}
	p.rest.Reset(p.left[0])
	p.given += len(p.left[0])
	p.left = p.left[1:]
	return p.rest.Read(into)
}

// Close does nothing: there is no connection.
func (p *staged) Close() error { return nil }

// field reads one value of a JSON body; anything unreadable has none.
func field(body []byte, path ...string) any {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	return jsonpath.At(v, path...)
}
