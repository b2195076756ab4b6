package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/live"
	"enterprise-openai/stacks"
)

// Standing is a deployed stack that can be used.
type Standing struct {
	// Stack is the environment.
	Stack string
	// Result is what the deployment did.
	Result drills.Result
	// Outputs of the stack. Secret ones are not in it: whatever shows this shows it on a screen; nor is what the program
	// remembers for itself.
	Outputs map[string]any
	// Reach is how other programs reach the embedded Azure; nil when nothing serves it.
	Reach *Reach
	// Served is where the stack answers on this machine; nil when nothing serves it.
	Served *drills.Served
	// Page is the address of the live page, with its token; empty when nothing serves it.
	Page string
}

// DefaultListen is where Up serves when Options.Listen is empty.
const DefaultListen = "127.0.0.1:8443"

// tokenRenewal is how often the tokens in files are written anew: they live for at least an hour.
const tokenRenewal = 20 * time.Minute

// Up deploys a stack to the embedded Azure, serves it on loopback until the context ends. The state
// stays in the work folder, so that the next Up changes only what the program changed; so do the certificate to trust and
// tokens to use. Ready is called once, when everything exists and is served.
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
	o.pace = paceIn(filepath.Join(dir, "up"))
	defer o.pace.save()

	defer func() { err = o.encrypted.HideError(err) }()

	u := &update{Options: &o, dir: filepath.Join(dir, "up")}
	if _, err := o.step(ctx, "prepare", func() (string, error) {
		if err := available(ctx, o.listen()); err != nil { // better now than after the deployment
			return "", err
		}
		return "engine and embedded Azure are ready", u.open(ctx)
	}); err != nil {
		return err
	}
	s := u.session
	defer func() { err = errors.Join(err, s.close()) }()

	standing := Standing{Stack: o.Stack}
	if _, err := o.step(ctx, "up", func() (_ string, err error) {
		standing.Result, err = u.deploy(ctx)
		return summary(standing.Result), err
	}); err != nil {
		return err
	}
	standing.Outputs = plan.Redacted(o.encrypted, maps.Clone(standing.Result.Outputs))
	delete(standing.Outputs, stacks.FoundationOutput)
	if s.site == nil {
		ready(standing)
		<-ctx.Done()
		return nil
	}
	return o.serve(ctx, s, standing, dir, ready)
}

// serve answers calls until the context ends.
func (o *Options) serve(ctx context.Context, s *session, standing Standing, dir string, ready func(Standing)) error {
	site, err := s.site()
	if err != nil {
		return err
	}
	served, err := site.Serve(ctx, o.listen(), filepath.Join(dir, "up"))
	if err != nil {
		if ctx.Err() != nil {
			return errInterrupted
		}
		return inUse(o.listen(), err)
	}
	watched, err := live.Serve(ctx, o.Stack, served.Teams, served)
	if err != nil {
		return errors.Join(err, served.Close())
	}
	standing.Served, standing.Page = served, watched.URL
	if s.manager != nil {
		reach, end, err := o.reachable(ctx, dir, s.manager, served.Handler)
		if err != nil {
			return errors.Join(err, watched.Close(), served.Close())
		}
		defer end()
		standing.Reach = &reach
	}
	ready(standing)
	tick := time.NewTicker(tokenRenewal)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := served.RenewTokens(); err != nil {
				fmt.Fprintln(o.logWriter(), "warning:", err)
			}
		case <-ctx.Done():
			return errors.Join(watched.Close(), served.Close())
		}
	}
}

// listen is the address that Up serves.
func (o *Options) listen() string {
	if o.Listen == "" {
		return DefaultListen
	}
	return o.Listen
}

// available checks that an address can be listened on.
func available(ctx context.Context, listen string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return inUse(listen, err)
	}
	return listener.Close()
}

// inUse is the error of an address that another program has, with the remedy.
func inUse(listen string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program; choose another address, for example --listen 127.0.0.1:0", listen)
	}
	return err
}
