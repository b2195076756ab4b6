package accounts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"enterprise-openai/internal/clock"
)

// Clock tells the time. A clock that also has After(time.Duration) <-chan time.Time is waited on by slow faults.
type Clock interface{ Now() time.Time }

// systemClock is used when no clock is given.
type systemClock struct{}

// Now is the machine's time.
func (systemClock) Now() time.Time { return time.Now() }

// Deps are the parts of its surroundings the service needs. All are optional.
type Deps struct {
	Clock Clock
	// Tokens checks Entra tokens; without it every token is refused.
	Tokens Tokens
	// Estimate guesses prompt tokens at admission; ByCharacters when nil.
	Estimate Estimator
	// KeepRequests is how many requests are kept whole, DefaultKeptRequests when 0.
	KeepRequests int
}

// Service serves a set of accounts. All methods are safe for concurrent use.
type Service struct {
	deps      Deps
	limits    limits
	faults    script
	book      ledger
	responses responseStore
	files     fileStore
	prompts   promptCache
	serial    atomic.Uint64
	serving   sync.WaitGroup

	mu       sync.RWMutex
	accounts map[string]Account // by lower-case name
	hosts    map[string]string  // host to lower-case name
}

// New serves the accounts. It reports everything that is wrong with them at once.
func New(accounts []Account, deps Deps) (*Service, error) {
	if deps.Clock == nil {
		deps.Clock = systemClock{}
	}
	if deps.Tokens == nil {
		deps.Tokens = noTokens{}
	}
	if deps.Estimate == nil {
		deps.Estimate = ByCharacters
	}
	if deps.KeepRequests <= 0 {
		deps.KeepRequests = DefaultKeptRequests
	}
	s := &Service{deps: deps, accounts: map[string]Account{}, hosts: map[string]string{}}
	s.book.keep = deps.KeepRequests
	var problems []error
	for _, a := range accounts {
		problems = append(problems, s.Put(a))
	}
	return s, errors.Join(problems...)
}

// Put adds an account or replaces the one of its name. Counters of its deployments live on.
func (s *Service) Put(a Account) error {
	if err := a.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.ToLower(a.Name)
	for _, host := range a.Hosts() {
		if owner, taken := s.hosts[host]; taken && owner != name {
			return fmt.Errorf("account %q: subdomain %q belongs to account %q", a.Name, a.Subdomain, owner)
		}
	}
	s.forget(name)
	s.accounts[name] = a.clone()
	for _, host := range a.Hosts() {
		s.hosts[host] = name
	}
	return nil
}

// Remove stops serving an account.
func (s *Service) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(strings.ToLower(name))
}

func (s *Service) forget(name string) {
	for host, owner := range s.hosts {
		if owner == name {
			delete(s.hosts, host)
		}
	}
	delete(s.accounts, name)
}

// Account returns a served account.
func (s *Service) Account(name string) (Account, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, ok := s.accounts[strings.ToLower(name)]
	return a.clone(), ok
}

// ByHost returns the account that a host name, with or without a port, belongs to.
func (s *Service) ByHost(host string) (Account, bool) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, ok := s.accounts[s.hosts[strings.ToLower(strings.TrimSuffix(host, "."))]]
	return a, ok
}

// Handler serves one account whatever host name it is reached by.
func (s *Service) Handler(account string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := s.Account(account)
		s.serve(w, r, a, ok)
	})
}

// ServeHTTP serves the account that the Host header names.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := s.ByHost(r.Host)
	s.serve(w, r, a, ok)
}

// Script adds faults; the first that matches a call strikes it. All are checked before any is added.
func (s *Service) Script(faults ...Fault) error { return s.faults.add(faults) }

// Faults lists the scripted faults and what they did.
func (s *Service) Faults() []FaultState { return s.faults.list() }

// Heal removes the faults of a name and says how many there were; the empty name removes all.
func (s *Service) Heal(name string) int { return s.faults.heal(name) }

// Served sums up what reached the accounts, by account, deployment and principal.
func (s *Service) Served() []Count { return s.book.sums() }

// Requests are the last requests as the accounts saw them, oldest first.
func (s *Service) Requests() []Request { return s.book.kept() }

// Wait returns when the calls that are being served have ended. A caller that hangs up does not end its call. No call may begin
// meanwhile.
func (s *Service) Wait() { s.serving.Wait() }

// Credentials are all distinct credentials that reached an account.
func (s *Service) Credentials() []Credential { return s.book.seen() }

// ForgetRequests empties the book, between two drills.
func (s *Service) ForgetRequests() { s.book.reset() }

// Utilisation is the share of a provisioned deployment's capacity in use; 0 for others and for unknown ones.
func (s *Service) Utilisation(account, deployment string) float64 {
	a, _ := s.Account(account)
	d, ok := a.Deployment(deployment)
	if !ok || !d.Provisioned() {
		return 0
	}
	return s.limits.tank(a.Name, d.Name).utilisation(s.deps.Clock.Now(), d.Capacity)
}

// Dial returns the error of reaching a host, nil when it can be reached: an unknown host has no address, and dial
// faults strike. Diallers call it first; they know no deployment, so faults that name one do not match.
func (s *Service) Dial(host string) error { return s.dial(host, "", "") }

func (s *Service) dial(host, deployment, operation string) error {
	a, ok := s.ByHost(host)
	if !ok {
		return &net.OpError{Op: "dial", Net: "tcp", Err: unknownHost(host)}
	}
	if f, struck := s.faults.next(s.deps.Clock.Now(), a, deployment, operation, true); struck {
		return f.DialError(host)
	}
	return nil
}

// pause waits by the injected clock if it can be waited on, else by the machine's.
func (s *Service) pause(ctx context.Context, d time.Duration) error {
	if sleeper, ok := s.deps.Clock.(interface {
		Sleep(ctx context.Context, d time.Duration) error
	}); ok {
		return sleeper.Sleep(ctx, d) //nolint:wrapcheck // the caller's own context
	}
	return clock.Real{}.Sleep(ctx, d) //nolint:wrapcheck // the caller's own context
}
