package drills

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drifting is a trial whose engine finds what was done by hand and puts it right, except for what a case changes.
func drifting(t *testing.T, change func(*scripted)) *scripted {
	t.Helper()
	s := script(t)
	state, err := s.trial().State(t.Context())
	require.NoError(t, err)
	s.state = &state
	before := s.saved()
	s.ups = []func(*scripted) (Result, error){
		func(s *scripted) (Result, error) {
			s.known = bodies(s.Server)
			return Result{Created: len(s.known)}, nil
		},
		func(s *scripted) (Result, error) {
			return Result{Updated: 5, Changed: []string{"update Api"}}, s.Load(bytes.NewReader(before))
		},
	}
	s.refreshes = []func(*scripted) (Result, error){looked()}
	if change != nil {
		change(s)
	}
	return s
}

func TestDriftIsFoundByNameAndPutRight(t *testing.T) {
	measured, failures := tried[DriftMeasured](t, drift(), drifting(t, nil).env())
	assert.Empty(t, failures)
	assert.Equal(t, &DriftMeasured{Edits: 6, Found: 5, OnlyInTheTemplate: 1, PutRight: []string{"update Api"}}, measured)
}

func TestTheDriftDrillSaysWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scripted)
		says   string
	}{
		"a refresh that does not see policies": {func(s *scripted) {
			s.refreshes = []func(*scripted) (Result, error){looked("policies")}
		}, "the refresh did not find: update policies "},
		"a refresh that does not see what is gone": {func(s *scripted) {
			s.refreshes = []func(*scripted) (Result, error){looked("diagnosticSettings")}
		}, "the refresh did not find: delete diagnosticSettings "},
		"a refresh that sees more than was done": {func(s *scripted) {
			s.refreshes = []func(*scripted) (Result, error){func(s *scripted) (Result, error) {
				res, err := looked()(s)
				res.Changed = append(res.Changed, "update Subnet gateway")
				return res, err
			}}
		}, "the refresh found a change that was not made: update Subnet gateway"},
		"a refresh that fails": {func(s *scripted) {
			s.refreshes = []func(*scripted) (Result, error){refusing("refresh: no token")}
		}, "refresh: no token"},
		"a deployment that leaves the edits": {func(s *scripted) {
			s.ups[1] = nothingToDo
		}, "not put right: /subscriptions/"},
		"a deployment that is refused": {func(s *scripted) {
			s.ups[1] = refusing("up: 409 Conflict")
		}, "up: 409 Conflict"},
		"a first deployment that is refused": {func(s *scripted) {
			s.ups[0] = refusing("up: 403 Forbidden")
		}, "the drill could not be carried out: up: 403 Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			failures := drift().Run(t.Context(), drifting(t, c.change).env()).Failures
			assert.Contains(t, joined(failures), c.says)
		})
	}
}

func TestTheStackThatMadeThePoolsIsFoundByWhatItManages(t *testing.T) {
	s := script(t)
	found := 0
	for _, r := range s.Resources(stackType) {
		if managesPools(r) {
			found++
		}
	}
	assert.Equal(t, 1, found, "one stack makes the pools, others make loggers and searches")
	assert.Greater(t, len(s.Resources(stackType)), 1)
}

func TestAnEditByHandNeedsAResourceThatSuitsIt(t *testing.T) {
	s := script(t)
	_, err := edit{armType: "Microsoft.Network/natGateways"}.apply(s.Server)
	assert.EqualError(t, err, "there is no such Microsoft.Network/natGateways")
	id, err := edit{armType: backendType, which: isPool, change: func(map[string]any) {}}.apply(s.Server)
	require.NoError(t, err)
	r, _ := s.Get(id)
	assert.Equal(t, "Pool", properties(r.Body)["type"])
}
