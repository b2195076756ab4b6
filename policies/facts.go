package policies

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Facts are what the documents decide by.
type Facts struct {
	// TenantID is the Entra tenant whose tokens are accepted.
	TenantID string
	// Audiences are the accepted audiences of tokens.
	Audiences []string
	// Products are what callers can have.
	Products []Product
	// Pools are the deployments.
	Pools []Pool
	// Hosts are the host names of the accounts, by account.
	Hosts map[string]string
	// MaxAttempts is the most backends one call is offered to.
	MaxAttempts int
	// DeadlineSeconds is how long one call may take over all attempts.
	DeadlineSeconds int
	// StreamSeconds and AttemptSeconds are how long one attempt may take to its first byte, of a stream and of any other call.
	StreamSeconds, AttemptSeconds int
	// RetryAfterCapSeconds is the largest Retry-After a caller receives.
	RetryAfterCapSeconds int
	// Person is how the person behind a token is logged: id, hash or none; empty is none.
	Person string
	// ExportLogger is the id of the logger that whole prompts and answers go to; empty exports nothing.
	ExportLogger string
}

// Product is one product's rules.
type Product struct {
	Name string
	// Authentication is key, entra or both.
	Authentication string
	// Groups are object ids of Entra groups.
	Groups []string
	// Deployments are what its callers may use.
	Deployments []string
	// Endpoints are the kinds of operations that they may call.
	Endpoints []string
	// Paths are those of its APIs: whether text is logged is a property of an API.
	Paths []string
	// RequestsPerMinute, TokensPerMinute and TokenQuota are per caller.
	RequestsPerMinute, TokensPerMinute, TokenQuota int
	// ReservedTokensPerMinute is what the calls of one minute may reserve, 0 without a limit; OpenAnswerTokens is what they reserve for an
	// answer whose size they leave open.
	ReservedTokensPerMinute, OpenAnswerTokens int
	// ImagesPerMinute, SpeechCharactersPerMinute and AudioMegabytesPerMinute are what the calls of one minute may take, 0 without a limit.
	ImagesPerMinute, SpeechCharactersPerMinute, AudioMegabytesPerMinute int
	// TokenQuotaPeriod is Hourly, Daily, Weekly, Monthly or Yearly.
	TokenQuotaPeriod string
	// Tools are the kinds of tools that accounts may run for its callers; Hosts are those that a call may name, *.example.com for
	// every name below example.com.
	Tools, Hosts []string
	// LimitsPerPerson counts each person with a token apart, instead of a team together.
	LimitsPerPerson bool
	// FileAccounts are the accounts that take its files, the best first; the first FileFirst of them are equally good. Empty where it
	// allows no files.
	FileAccounts []string
	FileFirst    int
	// KeepsText lets its prompts and answers be exported, and be stored by accounts.
	KeepsText bool
}

// Pool is one deployment and the accounts that serve it, the one that is called first before the others.
type Pool struct {
	Deployment string
	Accounts   []string
	// LargestTokensPerMinute is what the largest of the accounts serves; 0 where one has no such limit.
	LargestTokensPerMinute int
}

// NamedValue is a value that documents use as {{name}}.
type NamedValue struct{ Name, Value string }

// NamedValues are the named values with the facts in place.
func (f Facts) NamedValues() ([]NamedValue, error) {
	var problems []error
	positive := func(name string, value int) NamedValue {
		if value < 1 {
			problems = append(problems, fmt.Errorf("%s is %d, has to be at least 1", name, value))
		}
		return NamedValue{name, strconv.Itoa(value)}
	}
	values := []NamedValue{
		{"entra-tenant", f.TenantID},
		positive("max-attempts", f.MaxAttempts),
		positive("deadline-seconds", f.DeadlineSeconds),
		positive("stream-seconds", f.StreamSeconds),
		positive("attempt-seconds", f.AttemptSeconds),
		positive("retry-after-cap-seconds", f.RetryAfterCapSeconds),
	}
	return values, errors.Join(problems...)
}

// substitutions are the values of $(name) outside of lists.
func (f Facts) substitutions() fields {
	return fields{
		"products": f.products(), "pools": f.pools(), "hosts": f.hosts(), "shortened": f.shortened(),
		"person": text(cmp.Or(f.Person, "none")), "logger": text(f.ExportLogger),
		"uploads":   f.ids(func(o Operation) bool { return o.Upload }),
		"counted":   f.ids(func(o Operation) bool { return o.Counted }),
		"models":    f.ids(func(o Operation) bool { return o.Models }),
		"files":     f.ids(func(o Operation) bool { return o.Endpoint == Files }),
		"endpoints": f.endpoints(),
		"steps":     text(strings.Join(f.steps(), ",")),
		"units":     units(), "unit-steps": text(strings.Join(f.unitSteps(), ",")),
	}
}

// products are what expressions know of each product, in the order of the settings: the first that fits is taken.
func (f Facts) products() table {
	all := make(table, 0, len(f.Products))
	for _, p := range f.Products {
		rules := table{
			{"authentication", p.Authentication}, {"groups", p.Groups}, {"deployments", p.Deployments}, {"endpoints", p.Endpoints},
			{"paths", p.Paths},
			{"tools", p.Tools}, {"hosts", p.Hosts}, {"keepsText", p.KeepsText}, {"limitsPerPerson", p.LimitsPerPerson},
			{"reservedUnits", p.ReservedTokensPerMinute / ReservedUnit}, {"openAnswerTokens", p.OpenAnswerTokens},
			{string(Pictures), p.ImagesPerMinute}, {string(Characters), p.SpeechCharactersPerMinute}, {string(Megabytes), p.AudioMegabytesPerMinute},
		}
		if len(p.FileAccounts) > 0 {
			rules = append(rules, member{"fileAccounts", p.FileAccounts}, member{"fileFirst", p.FileFirst})
		}
		all = append(all, member{p.Name, rules})
	}
	return all
}

// pools are the deployments. Their accounts keep their order: the one that is called first before the others.
func (f Facts) pools() table {
	all := make(table, 0, len(f.Pools))
	for _, p := range f.Pools {
		all = append(all, member{p.Deployment, table{{"tokensPerMinute", p.LargestTokensPerMinute}, {"accounts", p.Accounts}}})
	}
	return all
}

// hosts are the host names of accounts.
func (f Facts) hosts() table {
	all := make(table, 0, len(f.Hosts))
	for _, account := range slices.Sorted(maps.Keys(f.Hosts)) {
		all = append(all, member{account, f.Hosts[account]})
	}
	return all
}

// lists are what <?each name?> goes through.
func (f Facts) lists() map[string][]fields {
	var products, audiences []fields
	for _, p := range f.Products {
		products = append(products, fields{
			"name":                text(p.Name),
			"requests-per-minute": text(strconv.Itoa(p.RequestsPerMinute)),
			"tokens-per-minute":   text(strconv.Itoa(p.TokensPerMinute)),
			"token-quota":         text(strconv.Itoa(p.TokenQuota)),
			"token-quota-period":  text(p.TokenQuotaPeriod),
		})
	}
	for _, audience := range f.audiences() {
		audiences = append(audiences, fields{"audience": text(audience)})
	}
	var export, files []fields // one entry, or none
	if f.ExportLogger != "" {
		export = []fields{{}}
	}
	if f.files() {
		files = []fields{{}}
	}
	var reservation, steps []fields
	for _, step := range f.steps() {
		reservation, steps = []fields{{}}, append(steps, fields{"step": text(step)})
	}
	var unitSteps []fields
	for _, step := range f.unitSteps() {
		unitSteps = append(unitSteps, fields{"step": text(step)})
	}
	return map[string][]fields{"product": products, "audience": audiences, "export": export, "files": files, "reservation": reservation, "step": steps, "unit-step": unitSteps}
}

// unusedAudience is for environments without audiences, where no product takes tokens: API Management refuses a validate-jwt with an
// empty list ("The element 'audiences' has incomplete content"), and no token has this audience.
const unusedAudience = "urn:enterprise-openai:no-token-is-for-this"

func (f Facts) audiences() []string {
	if len(f.Audiences) == 0 {
		return []string{unusedAudience}
	}
	return f.Audiences
}
