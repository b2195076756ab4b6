package drills

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/rehearsal/engine"
)

// meeting is a deployment that meets a resource which exists already.
func meeting(id string) func(*scripted) (Result, error) {
	return func(*scripted) (Result, error) {
		return Result{}, &engine.Failure{Operation: "up", Diagnostics: []engine.Diagnostic{
			{URN: "urn:a", Message: "cannot create already existing resource '" + id + "'"},
		}}
	}
}

func TestALeftDeploymentIsFinishedByTheStepsOfOperators(t *testing.T) {
	s := script(t)
	account := s.Account("sweden")
	half := &engine.State{Pending: []engine.Known{{Doing: "creating", Name: "gateway"}}}
	for name, c := range map[string]struct {
		state             *engine.State
		ups               []func(*scripted) (Result, error)
		cleared, imported int
		wrong             string
	}{
		"nothing is left":                {&engine.State{}, []func(*scripted) (Result, error){nothingToDo}, 0, 0, ""},
		"the engine was killed":          {half, []func(*scripted) (Result, error){nothingToDo}, 1, 0, ""},
		"a resource that nobody has":     {&engine.State{}, []func(*scripted) (Result, error){meeting(account), nothingToDo}, 0, 1, ""},
		"a resource that meets it again": {&engine.State{}, []func(*scripted) (Result, error){meeting(account)}, 0, 1, "cannot create already existing"},
		"a resource that was not there":  {&engine.State{}, []func(*scripted) (Result, error){meeting(account + "x")}, 0, 0, "cannot create already existing"},
		"Azure refuses":                  {&engine.State{}, []func(*scripted) (Result, error){refusing("up: 403 Forbidden")}, 0, 0, "up: 403 Forbidden"},
	} {
		s.state, s.ups, s.up, s.cleared, s.imported = c.state, c.ups, 0, 0, 0
		r := Recovery{Stack: s.trial()}
		_, err := r.Finish(t.Context())
		assert.Equal(t, []int{c.cleared, c.imported}, []int{s.cleared, s.imported}, name)
		assert.Equal(t, []int{c.cleared, c.imported}, []int{r.Cleared, r.Imported}, name)
		if c.wrong == "" {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, c.wrong, name)
	}
}

func TestADeploymentThatCannotBeFinishedIsAFailure(t *testing.T) {
	s := script(t)
	s.state = &engine.State{}
	s.ups = []func(*scripted) (Result, error){refusing("up: 500")}
	d := Drill{Work: with(inLab(AtOnce), func(ctx context.Context, own *ownStack, f *findings) (*ResumeMeasured, error) {
		return tryBreaks(ctx, own, f, breakOff(faults.Killed, accountType))
	})}
	measured, failures := tried[ResumeMeasured](t, d, s.env())
	assert.Contains(t, failures, "the deployment could not be finished: it did not end after 400 deployments")
	assert.Equal(t, mostTries, measured.Ups)
}

func TestWhatFaultsDidIsAddedUp(t *testing.T) {
	o := &operator{types: map[string]bool{"a": true}}
	o.tally([]faults.Outcome{{Retries: 2, Types: map[string]int{"b": 1}}, {Retries: 3}})
	assert.Equal(t, 5, o.retries)
	assert.Equal(t, map[string]bool{"a": true, "b": true}, o.types)
	o.note(Result{Changed: []string{"update Api a", "replace Api a", "delete Api b", "create Api c"}})
	assert.Equal(t, []string{"replace Api a", "delete Api b"}, o.replaced)
}

func TestOnlyDiagnosticsOfTheEngineNameWhatExists(t *testing.T) {
	assert.Empty(t, existing(nil))
	wrapped := errors.Join(errors.New("first"), &engine.Failure{Diagnostics: []engine.Diagnostic{{URN: "u", Message: "cannot create already existing resource '/x'"}}})
	require.Equal(t, map[string]string{"u": "/x"}, existing(wrapped))
}
