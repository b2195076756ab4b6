package main

import (
	"context"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/plan"
	"enterprise-openai/policies/policytest"
	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/report"
)

// work is what the commands have done for them.
type work struct {
	run     func(ctx context.Context, o rehearsal.Options) (report.Report, error)
	up      func(ctx context.Context, o rehearsal.Options, ready func(rehearsal.Standing)) error
	azure   func(ctx context.Context, o rehearsal.Options, ready func(rehearsal.Reach)) error
	reached func(ctx context.Context, dir, stack string) (rehearsal.Reach, error)
	plan    func(ctx context.Context, dir, stack string) ([]plan.Resource, error)
	policy  func(ctx context.Context, paths ...string) ([]policytest.Result, error)
	query   func(ctx context.Context, o rehearsal.Options, folder, text string) (logs.Result, error)
	doctor  func(ctx context.Context, x rehearsal.Examination) (doctor.Report, error)
	prepare func(ctx context.Context, o rehearsal.Options) (string, error)
	// dir is where the search for the project begins.
	dir string
}

func realWork() work {
	return work{run: rehearsal.Run, up: rehearsal.Up, azure: rehearsal.Azure, reached: rehearsal.Reached, plan: plan.Run, policy: policytest.Run, query: rehearsal.Query,
		doctor:  rehearsal.Examine,
		prepare: rehearsal.Prepare, dir: "."}
}
