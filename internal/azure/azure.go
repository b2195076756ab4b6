// Package azure is the embedded Azure as a whole: Azure Resource Manager, and in front of it the azure-native provider
// that a Pulumi engine talks to.
//
//	azure.go   Start: both together, and the state file between two commands
//	arm        the services: what exists, what is refused, what they fill in
//	provider   the provider: checks, names, bodies, diffs
//	timeline   the clock, and what happened when
//	hosts      the same for other programs: HTTPS on loopback under Azure's names
//	resourcetypes   what is known about each type of resource, one row a type
//
// Everything is in this process except one gRPC port on 127.0.0.1. Nothing is slept: operations that take Azure minutes
// end on the clock that Options.ARM.Now shows.
package azure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/provider"
	"enterprise-openai/internal/azure/timeline"
)

// The deployer and its subscription. They are made up, and the same in every rehearsal, so that names derived from the
// subscription are stable.
const (
	SubscriptionID = "5ec0ffee-0000-4000-8000-000000000001"
	TenantID       = "5ec0ffee-0000-4000-8000-000000000002"
	ClientID       = "5ec0ffee-0000-4000-8000-000000000003"
	ObjectID       = "5ec0ffee-0000-4000-8000-000000000004"
)

// Options say what Start starts. The zero value is an empty Azure that is forgotten at the end.
type Options struct {
	// StatePath is the file that keeps the state between two commands. It is read when it exists, and written before every write is
	// answered, at the end of every engine run and by Close. Empty keeps nothing.
	StatePath string
	// Fresh starts from an empty Azure whatever the file says, and writes the file only at the end of every engine run and by Close.
	Fresh bool
	// ARM configures the services: clock, durations, policy checks. Subscription and tenant are filled in.
	ARM arm.Options
	// Between wraps the way to ARM, to break requests on it; what was done by hand does not pass it. May be nil.
	Between func(arm http.RoundTripper) http.RoundTripper
	// Retried is called for every request that the provider tries again, with its answer or error and the wait. May be nil.
	Retried func(resp *http.Response, err error, after time.Duration)
	// Types are the published package's property types; the embedded ones when nil.
	Types provider.Types
	// Time is the clock, on which operations take as long as they typically do on Azure. When nil every operation is over at
	// once.
	Time *timeline.Timeline
	// Warn receives the provider's warnings about resources. May be nil.
	Warn func(resourceURN, message string)
}

// Cloud is a running embedded Azure.
type Cloud struct {
	// ARM is what exists.
	ARM *arm.Server
	// ProviderPort is where the engine finds the azure-native provider.
	ProviderPort int

	server    *provider.Server
	way       answersLate
	clock     *timeline.Timeline
	statePath string
	writes    atomic.Int64 // that were done
	saving    sync.Mutex
	saved     int64 // writes that are in the file
	problem   error // of a save that no caller got
}

// ErrState is the error of Start when there is a state file that cannot be read.
var ErrState = errors.New("state file")

// Start starts an embedded Azure. It runs until Close; the end of ctx stops the provider, but only Close writes the state.
func Start(ctx context.Context, o Options) (*Cloud, error) {
	o.ARM.SubscriptionID, o.ARM.TenantID, o.ARM.DeployerID = SubscriptionID, TenantID, ObjectID
	provided := provider.Options{
		Types: o.Types, Warn: o.Warn, Retried: o.Retried, SubscriptionID: SubscriptionID, TenantID: TenantID, ClientID: ClientID, ObjectID: ObjectID,
	}
	if o.Time != nil {
		o.ARM.Now, o.ARM.Duration = o.Time.Now, arm.TypicalDuration
		provided.Now, provided.Wait, provided.Begin = o.Time.Now, o.Time.Wait, o.Time.Begin
	}
	c := &Cloud{ARM: arm.New(o.ARM), statePath: o.StatePath, clock: o.Time}
	way := answersLate{arm: c.ARM, time: o.Time}
	if o.StatePath != "" && !o.Fresh {
		way.written = c.saveWritten
	}
	c.way = way
	provided.ARM, provided.RunEnded = way, c.runEnded
	if o.Between != nil {
		provided.ARM = o.Between(provided.ARM)
	}
	if o.StatePath != "" && !o.Fresh {
		if err := c.load(); err != nil {
			return nil, err
		}
		c.endOperations(o.Time)
	}
	if provided.Types == nil {
		var err error
		if provided.Types, err = provider.PublishedTypes(); err != nil {
			return nil, err
		}
	}
	server, err := provider.Serve(ctx, provided)
	if err != nil {
		return nil, fmt.Errorf("embedded azure-native provider: %w", err)
	}
	c.server, c.ProviderPort = server, server.Port
	return c, nil
}

// answersLate carries requests to the services. What they answer at once, without an operation to ask for, is answered when
// the time that the work takes is over.
type answersLate struct {
	arm  *arm.Server
	time *timeline.Timeline
	// written is called after every request that writes, before it is answered. May be nil.
	written func()
}

// RoundTrip sends one request.
func (a answersLate) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := a.arm.Transport().RoundTrip(r)
	if err != nil || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return response, err
	}
	if a.written != nil {
		a.written()
	}
	if a.time == nil {
		return response, nil
	}
	if until, busy := a.arm.AnswersAt(r.URL.Path); busy {
		if err := a.time.Wait(r.Context(), until.Sub(a.time.Now())); err != nil {
			_ = response.Body.Close() // it is in memory
			return nil, err
		}
	}
	return response, nil
}

// Handler is Resource Manager for programs that are not this one. Modelled time passes for them without waiting: what they begin is over
// when they have the answer.
func (c *Cloud) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response, err := c.way.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer func() { _ = response.Body.Close() }() // it is in memory
		c.endOperations(c.clock)
		maps.Copy(w.Header(), response.Header)
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body) // a client that went away needs no answer
	})
}

// Close stops the provider and writes the state.
func (c *Cloud) Close() error {
	c.server.Close()
	return errors.Join(c.problem, c.Save())
}

// EngineDied ends what an engine left in flight that was killed, and returns when nothing is. What Azure had begun is complete.
func (c *Cloud) EngineDied() { c.server.Abandon() }

// Remaining lists the ids of everything that somebody created and nobody deleted.
func (c *Cloud) Remaining() []string {
	var ids []string
	for _, r := range c.ARM.Resources("") {
		if !c.ARM.BuiltIn(r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// runEnded saves after every run of an engine.
func (c *Cloud) runEnded() {
	if err := c.Save(); err != nil {
		c.saving.Lock()
		c.problem = err
		c.saving.Unlock()
	}
}

// saveWritten saves before a write is answered, so that Azure never knows less than an engine that noted the answer, whenever
// the process is killed. Writes that wait for each other here are saved together.
func (c *Cloud) saveWritten() {
	n := c.writes.Add(1)
	c.saving.Lock()
	defer c.saving.Unlock()
	if c.saved >= n {
		return
	}
	n = c.writes.Load()
	if err := c.save(); err != nil {
		c.problem = err
		return
	}
	c.saved = n
}

// endOperations lets the operations of the state file come to their end. Modelled time passes only while somebody waits, and
// nobody does between two commands; Azure's operations end all the same.
func (c *Cloud) endOperations(clock *timeline.Timeline) {
	if ends, running := c.ARM.Pending(""); running && clock != nil {
		clock.Reach(ends)
	}
}

func (c *Cloud) load() error {
	file, err := os.Open(c.statePath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	defer file.Close()
	if err := c.ARM.Load(file); err != nil {
		return fmt.Errorf("%w %s: %w", ErrState, c.statePath, err)
	}
	return nil
}

// Save writes the state file, for its owner alone: it holds the keys of the embedded gateway. The file is replaced as a
// whole, never half written.
func (c *Cloud) Save() error {
	if c.statePath == "" {
		return nil
	}
	c.saving.Lock()
	defer c.saving.Unlock()
	return c.save()
}

func (c *Cloud) save() error {
	var text strings.Builder
	if err := c.ARM.Save(&text); err != nil {
		return err
	}
	partial := c.statePath + ".partial"
	if err := os.WriteFile(partial, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	if err := os.Rename(partial, c.statePath); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	return nil
}
