package drills

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/stacks"
)

// question is a query whose answer is known from the traffic.
type question struct {
	query string
	// by are the columns that an answer is about, counts those that are numbers. Rows about the same are added up.
	by, counts []string
	// of says what a visit adds, in the order of by and counts. A visit about nothing is none of the query's.
	of func(v *visit) (about []string, adds []int)
}

// compare looks for what the rows say otherwise than the traffic knows.
func (q question) compare(rows []map[string]any, visits []*visit, f *findings) {
	known, counted := sums{}, sums{}
	for _, v := range visits {
		if about, adds := q.of(v); about != nil {
			known.add(about, adds)
		}
	}
	for _, row := range rows {
		var about []string
		for _, column := range q.by {
			about = append(about, text(row, column))
		}
		var adds []int
		for _, column := range q.counts {
			adds = append(adds, whole(row, column))
		}
		counted.add(about, adds)
	}
	all := maps.Clone(known)
	maps.Copy(all, counted)
	wrong := 0
	for _, about := range slices.Sorted(maps.Keys(all)) {
		if counted.same(known, about) {
			continue
		}
		if wrong++; wrong <= mostDifferences {
			f.add("%s: %s of %s are %s, where the traffic had %s",
				q.query, strings.Join(q.counts, ", "), about, counted.show(about), known.show(about))
		}
	}
	if wrong > mostDifferences {
		f.add("%s: %d more differences", q.query, wrong-mostDifferences)
	}
}

// mostDifferences of one query are reported; other queries may differ too.
const mostDifferences = 2

// sums are numbers by what they are about.
type sums map[string][]int

func (s sums) add(about []string, adds []int) {
	about = slices.Clone(about)
	for i := range about {
		if about[i] == "" {
			about[i] = `""`
		}
	}
	key := strings.Join(about, ", ")
	if s[key] == nil {
		s[key] = make([]int, len(adds))
	}
	for i, n := range adds {
		s[key][i] += n
	}
}

// same says whether both have the same numbers; all zero is as good as nowhere.
func (s sums) same(other sums, about string) bool {
	both := append(slices.Clone(s[about]), other[about]...)
	return slices.Equal(s[about], other[about]) || !slices.ContainsFunc(both, func(n int) bool { return n != 0 })
}

func (s sums) show(about string) string {
	if s[about] == nil {
		return "nowhere"
	}
	return strings.Trim(fmt.Sprint(s[about]), "[]")
}

// questions are those whose answers follow from the known traffic; chargeback and the alerts' drill have the others.
func (s *Site) questions(runAt time.Time) []question {
	l := s.Settings.Logging
	all := append(s.ofCalls(), s.ofUse(runAt)...)
	all = append(all, originals("", (*visit).served, l.ClientIP)...)
	if slices.ContainsFunc(s.Settings.Products, s.Settings.LogsAnswers) {
		all = append(all, originals("-bodies", s.wholeBody, l.ClientIP)...)
	}
	return all
}

// ofCalls are the questions about how calls went.
func (s *Site) ofCalls() []question {
	return []question{
		{"failover-trails", []string{"CorrelationId"}, []string{"Attempts"}, func(v *visit) ([]string, []int) {
			return about(v.attempts > 1, v.id), []int{v.attempts}
		}},
		{"region-health", []string{"Account"}, []string{"Calls", "Throttled", "Broken"}, func(v *visit) ([]string, []int) {
			return about(v.attempts > 0, v.last), []int{1, one(v.status() == 429), one(v.status() >= 500)}
		}},
		{"errors-by-cause", []string{"Cause", "ResponseCode"}, []string{"Calls"}, func(v *visit) ([]string, []int) {
			cause := map[int]string{400: "the request is not valid", 429: "the models are at their limit", 503: "the models are not available"}
			return about(!v.served(), cause[v.status()], fmt.Sprint(v.status())), []int{1}
		}},
		{"throttled-callers", []string{"Caller", "Limit"}, []string{"Refused"}, func(v *visit) ([]string, []int) {
			return about(v.status() == 429, v.logged(), "the models: every account at its limit"), []int{1}
		}},
		{"top-callers", []string{"Caller"}, []string{"Calls", "Failed", "TotalTokens"}, func(v *visit) ([]string, []int) {
			return []string{v.logged()}, []int{1, one(!v.served()), v.prompted + v.answered}
		}},
	}
}

// ofUse are the questions about who used what.
func (s *Site) ofUse(runAt time.Time) []question {
	l := s.Settings.Logging
	return []question{
		{"tokens-by-caller", []string{"Product", "Deployment"}, []string{"PromptTokens", "CompletionTokens"}, func(v *visit) ([]string, []int) {
			return about(v.served(), v.product.Name, v.deployment), []int{v.prompted, v.answered}
		}},
		{"usage-by-person", []string{"Person"}, []string{"Calls", "PromptTokens", "CompletionTokens"}, func(v *visit) ([]string, []int) {
			person := s.personOf(v)
			return about(person != "", person), []int{1, v.prompted, v.answered}
		}},
		{"media-by-team", []string{"Team"}, []string{"Images", "Characters", "Megabytes"}, func(_ *visit) ([]string, []int) {
			return about(false), []int{0, 0, 0} // nobody draws or speaks in it; throttle tries that
		}},
		{"latency", []string{"Model", "Streamed"}, []string{"Calls"}, func(v *visit) ([]string, []int) {
			return about(v.served(), v.model, fmt.Sprint(v.stream)), []int{1}
		}},
		{"provisioned-units", []string{"Team", "CostCentre"}, []string{"Tokens"}, func(v *visit) ([]string, []int) {
			return about(v.provisioned, v.payer(), v.costCentre), []int{v.prompted + v.answered}
		}},
		{"time-to-first-token", []string{"Account", "Slowest"}, []string{"Minutes"}, func(v *visit) ([]string, []int) {
			return about(v.thinks > 0 && v.provisioned, v.last, fmt.Sprint(v.thinks.Milliseconds())), []int{1}
		}},
		{"quota-burn-down", []string{"Caller", "Product"}, []string{"Used"}, func(v *visit) ([]string, []int) {
			quota := v.product.TokenQuota
			counts := v.served() && v.key != "" && quota.Tokens > 0 && sinceStart(v.at, runAt, quota.Period)
			return about(counts, v.subscription, v.product.Name), []int{v.prompted + v.answered}
		}},
		{"calls-without-messages", []string{"Product", "Counted"}, []string{"Calls"}, func(v *visit) ([]string, []int) {
			silent := v.served() && !v.embed && (private(v.product) || !l.Messages)
			return about(silent, v.loggedProduct(), "true"), []int{1}
		}},
		{"content-filter-hits", []string{"Caller"}, []string{"Hits"}, func(v *visit) ([]string, []int) {
			return about(v.marker != "" && s.Settings.LogsAnswers(v.product), v.logged()), []int{1}
		}},
	}
}

// originals are the queries on messages or on bodies: the two questions of the architecture that this project stands in for,
// and who pays.
func originals(flavour string, counts func(*visit) bool, addresses bool) []question {
	address := func(v *visit) string {
		if addresses {
			return v.address
		}
		return ""
	}
	return []question{
		{"tokens-by-ip-and-model" + flavour, []string{"CallerIpAddress", "Model"}, []string{"PromptTokens", "CompletionTokens", "TotalTokens"}, func(v *visit) ([]string, []int) {
			return about(counts(v), address(v), v.model), []int{v.prompted, v.answered, v.prompted + v.answered}
		}},
		{"prompts-and-completions" + flavour, []string{"CorrelationId", "CallerIpAddress"}, []string{"PromptTokens", "CompletionTokens"}, func(v *visit) ([]string, []int) {
			return about(counts(v), v.id, address(v)), []int{v.prompted, v.answered}
		}},
		{"usage-and-cost" + flavour, []string{"Team", "CostCentre", "Product"}, []string{"Calls", "PromptTokens", "CompletionTokens"}, func(v *visit) ([]string, []int) {
			return about(counts(v), v.payer(), v.costCentre, v.loggedProduct()), []int{1, v.prompted, v.answered}
		}},
	}
}

// about is what a visit is about, or nothing unless it counts.
func about(counts bool, what ...string) []string {
	if !counts {
		return nil
	}
	return what
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// payer is the team, which calls with a token alone do not have.
func (v *visit) payer() string {
	if v.key == "" {
		return "(token)"
	}
	return v.team
}

// logged is the caller as the gateway's log knows it.
func (v *visit) logged() string {
	if v.key == "" {
		return "(token)"
	}
	return v.subscription
}

// loggedProduct is the product as the gateway's log knows it: that of the key.
func (v *visit) loggedProduct() string {
	if v.key == "" {
		return ""
	}
	return v.product.Name
}

// wholeBody is true if a visit's answer can be read from its logged body: JSON that is not cut.
func (s *Site) wholeBody(v *visit) bool {
	return v.served() && !v.stream && s.Settings.LogsAnswers(v.product) && len(v.body) <= keptBody
}

// sinceStart says whether a time is in the same period as another, later one. Nothing in the traffic is longer ago than a day.
func sinceStart(at, runAt time.Time, period stacks.QuotaPeriod) bool {
	layout := map[stacks.QuotaPeriod]string{stacks.PeriodHourly: "2006-01-02T15", stacks.PeriodDaily: time.DateOnly}[period]
	return layout == "" || at.Format(layout) == runAt.Format(layout)
}

// personOf is who is behind a visit as the settings let it be logged, empty without a token.
func (s *Site) personOf(v *visit) string {
	id := dataplane.Person{Product: v.product.Name}.ID()
	switch {
	case v.token == "" || !s.Settings.Logging.Person.IsLogged():
		return ""
	case s.Settings.Logging.Person.IsHashed():
		tenant := s.Settings.Gateway.Entra.TenantID
		if tenant == "" {
			tenant = s.TenantID
		}
		return fmt.Sprintf("%x", sha256.Sum256([]byte(tenant+"/"+id)))[:32]
	}
	return id
}
