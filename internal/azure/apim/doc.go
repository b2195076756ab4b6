// Package apim is the data plane of an embedded API Management service: it
// serves the APIs it was given and runs their policy documents.
//
// It knows neither Pulumi nor ARM. It takes a [Configuration] (what was
// deployed) and [Deps] (what surrounds it: expressions, backends, identity,
// clock, recorder) and is an http.Handler.
//
// The map, in the order of a request:
//
//	config.go deps.go        what goes in; state.go: indexed and checked
//	record.go                what comes out beside the response; logged.go: as it is logged
//	registry.go shape.go     the table of policies: name, sections, scopes, attributes
//	policies_*.go            one file per chapter of Microsoft's policy reference
//	validate.go claims.go keycache.go  Entra tokens, what they have to say, and the keys that sign them
//	check.go compile.go      what happens when a policy is saved; value.go: an attribute, literal or expression
//	serve.go hosts.go        TLS on loopback; the host names that the service answers to
//	gateway.go match.go access.go   a request finds its API, operation and product
//	message.go               request and response as policies see and change them
//	call.go hooks.go         a call: what came in, what evaluates, what is counted, and what is left to do by phase
//	run.go fault.go          the four sections run over the four scopes; what sends a call to on-error
//	forward.go send.go end.go   to the backend, to the caller, and to the logs
//	unit.go store.go         what one gateway unit remembers; the cache that all units share
//	metering.go              the conversation with a model: what is counted and logged of it
//	eventlog.go              streams that are logged as they pass
//	csharp.go csharp_session.go csharp_context.go csharp_looks.go   expressions: evaluated in C#, what they see, and what they looked at
//	document/                policy documents as text; csharp/: expressions and the processes that evaluate them
//	evaluation/              which expressions need no exchange with C# of their own
//	limit/ pool/ tokens/     what is counted, which backend is chosen, how many tokens a text has; none of them knows a policy or a call
//
// State that Azure keeps per gateway unit (breakers, pools, concurrency) is kept
// per unit here. The units of a gateway share the cache and what limits count.
package apim
