// Package rehearsal deploys the program to the embedded Azure and finds out whether its promises hold.
//
//	Run   preview → up → drills (a second up and a refresh are the first two) → destroy → what is left → report
//	Up    up, and then the stack stands, and is served on loopback, until the context ends
//	Azure the embedded Azure alone, served to other programs under Azure's names
//	Query KQL on the rows that the last run left
//
// The parts are packages of their own: engine drives the real Pulumi engine, azure is the cloud it talks to, dataplane makes
// a gateway, accounts and identities of what was deployed, drills is what is tried, report is the result. This
// package is the only one that knows them all.
package rehearsal

//go:generate go run ../internal/coveragedoc
//go:generate go run ./internal/schemadoc
//go:generate go run ./internal/promisesdoc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/internal/clock"
	"enterprise-openai/internal/words"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/drills"
)

// Options are what is rehearsed and where the results go.
type Options struct {
	// ProjectDir is the folder of Pulumi.yaml, see FindProject.
	ProjectDir string
	// Stack is the environment: the name of a Pulumi.<stack>.yaml in ProjectDir.
	Stack string
	// Drills are the names of the drills to run; empty means all.
	Drills []string
	// ReportDir gets a copy of report.html, report.json and report.md; empty means that they are only in the work folder.
	ReportDir string
	// Faults break requests of the standing stack to the embedded Azure; nil breaks none.
	Faults *faults.Script
	// Listen is the loopback address that Up serves; DefaultListen when empty.
	Listen string
	// Progress is called for every step; may be nil. Calls never overlap.
	Progress func(Event)
	// Log gets the lines of slow preparations, such as building the Pulumi CLI; nil discards them.
	Log io.Writer

	// pace completes events by counts and usual durations; nil completes none.
	pace *pace
	// open is replaced by tests; nil opens the real engine and the embedded Azure.
	open opener
	// environment is what the stack declares, once its settings were read.
	environment *doctor.Environment
	// hider removes from texts what the stack file encrypts; nil when it encrypts nothing.
	hider     *strings.Replacer
	encrypted plan.Encrypted
}

// Event is one step of the work as it goes on.
type Event struct {
	// Step is the step's name: prepare, preview, up, a drill's name, destroy.
	Step string
	// Kind is whether the step starts, goes on or has ended.
	Kind EventKind
	// Text is what is happening, or how the step ended.
	Text string
	// Drill is true for a drill; at its start Text is the promise, at its end the first failure.
	Drill bool
	// Failed is true for the end of a step that did not work out.
	Failed bool
	// Took is the duration of a step that has ended, Usual that of the last time; 0 when there was none.
	Took, Usual time.Duration
	// Done counts details of the step, or drills, and Of how many there will be; 0 when nobody knows.
	Done, Of int
}

// EventKind is where a step is.
type EventKind int

const (
	// Started opens a step.
	Started EventKind = iota
	// Detail is news within a step, often one per resource.
	Detail
	// Finished closes a step.
	Finished
)

// session is an opened stack and the cloud under it.
type session struct {
	stack drills.Stack
	cloud drills.Cloud
	// finish is an up after one that did not come to its end.
	finish func(context.Context) (drills.Result, error)
	// lab opens stacks for drills that need one of their own; nil when there is none.
	lab drills.Lab
	// site is the deployed stack as callers meet it, once it is deployed; nil when nothing serves it.
	site func() (*drills.Site, error)
	// manager is Resource Manager for other programs; nil when nothing serves it.
	manager http.Handler
	// close stops the provider and saves the cloud's state for the next session.
	close func() error
}

// workspace is where a session has its files, and how it begins.
type workspace struct {
	project, stack, dir string
	// fresh starts from an empty Azure and an empty state.
	fresh bool
	// again goes on from a deployment that did not come to its end.
	again bool
	log   io.Writer
	// faults break requests to Azure; nil breaks none.
	faults *faults.Script
	// encrypted is what the stack file encrypts.
	encrypted plan.Encrypted
	// detail is called with what the engine does to each resource.
	detail func(text string)
}

type opener func(ctx context.Context, w workspace) (*session, error)

// step runs one step between its two events and returns how long it took.
// A step that an interruption ends fails with errInterrupted, whatever the interrupted parts made of it.
func (o *Options) step(ctx context.Context, name string, work func() (string, error)) (time.Duration, error) {
	start := time.Now()
	o.emit(Event{Step: name, Kind: Started})
	text, err := work()
	took := time.Since(start)
	if err != nil {
		text = "failed"
		if ctx.Err() != nil {
			text, err = errInterrupted.Error(), errInterrupted
		}
		o.emit(Event{Step: name, Kind: Finished, Text: text, Failed: true, Took: took})
		return took, err
	}
	o.emit(Event{Step: name, Kind: Finished, Text: text, Took: took})
	return took, nil
}

func (o *Options) emit(e Event) {
	if o.hider != nil {
		e.Step, e.Text = o.hider.Replace(e.Step), o.hider.Replace(e.Text)
	}
	if o.pace != nil {
		o.pace.see(&e)
	}
	if o.Progress != nil {
		o.Progress(e)
	}
}

// errInterrupted is the end of a command whose context ended.
var errInterrupted = errors.New("interrupted")

// prepare checks the settings and opens the engine and the cloud.
func (o *Options) prepare(ctx context.Context, w workspace) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.open != nil {
		return o.open(ctx, w)
	}
	// The engine works on a copy of the stack file, in which no setting is where its author wrote it.
	encrypted, err := plan.Check(ctx, w.project, w.stack)
	if err != nil {
		return nil, err
	}
	if len(encrypted.Plain()) > 0 {
		o.encrypted, o.hider = encrypted, encrypted.Hider()
	}
	w.encrypted = encrypted
	if err := o.announce(ctx, w); err != nil {
		return nil, err
	}
	return openEmbedded(ctx, w)
}

// announce logs what the stack declares and what the doctor found: on a new machine the engine is built next, which takes minutes.
func (o *Options) announce(ctx context.Context, w workspace) error {
	names, err := Stacks(w.project)
	if err != nil {
		return err
	}
	environment, err := doctor.Load(ctx, w.project, w.stack, names, clock.Real{}.Now())
	if err != nil {
		return err
	}
	o.environment = environment
	found := doctor.Examine(environment)
	_, _ = fmt.Fprintf(o.logWriter(), "%s declares %s; the doctor has %s, %s and %s: rehearse doctor --stack %s\n",
		w.stack, words.Count(environment.Resources, "resource"), words.Count(found.Count(doctor.Error), "error"),
		words.Count(found.Count(doctor.Warning), "warning"), words.Count(found.Count(doctor.Advice), "hint"), w.stack)
	return nil
}

func (o *Options) logWriter() io.Writer {
	if o.Log != nil {
		return o.Log
	}
	return io.Discard
}
