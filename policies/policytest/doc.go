// Package policytest runs policy cases: what callers ask, what backends answer, and
// what has to come of it, written down in one file each. docs/policy-cases.md
// describes the format.
//
// The map, in the order of a case:
//
//	case.go read.go   the file: a promise, a fixture, scripts, calls
//	fixture.yaml      the project's environment, settings.go what a case changes of it
//	fixture.go        what the program deploys for it, as a gateway
//	own.go            anybody's documents as a gateway
//	engine.go         what cases share: compiled expressions, tokens, the time
//	stage.go          one gateway with scripted backends; calls to it
//	backend.go        backends that answer by script and remember what they saw
//	model.go          what a model answers when the script does not say
//	caller.go         tokens of callers, and the response as it reaches them
//	check.go          expectation against outcome
//	run.go            cases by file or folder, one result each
//
// Nothing sleeps: every stage has a clock of its own that moves when a case
// says so, or when a backend is slow.
package policytest
