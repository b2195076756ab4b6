package timeline

import (
	"maps"
	"slices"
)

// order is what the engine will work on, and what of it could begin now. A nil order knows nothing and waits for nobody.
type order struct {
	missing map[string]int      // how many a URN still waits for
	frees   map[string][]string // who waits for a URN
	ready   map[string]bool     // could begin and has not
	over    map[string]bool
	seen    map[string]bool // has begun
}

func newOrder(waitsFor map[string][]string) *order {
	o := &order{missing: map[string]int{}, frees: map[string][]string{}, ready: map[string]bool{}, over: map[string]bool{}, seen: map[string]bool{}}
	for urn, before := range waitsFor {
		for _, b := range before {
			if _, known := waitsFor[b]; known {
				o.missing[urn]++
				o.frees[b] = append(o.frees[b], urn)
			}
		}
		if o.missing[urn] == 0 {
			o.ready[urn] = true
		}
	}
	return o
}

func (o *order) begun(urn string) {
	if o == nil {
		return
	}
	o.seen[urn] = true
	delete(o.ready, urn)
}

func (o *order) ended(urn string) {
	if o == nil || o.over[urn] {
		return
	}
	o.over[urn] = true
	for _, next := range o.frees[urn] {
		if o.missing[next]--; o.missing[next] == 0 && !o.seen[next] {
			o.ready[next] = true
		}
	}
}

func (o *order) pending() bool { return o != nil && len(o.ready) > 0 }

func (o *order) due() []string {
	if o == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(o.ready))
}
