package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Kill ends the engine as kill -9 does, and returns when it is gone. The operation in progress returns an error then; the lock on
// the state stays behind (see Cancel), and so do the operations that the engine had begun (see State).
func (s *Stack) Kill() error {
	if s.process == nil {
		return errors.New("the Pulumi CLI cannot be killed: EnsureCLI did not return it")
	}
	return s.process.kill()
}

// Cancel is `pulumi cancel`: it removes the lock that a killed engine left on the state.
func (s *Stack) Cancel(ctx context.Context) error {
	if err := s.stack.Cancel(ctx); err != nil {
		return fmt.Errorf("cancel: %w", reason(err))
	}
	return nil
}

// State is what the engine knows of what it deployed.
type State struct {
	// Resources are those that exist as far as the engine knows, components left out.
	Resources []Known
	// Pending are operations that the engine had begun when it was killed. What became of them only Azure knows.
	Pending []Known
}

// Known is a resource in the state.
type Known struct {
	URN, Type, Name string
	// ID is Azure's; empty while the resource is created.
	ID string
	// Parent is the URN of the component it belongs to.
	Parent string
	// Doing is what a pending operation does: creating, updating, deleting.
	Doing string
	// Trouble is what went wrong when the resource was half made.
	Trouble []string
}

// State reads the engine's state. An error means that the state cannot be read.
func (s *Stack) State(ctx context.Context) (State, error) {
	exported, err := s.stack.Export(ctx)
	if err != nil {
		return State{}, fmt.Errorf("state: %w", reason(err))
	}
	var deployed apitype.DeploymentV3
	if err := json.Unmarshal(exported.Deployment, &deployed); err != nil {
		return State{}, fmt.Errorf("state: %w", err)
	}
	var state State
	for _, r := range deployed.Resources {
		if r.Custom && !isProvider(r.URN) {
			state.Resources = append(state.Resources, known(r))
		}
	}
	for _, p := range deployed.PendingOperations {
		k := known(p.Resource)
		k.Doing = string(p.Type)
		state.Pending = append(state.Pending, k)
	}
	return state, nil
}

func isProvider(u resource.URN) bool { return u.Type().Package() == "pulumi" }

func known(r apitype.ResourceV3) Known {
	return Known{
		URN: string(r.URN), Type: string(r.URN.Type()), Name: r.URN.Name(), ID: string(r.ID), Parent: string(r.Parent), Trouble: r.InitErrors,
	}
}

// ClearPending is `pulumi refresh --clear-pending-creates` after a kill: it forgets the creations that the engine had begun.
// What of them Azure made is not in the state then, and has to be imported. The flag that is meant to do both at once,
// --import-pending-creates, drops the resource: seen with version 3.259.0, whose refresh nowhere handles what it marks.
func (s *Stack) ClearPending(ctx context.Context) (Result, error) {
	return s.refresh(ctx, optrefresh.ClearPendingCreates())
}
