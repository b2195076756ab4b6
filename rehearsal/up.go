package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"enterprise-openai/rehearsal/drills"
)

// Standing is a deployed stack that can be used.
type Standing struct {
	// Stack is the environment.
	Stack string
	// Result is what the deployment did.
	Result drills.Result
	// Outputs of the stack. Secret ones are not in it: whatever shows this shows it on a screen.
	Outputs map[string]any
}

// Up deploys a stack to the embedded Azure and keeps it standing until the context ends. The state stays in the work
// folder, so that the next Up changes only what the program changed. Ready is called once, when everything exists.
//
// An end of the context before everything exists is an error; afterwards it is how Up is meant to end.
func Up(ctx context.Context, o Options, ready func(Standing)) (err error) {
	dir, err := workDir(o.ProjectDir, o.Stack)
	if err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(dir, "up.lock"))
	if err != nil {
		return fmt.Errorf("stack %q is standing already: %w", o.Stack, err)
	}
	defer unlock()

	var s *session
	if _, err := o.step("prepare", func() (_ string, err error) {
		s, err = o.opener()(ctx, workspace{
			project: o.ProjectDir, stack: o.Stack, dir: filepath.Join(dir, "up"), log: o.logWriter(),
			detail: func(text string) { o.tell(Event{Step: "engine", Kind: Detail, Text: text}) },
		})
		return "engine and embedded Azure are ready", err
	}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	standing := Standing{Stack: o.Stack}
	if _, err := o.step("up", func() (text string, err error) {
		standing.Result, err = s.stack.Up(ctx)
		return summary(standing.Result), err
	}); err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		return err
	}
	standing.Outputs = standing.Result.Outputs
	ready(standing)
	<-ctx.Done()
	return nil
}
