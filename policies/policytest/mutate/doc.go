// Package mutate breaks policy documents, one place at a time, so that a test can check for every place whether a policy case
// notices.
//
//	scan.go      where elements, attributes and expressions of a document are
//	mutants.go   what is broken of the XML: elements, attributes and statuses
//	csharp.go    what is broken of the C#: conditions, comparisons, entries of lists, statuses
//	tokens.go    C# as tokens, far enough for that
//	align.go     the same change in a document whose values are filled in
//	pool.go      expressions of many documents, compiled together
//
// Mutants are made from the documents as they are; nothing is listed by hand.
package mutate
