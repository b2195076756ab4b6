package arm

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sort"
	"strings"
)

// stateVersion changes when an older program could misread the file.
const stateVersion = 1

// state is what Save writes. It holds keys: its file belongs to its owner alone (mode 0600).
type state struct {
	Version    int            `json:"version"`
	Seed       string         `json:"seed"`
	Counter    int            `json:"counter"`
	Resources  []*record      `json:"resources"`
	Deleted    []*softDeleted `json:"deleted,omitempty"`
	Operations []*operation   `json:"operations,omitempty"`
}

// Save writes everything there is, in a stable order. The output holds secrets: keep it in a file of mode 0600.
func (s *Server) Save(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	out := state{Version: stateVersion, Seed: hex.EncodeToString(s.seed), Counter: s.opCounter, Resources: s.sorted(),
		Deleted: s.keptDeleted()}
	for _, op := range s.running { // a finished one has nobody left to ask
		if !op.Answers {
			out.Operations = append(out.Operations, op)
		}
	}
	sort.Slice(out.Operations, func(i, j int) bool { return out.Operations[i].ID < out.Operations[j].ID })
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return fmt.Errorf("state of the embedded Azure: %w", err)
	}
	return nil
}

// Load replaces everything there is by what Save wrote. On an error the server is left as it was.
func (s *Server) Load(r io.Reader) error {
	var in state
	decoder := json.NewDecoder(r)
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("state of the embedded Azure: %w", err)
	}
	if in.Version != stateVersion {
		return fmt.Errorf("state of the embedded Azure: version %d, this program reads version %d; delete the file to start anew", in.Version, stateVersion)
	}
	seed, err := hex.DecodeString(in.Seed)
	if err != nil || len(seed) == 0 {
		return fmt.Errorf("state of the embedded Azure: the seed is not hexadecimal")
	}
	deleted, ops, err := in.check()
	if err != nil {
		return fmt.Errorf("state of the embedded Azure: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed, s.opCounter, s.deleted, s.ops, s.running = seed, in.Counter, deleted, ops, maps.Clone(ops)
	s.records, s.byType = map[string]*record{}, map[string]map[string]*record{}
	for _, rec := range in.Resources {
		s.index(rec)
	}
	for _, op := range s.running {
		if rec := s.find(op.Resource); rec != nil {
			op.Holds = s.locks(rec.Type, rec.id(), rec.Body)
		}
	}
	return nil
}

// check looks at everything that a file may have wrong, and gives what was deleted and what is running by id.
func (in *state) check() (map[string]*softDeleted, map[string]*operation, error) {
	deleted, ops := map[string]*softDeleted{}, map[string]*operation{}
	for i, rec := range in.Resources {
		if rec == nil {
			return nil, nil, fmt.Errorf("resource %d is null", i)
		}
		if _, err := ParseID(rec.ID); err != nil {
			return nil, nil, fmt.Errorf("resource %d: %w", i, err)
		}
		if registry[strings.ToLower(rec.Type)] == nil || rec.Body == nil {
			return nil, nil, fmt.Errorf("resource %s: type %q is not modelled or the body is missing", rec.ID, rec.Type)
		}
	}
	for i, d := range in.Deleted {
		if d == nil {
			return nil, nil, fmt.Errorf("deleted resource %d is null", i)
		}
		if _, err := ParseID(d.ID); err != nil {
			return nil, nil, fmt.Errorf("deleted resource %d: %w", i, err)
		}
		deleted[strings.ToLower(d.ID)] = d
	}
	for i, op := range in.Operations {
		if op == nil {
			return nil, nil, fmt.Errorf("operation %d is null", i)
		}
		ops[op.ID] = op
	}
	return deleted, ops, nil
}
