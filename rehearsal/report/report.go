// Package report is what a rehearsal found: as JSON for programs (report.json) and as markdown that reads well as a
// comment on a pull request (report.md). Report is the contract; the fields of its JSON form are documented here and
// nowhere else. docs/report.schema.json is the same as a JSON Schema, with the measurements of every drill.
//
//	report.go        Report, and its JSON form
//	read.go          a report from its JSON form
//	architecture.go  what is declared: who reaches what
//	course.go        what drills measure over time, by region and by product
//	markdown.go      the comment on a pull request
//
// The page for people, report.html, is made of the JSON form by page.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
)

// JSONFile is the name of the JSON form in the folder of a report.
const JSONFile = "report.json"

// Version is the form of the reports that this program writes and reads.
const Version = 1

// Report is what a rehearsal found.
type Report struct {
	// Version is that of this form; it rises when a reader of the old form would misread the new one.
	Version int `json:"version"`
	// Stack is the environment that was rehearsed: the name of Pulumi.<stack>.yaml.
	Stack string `json:"stack"`
	// Resources counts what the engine did in the whole rehearsal.
	Resources Resources `json:"resources"`
	// Seconds are how long each step took on this machine.
	Seconds Seconds `json:"seconds"`
	// Architecture is what the program declares; it is left out when the settings could not be read.
	Architecture *Architecture `json:"architecture,omitempty"`
	// Azure is what the real Azure would have taken, when it was modelled.
	Azure *Azure `json:"azure,omitempty"`
	// Drills are in the order in which they ran.
	Drills []Drill `json:"drills"`
	// Faults are what every rule of the script of faults did, in its order; rules that never matched are in it.
	Faults []string `json:"faults,omitempty"`
	// Error is the step that broke the rehearsal off, and why.
	Error string `json:"error,omitempty"`
}

// Resources counts resources by what the engine did with them: Created and Updated by all deployments, Same in the last
// one, Deleted by the destruction. A replacement counts as created and deleted.
type Resources struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Same    int `json:"same"`
	Deleted int `json:"deleted"`
}

// Seconds is the wall-clock time of each step; Build is the time until the engine could start. Drills includes the engine
// operations that drills ask for.
type Seconds struct {
	Build   float64 `json:"build"`
	Preview float64 `json:"preview"`
	Up      float64 `json:"up"`
	Drills  float64 `json:"drills"`
	Destroy float64 `json:"destroy"`
}

// Azure is the modelled duration of the first deployment on the real Azure, and the least that its longest unavoidable
// chain of operations would take.
type Azure struct {
	CriticalPathMinutes float64 `json:"criticalPathMinutes"`
	LowerBoundMinutes   float64 `json:"lowerBoundMinutes"`
	// CriticalPath is the chain of operations that decides, the first one first, each with its typical duration.
	CriticalPath []string `json:"criticalPath"`
	// Operations are all of the deployment's, in the order in which they began.
	Operations []Operation `json:"operations"`
}

// Operation is what the first deployment did to one resource, in modelled minutes since its beginning.
type Operation struct {
	// Type is the last part of the resource's type token, Name its logical name.
	Type    string  `json:"type"`
	Name    string  `json:"name"`
	Start   float64 `json:"start"`
	Minutes float64 `json:"minutes"`
	// Critical is true for the chain that decides how long the deployment takes.
	Critical bool `json:"critical"`
	Failed   bool `json:"failed"`
}

// Drill is the outcome of one drill.
type Drill struct {
	Name    string `json:"name"`
	Pass    bool   `json:"pass"`
	Promise string `json:"promise"`
	// Measured has the fields of the drill's struct of measurements (rehearsal/drills); it is empty when nothing was measured.
	Measured map[string]any `json:"measured"`
	Failures []string       `json:"failures"`
}

// Figures is a struct of measurements as it stands in the report, with numbers rounded like its seconds.
func Figures(measured any) map[string]any {
	text, err := json.Marshal(measured)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	var figures map[string]any
	if err := json.Unmarshal(text, &figures); err != nil {
		return map[string]any{"error": err.Error()}
	}
	roundAll(figures)
	return figures
}

// roundAll rounds every number of a JSON value in place, and gives it.
func roundAll(value any) any {
	switch v := value.(type) {
	case float64:
		return Round(v)
	case map[string]any:
		for key, inner := range v {
			v[key] = roundAll(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = roundAll(inner)
		}
	}
	return value
}

// Pass is true when the rehearsal ran to its end and every drill passed.
func (r Report) Pass() bool {
	return r.Error == "" && len(r.Failed()) == 0
}

// Failed lists the drills that failed.
func (r Report) Failed() []Drill {
	var failed []Drill
	for _, d := range r.Drills {
		if !d.Pass {
			failed = append(failed, d)
		}
	}
	return failed
}

// WriteJSON writes the report as indented JSON. Lists and maps are never null, so that a reader needs no special case.
func (r Report) WriteJSON(w io.Writer) error {
	drills := make([]Drill, 0, len(r.Drills))
	for _, d := range r.Drills {
		if d.Measured == nil {
			d.Measured = map[string]any{}
		}
		if d.Failures == nil {
			d.Failures = []string{}
		}
		drills = append(drills, d)
	}
	r.Drills, r.Version = drills, Version
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	return nil
}

// Save writes report.json and report.md into a folder, which it creates.
func (r Report) Save(dir string) error {
	var asJSON bytes.Buffer
	if err := r.WriteJSON(&asJSON); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	files := map[string][]byte{JSONFile: asJSON.Bytes(), "report.md": []byte(r.Markdown())}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return fmt.Errorf("report file: %w", err)
		}
	}
	return nil
}

// Round rounds to milliseconds: more digits only make two reports differ.
func Round(seconds float64) float64 {
	return math.Round(seconds*1000) / 1000
}
