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
				b.ReportMetric(childMegabytes(b), "child-MB")
			})
		}
	}
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

// childMegabytes is the peak memory of the node child, as Linux counts it.
func childMegabytes(b *testing.B) float64 {
	b.Helper()
	for _, line := range strings.Split(readFile(b, fmt.Sprintf("/proc/%d/status", engine.PID())), "\n") {
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
