package apim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/limit"
	"enterprise-openai/internal/azure/apim/tokens"
	"enterprise-openai/internal/clock"
)

// Gateway serves one API Management service.
type Gateway struct {
	deps  Deps
	state atomic.Pointer[state]
	// next is the unit that takes the next call.
	next atomic.Uint64

	mu       sync.Mutex
	units    []*unit
	counters *limit.Counters
	// store is the internal cache, which the units of a region share.
	store *store
	keys  *keyCache
	calls sync.WaitGroup
}

// New makes a gateway that serves a configuration.
func New(ctx context.Context, cfg Configuration, deps Deps) (*Gateway, error) {
	g, err := empty(deps)
	if err != nil {
		return nil, err
	}
	return g, g.Update(ctx, cfg)
}

// Again makes a gateway of the same configuration that no call has met: what this one counted, cached and opened is not its. It
// compiles nothing.
func (g *Gateway) Again(deps Deps) (*Gateway, error) {
	s := g.state.Load()
	if s == nil || !s.hold() {
		return nil, errors.New("gateway: it is closed")
	}
	made, err := empty(deps)
	if err != nil {
		s.release()
		return nil, err
	}
	made.enforce(s)
	return made, nil
}

// empty makes a gateway without a configuration.
func empty(deps Deps) (*Gateway, error) {
	if deps.Backends == nil {
		return nil, errors.New("gateway: Deps.Backends is missing; without it no backend can be reached")
	}
	if deps.Clock == nil {
		deps.Clock = clock.Real{}
	}
	if deps.Scan == nil {
		deps.Scan = csharp.ScanRaw
	}
	if deps.Recorder == nil {
		deps.Recorder = discard{}
	}
	if deps.Tokens == nil {
		deps.Tokens = &tokens.Tiktoken{}
	}
	g := &Gateway{deps: deps, store: newStore(), counters: limit.New()}
	g.keys = newKeyCache(deps.Directory, deps.Clock)
	return g, nil
}

// Update puts a new configuration in force. Calls under way keep the old one;
// breakers, limits and caches go on. With an error the old one stays.
func (g *Gateway) Update(ctx context.Context, cfg Configuration) error {
	s, err := newState(ctx, cfg, g.deps)
	if err != nil {
		return err
	}
	g.enforce(s)
	return nil
}

func (g *Gateway) enforce(s *state) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.units) < max(s.cfg.Service.Units, 1) {
		g.units = append(g.units, newUnit(len(g.units)))
	}
	if old := g.state.Swap(s); old != nil {
		old.release()
	}
}

// Close waits for what calls left running, such as one-way requests, and ends
// the expressions.
func (g *Gateway) Close() error {
	g.calls.Wait()
	if s := g.state.Swap(nil); s != nil {
		s.release()
	}
	return nil
}

// unit gives the unit that takes the next call.
func (g *Gateway) unit(s *state) *unit {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := uint64(max(s.cfg.Service.Units, 1))
	return g.units[(g.next.Add(1)-1)%n]
}

// ServeHTTP runs one call.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := g.state.Load()
	if s == nil || !s.hold() {
		// Between two configurations; the new one is there at the next look.
		if s = g.state.Load(); s == nil || !s.hold() {
			http.Error(w, "the gateway is closed", http.StatusServiceUnavailable)
			return
		}
	}
	defer s.release()
	if !s.cfg.Service.answersTo(r.Host) {
		answerNobody(w)
		return
	}
	newCall(g, s, g.unit(s), w, r).serve()
}

// state is a configuration ready to run. It never changes.
type state struct {
	cfg      Configuration
	program  Program
	routes   []*route
	global   *compiled
	backends map[string]*Backend
	products map[string]*productState
	keys     map[string]*Subscription
	users    map[string]*User
	groups   map[string]Group
	holders  atomic.Int64
}

func (s *state) hold() bool {
	for {
		n := s.holders.Load()
		if n <= 0 {
			return false
		}
		if s.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release ends the program when the last call has left.
func (s *state) release() {
	if s.holders.Add(-1) == 0 && s.program != nil {
		_ = s.program.Close()
	}
}

// tokenBucket says how the service counts: the classic tiers slide a window, the v2
// tiers fill a bucket (Microsoft Learn: rate-limit-policy, "Usage notes").
func (s *Service) tokenBucket() bool { return strings.HasSuffix(s.SKU, "V2") }

// defaultGlobal is the document of a service that was given none. [M] unverified.
const defaultGlobal = `<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>`

func newState(ctx context.Context, cfg Configuration, deps Deps) (*state, error) {
	s := &state{cfg: cfg, backends: map[string]*Backend{}, products: map[string]*productState{}, keys: map[string]*Subscription{},
		users: map[string]*User{}, groups: map[string]Group{}}
	s.holders.Store(1)
	c := newCompiler(newReferences(&s.cfg), deps.Scan)
	s.directory()
	problems := s.resolveBackends()
	global := s.cfg.Policy
	if global == nil {
		global = &Policy{File: "global", Format: document.XML, Text: defaultGlobal}
	}
	s.global = c.document(global, Global, "global")
	s.compileProducts(c)
	s.compileAPIs(c)
	if err := errors.Join(c.errs.Err(), problems); err != nil {
		return nil, err
	}
	if len(c.exprs) == 0 {
		return s, nil
	}
	if deps.Expressions == nil {
		return nil, errors.New("gateway: Deps.Expressions is missing and the documents hold expressions")
	}
	program, err := deps.Expressions.Compile(ctx, c.exprs)
	if err != nil {
		return nil, fmt.Errorf("policy expressions: %w", err)
	}
	s.program = program
	return s, nil
}
