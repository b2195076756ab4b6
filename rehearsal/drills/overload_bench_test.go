package drills

import (
	"context"
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
	var measured map[string]any
	for b.Loop() {
		var failures []string
		measured, failures = overload().Run(context.Background(), &Env{Site: siteOf(b, d)})
		require.Empty(b, failures)
	}
	for metric, name := range map[string]string{"ours": "ours", "one-account": "oneAccount", "retry-without-breaker": "retryWithoutBreaker"} {
		of, ok := measured[name].(map[string]any)
		require.True(b, ok, name)
		b.ReportMetric(of["goodput"].(float64), metric)
		b.ReportMetric(of["attemptsPerCall"].(float64), metric+"-attempts/call")
		errors := 0
		for _, n := range of["otherErrors"].(map[string]int) {
			errors += n
		}
		b.ReportMetric(float64(errors), metric+"-5xx")
	}
}
