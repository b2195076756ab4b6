// Package promises is what the project promises, from one file of data, with what keeps each promise and what proves it.
//
//	promises.yaml  the promises
//	promises.go    reads them
//	check.go       compares them with the repository: every proof exists, every promise has one, every proof has a promise
package promises

import (
	_ "embed"
	"fmt"

	"enterprise-openai/internal/strict"
)

//go:embed promises.yaml
var text []byte

// List is the whole file.
type List struct {
	Chapters []Chapter `yaml:"chapters"`
	Controls []Control `yaml:"controls"`
}

// Chapter is a part of the list under a title.
type Chapter struct {
	Title    string    `yaml:"title"`
	Promises []Promise `yaml:"promises"`
}

// Promise is one sentence that users may rely on.
type Promise struct {
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
	// Kept are the files of the repository that decide it.
	Kept []string `yaml:"kept"`
	// Cases are patterns of policy cases, as paths below policies/testdata without their extension.
	Cases []string `yaml:"cases"`
	// Drills are names of drills.
	Drills []string `yaml:"drills"`
	// Tests are package.Test, with the package's folder.
	Tests []string `yaml:"tests"`
	// Controls are ids of List.Controls.
	Controls []string `yaml:"controls"`
}

// Control is a requirement of a published standard.
type Control struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Of is the standard.
	Of string `yaml:"of"`
}

// Read is the list of this build.
func Read() (List, error) { return parse(text) }

func parse(text []byte) (List, error) {
	var list List
	if err := strict.YAML(text, &list); err != nil {
		return List{}, fmt.Errorf("promises.yaml: %w", err)
	}
	return list, nil
}

// All are the promises of all chapters, in the order of the file.
func (l List) All() []Promise {
	var all []Promise
	for _, c := range l.Chapters {
		all = append(all, c.Promises...)
	}
	return all
}
