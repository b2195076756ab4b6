package cost

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Difference is what another plan costs more or less in a month, for the same calls.
type Difference struct {
	Currency string `json:"currency"`
	Fixed    Money  `json:"fixed"`
	Use      Money  `json:"use"`
	// Changes are the meters that differ, the largest change first.
	Changes []Change `json:"changes"`
	// Unknown is what only the second plan has without a price.
	Unknown []Unknown `json:"unknown"`
}

// Change is a meter that costs something else.
type Change struct {
	Component string `json:"component"`
	Meter     string `json:"meter"`
	Kind      Kind   `json:"kind"`
	Before    Money  `json:"before"`
	After     Money  `json:"after"`
}

// leastChange is below what two digits show.
const leastChange = 0.005

// Compare compares what two plans cost. Both are to be priced with the same traffic: a file's, or each plan's deployments get calls that the
// other's may not have.
func Compare(base, head Report) Difference {
	d := Difference{Currency: head.Currency, Fixed: head.Fixed - base.Fixed, Use: head.Use - base.Use, Changes: []Change{}, Unknown: []Unknown{}}
	type key struct {
		component, meter string
		kind             Kind
	}
	before, after := map[key]Money{}, map[key]Money{}
	all := map[key]bool{}
	for _, side := range []struct {
		lines []Line
		sums  map[key]Money
	}{{base.Lines, before}, {head.Lines, after}} {
		for _, l := range side.lines {
			k := key{l.Component, l.Meter, l.Kind}
			side.sums[k] += l.Month
			all[k] = true
		}
	}
	for k := range all {
		if c := (Change{k.component, k.meter, k.kind, before[k], after[k]}); c.size() >= leastChange {
			d.Changes = append(d.Changes, c)
		}
	}
	slices.SortFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.size(), a.size()), cmp.Compare(a.Component, b.Component), cmp.Compare(a.Meter, b.Meter))
	})
	for _, u := range head.Unknown {
		if !slices.Contains(base.Unknown, u) {
			d.Unknown = append(d.Unknown, u)
		}
	}
	return d
}

func (c Change) size() float64 { return math.Abs(float64(c.After - c.Before)) }

// String is the difference in a sentence.
func (d Difference) String() string {
	if len(d.Changes) == 0 {
		return "costs the same"
	}
	return fmt.Sprintf("%s %s a month whether anybody calls or not, %s for the assumed calls", signed(d.Fixed), d.Currency, signed(d.Use))
}

func signed(m Money) string {
	if m > 0 {
		return "+" + m.String()
	}
	return m.String()
}
