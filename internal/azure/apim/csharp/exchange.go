package csharp

import (
	"context"
	"errors"
)

// exchange is what one exchange evaluates; again is true for one that repeats another.
type exchange struct {
	step  Step
	ahead Ahead
	again bool
}

// round is one exchange. It returns the number of the body that the first step is waiting for, or its result and those of
// the steps behind it.
func (s *Session) round(ctx context.Context, x exchange, effects *Effects) ([]Result, int32, error) {
	if err := s.take(ctx); err != nil {
		return nil, 0, err
	}
	defer s.slot.release()
	first := s.program.expressions[x.step.ID]
	if err := s.join(); err != nil {
		if errors.Is(err, ErrLost) {
			return []Result{{Err: failed(first, "System.InvalidOperationException", ErrLost)}}, 0, nil
		}
		return nil, 0, err
	}
	child, limit := s.slot.process, s.program.options.limit
	if len(x.ahead.Steps) > 0 {
		limit *= 2
	}
	steps := append([]Step{x.step}, x.ahead.Steps...)
	if note := s.program.options.exchanges; note != nil {
		note(steps)
	}
	frame, err := s.frame(x)
	if err != nil {
		return nil, 0, err
	}
	answer, err := child.exchange(frame, limit, s.answerBody, s.program.options.sent)
	if err == nil {
		results, missing, err := s.results(answer, steps, effects)
		if err == nil {
			return results, missing, nil
		}
	}
	s.slot.drop()
	if s.program.closed.Load() {
		return nil, 0, ErrClosed
	}
	// Alone and out of time: this expression did it. Otherwise nobody knows yet: it may be one that was evaluated ahead, or the
	// process died by itself; what was evaluated left no trace, so that it can be evaluated again.
	hung := child.hung.Load()
	switch {
	case len(steps) > 1 || !x.again && !hung:
		return nil, 0, errAlone
	case hung:
		return []Result{{Err: failed(first, "System.TimeoutException", ErrTimeout)}}, 0, nil
	default:
		return []Result{{Err: failed(first, "System.ExecutionEngineException", ErrCrashed)}}, 0, nil
	}
}

// take waits for this session's slot. A session that no process knows yet takes any idle
// one, so that a slow expression holds up as few requests as possible.
func (s *Session) take(ctx context.Context) error {
	if s.closed || s.program.closed.Load() {
		return ErrClosed
	}
	if s.generation == 0 {
		for i := range s.program.slots {
			free := s.program.slots[(int(s.id)+i)%len(s.program.slots)]
			select {
			case free.token <- struct{}{}:
				s.slot = free
				return s.taken()
			default:
			}
		}
	}
	select {
	case s.slot.token <- struct{}{}:
		return s.taken()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// taken makes sure that Close was not faster.
func (s *Session) taken() error {
	if s.program.closed.Load() {
		s.slot.release()
		return ErrClosed
	}
	return nil
}

// join makes the slot's process know this session, whatever happened to the one before.
func (s *Session) join() error {
	if s.slot.process == nil {
		if _, err := s.program.fill(s.slot, false); err != nil {
			return err
		}
	}
	if s.generation == s.slot.generation {
		return nil
	}
	first := s.generation == 0
	s.generation, s.informed = s.slot.generation, false
	for i := range s.sections {
		if s.sections[i] != nil {
			s.dirty |= 1 << i
		}
	}
	s.set(sectionCore, s.encodeCore())
	lost := false
	remaining := s.variables[:0]
	for _, v := range s.variables {
		if v.held && !first {
			lost = true
			continue
		}
		v.dirty = true
		remaining = append(remaining, v)
	}
	s.variables = remaining
	if lost {
		return ErrLost
	}
	return nil
}

// answerBody serves a body the host asks for while it evaluates.
func (s *Session) answerBody(r *reader) []byte {
	id := r.int()
	w := writer{b: make([]byte, frameHead)}
	if id < 1 || int(id) > len(s.bodies) {
		w.byte(bodyFailed)
		w.string("There is no such body.")
		return w.b
	}
	switch b := s.bodies[id-1]; {
	case b.err != nil:
		w.byte(bodyFailed)
		w.string("The body could not be read: " + b.err.Error())
	case b.have:
		w.byte(bodyIsHere)
		w.bytes(b.data)
	default:
		w.byte(bodyNotYet)
	}
	return w.b
}

// results reads the host's answer.
func (s *Session) results(r *reader, steps []Step, effects *Effects) (results []Result, missing int32, err error) {
	results = make([]Result, 0, len(steps))
	for {
		status := r.byte()
		if status == statusEnd || r.err != nil {
			break
		}
		if len(results) == len(steps) {
			return nil, 0, errors.New("the host gave more results than there are steps")
		}
		id := steps[len(results)].ID
		switch status {
		case statusOK:
			result := Result{Value: s.decodeValue(r)}
			result.Looks, result.All = r.looks()
			result.All = result.All && !s.program.fickle[id]
			results = append(results, result)
		case statusFailed:
			e := s.program.expressions[id]
			results = append(results, Result{Err: &ExpressionError{File: e.File, Line: e.Line, Column: e.Column,
				Type: r.string(), Message: r.string()}})
		case statusTooEarly:
			results = append(results, Result{TooEarly: true})
		case statusAgain:
			missing = r.int()
		}
	}
	s.effects(r, effects)
	return results, missing, r.err
}

// effects reads what was done to the bodies, and the traces.
func (s *Session) effects(r *reader, effects *Effects) {
	for _, consumed := range []bool{false, true} {
		for n := r.int(); n > 0 && r.err == nil; n-- {
			id := int(r.int())
			if id < 1 || id > len(s.bodies) {
				continue
			}
			b := s.bodies[id-1]
			b.consumed = b.consumed || consumed
			if b.body == s.request {
				effects.RequestBodyRead = true
				effects.RequestBodyConsumed = effects.RequestBodyConsumed || consumed
			}
			if b.body == s.response {
				effects.ResponseBodyRead = true
				effects.ResponseBodyConsumed = effects.ResponseBodyConsumed || consumed
			}
		}
	}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		effects.Traces = append(effects.Traces, r.string())
	}
}
