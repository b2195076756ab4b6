package drills

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/rehearsal/engine"
)

// Recoverable is a stack whose deployment may break off.
type Recoverable interface {
	Stack
	Cloud
	// Azure is what exists. What is sent to it was done by hand: the engine does not know of it.
	Azure() *arm.Server
	// Cancel removes the lock that a killed engine leaves on its state, as `pulumi cancel` does.
	Cancel(ctx context.Context) error
	// State is what the engine knows of what it deployed.
	State(ctx context.Context) (engine.State, error)
	// ClearPending refreshes the state and forgets the creations that a killed engine had begun, as
	// `pulumi refresh --clear-pending-creates` does.
	ClearPending(ctx context.Context) (Result, error)
	// Import takes resources into the state that exist in Azure, by URN and id, as `pulumi import --file` does.
	Import(ctx context.Context, ids map[string]string) error
}

// Recovery finishes a deployment that broke off by the steps that docs/operations.md gives to operators of the real Azure, and
// counts what that takes.
type Recovery struct {
	// Stack is what was being deployed.
	Stack Recoverable
	// Cleared is how often the state had pending operations, Imported and Deleted how many existing resources were dealt with.
	Cleared, Imported, Deleted int
}

// Finish deploys what an earlier process has left half deployed. A resource that Azure has and the state has not is taken over
// when it was there before and belongs to no other resource of the program; one of Azure's own, or one that the program declares
// twice, is refused as by every deployment.
func (r *Recovery) Finish(ctx context.Context) (Result, error) {
	left := lowered(r.Stack.Remaining())
	if res, err := r.clearPending(ctx); err != nil {
		return res, err
	}
	for {
		res, err := r.Stack.Up(ctx)
		if err == nil || ctx.Err() != nil {
			return res, err
		}
		exist, stateErr := r.unknown(ctx, existing(err), left)
		if stateErr != nil {
			return res, errors.Join(err, stateErr)
		}
		if len(exist) == 0 {
			return res, err
		}
		if takeErr := r.takeOver(ctx, exist); takeErr != nil {
			return res, errors.Join(err, takeErr)
		}
	}
}

// unknown are those of the existing resources that were left and that the state does not have. Each is given once.
func (r *Recovery) unknown(ctx context.Context, exist map[string]string, left map[string]bool) (map[string]string, error) {
	if len(exist) == 0 {
		return nil, nil
	}
	state, err := r.Stack.State(ctx)
	if err != nil {
		return nil, err
	}
	for _, known := range state.Resources {
		delete(left, strings.ToLower(known.ID))
	}
	exist = maps.Clone(exist)
	for urn, id := range exist {
		if !left[strings.ToLower(id)] {
			delete(exist, urn)
		}
		delete(left, strings.ToLower(id))
	}
	return exist, nil
}

// clearPending does what is necessary after a kill, if the engine was killed.
func (r *Recovery) clearPending(ctx context.Context) (Result, error) {
	state, err := r.Stack.State(ctx)
	if err != nil || len(state.Pending) == 0 {
		return Result{}, err
	}
	r.Cleared++
	if err := r.Stack.Cancel(ctx); err != nil {
		return Result{}, err
	}
	return r.Stack.ClearPending(ctx)
}

// takeOver deals with what exists already: role assignments and diagnostic settings are deleted, the next deployment makes them anew;
// everything else is imported. Imported, those two would be replaced: the provider reads the id that they belong to back without
// its slash, and takes that for a change.
func (r *Recovery) takeOver(ctx context.Context, exist map[string]string) error {
	imports := map[string]string{}
	for u, id := range exist {
		at, err := arm.ParseID(id)
		if err != nil {
			return err
		}
		if at.Scope == "" {
			imports[u] = id
			continue
		}
		r.Deleted++
		found, _ := r.Stack.Azure().Get(id)
		if _, err := byHand(r.Stack.Azure(), http.MethodDelete, id, found.APIVersion, nil); err != nil {
			return err
		}
	}
	if len(imports) == 0 {
		return nil
	}
	r.Imported += len(imports)
	return r.Stack.Import(ctx, imports)
}

var existingPattern = regexp.MustCompile(`cannot create already existing (?:sub)?resource '([^']+)'`)

// existing are the resources that the provider refused to create because Azure has them: ids by URN.
func existing(err error) map[string]string {
	found := map[string]string{}
	var failure *engine.Failure
	if !errors.As(err, &failure) {
		return found
	}
	for _, d := range failure.Diagnostics {
		if match := existingPattern.FindStringSubmatch(d.Message); match != nil {
			found[d.URN] = match[1]
		}
	}
	return found
}
