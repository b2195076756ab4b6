package policies

import (
	"slices"
	"strconv"
)

// ReservedUnit is what reservations are rounded up to, in tokens: admission.xml and refusal.xml have it as a number.
const ReservedUnit = 100

// steps are the reservations that a call can make, in units: a counter that counts at once takes literals alone. A step is at most half
// larger than the one before, and a whole limit is one, so that every call below a limit has a step.
func (f Facts) steps() []string {
	largest := 0
	var units []int
	for _, p := range f.Products {
		if limit := p.ReservedTokensPerMinute / ReservedUnit; limit > 0 {
			largest, units = max(largest, limit), append(units, limit)
		}
	}
	for step := 1; step < largest; step *= 2 {
		units = append(units, step)
		if between := step + step/2; step > 1 && between < largest {
			units = append(units, between)
		}
	}
	slices.Sort(units)
	var texts []string
	for _, n := range slices.Compact(units) {
		texts = append(texts, strconv.Itoa(n))
	}
	return texts
}
