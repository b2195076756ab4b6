package drills

import (
	"context"

	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/stacks"
)

// Lab opens stacks that a drill has for itself, beside the standing one, to break them.
type Lab interface {
	// Open prepares a stack of the same program and settings in an empty Azure. Nothing is deployed yet. The drill closes it.
	Open(ctx context.Context, pace Pace) (Trial, error)
}

// Pace is how long operations take in the Azure of a trial.
type Pace int

// The paces.
const (
	// AtOnce ends every operation at once: what is broken off, killed or changed by hand follows no order that a clock could wait for.
	AtOnce Pace = iota
	// AsOnAzure lets operations last, so that those that overlap meet Azure's conflicts.
	AsOnAzure
)

// Trial is a stack of a drill's own: the program on the real engine, which writes its state around every step, in an Azure
// of its own. It is used by one goroutine at a time, except for Kill.
type Trial interface {
	Recoverable
	// Change lets the program be declared from changed settings from the next operation on; nil goes back to the file. The change
	// gets a copy of the file's settings every time, and the program validates what it made of them.
	Change(change func(*stacks.Settings))
	// Faults break requests on the way from the engine to Azure; there are none until some are set.
	Faults() *faults.Script
	// Site is what the last operation deployed, for those who call it.
	Site() (*Site, error)
	// Kill ends the engine's process as kill -9 does, in the middle of an operation, which then returns an error. It may be called
	// from anywhere, for example by Azure while it handles a request.
	Kill() error
	// Close ends it. Nothing is left on this machine.
	Close() error
}
