package policies_test

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/policies/policytest"
	"enterprise-openai/policies/policytest/mutate"
)

// hunter looks for the case that notices a mutant.
type hunter struct {
	engine *policytest.Engine
	pool   *mutate.Pool
	// cases are in the order in which they are tried: the one that noticed the mutant before is the first.
	cases []*policytest.Case
	// different are cases whose documents differ from each other.
	different []*policytest.Case
}

func newHunter(t *testing.T) *hunter {
	t.Helper()
	h := &hunter{engine: newEngine(t)}
	h.pool = mutate.NewPool(csharp.WithClock(h.engine.Now))
	t.Cleanup(h.pool.Close)
	h.engine.Expressions, h.engine.Keep = h.pool, 40
	files, err := policytest.Find("testdata")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, file := range files {
		c, err := policytest.Read(file)
		require.NoError(t, err)
		h.cases = append(h.cases, c)
		key, err := h.note(t, c)
		require.NoError(t, err)
		if !known[key] {
			known[key] = true
			h.different = append(h.different, c)
		}
	}
	return h
}

// likely puts the cases of a document's own folder first.
func (h *hunter) likely(document string) {
	folders := map[string]string{caller: "access", deployment: "access", models: "access", requests: "limits", response: "responses", refusal: "failover", answer: "failover"}
	folder, ok := folders[document]
	if !ok {
		folder = strings.TrimSuffix(path.Base(document), path.Ext(document))
	}
	slices.SortStableFunc(h.cases, func(a, b *policytest.Case) int {
		return cmp.Compare(first(a.File, folder), first(b.File, folder))
	})
}

func first(file, folder string) int {
	if path.Base(path.Dir(filepath.ToSlash(file))) == folder {
		return 0
	}
	return 1
}

// note has the pool note the expressions of a case.
func (h *hunter) note(t *testing.T, c *policytest.Case) (string, error) {
	t.Helper()
	return h.pool.Note(func() error {
		_, err := h.engine.RunCase(t.Context(), c)
		return err
	})
}

// metBy runs every case once, unbroken, and notes which of them meet which policy.
func metBy(t *testing.T, texts map[string]string) map[string]map[string]bool {
	t.Helper()
	h := newHunter(t)
	met := map[string]map[string]bool{}
	h.engine.Edit = func(document, text string) string {
		marked, err := mutate.Marked(document, texts[document], text)
		require.NoError(t, err)
		return marked
	}
	for _, c := range h.cases {
		h.engine.Recorded = func(r *apim.CallRecord) {
			for _, trace := range r.Traces {
				if trace.Source != "mark" {
					continue
				}
				if met[trace.Message] == nil {
					met[trace.Message] = map[string]bool{}
				}
				met[trace.Message][c.File] = true
			}
		}
		for _, status := range readings(failover, c) {
			h.engine.BrokenStatus = status
			result, err := h.engine.RunCase(t.Context(), c)
			require.NoError(t, err)
			require.True(t, result.Pass, "%s: %v", c.File, result.Failures)
		}
	}
	return met
}

// breaks makes the engine break its documents.
func (h *hunter) breaks(t *testing.T, m mutate.Mutant) {
	t.Helper()
	h.engine.Edit = func(document, text string) string {
		if document != m.Document {
			return text
		}
		broken, err := m.Apply(text)
		require.NoError(t, err)
		return broken
	}
}

// prepare has the expressions of all mutants compiled together.
func (h *hunter) prepare(t *testing.T, mutants []mutate.Mutant) {
	t.Helper()
	for _, m := range mutants {
		h.breaks(t, m)
		for i, c := range h.different {
			if m.Code && (m.Varies || i == 0 || strings.Contains(m.Document, "export")) {
				_, _ = h.note(t, c) // what is refused is refused again when it is run
			}
		}
	}
}

// killer is what notices, or empty. A document that is refused is noticed by all.
func (h *hunter) killer(t *testing.T, m mutate.Mutant, met map[string]map[string]bool) string {
	t.Helper()
	h.breaks(t, m)
	tried := false
	for i, c := range h.cases {
		// What no call of a case meets is nothing to it, unless the document is refused.
		if m.Mark != "" && !met[m.Mark][c.File] && (tried || i < len(h.cases)-1) {
			continue
		}
		tried = true
		for _, status := range readings(m.Document, c) {
			h.engine.BrokenStatus = status
			why, failed := h.fails(t, c)
			// On a busy machine an expression may run into its time limit: a failure is tried twice.
			if failed {
				why, failed = h.fails(t, c)
			}
			if failed {
				h.cases = slices.Insert(slices.Delete(h.cases, i, i+1), 0, c)
				return why
			}
		}
	}
	return ""
}

func (h *hunter) fails(t *testing.T, c *policytest.Case) (why string, failed bool) {
	t.Helper()
	result, err := h.engine.RunCase(t.Context(), c)
	require.NoError(t, h.pool.Err())
	if err != nil {
		return err.Error(), true
	}
	return fmt.Sprintf("%s: %v", c.File, result.Failures), !result.Pass
}

// readings are what context.Response may be after a broken connection, where that matters: see
// TestFailoverHoldsWhateverAResponseIsAfterABrokenConnection.
func readings(document string, c *policytest.Case) []int {
	folder := path.Base(path.Dir(filepath.ToSlash(c.File)))
	if (document == failover || document == refusal) && (folder == "failover" || folder == "responses") {
		return []int{0, 500, 503}
	}
	return []int{0}
}
