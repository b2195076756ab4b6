package rehearsal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// paceFile remembers in a stack's work folder how long steps took the last time.
const paceFile = "pace.json"

// pace knows how long steps usually take, from the last run of this stack on this machine, and counts what they do.
type pace struct {
	file  string
	usual map[string]stepPace
	// step is the step that is running, done the details that it has had.
	step string
	done int
}

// stepPace is how a step went.
type stepPace struct {
	Seconds float64 `json:"seconds"`
	// Details is how many there were, for a deployment one for each resource.
	Details int `json:"details"`
}

// paceIn reads the pace of a stack's work folder. Without a file, or with one that cannot be read, nothing is usual.
func paceIn(dir string) *pace {
	p := &pace{file: filepath.Join(dir, paceFile), usual: map[string]stepPace{}}
	text, err := os.ReadFile(p.file)
	if err == nil && json.Unmarshal(text, &p.usual) != nil {
		p.usual = map[string]stepPace{}
	}
	return p
}

// see completes an event by counts and by what is usual, and remembers how a step that worked out went.
func (p *pace) see(e *Event) {
	switch e.Kind {
	case Started:
		p.step, p.done = e.Step, 0
		e.Usual = time.Duration(p.usual[e.Step].Seconds * float64(time.Second))
	case Detail:
		p.done++
		e.Done = p.done
		if of := p.usual[p.step].Details; of >= p.done {
			e.Of = of
		}
	case Finished:
		if !e.Failed {
			p.usual[e.Step] = stepPace{e.Took.Seconds(), p.done}
		}
	}
}

// save writes the file. It is a convenience: a run does not fail for it.
func (p *pace) save() {
	if text, err := json.Marshal(p.usual); err == nil {
		_ = os.WriteFile(p.file, text, 0o600)
	}
}
