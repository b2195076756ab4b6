// Package accounts answers as the data plane of Azure OpenAI accounts does.
//
// What it is given is plain configuration: accounts with their deployments, keys and role holders ([Account]); what it
// gives is HTTP. One request passes, in this order,
//
//	service.go     Service: accounts, clock, handler; transport.go reaches it without a socket; account.go is the configuration
//	exchange.go    one request on its way through the files below; send.go: its answer on the wire
//	ledger.go      the book: what arrived, with which credential, and what it cost
//	faults.go      scripted failures, as data: any status, slow or cut answers, resets, refusals, DNS, TLS
//	gate.go        network path (403), credential (401, 403), role (401 PermissionDenied)
//	route.go       both surfaces: /openai/deployments/{d}/…?api-version= and /openai/v1/… with the model in the body
//	request.go     the body, decoded and checked (400 in OpenAI's shape); fields.go, what an api-version knows
//	filter.go      the content filter's verdict on the prompt
//	admission.go   tokens and requests per minute; ptu.go for provisioned throughput (429 with real headers)
//	answer.go      a deterministic answer of an exact number of tokens, and its usage (tokens.go), what it has read before (promptcache.go)
//	structured.go  the format that the caller wants: a value of its JSON schema (schema.go, schemainside.go, schemavalue.go, jsontree.go)
//	tools.go       the tools that it offers, or functions of old clients (functions.go); their tokens (tooltokens.go), results (toolresults.go)
//	errors.go      answers that are no success, with Azure's texts; headers.go, the headers of every answer
//	stream.go      server-sent events
//
// The operations have one file each:
//
//	chat.go, completions.go, embeddings.go, audio.go, images.go, models.go
//	responses.go   the Responses API; responsestream.go, its events; stored.go, the responses that an account keeps;
//	               reasoning.go, what only the account can read that made it
//	files.go       files: upload, read, download, delete; filestore.go, those that an account keeps; filetext.go, files in a prompt
//
// The service can be reached in three ways: [Service.Handler] for one account behind any server, [Service.ServeHTTP]
// for all of them by host name, and [Service.Transport], an http.RoundTripper that needs no socket and turns dial
// faults into the errors a dialler returns.
//
// Prompts can steer the answer, see [Marker]. Time comes from an injected clock and is never slept by admission.
//
// Sources are cited where a behaviour is decided. "[M] unverified" marks what no public page states.
package accounts
