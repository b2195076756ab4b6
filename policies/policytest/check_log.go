package policytest

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/internal/azure/apim"
)

func (k *checker) log(want Log, got *apim.CallRecord) {
	at := func(rest ...any) []any { return append([]any{"log"}, rest...) }
	if got == nil {
		k.fail(at(), "the call left no record")
		return
	}
	reason, tokens, model := "", 0, ""
	if got.LastError != nil {
		reason = got.LastError.Reason
	}
	if got.LLM != nil {
		tokens, model = got.LLM.TotalTokens, got.LLM.Model
	}
	for _, f := range []struct {
		name string
		want any
		got  any
	}{
		{"api", want.API, got.APIID}, {"operation", want.Operation, got.OperationID}, {"product", want.Product, got.ProductID},
		{"subscription", want.Subscription, got.SubscriptionID}, {"status", want.Status, got.ResponseCode}, {"reason", want.Reason, reason},
		{"attempts", want.Attempts, attempts(got)}, {"tokens", want.Tokens, tokens}, {"model", want.Model, model},
	} {
		if p := reflect.ValueOf(f.want); !p.IsNil() && text(p.Elem().Interface()) != text(f.got) {
			k.fail(at(f.name), "want %s, got %s", text(p.Elem().Interface()), text(f.got))
		}
	}
	for i, part := range want.Traces {
		if !slices.ContainsFunc(got.Traces, func(t apim.TraceRecord) bool { return logged(t) && strings.Contains(t.Message, part) }) {
			k.fail(at("traces", i), "no trace says %q", part)
		}
	}
	for i, what := range want.Untraced {
		if slices.ContainsFunc(got.Traces, func(t apim.TraceRecord) bool { return t.Source == what || strings.Contains(t.Message, what) }) {
			k.fail(at("untraced", i), "there is a trace of %q", what)
		}
	}
	k.metrics(want, got)
	if want.Events != nil {
		k.events(*want.Events, got.Events)
	}
}

// logged says whether a trace reaches the logs: their diagnostics have the verbosity information.
func logged(t apim.TraceRecord) bool { return t.Severity != "verbose" }

func (k *checker) events(want []Sent, got []apim.Event) {
	if len(want) != len(got) {
		k.fail([]any{"log", "events"}, "want %d events, got %d", len(want), len(got))
		return
	}
	for i, w := range want {
		at := []any{"log", "events", i}
		k.body(at, nil, w.JSON, w.Contains, w.Lacks, got[i].Body)
		if got[i].PartitionKey == "" {
			k.fail(at, "the event has no partition key: pieces of one call could come in any order")
		}
		if lost := got[i].Lost != ""; lost != w.Lost {
			k.fail(append(at, "lost"), "want %v, got %v (%s)", w.Lost, lost, got[i].Lost)
		}
	}
}

func (k *checker) metrics(want Log, got *apim.CallRecord) {
	for _, n := range sortedKeys(want.Metrics) {
		i := slices.IndexFunc(got.Metrics, func(m apim.Metric) bool { return m.Name == n && m.Dropped == "" })
		if i < 0 {
			k.fail([]any{"log", "metrics", n}, "the metric was not emitted")
		} else if v := got.Metrics[i].Value; v != want.Metrics[n] {
			k.fail([]any{"log", "metrics", n}, "want %g, got %g", want.Metrics[n], v)
		}
	}
	for _, m := range got.Metrics {
		if want.Namespace != nil && *want.Namespace != m.Namespace {
			k.fail([]any{"log", "namespace"}, "want %q, metric %s has %q", *want.Namespace, m.Name, m.Namespace)
		}
		for _, n := range sortedKeys(want.Dimensions) {
			if m.Dimensions[n] != want.Dimensions[n] {
				k.fail([]any{"log", "dimensions", n}, "want %q, metric %s has %q", want.Dimensions[n], m.Name, m.Dimensions[n])
			}
		}
	}
}

// attempts are the calls to backends as the log has them: backend and status, or what went wrong.
func attempts(r *apim.CallRecord) []string {
	out := []string{}
	for _, a := range r.Attempts {
		how := a.Reason
		if how == "" {
			how = strconv.Itoa(a.Status)
		}
		out = append(out, a.BackendID+" "+how)
	}
	return out
}
