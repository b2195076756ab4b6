package csharp

import "fmt"

// A frame begins with its length. Most are not longer than frameSize.
const (
	frameHead = 4
	frameSize = 4096
)

// sentAhead is up to which size the request's body is sent to a process before it asks for it, which saves asking.
const sentAhead = 256 << 10

// frame is what changed since the last exchange, and the steps to evaluate.
func (s *Session) frame(x exchange) ([]byte, error) {
	steps, err := s.encodeSteps(x)
	if err != nil {
		return nil, err
	}
	w := writer{b: make([]byte, frameHead, frameSize)}
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
	s.moment = s.program.options.now()
	w.long(ticks(s.moment))
	s.writeUpdates(&w)
	s.writeBody(&w)
	w.b = append(w.b, steps...)
	return w.b, nil
}

// encodeSteps is done first: what it refuses must not lose what changed.
func (s *Session) encodeSteps(x exchange) ([]byte, error) {
	var w writer
	w.step(x.step)
	w.int(len(x.ahead.Variables))
	for name, v := range x.ahead.Variables {
		w.string(name)
		if err := s.encodeVariable(&w, v); err != nil {
			return nil, fmt.Errorf("variable %q: %w", name, err)
		}
	}
	w.int(len(x.ahead.Steps))
	for _, step := range x.ahead.Steps {
		w.step(step)
	}
	return w.b, nil
}

// writeUpdates writes the sections and variables that changed.
func (s *Session) writeUpdates(w *writer) {
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
}

// writeBody sends the request's body with the first frame to a process, where it is there.
func (s *Session) writeBody(w *writer) {
	id := int(s.bodyID(s.request))
	if s.informed || id == 0 {
		w.int(0)
		return
	}
	if b := s.bodies[id-1]; b.have && b.err == nil && !b.consumed && len(b.data) <= sentAhead {
		s.informed = true
		w.int(id)
		w.bytes(b.data)
		return
	}
	w.int(0)
}

func (w *writer) step(s Step) {
	w.int(s.ID)
	w.string(s.Variable)
}
