package accounts

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one call as the account saw it.
type Request struct {
	At         time.Time
	Account    string
	Region     string
	Deployment string
	Operation  string
	// Principal is the object id of the caller, KeyPrincipal, or empty when it was refused before it was known.
	Principal string
	Via       Arrival
	Method    string
	// URL is path and query as received.
	URL    string
	Header http.Header
	Body   []byte
	// Status is 0 for calls that got no answer (reset, cut before the first byte).
	Status int
	// Began is how long the account took to begin its answer, Took to end it.
	Began, Took time.Duration
	// ID is what the answer carries as apim-request-id.
	ID string
	// Version is the api-version that was asked for, empty on v1.
	Version string
	// Caller is the address of a caller that came through a socket.
	Caller string
	// Written are the bytes of the answer's body.
	Written int
	// Stream is set when the answer was streamed.
	Stream bool
	// Fault names the scripted fault that struck, if one did.
	Fault string
	// Estimate is what admission counted, Usage what the call really consumed.
	Estimate int
	Usage    Usage
}

// Count sums up the calls of one principal to one deployment.
type Count struct {
	Account, Deployment, Principal string
	// Requests arrived; Answered got a 2xx, Throttled a 429, the rest failed otherwise.
	Requests, Answered, Throttled int
	Estimate                      int
	Usage
}

// Credential is something a caller identified itself with, as it arrived.
type Credential struct {
	Account string
	// Where is the header or query parameter, in lower case.
	Where string
	Value string
}

// credentialHeaders and credentialQueries are where a client's credential could hide on its way to a backend.
var (
	credentialHeaders = []string{"Api-Key", "Authorization", "Ocp-Apim-Subscription-Key", "Cookie", "X-Api-Key", "Proxy-Authorization"}
	credentialQueries = []string{"api-key", "subscription-key", "code", "key"}
)

// DefaultKeptRequests is how many requests the book keeps whole; sums and credentials are kept for all.
const DefaultKeptRequests = 20_000

// ledger is the book of everything that reached the accounts.
type ledger struct {
	mu          sync.Mutex
	keep        int
	requests    []*Request
	counts      map[[3]string]*Count
	credentials map[Credential]int
}

// record books a call; what it returns is for end.
func (l *ledger) record(r Request) *Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts, l.credentials = map[[3]string]*Count{}, map[Credential]int{}
	}
	booked := &r
	if l.requests = append(l.requests, booked); len(l.requests) > 2*l.keep {
		l.requests = slices.Clone(l.requests[len(l.requests)-l.keep:])
	}
	key := [3]string{r.Account, r.Deployment, r.Principal}
	c := l.counts[key]
	if c == nil {
		c = &Count{Account: r.Account, Deployment: r.Deployment, Principal: r.Principal}
		l.counts[key] = c
	}
	c.Requests++
	c.Estimate += r.Estimate
	c.Prompt += r.Usage.Prompt
	c.Completion += r.Usage.Completion
	c.Cached += r.Usage.Cached
	switch {
	case r.Status >= 200 && r.Status < 300:
		c.Answered++
	case r.Status == http.StatusTooManyRequests:
		c.Throttled++
	}
	return booked
}

// end books what is known when the answer is written.
func (l *ledger) end(booked *Request, took time.Duration, written int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	booked.Took, booked.Written = took, written
}

// see books the credentials of a request as it arrives, whatever becomes of it.
func (l *ledger) see(account string, r *http.Request) {
	var found []Credential
	for _, name := range credentialHeaders {
		for _, v := range r.Header.Values(name) {
			found = append(found, Credential{account, strings.ToLower(name), v})
		}
	}
	query := r.URL.Query()
	for _, name := range credentialQueries {
		for _, v := range query[name] {
			found = append(found, Credential{account, name, v})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.credentials == nil {
		l.counts, l.credentials = map[[3]string]*Count{}, map[Credential]int{}
	}
	for _, c := range found {
		l.credentials[c]++
	}
}

func (l *ledger) kept() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Request
	for _, r := range l.requests[max(0, len(l.requests)-l.keep):] {
		out = append(out, *r)
	}
	return out
}

func (l *ledger) sums() []Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Count, 0, len(l.counts))
	for _, c := range l.counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Count) int {
		return strings.Compare(a.Account+"\x00"+a.Deployment+"\x00"+a.Principal, b.Account+"\x00"+b.Deployment+"\x00"+b.Principal)
	})
	return out
}

func (l *ledger) seen() []Credential {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Credential, 0, len(l.credentials))
	for c := range l.credentials {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Credential) int {
		return strings.Compare(a.Account+"\x00"+a.Where+"\x00"+a.Value, b.Account+"\x00"+b.Where+"\x00"+b.Value)
	})
	return out
}

func (l *ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.counts, l.credentials = nil, nil, nil
}

// Holds reports whether a secret occurs anywhere in the request: URL, headers or body.
func (r Request) Holds(secret string) bool {
	if secret == "" {
		return false
	}
	if strings.Contains(r.URL, secret) || bytes.Contains(r.Body, []byte(secret)) {
		return true
	}
	for _, values := range r.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, secret) }) {
			return true
		}
	}
	return false
}
