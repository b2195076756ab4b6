package timeline

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Length is the time from the first beginning to the last end.
func Length(spans []Span) time.Duration {
	if len(spans) == 0 {
		return 0
	}
	first := slices.MinFunc(spans, func(a, b Span) int { return a.Start.Compare(b.Start) })
	last := slices.MaxFunc(spans, func(a, b Span) int { return a.End.Compare(b.End) })
	return last.End.Sub(first.Start)
}

// Critical is the chain of operations that decided how long the run took, the first one first: from the one that ended last,
// always the latest of those it had waited for.
func Critical(spans []Span, waitsFor map[string][]string) []Span {
	byURN := latest(spans)
	if len(byURN) == 0 {
		return nil
	}
	later := func(a, b Span) int {
		return cmp.Or(a.End.Compare(b.End), cmp.Compare(b.URN, a.URN))
	}
	step := slices.MaxFunc(slices.Collect(maps.Values(byURN)), later)
	path := []Span{step}
	for {
		var before []Span
		for _, urn := range waitsFor[step.URN] {
			if s, ok := byURN[urn]; ok {
				before = append(before, s)
			}
		}
		if len(before) == 0 {
			slices.Reverse(path)
			return path
		}
		step = slices.MaxFunc(before, later)
		path = append(path, step)
	}
}

// Bound is the least time the same operations would take if each waited only for what it needs: the longest chain of needs, and
// its URNs, the first one first.
func Bound(spans []Span, needs map[string][]string) (time.Duration, []string) {
	w := walk{took: map[string]time.Duration{}, needs: needs, done: map[string]time.Duration{}, via: map[string]string{}}
	for _, s := range spans {
		w.took[s.URN] += s.End.Sub(s.Start)
	}
	var end string
	var longest time.Duration
	for _, urn := range slices.Sorted(maps.Keys(w.took)) {
		if total := w.until(urn); total > longest {
			end, longest = urn, total
		}
	}
	var chain []string
	for urn := end; urn != ""; urn = w.via[urn] {
		chain = append(chain, urn)
	}
	slices.Reverse(chain)
	return longest, chain
}

// walk adds up the longest chains, each once.
type walk struct {
	took  map[string]time.Duration
	needs map[string][]string
	done  map[string]time.Duration
	via   map[string]string
}

func (w *walk) until(urn string) time.Duration {
	if total, ok := w.done[urn]; ok {
		return total
	}
	w.done[urn] = 0 // a circle, which no engine deploys, must not go on for ever
	var longest time.Duration
	for _, before := range w.needs[urn] {
		if total := w.until(before); total > longest {
			longest, w.via[urn] = total, before
		}
	}
	w.done[urn] = longest + w.took[urn]
	return w.done[urn]
}

// latest is the last operation on each resource.
func latest(spans []Span) map[string]Span {
	out := map[string]Span{}
	for _, s := range spans {
		if old, ok := out[s.URN]; !ok || s.End.After(old.End) {
			out[s.URN] = s
		}
	}
	return out
}
