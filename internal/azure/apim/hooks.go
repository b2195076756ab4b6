package apim

// phase is a moment of a call at which policies that have run may have something left to do.
type phase int

// The phases, in their order. The first may come before or after the second: usage is known early where a policy needs it, and otherwise when
// the answer has passed.
const (
	// counted is when the answer is known to the last byte, or the call ends: x.usage says what it consumed.
	counted phase = iota
	// sending is before the response goes out.
	sending
	// closing is when the response is out and expressions can still be evaluated.
	closing
	// ended is when the record is written.
	ended
	phaseCount
)

// hooks are what is left to do, by phase.
type hooks struct{ todo [phaseCount][]func() }

// at leaves something to do for a phase.
func (h *hooks) at(p phase, do func()) { h.todo[p] = append(h.todo[p], do) }

// run does what is left for a phase, once.
func (h *hooks) run(p phase) {
	list := h.todo[p]
	h.todo[p] = nil
	for _, do := range list {
		do()
	}
}
