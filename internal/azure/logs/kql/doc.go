// Package kql runs Kusto queries. Microsoft's own parser and binder read them, so that a misspelt column is found with its
// position before anything runs; an evaluator of ours walks the bound tree over tables of rows. What it does not do is an
// error that names it, never a wrong answer.
//
// The parts, in the order a query passes them:
//
//	install.go    Microsoft's package, put into the user's cache by npm on first use
//	process.go    one node child process, JSON lines over its pipes (messages.go)
//	engine.go     Check and Run; tables.go: the tables that a query runs on, and how they reach the process
//	result.go     the answer as a table for people or as JSON
//	*.mjs         the evaluator: language and tree (the binder), run (statements and pipelines), operators*, expression and calls,
//	              functions* and aggregates by chapter of Microsoft's reference, values, time, convert and format; rewrite puts
//	              into a query what its binder cannot know, prune leaves out columns, table makes rows when somebody takes them
package kql
