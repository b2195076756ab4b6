// Package apim is the data plane of an embedded API Management service: it
// serves the APIs it was given and runs their policy documents.
//
// It knows neither Pulumi nor ARM. It takes a [Configuration] (what was
// deployed) and [Deps] (what surrounds it: expressions, backends, identity,
// clock, recorder) and is an http.Handler.
//
// The map, in the order of a request:
//
//	config.go deps.go        what goes in
//	record.go                what comes out beside the response
//	registry.go shape.go     the table of policies: name, sections, scopes, attributes
//	policies_*.go            one file per chapter of Microsoft's policy reference
//	check.go compile.go      what happens when a policy is saved
//	gateway.go match.go access.go   a request finds its API, operation and product
//	call.go run.go           the four sections run over the four scopes
//	forward.go pool.go breaker.go   backends
//	usage.go counters.go     what is counted
//	csharp.go ahead.go recall.go    expressions: evaluated in C#, together where that cannot be told, or known
//
// State that Azure keeps per gateway unit (breakers, pools, concurrency) is kept
// per unit here. The units of a gateway share the cache and what limits count.
package apim
