// Package accounts answers as the data plane of Azure OpenAI accounts does.
//
// What it is given is plain configuration: accounts with their deployments, keys and role holders ([Account]); what it
// gives is HTTP. One request passes, in this order,
//
//	ledger.go      the book: what arrived, with which credential, and what it cost
//	faults.go      scripted failures, as data: any status, slow or cut answers, resets, refusals, DNS, TLS
//	gate.go        network path (403), credential (401, 403), role (401 PermissionDenied)
//	route.go       both surfaces: /openai/deployments/{d}/…?api-version= and /openai/v1/… with the model in the body
//	request.go     the body, decoded and checked (400 in OpenAI's shape); fields.go, what an api-version knows
//	admission.go   tokens and requests per minute; ptu.go for provisioned throughput (429 with real headers)
//	answer.go      a deterministic answer of an exact number of tokens, and its usage (tokens.go)
//	structured.go  the format that the caller wants: a value of its JSON schema (schema.go)
//	tools.go       the tools that it offers, or functions of old clients (functions.go); their tokens (tooltokens.go)
//	chat.go …      one file per operation, with its stream
//
// The service can be reached in three ways: [Service.Handler] for one account behind any server, [Service.ServeHTTP]
// for all of them by host name, and [Service.Transport], an http.RoundTripper that needs no socket and turns dial
// faults into the errors a dialler returns.
//
// Prompts can steer the answer, see [Marker]. Time comes from an injected clock and is never slept by admission.
//
// Sources are cited where a behaviour is decided. "[M] unverified" marks what no public page states.
package accounts
