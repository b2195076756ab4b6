// Package csharp runs API Management policy expressions as what they are: C#.
//
// The expressions of all policy documents of a stack are compiled at once, when policies
// are saved (Compile), and evaluated by child processes that know the context variable of
// Microsoft Learn's api-management/api-management-policy-expressions (Program, Session).
//
//	scan.go        where an expression ends inside an attribute or a text (Scan, Parse)
//	expression.go  an expression, its place in the document, the type its attribute wants
//	source.go      the C# around an expression, position for position
//	compile.go     the compilation of a stack, the check against Microsoft's list of types, the cache
//	diagnostics.go compiler messages and forbidden members, at their place in the document
//	compiler.go    the process that compiles, shared by all programs
//	roslyn.go      Microsoft's compiler, put into the user's cache on first use
//	newer.go       C# that API Management's compiler does not know, by its name
//	mono.go        the installed Mono, and the host program built with it
//	model.go       the request, product, user … an expression sees
//	variables.go   the values a variable can hold, and what an expression returns
//	looks.go       what an evaluation looked at, and with it where its result holds
//	encode.go      how both cross the pipe
//	process.go     one child process: start, frames, time limit, end
//	program.go     a compiled stack and its processes
//	session.go     one request: what a policy changes, what it evaluates
//	exchange.go    one exchange of a session: its slot, its answer, who is to blame when the process ends; frame.go: what is sent
//	errors.go      what an expression can do wrong
//	compiler/      the C# side of the compiler, and what it hides of Mono: .NET Framework does not have it
//	host/          the C# side of evaluation
//
// An expression never runs in this process. It has two seconds; then its process is ended
// and another takes over.
package csharp
