// Package plan runs the program without an engine and writes down what it declares.
//
//	plan.go      running the program, and the resources that come out
//	recorder.go  what answers the program in place of the engine
//	write.go     how values are written: secrets and unknown values have marks
//	read.go      a plan that was written as JSON before
//	settings.go  the configuration of a stack, read as the engine reads it
//	encrypted.go its encrypted values, and what comes from elsewhere
//	decrypt.go   their passphrase and decryption
//	hide.go      their plain texts, taken out of plans, texts and errors
package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"enterprise-openai/stacks"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Resource is one declared resource or component.
type Resource struct {
	// URN is its identity in the stack.
	URN string `json:"urn"`
	// Type is its type token.
	Type string `json:"type"`
	// Name is its logical name.
	Name string `json:"name"`
	// Parent is the URN of the component it belongs to.
	Parent string `json:"parent,omitempty"`
	// DependsOn are the URNs it waits for, sorted: those it names and those whose outputs it uses.
	DependsOn []string `json:"dependsOn,omitempty"`
	// Inputs are what it is declared with. An output of another resource reads "${Type name.property}", a secret "[secret]",
	// in a preview a value that is not known yet "[unknown]".
	Inputs map[string]any `json:"inputs,omitempty"`
	// ReplaceOnChanges and IgnoreChanges are paths of inputs whose change replaces it, or is not looked at.
	ReplaceOnChanges []string `json:"replaceOnChanges,omitempty"`
	IgnoreChanges    []string `json:"ignoreChanges,omitempty"`
	// Retained is true when it stays in Azure after it has left the program.
	Retained bool `json:"retained,omitempty"`
	// Aliases are the URNs that it may have had before.
	Aliases []string `json:"aliases,omitempty"`

	// Uses are the URNs whose outputs it uses, sorted: the part of DependsOn that no program could leave out.
	Uses []string `json:"-"`
	// Secrets are the paths of inputs that are secrets.
	Secrets []string `json:"-"`
	// DeletedWith is the URN of the resource whose deletion takes this one along.
	DeletedWith string `json:"-"`
	// Custom is false for components.
	Custom bool `json:"-"`
}

// Plan is everything a program declares.
type Plan struct {
	// Resources are sorted by URN.
	Resources []Resource
}

// Mode is what the program learns about the run.
type Mode int

// The modes.
const (
	// Update runs as an update does: outputs are known.
	Update Mode = iota
	// Preview runs as the first preview does: outputs are unknown.
	Preview
)

// Run declares a stack of the project in dir, as an update would. What the stack file encrypts reads "[secret]".
func Run(ctx context.Context, dir, stack string) ([]Resource, error) {
	config, err := readConfig(dir, stack)
	if err != nil {
		return nil, err
	}
	plan, err := run(ctx, config, Update, stacks.Deploy)
	if err != nil {
		return nil, err
	}
	return config.encrypted.hide(plan.Resources), nil
}

// Of runs a program with the configuration of a stack of the project in dir. The error is the program's own, or names which
// file could not be read.
func Of(ctx context.Context, dir, stack string, mode Mode, program pulumi.RunFunc) (*Plan, error) {
	config, err := readConfig(dir, stack)
	if err != nil {
		return nil, err
	}
	return run(ctx, config, mode, program)
}

// Check reads the settings of a stack of the project in dir as its program does, and returns what the stack file encrypts.
func Check(ctx context.Context, dir, stack string) (Encrypted, error) {
	config, err := readConfig(dir, stack)
	if err != nil {
		return Encrypted{}, err
	}
	_, err = run(ctx, config, Preview, func(pctx *pulumi.Context) error {
		_, err := stacks.LoadSettings(pctx)
		return err
	})
	return config.encrypted, err
}

func run(ctx context.Context, config *config, mode Mode, program pulumi.RunFunc) (*Plan, error) {
	r, err := newRecorder(config.project, config.stack, mode)
	if err != nil {
		return nil, err
	}
	err = pulumi.RunErr(func(pctx *pulumi.Context) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return program(pctx)
	}, pulumi.WithMocks(config.project, config.stack, r), func(info *pulumi.RunInfo) {
		info.Config, info.ConfigSecretKeys = config.values, config.secrets
		info.RootDirectory = config.dir
		info.DryRun = mode == Preview
	})
	if err != nil {
		return nil, err
	}
	if err := r.err(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	slices.SortFunc(r.resources, func(a, b Resource) int { return cmp.Compare(a.URN, b.URN) })
	return &Plan{Resources: r.resources}, nil
}
