package accounts

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// FaultKind is a way to fail.
type FaultKind string

const (
	// FaultStatus answers with Status, Header and Body without looking at the request.
	FaultStatus FaultKind = "status"
	// FaultSlowHeaders waits for Delay before the first byte, then serves normally.
	FaultSlowHeaders FaultKind = "slow-headers"
	// FaultSlowBody sends the headers, then waits for Delay before every chunk of the body.
	FaultSlowBody FaultKind = "slow-body"
	// FaultCut breaks the connection after AfterChunks chunks of a body (events of a stream).
	FaultCut FaultKind = "cut"
	// FaultReset breaks the connection before the first byte of an answer.
	FaultReset FaultKind = "reset"
	// FaultRefused refuses the connection.
	FaultRefused FaultKind = "refused"
	// FaultDNS finds no address for the host.
	FaultDNS FaultKind = "dns"
	// FaultTLS presents a certificate of another name.
	FaultTLS FaultKind = "tls"
	// FaultTimeout never completes the connection.
	FaultTimeout FaultKind = "timeout"
)

// Match says which calls a fault concerns. Empty fields match everything.
type Match struct {
	Account, Region, Deployment string
	// Operation is an operation id, for example ChatCompletions_Create; compared without case.
	Operation string
}

// Fault is a scripted failure. It is data: it can be written to a report as it is.
type Fault struct {
	// Name identifies the fault in Faults and Heal; empty names are numbered.
	Name  string
	Match Match
	Kind  FaultKind
	// Count is how many calls fail, 0 for all until the fault is healed.
	Count int
	// Skip lets that many matching calls pass first.
	Skip int
	// From and Until bound the fault in time; zero values do not bound it.
	From, Until time.Time
	// Status, Header and Body are the answer of FaultStatus. An empty body becomes one that fits the status.
	Status int
	Header http.Header
	Body   string
	// RetryAfter adds both retry headers.
	RetryAfter time.Duration
	// Delay is the wait of the slow kinds.
	Delay time.Duration
	// AfterChunks is where FaultCut breaks.
	AfterChunks int
}

// RegionOut makes every account of a region unreachable until it is healed under the name "out:<region>".
func RegionOut(region string) Fault {
	return Fault{Name: "out:" + region, Match: Match{Region: region}, Kind: FaultRefused}
}

// RegionThrottled makes every account of a region answer 429 with a Retry-After, until healed as "throttled:<region>".
func RegionThrottled(region string, retryAfter time.Duration) Fault {
	return Fault{Name: "throttled:" + region, Match: Match{Region: region}, Kind: FaultStatus,
		Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
}

// DialError is the error that a dialler returns for faults that happen before HTTP, nil for all others.
func (f Fault) DialError(host string) error {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	switch f.Kind {
	case FaultRefused:
		return dial(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	case FaultTimeout:
		return dial(os.ErrDeadlineExceeded)
	case FaultDNS:
		return dial(unknownHost(host))
	case FaultTLS:
		return x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"wrong.example"}}, Host: host}
	default:
		return nil
	}
}

func unknownHost(host string) error {
	return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// validate refuses scripts that could never do anything.
func (f Fault) validate() error {
	var problems []error
	switch f.Kind {
	case FaultStatus:
		if f.Status < 100 || f.Status > 599 {
			problems = append(problems, fmt.Errorf("fault %q: status %d is not an HTTP status", f.Name, f.Status))
		}
	case FaultSlowHeaders, FaultSlowBody:
		if f.Delay <= 0 {
			problems = append(problems, fmt.Errorf("fault %q: kind %s needs a delay", f.Name, f.Kind))
		}
	case FaultCut, FaultReset, FaultRefused, FaultDNS, FaultTLS, FaultTimeout:
	default:
		problems = append(problems, fmt.Errorf("fault %q: unknown kind %q", f.Name, f.Kind))
	}
	if f.Count < 0 || f.Skip < 0 || f.AfterChunks < 0 {
		problems = append(problems, fmt.Errorf("fault %q: counts cannot be negative", f.Name))
	}
	return errors.Join(problems...)
}

// answer is what FaultStatus sends.
func (f Fault) answer() *failure {
	a := &failure{status: f.Status, body: f.Body, header: http.Header{}}
	if f.RetryAfter > 0 {
		a.header = retryHeader(f.RetryAfter)
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	if a.body == "" {
		a.body = coded(f.Status, fmt.Sprint(f.Status), http.StatusText(f.Status)).body
	}
	return a
}

func (m Match) covers(a Account, deployment, operation string) bool {
	same := func(want, got string) bool { return want == "" || strings.EqualFold(want, got) }
	return same(m.Account, a.Name) && same(m.Region, a.Region) && same(m.Deployment, deployment) && same(m.Operation, operation)
}

// FaultState is a scripted fault and what it did so far.
type FaultState struct {
	Fault
	// Seen counts matching calls, Fired those that failed.
	Seen, Fired int
}

// script is the list of faults in force; the first that applies wins.
type script struct {
	mu     sync.Mutex
	faults []*FaultState
	serial int
}

// add appends faults, all or none.
func (s *script) add(faults []Fault) error {
	var problems []error
	for _, f := range faults {
		problems = append(problems, f.validate())
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.serial++
		if f.Name == "" {
			f.Name = fmt.Sprintf("%s#%d", f.Kind, s.serial)
		}
		s.faults = append(s.faults, &FaultState{Fault: f})
	}
	return nil
}

// next returns the fault that strikes a call. Dial faults strike before HTTP, the others after, so each side asks for
// its own and no call is counted twice.
func (s *script) next(now time.Time, a Account, deployment, operation string, dialing bool) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if (f.DialError("") != nil) != dialing || !f.Match.covers(a, deployment, operation) || !f.due(now) {
			continue
		}
		f.Seen++
		if f.Seen <= f.Skip || f.Count > 0 && f.Fired >= f.Count {
			continue
		}
		f.Fired++
		return f.Fault, true
	}
	return Fault{}, false
}

func (f *FaultState) due(now time.Time) bool {
	return (f.From.IsZero() || !now.Before(f.From)) && (f.Until.IsZero() || now.Before(f.Until))
}

func (s *script) list() []FaultState {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]FaultState, len(s.faults))
	for i, f := range s.faults {
		out[i] = *f
	}
	return out
}

// heal removes the faults of a name, or all of them for the empty name, and says how many.
func (s *script) heal(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*FaultState
	for _, f := range s.faults {
		if name != "" && f.Name != name {
			kept = append(kept, f)
		}
	}
	n := len(s.faults) - len(kept)
	s.faults = kept
	return n
}
