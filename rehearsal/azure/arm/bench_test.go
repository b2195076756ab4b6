package arm

import "testing"

// BenchmarkEnvironment creates the 31 resources of a whole environment, model checks and all.
func BenchmarkEnvironment(b *testing.B) {
	for b.Loop() {
		world(b)
	}
	b.ReportMetric(31*float64(b.N)/b.Elapsed().Seconds(), "puts/s")
}
