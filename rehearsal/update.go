package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"enterprise-openai/rehearsal/drills"
)

// update is the deployment of a stack that stays: it goes on from what the last one left, however that ended.
type update struct {
	*Options
	// dir has the engine's state and that of the embedded Azure.
	dir     string
	session *session
	// again is set when the last update did not come to its end.
	again bool
}

// unfinished is a file that exists while an update goes on. It stays when the update fails or is interrupted, and when the process
// is killed.
const unfinished = "unfinished"

// errUnreadable is the error of a session whose state, the engine's or Azure's, cannot be read.
var errUnreadable = errors.New("what the last up left cannot be read")

// open opens the session. What an update left that did not come to its end, and that cannot be read, is cleared.
func (u *update) open(ctx context.Context) (err error) {
	_, statErr := os.Stat(filepath.Join(u.dir, unfinished))
	if u.again = statErr == nil; u.again {
		fmt.Fprintln(u.logWriter(), "the last up did not come to its end; this one continues it")
	}
	w := workspace{
		project: u.ProjectDir, stack: u.Stack, dir: u.dir, again: u.again, log: u.logWriter(), faults: u.Faults,
		detail: func(text string) { u.emit(Event{Step: "engine", Kind: Detail, Text: text}) },
	}
	u.session, err = u.prepare(ctx, w)
	switch {
	case !errors.Is(err, errUnreadable) || ctx.Err() != nil:
		return err
	case !u.again:
		return fmt.Errorf("%w\nTo start from an empty Azure, delete %s", err, u.dir)
	}
	fmt.Fprintf(u.logWriter(), "%v\nthis up starts from an empty Azure\n", err)
	if err := u.clear(); err != nil {
		return err
	}
	w.again = false
	u.session, err = u.prepare(ctx, w)
	return err
}

// deploy brings the stack to what the program declares.
func (u *update) deploy(ctx context.Context) (drills.Result, error) {
	marker := filepath.Join(u.dir, unfinished)
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return drills.Result{}, fmt.Errorf("work folder: %w", err)
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return drills.Result{}, fmt.Errorf("work folder: %w", err)
	}
	run := u.session.stack.Up
	if u.again {
		run = u.session.finish
	}
	res, err := run(ctx)
	switch {
	case err == nil:
		return res, os.Remove(marker)
	case ctx.Err() != nil:
		fmt.Fprintln(u.logWriter(), "the next up continues from here")
	case u.again:
		err = fmt.Errorf("%w\nThe next up continues from here; to start from an empty Azure instead, delete %s", err, u.dir)
	}
	return res, err
}

// clear forgets the engine's state and the embedded Azure.
func (u *update) clear() error {
	u.again = false
	for _, left := range []string{filepath.Join(u.dir, "engine", "state"), filepath.Join(u.dir, "azure.json"), filepath.Join(u.dir, unfinished)} {
		if err := os.RemoveAll(left); err != nil {
			return fmt.Errorf("what the last up left: %w", err)
		}
	}
	return nil
}
