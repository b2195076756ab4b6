package logs_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
)

// BenchmarkTheOriginalsQueries runs both questions of the original architecture on recorded calls. The budget is a second each
// over 10,000 rows. Rows are sent to the child once, as they are when several queries follow each other; "first" includes it.
func BenchmarkTheOriginalsQueries(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		s := store(logs.Everything())
		for i := range n {
			s.Record(call(func(r *apim.CallRecord) {
				r.CorrelationID, r.CallerIP = fmt.Sprintf("c%d", i), fmt.Sprintf("203.0.113.%d", i%200)
			}))
		}
		fresh := s.Tables()
		kept := s.Tables()
		for i := range kept {
			kept[i].Version = fmt.Sprintf("bench %d", n)
		}
		// What a pass over the same rows costs that reads one column and nothing else.
		b.Run(fmt.Sprintf("scan/%d", n), func(b *testing.B) {
			fastestScan(b, kept)
			for b.Loop() {
				if _, err := engine.Run(context.Background(), scanRows, kept); err != nil {
					b.Fatal(err)
				}
			}
		})
		for name, query := range map[string]string{"tokens": tokensByAddress, "prompts": promptText} {
			b.Run(fmt.Sprintf("%s/%d/first", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := engine.Run(context.Background(), query, fresh); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				if _, err := engine.Run(context.Background(), query, kept); err != nil {
					b.Fatal(err)
				}
				scan := fastestScan(b, kept)
				for b.Loop() {
					if _, err := engine.Run(context.Background(), query, kept); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/scan.Seconds(), "x-scan")
				b.ReportMetric(megabytes(b, engine.PID()), "child-MB")
			})
		}
	}
}

// BenchmarkUsageAndCost asks the project's largest question: a join of every call with three rows of its messages, and sums by
// day, team, product, model and account.
func BenchmarkUsageAndCost(b *testing.B) {
	q, err := queries.Find("usage-and-cost")
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{100_000, 300_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			tables := manyCalls(n)
			e := logs.NewEngine(func() time.Time { return noon }, os.Stderr)
			defer e.Close()
			for b.Loop() {
				result, err := e.Run(context.Background(), q.Text, tables)
				if err != nil {
					b.Fatal(err)
				}
				if len(result.Rows) == 0 {
					b.Fatal("no rows")
				}
			}
			b.ReportMetric(megabytes(b, e.PID()), "child-MB")
		})
	}
}

// manyCalls are the tables of so many calls, as the store would give them; made here, because a store keeps its rows by name.
func manyCalls(n int) []kql.Table {
	gateway := kql.Table{Schema: kql.Schema{Name: logs.GatewayLogs, Columns: columns(
		"TimeGenerated:datetime CorrelationId:string ApimSubscriptionId:string ProductId:string BackendUrl:string ResponseCode:int RequestBody:string")}}
	messages := kql.Table{Schema: kql.Schema{Name: logs.LLMLog, Columns: columns(
		"TimeGenerated:datetime CorrelationId:string SequenceNumber:int ModelName:string PromptTokens:int CompletionTokens:int RequestMessages:dynamic")}}
	said := []any{map[string]any{"role": "user", "content": "hello"}}
	for i := range n {
		id, at := fmt.Sprintf("00000000-0000-4000-8000-%012d", i), noon.Add(time.Duration(i)*time.Second).Format(time.RFC3339Nano)
		gateway.Rows = append(gateway.Rows, []any{at, id, fmt.Sprintf("team-%d", i%50), "standard", fmt.Sprintf("https://account-%d.openai.azure.com/x", i%3), 200, `{"messages":[]}`})
		messages.Rows = append(messages.Rows,
			[]any{at, id, 0, fmt.Sprintf("gpt-4o-2024-08-0%d", i%5), i % 1000, i % 100, nil},
			[]any{at, id, 1, nil, nil, nil, said}, []any{at, id, 2, nil, nil, nil, said})
	}
	return []kql.Table{gateway, messages}
}

func columns(text string) []kql.Column {
	var out []kql.Column
	for c := range strings.FieldsSeq(text) {
		name, kind, _ := strings.Cut(c, ":")
		out = append(out, kql.Column{Name: name, Type: kind})
	}
	return out
}

// scanRows looks at every row.
const scanRows = `ApiManagementGatewayLogs | summarize countif(tolower(OperationId) == 'chatcompletions_create')`

// fastestScan is the floor: the least of some passes, because one alone may meet the child's own housekeeping.
func fastestScan(b *testing.B, tables []kql.Table) time.Duration {
	b.Helper()
	least := time.Duration(math.MaxInt64)
	for range 7 {
		start := time.Now()
		if _, err := engine.Run(context.Background(), scanRows, tables); err != nil {
			b.Fatal(err)
		}
		least = min(least, time.Since(start))
	}
	return least
}

// megabytes is the peak memory of a process, as Linux counts it.
func megabytes(b *testing.B, pid int) float64 {
	b.Helper()
	for _, line := range strings.Split(readFile(b, fmt.Sprintf("/proc/%d/status", pid)), "\n") {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}

func readFile(b *testing.B, name string) string {
	b.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		return "" // not Linux
	}
	return string(text)
}
