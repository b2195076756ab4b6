// Package policytest runs policy cases. A case is a file with requests of callers, the answers of
// backends, and what the backends must see and the callers must get. docs/policy-cases.md
// describes the format.
//
// The map, in the order of a case:
//
//	case.go read.go   the file: a promise, a fixture, scripts, calls
//	fixture.yaml      the environment of the cases, settings.go what a case changes in it
//	fixture.go        what the program deploys for it, as a gateway
//	own.go            documents of the case as a gateway
//	engine.go         what cases share: compiled expressions, tokens, the time
//	gateway.go        one gateway with scripted backends; calls to it
//	backend.go        backends that answer by script and remember what they saw
//	model.go          what a model answers when the script does not say
//	caller.go         tokens of callers, and the response as it reaches them
//	check.go          compares an outcome with what a case expects; check_log.go: its records, events and metrics
//	keep.go           values of an answer that later calls use
//	run.go            cases by file or folder, one result each
//
// Nothing sleeps: every gateway has a clock of its own that moves when a case
// says so, or when a backend is slow.
package policytest
