package csharp

import (
	"context"
	"errors"
	"time"
)

// round is one exchange. It appends results, and returns the number of the body the next
// expression is waiting for.
func (s *Session) round(ctx context.Context, ids []int, alone bool, results *[]Result, effects *Effects) (int32, error) {
	if err := s.take(ctx); err != nil {
		return 0, err
	}
	defer s.slot.release()
	if err := s.join(); err != nil {
		if errors.Is(err, ErrLost) {
			*results = append(*results, Result{Err: failed(s.program.expressions[ids[0]], "System.InvalidOperationException", ErrLost)})
			return 0, nil
		}
		return 0, err
	}
	proc := s.slot.process
	limit := s.program.options.limit * time.Duration(len(ids))
	answer, err := proc.exchange(s.frame(ids), limit, s.answerBody, s.program.options.sent)
	if err == nil {
		var missing int32
		missing, err = s.results(answer, ids, results, effects)
		if err == nil {
			return missing, nil
		}
	}
	s.slot.drop()
	if s.program.closed.Load() {
		return 0, ErrClosed
	}
	return 0, s.blame(proc, alone, ids, results)
}

// blame finds which expression ended the process. One that was alone and ran out of time
// did it. Otherwise nobody knows yet: it may be another of the batch, or the process died
// by itself; what was evaluated left no trace, so it can be evaluated again.
func (s *Session) blame(proc *process, alone bool, ids []int, results *[]Result) error {
	hung := proc.hung.Load()
	if len(ids) > 1 || !alone && !hung {
		return errOneByOne
	}
	err := failed(s.program.expressions[ids[0]], "System.ExecutionEngineException", ErrCrashed)
	if hung {
		err = failed(s.program.expressions[ids[0]], "System.TimeoutException", ErrTimeout)
	}
	*results = append(*results, Result{Err: err})
	return nil
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
	s.generation = s.slot.generation
	for i := range s.sections {
		if s.sections[i] != nil {
			s.dirty |= 1 << i
		}
	}
	s.set(sectionCore, s.encodeCore())
	lost := false
	kept := s.variables[:0]
	for _, v := range s.variables {
		if v.held && !first {
			lost = true
			continue
		}
		v.dirty = true
		kept = append(kept, v)
	}
	s.variables = kept
	if lost {
		return ErrLost
	}
	return nil
}

// frame is what changed since the last exchange, and the expressions to evaluate.
func (s *Session) frame(ids []int) []byte {
	w := writer{b: make([]byte, 0, 1024)}
	w.byte(opRun)
	s.slot.endedMu.Lock()
	ended := s.slot.ended
	s.slot.ended = nil
	s.slot.endedMu.Unlock()
	w.int(len(ended))
	for _, id := range ended {
		w.int(int(id))
	}
	w.int(int(s.id))
	w.long(ticks(s.program.options.now()))
	count := len(w.b)
	w.int(0)
	updates := 0
	for section := range s.sections {
		if s.dirty&(1<<section) == 0 {
			continue
		}
		updates++
		w.byte(byte(section))
		if encoded := s.sections[section]; encoded == nil {
			w.int(-1)
		} else {
			w.bytes(encoded)
		}
	}
	s.dirty = 0
	for i := range s.variables {
		if v := &s.variables[i]; v.dirty {
			updates++
			v.dirty = false
			w.byte(sectionVariable)
			w.string(v.name)
			w.b = append(w.b, v.encoded...)
		}
	}
	w.b[count], w.b[count+1], w.b[count+2] = byte(updates), byte(updates>>8), byte(updates>>16)
	w.int(len(ids))
	for _, id := range ids {
		w.int(id)
	}
	return w.b
}

// answerBody serves a body the host asks for while it evaluates.
func (s *Session) answerBody(r *reader) []byte {
	id := r.int()
	var w writer
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
func (s *Session) results(r *reader, ids []int, results *[]Result, effects *Effects) (missing int32, err error) {
	for i := 0; ; i++ {
		status := r.byte()
		if status == statusEnd || r.err != nil {
			break
		}
		if i >= len(ids) {
			return 0, errors.New("the host answered more than it was asked")
		}
		switch status {
		case statusOK:
			result := Result{Value: s.decodeValue(r)}
			result.Looks, result.All = r.looks()
			result.All = result.All && !s.program.fickle[ids[i]]
			*results = append(*results, result)
		case statusFailed:
			e := s.program.expressions[ids[i]]
			*results = append(*results, Result{Err: &ExpressionError{File: e.File, Line: e.Line, Column: e.Column,
				Type: r.string(), Message: r.string()}})
		case statusAgain:
			missing = r.int()
		}
	}
	s.effects(r, effects)
	return missing, r.err
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
