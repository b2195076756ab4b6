package drills

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/rehearsal/engine"
)

// judged gives what an operator's last look finds on a trial whose deployment is finished.
func judged(t *testing.T, s *scripted, change func(o *operator)) []string {
	t.Helper()
	o := &operator{Trial: s.trial(), recovery: Recovery{Stack: s.trial()}, types: map[string]bool{}}
	for _, r := range s.Resources("") {
		o.types[r.Type] = true
	}
	if change != nil {
		change(o)
	}
	f := &findings{}
	o.judge(t.Context(), s.env(), f)
	return f.all()
}

func TestADeploymentThatWasResumedIsLikeOneThatWasNot(t *testing.T) {
	assert.Empty(t, judged(t, script(t), nil))
}

func TestTheResumeDrillSaysWhatIsBroken(t *testing.T) {
	s := script(t)
	all := s.ids()
	account := s.Account("sweden")
	state := func(change func(*engine.State)) func(*operator) {
		return func(*operator) {
			known, err := s.trial().State(t.Context())
			require.NoError(t, err)
			change(&known)
			s.state = &known
		}
	}
	for name, c := range map[string]struct {
		change func(o *operator)
		says   string
	}{
		"a resource that was replaced": {func(o *operator) {
			o.note(Result{Changed: []string{"update Api chat", "replace Account sweden"}})
		}, "a deployment that was resumed did: replace Account sweden"},
		"a resource that was deleted": {func(o *operator) {
			o.note(Result{Changed: []string{"delete Account sweden"}})
		}, "a deployment that was resumed did: delete Account sweden"},
		"a deployment that is not finished": {func(*operator) {
			s.ups = []func(*scripted) (Result, error){func(*scripted) (Result, error) { return Result{Changed: []string{"create Subnet a"}}, nil }}
		}, "one more deployment: create Subnet a"},
		"a deployment that fails again": {func(*operator) {
			s.ups = []func(*scripted) (Result, error){refusing("up: 409")}
		}, "one more deployment: up: 409"},
		"a resource that is missing": {func(*operator) { s.remaining = all[1:] }, "missing in Azure: "},
		"a resource too much":        {func(*operator) { s.remaining = append(append([]string{}, all...), account+"x") }, "too much in Azure: "},
		"a resource that is twice in the state": {state(func(k *engine.State) {
			k.Resources = append(k.Resources, s.knownAs(account))
		}), "twice in the state: " + account},
		"a resource that is in the state alone": {state(func(k *engine.State) {
			k.Resources = append(k.Resources, engine.Known{ID: account + "x"})
		}), "in the state, not in Azure: " + account + "x"},
		"an operation that is still pending": {state(func(k *engine.State) {
			k.Pending = []engine.Known{{Doing: "creating", Name: "gateway"}}
		}), "still pending in the state: creating gateway"},
		"a type that no fault met": {func(o *operator) { delete(o.types, accountType) }, "no write to " + accountType + " was broken"},
	} {
		t.Run(name, func(t *testing.T) {
			s.ups, s.remaining, s.state = nil, nil, nil
			assert.Contains(t, joined(judged(t, s, c.change)), c.says)
		})
	}
}

func TestABreakThatFindsNoWriteIsNoProof(t *testing.T) {
	s := script(t)
	failures := Drill{Work: with(inLab(AtOnce), func(ctx context.Context, own *ownStack, f *findings) (*ResumeMeasured, error) {
		return tryBreaks(ctx, own, f, breakOff(faults.Killed, accountType))
	})}.Run(t.Context(), s.env()).Failures
	assert.Contains(t, failures, fmt.Sprintf("%s at %s: no such write", faults.Killed, accountType))
}

func TestADeploymentThatNeverEndsIsGivenUp(t *testing.T) {
	s := script(t)
	s.state = &engine.State{}
	s.ups = []func(*scripted) (Result, error){refusing("up: 500")}
	o := &operator{Trial: s.trial(), recovery: Recovery{Stack: s.trial()}, types: map[string]bool{}}
	assert.EqualError(t, o.finish(t.Context()), "it did not end after 400 deployments")
	assert.Equal(t, mostTries, o.ups)
}

func TestWhatAKilledEngineLeftIsClearedBeforeTheNextDeployment(t *testing.T) {
	s := script(t)
	s.state = &engine.State{Pending: []engine.Known{{Doing: "creating", Name: "gateway"}}}
	s.ups = []func(*scripted) (Result, error){
		refusing("up: killed"),
		func(s *scripted) (Result, error) { s.state = nil; return Result{}, nil },
	}
	o := &operator{Trial: s.trial(), recovery: Recovery{Stack: s.trial()}, types: map[string]bool{}}
	require.NoError(t, o.finish(t.Context()))
	assert.Equal(t, 2, o.ups)
	assert.Equal(t, 1, o.recovery.Cleared)
	assert.Equal(t, 1, s.cleared)
}

func TestRolesAreMadeAnewAndTheRestIsImported(t *testing.T) {
	s := script(t)
	r := Recovery{Stack: s.trial()}
	role, account := s.Role("sweden"), s.Account("sweden")
	require.NoError(t, r.takeOver(t.Context(), map[string]string{"urn:role": role, "urn:account": account, "urn:logs": s.Logs}))
	assert.Equal(t, 1, s.imported)
	assert.Equal(t, 1, r.Imported)
	assert.Equal(t, 2, r.Deleted)
	for id, there := range map[string]bool{role: false, s.Logs: false, account: true} {
		_, found := s.Get(id)
		assert.Equal(t, there, found, id)
	}
}

// Recovery.Finish takes over what was there before and is nobody's, once.
func TestOnlyWhatIsNobodysIsTakenOver(t *testing.T) {
	s := script(t)
	account := s.Account("sweden")
	known, err := s.trial().State(t.Context())
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		state  engine.State
		left   []string
		exists string
		want   map[string]string
	}{
		{"nobody's and there before", engine.State{}, []string{account}, account, map[string]string{"urn:a": account}},
		{"another resource's of the program", known, []string{account}, account, map[string]string{}},
		{"not there before", engine.State{}, nil, account, map[string]string{}},
	} {
		s.state = &c.state
		r := Recovery{Stack: s.trial()}
		got, err := r.unknown(t.Context(), map[string]string{"urn:a": c.exists}, lowered(c.left))
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestAnswersThatAreLostAreLostOnEveryTry(t *testing.T) {
	for _, kind := range BreakingFaults() {
		rule := breakOff(kind, accountType)
		again := kind == faults.Lost || kind == faults.TimedOut
		assert.Equal(t, again, rule.Count == 4, "%s: the provider tries three times more", kind)
		assert.Equal(t, accountType, rule.Type)
	}
	for i, rule := range transient() {
		assert.True(t, rule.Each)
		assert.Equal(t, i+1, max(rule.Nth, 1), "three tries of every write meet another fault each")
	}
}
