// Package arm is the resource manager of the embedded Azure: an http.Handler that answers PUT, GET, HEAD, DELETE and POST
// on resource ids the way Azure Resource Manager and the services behind it do, and refuses what they refuse.
//
// The map:
//
//	server.go      Options, New, the handler and the in-process transport
//	id.go          resource ids: case-insensitive, nested, extension resources
//	store.go       the stored resources; values.go: reading, copying and completing bodies
//	kinds.go       the types: their rows (internal/azure/resourcetypes) and what no table can say; Coverage for the generated page; names.go: types and ids
//	versions.go    API versions: those that a type is written in, those that it is read in, and the refusal of others
//	read.go        GET, HEAD and POST actions
//	lists.go       lists of a type, and ARM's own of subscriptions, groups, resources and providers; their pages and filters
//	conditions.go  ETag, If-Match, If-None-Match
//	questions.go   what a region offers, quota used, names that are free, what Azure Policy denies; roles.go: who has which role
//	write.go       the way of every PUT: kind, version, model, rules, filled values; place.go: name, parents and location
//	remove.go      the way of every DELETE, cascades and refusals
//	rules.go       the list of what is refused because of order, conflicts, names and time
//	errors.go      refusals in ARM's shape
//	overlap.go     what Azure does not do side by side
//	providers.go   the registration of resource providers
//	quota.go       what a subscription may deploy of a model
//	reachable.go   whether a service in a network can be managed
//	operations.go  long-running operations on the injected clock; durations.go their modelled lengths
//	model.go       bodies against the types of internal/azure/models and of this package: unknown fields, kinds, enums (enums.go)
//	kinds_*.go     the types of one service each: their rules, references and filled values; service_fill.go, alert_rules.go: those of two
//	policy.go      policy documents: references to named values, fragments and backends; rawxml to xml
//	template.go    ARM templates, with their functions (template_functions.go): deployments.go and stacks.go expand them, expression.go evaluates their expressions
//	softdelete.go  deleted services and accounts, which keep their names for 48 hours
//	state.go       Save and Load
//
// A behaviour that no public page states is marked [M] (from experience, unverified) where it is written down.
// What is not modelled is refused with a message that says so; nothing is skipped in silence.
package arm
