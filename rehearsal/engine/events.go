package engine

import (
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// EventKind is what an Event reports.
type EventKind string

const (
	// Started is sent when work on a resource begins.
	Started EventKind = "started"
	// Finished is sent when work on a resource ended well.
	Finished EventKind = "finished"
	// Failed is sent when work on a resource failed.
	Failed EventKind = "failed"
	// Message is a diagnostic of the engine, the provider or the program.
	Message EventKind = "message"
)

// Event is one step of a running operation.
type Event struct {
	// Kind says which of the other fields matter.
	Kind EventKind
	// Operation is the engine's word for what is done to the resource: create, update, same, delete, replace, …
	Operation string
	// URN, Type and Name identify the resource; they are empty for messages about the operation as a whole.
	URN, Type, Name string
	// Severity of a message: info, warning or error.
	Severity string
	// Text of a message, without colours.
	Text string
}

// Result counts what an operation did, resource by resource. The stack itself is not counted.
type Result struct {
	// Created, Updated, Same, Deleted and Replaced count resources; a replaced resource counts only as replaced.
	Created, Updated, Same, Deleted, Replaced int
	// Duration is the wall time of the operation, the CLI's start included.
	Duration time.Duration
	// Outputs are the stack's outputs after Up, each with its secret mark.
	Outputs auto.OutputMap
	// Warnings are what the engine and the provider warned about.
	Warnings []Diagnostic
}

// Changed is how many resources the operation touched.
func (r Result) Changed() int { return r.Created + r.Updated + r.Deleted + r.Replaced }

// collector turns the engine's event stream into a Result, diagnostics and calls of OnEvent.
type collector struct {
	stream      chan events.EngineEvent
	stop, done  chan struct{}
	counted     map[string]bool // URN and operation; a preview reports components twice
	onEvent     func(Event)
	result      Result
	diagnostics []Diagnostic
	failed      []Diagnostic // resources that failed, whether or not a message names them
}

func newCollector(onEvent func(Event)) *collector {
	c := &collector{
		stream:  make(chan events.EngineEvent, 64),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
		counted: map[string]bool{},
		onEvent: onEvent,
	}
	go c.run()
	return c
}

func (c *collector) run() {
	defer close(c.done)
	for {
		select {
		case e, open := <-c.stream:
			if !open {
				return
			}
			c.take(e.EngineEvent)
		case <-c.stop:
			c.drain()
			return
		}
	}
}

// drain takes what is still buffered. The Automation API returns only after its side of the stream has ended, so nothing
// can follow; and it closes the stream only if the CLI ever connected to it, so that the end of it cannot be waited for.
func (c *collector) drain() {
	for {
		select {
		case e, open := <-c.stream:
			if !open {
				return
			}
			c.take(e.EngineEvent)
		default:
			return
		}
	}
}

// finish returns when every event has been taken. It is called after the operation has returned.
func (c *collector) finish() {
	close(c.stop)
	<-c.done
}

func (c *collector) take(e apitype.EngineEvent) {
	switch {
	case e.ResourcePreEvent != nil:
		c.emit(resourceEvent(Started, e.ResourcePreEvent.Metadata))
	case e.ResOutputsEvent != nil:
		c.emit(resourceEvent(Finished, e.ResOutputsEvent.Metadata))
		c.count(e.ResOutputsEvent.Metadata)
	case e.ResOpFailedEvent != nil:
		event := resourceEvent(Failed, e.ResOpFailedEvent.Metadata)
		c.failed = append(c.failed, Diagnostic{URN: event.URN, Type: event.Type, Name: event.Name, Severity: "error"})
		c.emit(event)
	case e.DiagnosticEvent != nil:
		c.diagnose(e.DiagnosticEvent)
	}
}

func (c *collector) emit(e Event) {
	if c.onEvent != nil {
		c.onEvent(e)
	}
}

// count counts resources by what was done to them. The engine's own summary cannot be used: after a refresh it has
// nothing about which resources had drifted, and it counts the stack.
func (c *collector) count(m apitype.StepEventMetadata) {
	if m.Type == "pulumi:pulumi:Stack" || strings.HasPrefix(m.Type, "pulumi:providers:") {
		return
	}
	key := string(m.Op) + " " + m.URN
	if c.counted[key] {
		return
	}
	c.counted[key] = true
	switch m.Op {
	case apitype.OpCreate, apitype.OpImport:
		c.result.Created++
	case apitype.OpUpdate:
		c.result.Updated++
	case apitype.OpSame:
		c.result.Same++
	case apitype.OpDelete:
		c.result.Deleted++
	case apitype.OpReplace:
		c.result.Replaced++
	}
}

func (c *collector) diagnose(d *apitype.DiagnosticEvent) {
	if d.Ephemeral || d.Severity == "debug" {
		return
	}
	text := strings.TrimSpace(plain(d.Message))
	if text == "" {
		return
	}
	typ, name := split(d.URN)
	diagnostic := Diagnostic{URN: d.URN, Type: typ, Name: name, Severity: d.Severity, Message: text}
	switch {
	case strings.HasPrefix(d.Severity, "error"):
		c.diagnostics = append(c.diagnostics, diagnostic)
	case d.Severity == "warning":
		c.result.Warnings = append(c.result.Warnings, diagnostic)
	}
	c.emit(Event{Kind: Message, URN: d.URN, Type: typ, Name: name, Severity: d.Severity, Text: text})
}

func resourceEvent(kind EventKind, m apitype.StepEventMetadata) Event {
	_, name := split(m.URN)
	return Event{Kind: kind, Operation: string(m.Op), URN: m.URN, Type: m.Type, Name: name}
}
