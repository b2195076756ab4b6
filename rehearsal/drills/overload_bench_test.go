package drills

import (
	"testing"

	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// BenchmarkOverload is what three regions serve at twice their capacity for ten modelled minutes, as a share of it: with our policy,
// with a policy that knows one account, and with one that tries again without breakers. The figures are modelled and do not depend on
// the machine.
func BenchmarkOverload(b *testing.B) {
	d := deployed.New(b, deployed.With(func(s *stacks.Settings) {
		third := s.Accounts[1]
		third.Name, third.Location, third.Priority = "norway", "norwayeast", 2
		s.Accounts = append(s.Accounts, third)
	}))
	var measured *OverloadMeasured
	for b.Loop() {
		var failures []string
		measured, failures = tried[OverloadMeasured](b, overload(), &Env{Site: siteOf(b, d)})
		require.Empty(b, failures)
	}
	for metric, of := range map[string]*ServedMeasured{
		"ours": measured.Ours, "one-account": measured.OneAccount, "retry-without-breaker": measured.RetryWithoutBreaker,
	} {
		b.ReportMetric(of.Goodput, metric)
		b.ReportMetric(of.AttemptsPerCall, metric+"-attempts/call")
		errors := 0
		for _, n := range of.OtherErrors {
			errors += n
		}
		b.ReportMetric(float64(errors), metric+"-5xx")
	}
}
