package drills

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/engine"
)

// fakeStack answers every operation with what the case says.
type fakeStack struct {
	result Result
	err    error
}

func (f fakeStack) Preview(context.Context) (Result, error) { return f.result, f.err }
func (f fakeStack) Up(context.Context) (Result, error)      { return f.result, f.err }
func (f fakeStack) Refresh(context.Context) (Result, error) { return f.result, f.err }
func (f fakeStack) Destroy(context.Context) (Result, error) { return f.result, f.err }

type fakeCloud []string

func (f fakeCloud) Remaining() []string { return f }

func TestDrillsAreTellableApartAndSayWhatTheyPromise(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range All() {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, d.Name)
		assert.False(t, seen[d.Name], "two drills are called %q", d.Name)
		assert.Regexp(t, `^[A-Z].*\.$`, d.Promise, "the promise of %s is not a sentence", d.Name)
		assert.NotNil(t, d.Run, "drill %s does nothing", d.Name)
		seen[d.Name] = true
	}
}

func TestDrillsThatNeedTheStackComeBeforeThoseThatNeedItGone(t *testing.T) {
	gone := false
	for _, d := range All() {
		if d.When == Gone {
			gone = true
			continue
		}
		assert.False(t, gone, "drill %s needs a stack that an earlier drill expects to be gone", d.Name)
	}
}

func TestSelectKeepsTheOrderAndNamesEveryUnknownDrill(t *testing.T) {
	some, err := Select([]string{"clean", "idempotent"})
	require.NoError(t, err)
	require.Len(t, some, 2)
	assert.Equal(t, "idempotent", some[0].Name)
	assert.Equal(t, "clean", some[1].Name)

	all, err := Select(nil)
	require.NoError(t, err)
	assert.Len(t, all, len(All()))

	_, err = Select([]string{"clan", "clean", "drought"})
	var known []string
	for _, d := range All() {
		known = append(known, d.Name)
	}
	assert.EqualError(t, err, `no drill "clan", "drought"; there are `+strings.Join(known, ", "))
}

func TestEveryLifecycleDrillNamesWhatDidNotHold(t *testing.T) {
	unchanged := Result{Same: 7, Duration: 2 * time.Second}
	cases := map[string]struct {
		drill    Drill
		stack    fakeStack
		cloud    fakeCloud
		failures []string
	}{
		"a second up that changes nothing passes": {drill: idempotent(), stack: fakeStack{result: unchanged}},
		"a second up that updates one fails": {
			drill:    idempotent(),
			stack:    fakeStack{result: Result{Updated: 1, Changed: []string{"update Api chat (policies)"}}},
			failures: []string{"the second up: update Api chat (policies)"},
		},
		"a replacement counts even when its name is unknown": {
			drill:    idempotent(),
			stack:    fakeStack{result: Result{Replaced: 1}},
			failures: []string{"the second up created 0, updated 0, replaced 1 and deleted 0 resources"},
		},
		"a second up that breaks fails": {
			drill:    idempotent(),
			stack:    fakeStack{err: errors.New("up: ARM said no")},
			failures: []string{"second up: ARM said no"},
		},
		"a refresh that finds nothing passes": {drill: refresh(), stack: fakeStack{result: unchanged}},
		"a refresh that finds a difference fails": {
			drill:    refresh(),
			stack:    fakeStack{result: Result{Updated: 1, Changed: []string{"update Subnet gateway"}}},
			failures: []string{"the refresh: update Subnet gateway"},
		},
		"a refresh that breaks fails": {
			drill:    refresh(),
			stack:    fakeStack{err: errors.New("refresh: gone")},
			failures: []string{"refresh: gone"},
		},
		"an empty cloud is clean": {drill: clean()},
		"every leftover is named": {
			drill:    clean(),
			cloud:    fakeCloud{"/subscriptions/s/resourceGroups/b", "/subscriptions/s/resourceGroups/a"},
			failures: []string{"still exists: /subscriptions/s/resourceGroups/a", "still exists: /subscriptions/s/resourceGroups/b"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			failures := c.drill.Run(context.Background(), &Env{Stack: c.stack, Cloud: c.cloud}).Failures
			if len(c.failures) == 0 {
				assert.Empty(t, failures)
				return
			}
			assert.Equal(t, c.failures, failures)
		})
	}
}

func TestOnlyWhatTheProviderFoundExistingIsImported(t *testing.T) {
	failure := &engine.Failure{Operation: "up", Diagnostics: []engine.Diagnostic{
		{URN: "urn:a", Message: "cannot create already existing resource '/subscriptions/s/a'"},
		{URN: "urn:b", Message: "cannot create already existing subresource '/subscriptions/s/b'"},
		{URN: "urn:c", Message: `Status=409 Code="RequestConflict" Message="Another operation is being performed"`},
	}}
	assert.Equal(t, map[string]string{"urn:a": "/subscriptions/s/a", "urn:b": "/subscriptions/s/b"}, existing(failure))
	assert.Empty(t, existing(errors.New("cannot create already existing resource '/x'")))
}

func TestADrillWithoutALabSaysSo(t *testing.T) {
	for _, d := range []Drill{resume(), drift(), recreate()} {
		failures := d.Run(context.Background(), &Env{Cloud: fakeCloud{}}).Failures
		assert.Equal(t, []string{"the drill could not be carried out: there is no lab for stacks of a drill's own"}, failures)
	}
}
