package drills

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// scripted is a stack of a drill's own on an engine that does what the test says. What it deploys is real: the program's resources
// in the embedded Azure.
type scripted struct {
	*deployed.Site
	t testing.TB
	// ups are the deployments, one after the other; the last one is every further one too. So are the refreshes.
	ups, refreshes []func(*scripted) (Result, error)
	up, refresh    int
	// destroyed is what a destruction does.
	destroyed func(*scripted) error
	// state is what the engine knows; nil is everything that exists.
	state *engine.State
	// remaining replaces what exists.
	remaining []string
	// known is what the last refresh saw.
	known map[string]map[string]any
	// change is the last one of the settings, cleared and imported count what was done to the state.
	change            func(*stacks.Settings)
	cleared, imported int
	script            *faults.Script
}

// script makes a trial that deploys an environment.
func script(t testing.TB, options ...deployed.Option) *scripted {
	t.Helper()
	faulty, err := faults.New()
	require.NoError(t, err)
	return &scripted{Site: deployed.New(t, options...), t: t, script: faulty}
}

// env is what a drill gets: a lab that opens the trial, and a standing stack that is like it.
func (s *scripted) env() *Env { return &Env{Lab: s, Cloud: fakeCloud(s.ids())} }

// ids are those of everything that was created.
func (s *scripted) ids() []string {
	var ids []string
	for _, r := range s.Resources("") {
		if !s.BuiltIn(r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (s *scripted) Open(context.Context, Pace) (Trial, error) { return s.trial(), nil }

// trial hides the site's fields from the interface's methods of the same name.
func (s *scripted) trial() Trial { return scriptedTrial{s} }

type scriptedTrial struct{ s *scripted }

func next(s *scripted, all []func(*scripted) (Result, error), n *int) (Result, error) {
	if len(all) == 0 {
		return Result{Same: 1}, nil
	}
	do := all[min(*n, len(all)-1)]
	*n++
	return do(s)
}

func (t scriptedTrial) Preview(context.Context) (Result, error) { return Result{}, nil }
func (t scriptedTrial) Up(context.Context) (Result, error)      { return next(t.s, t.s.ups, &t.s.up) }
func (t scriptedTrial) Refresh(context.Context) (Result, error) {
	return next(t.s, t.s.refreshes, &t.s.refresh)
}
func (t scriptedTrial) Destroy(context.Context) (Result, error) {
	if t.s.destroyed == nil {
		return Result{}, nil
	}
	return Result{}, t.s.destroyed(t.s)
}
func (t scriptedTrial) Remaining() []string {
	if t.s.remaining != nil {
		return t.s.remaining
	}
	return t.s.ids()
}
func (t scriptedTrial) Azure() *arm.Server           { return t.s.Server }
func (t scriptedTrial) Cancel(context.Context) error { return nil }
func (t scriptedTrial) State(context.Context) (engine.State, error) {
	if t.s.state != nil {
		return *t.s.state, nil
	}
	var state engine.State
	for _, id := range t.s.ids() {
		state.Resources = append(state.Resources, t.s.knownAs(id))
	}
	return state, nil
}

// knownAs is a resource in the engine's state.
func (s *scripted) knownAs(id string) engine.Known {
	r, there := s.Get(id)
	require.True(s.t, there, id)
	return engine.Known{ID: id, Type: "azure-native:m/v1:" + r.Type[strings.LastIndexByte(r.Type, '/')+1:], Name: r.Name}
}

func (t scriptedTrial) ClearPending(context.Context) (Result, error) {
	t.s.cleared++
	return Result{}, nil
}
func (t scriptedTrial) Import(_ context.Context, ids map[string]string) error {
	t.s.imported += len(ids)
	return nil
}
func (t scriptedTrial) Change(change func(*stacks.Settings)) { t.s.change = change }
func (t scriptedTrial) Faults() *faults.Script               { return t.s.script }
func (t scriptedTrial) Site() (*Site, error)                 { return siteOf(t.s.t, t.s.Site), nil }
func (t scriptedTrial) Kill() error                          { return nil }
func (t scriptedTrial) Close() error                         { return nil }

// nothingToDo is an operation that leaves everything as it is.
func nothingToDo(*scripted) (Result, error) { return Result{Same: 1}, nil }

// refusing is an operation that Azure refuses.
func refusing(text string) func(*scripted) (Result, error) {
	return func(*scripted) (Result, error) { return Result{}, errors.New(text) }
}

// saved is what is deployed, to be put back.
func (s *scripted) saved() []byte {
	var state bytes.Buffer
	require.NoError(s.t, s.Save(&state))
	return state.Bytes()
}

// looked is what a refresh finds: what differs from what the last one knew, by the engine's words. The pools are in the template
// of a deployment stack, into which no refresh looks; blind are types that this engine does not see either.
func looked(blind ...string) func(*scripted) (Result, error) {
	return func(s *scripted) (Result, error) {
		var res Result
		now := bodies(s.Server)
		for _, id := range slices.Sorted(maps.Keys(s.known)) {
			word := ""
			switch {
			case now[id] == nil:
				word = "delete"
			case !reflect.DeepEqual(now[id], s.known[id]):
				word = "update"
			}
			at, err := arm.ParseID(id)
			require.NoError(s.t, err)
			kind := at.Type[strings.LastIndexByte(at.Type, '/')+1:]
			if word == "" || slices.ContainsFunc(blind, func(b string) bool { return strings.EqualFold(b, kind) }) || word == "update" && strings.EqualFold(kind, "backends") {
				continue
			}
			res.Changed = append(res.Changed, word+" "+nameOf(s, id))
		}
		s.known = now
		return res, nil
	}
}

// nameOf is how the state names a resource, which may be gone.
func nameOf(s *scripted, id string) string {
	for _, known := range s.state.Resources {
		if strings.EqualFold(known.ID, id) {
			return known.Type[strings.LastIndexByte(known.Type, ':')+1:] + " " + known.Name
		}
	}
	require.Fail(s.t, "the state does not know it", id)
	return ""
}
