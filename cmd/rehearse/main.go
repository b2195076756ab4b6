// Command rehearse deploys the program to an embedded Azure on this machine and reports whether its promises hold.
//
//	main.go      signals in, exit code out
//	root.go      the command itself, its usage errors and its exit codes
//	run.go       preview, up, drills, destroy, report
//	summary.go   the end of a run in one screen
//	up.go        deploy and stay up
//	azure.go     the embedded Azure for other programs
//	plan.go      what the program declares
//	cost.go      what a stack costs in a month
//	diff.go      what lies between two plans
//	doctor.go    what is wrong with a stack before it is deployed
//	policy.go    run policy cases
//	drills.go    the list of drills
//	promises.go  the promises with the results of the last run
//	query.go     KQL on the logs of the last run
//	report.go    the page of a report
//	prepare.go   build what the others need, and stop
//	faults.go    the flag --faults
//	progress.go  what is shown while something takes long
//	work.go      the work behind the commands, replaced by tests
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(untilSignal(func(ctx context.Context) int {
		return execute(ctx, os.Args[1:], os.Stdout, os.Stderr, realWork())
	}))
}

// untilSignal runs a command whose context ends with the first signal, for an end in order; a second one finds the default handler
// and ends the process at once.
func untilSignal(run func(context.Context) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx)
}
