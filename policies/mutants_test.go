package policies_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest/mutate"
)

// TestEveryPlaceOfThePoliciesIsNeeded breaks the documents everywhere, one place at a time: each element and attribute, each
// status and number, each condition, comparison and entry of a list. A case fails, or the list of what makes no difference says
// why. `make test-slow` runs it, because it takes minutes; TestABrokenConditionFailsTheCaseThatNamesItsPromise is run always.
func TestEveryPlaceOfThePoliciesIsNeeded(t *testing.T) {
	if os.Getenv("REHEARSE_SWEEP") == "" {
		t.Skip("make test-slow runs it")
	}
	begun := time.Now()
	texts := documents(t)
	met := metBy(t, texts)
	s := &score{}
	t.Run("documents", func(t *testing.T) {
		for name, text := range texts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mutants, err := mutate.Of(name, text)
				require.NoError(t, err)
				h := newHunter(t)
				h.likely(name)
				h.prepare(t, mutants)
				for _, m := range mutants {
					s.add(t, m, h.killer(t, m, met))
				}
			})
		}
	})
	noticed := float64(s.all - s.alive)
	t.Logf("%d mutants, %.0f noticed, %d argued to make no difference: score %.3f of those that make one, %.3f of all; %s", s.all, noticed, s.argued,
		noticed/float64(s.all-s.argued), noticed/float64(s.all), time.Since(begun).Round(time.Second))
}

// score counts what was noticed.
type score struct {
	mu                 sync.Mutex
	all, alive, argued int
}

func (s *score) add(t *testing.T, m mutate.Mutant, killer string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all++
	reason := argued(m)
	noticed := killer != ""
	switch {
	case noticed && reason != "":
		t.Errorf("%s is noticed and need not be argued for (%s): %s", m, reason, killer)
	case !noticed && reason != "":
		s.alive, s.argued = s.alive+1, s.argued+1
	case !noticed:
		s.alive++
		t.Errorf("no case notices %s\n\t%s", m, m.Context)
	}
}

// TestWhatIsArguedForIsThere finds every entry of the list in the documents.
func TestWhatIsArguedForIsThere(t *testing.T) {
	var all []mutate.Mutant
	for name, text := range documents(t) {
		mutants, err := mutate.Of(name, text)
		require.NoError(t, err)
		all = append(all, mutants...)
	}
	for _, a := range arguments {
		assert.True(t, slices.ContainsFunc(all, a.about), "nothing is like this any more: %v", a)
		assert.NotEmpty(t, a.reason)
	}
}

// documents are the policies by their names, as they are before values are filled in.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range []string{"apis", "fragments"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.xml"))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			all[filepath.ToSlash(file)] = strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) + "\n"
		}
	}
	return all
}

// argument is why a change makes no difference, or none that a case can see.
type argument struct {
	// document is its name, or empty for all; attribute is the attribute that is broken; change is how the mutant begins, as it is
	// printed behind its line; at is a part of the line.
	document, attribute, change, at string
	reason                          string
}

func (a argument) about(m mutate.Mutant) bool {
	return (a.document == "" || a.document == m.Document) && (a.attribute == "" || a.attribute == m.Attribute) && strings.HasPrefix(fmt.Sprintf("%s: %s", m.Change, m.Old), a.change) &&
		strings.Contains(m.Context, a.at)
}

func argued(m mutate.Mutant) string {
	for _, a := range arguments {
		if a.about(m) {
			return a.reason
		}
	}
	return ""
}
