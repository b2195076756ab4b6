// Package bench measures what the budgets of the project are about, each beside its floor in the same run:
//
//	build_test.go   a cold build of the program beside one that imports only the Pulumi SDK
//	first_test.go   the first rehearsal of a machine, from empty caches, and a second one
//	deploy_test.go  preview and up on the embedded Azure beside the bare engine with a provider that does nothing
//	nothing_test.go that provider
//	time_test.go    modelled minutes on Azure beside the longest chain of operations
//
// The plan of a large stack is measured in plan. Nothing here is a timed test: the figures are printed, and
// docs/performance.md keeps them.
package bench
