package drills

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Try does a drill's work on what its setup prepared. It notes in f what did not hold, and returns a pointer to a struct of
// measurements, or nil when nothing was measured. An error means that the drill could not be carried out.
type Try[On, Measured any] func(ctx context.Context, on On, f *findings) (*Measured, error)

// setup prepares what a drill works on. The caller calls done, which is never nil without an error.
type setup[On any] func(ctx context.Context, env *Env) (on On, done func() error, err error)

// Work is a Try together with its setup and the type of its measurements.
type Work struct {
	try      func(ctx context.Context, env *Env, f *findings) (measured any, err error)
	measures reflect.Type
}

// with is a drill's work: the setup, the try, and the end of what was set up, whatever came of the try.
func with[On, Measured any](prepare setup[On], try Try[On, Measured]) Work {
	return Work{
		measures: reflect.TypeFor[Measured](),
		try: func(ctx context.Context, env *Env, f *findings) (_ any, err error) {
			on, done, err := prepare(ctx, env)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, done()) }()
			measured, err := try(ctx, on, f)
			if measured == nil {
				return nil, err // not a nil pointer in an interface
			}
			return measured, err
		},
	}
}

// Outcome is what came of a drill.
type Outcome struct {
	// Measured points to the drill's struct of measurements; nil when nothing was measured.
	Measured any
	// Failures are what did not hold; none means that the promise held.
	Failures []string
}

// errNotServed is why a drill that calls the stack was not tried.
var errNotServed = errors.New("nothing serves the stack: the drill could not be tried")

// Run tries a drill. One that panics fails, so that the others go on.
func (d Drill) Run(ctx context.Context, env *Env) (o Outcome) {
	f := &findings{}
	defer func() {
		if broken := recover(); broken != nil {
			o.Failures = append(f.all(), fmt.Sprintf("the drill panicked: %v", broken))
		}
	}()
	measured, err := d.Work.try(ctx, env, f)
	switch {
	case errors.Is(err, errNotServed):
		f.list = []string{err.Error()}
	case err != nil:
		f.list = slices.Insert(f.list, 0, "the drill could not be carried out: "+err.Error())
	}
	if ctx.Err() != nil {
		f.addEach("", []string{"interrupted"})
	}
	return Outcome{measured, f.all()}
}

// Measures is the type of a drill's measurements, a struct with JSON tags.
func (d Drill) Measures() reflect.Type { return d.Work.measures }
