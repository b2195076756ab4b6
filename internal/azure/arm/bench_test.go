package arm

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkEnvironment creates the 31 resources of a whole environment, model checks and all, and compares with a store that
// reads each body, keeps it and writes it back: what no resource manager can do without.
func BenchmarkEnvironment(b *testing.B) {
	for b.Loop() {
		world(b)
	}
	puts := 31 * float64(b.N) / b.Elapsed().Seconds()
	bare := keeping(b)
	b.ReportMetric(puts, "puts/s")
	b.ReportMetric(bare, "bare-puts/s")
	b.ReportMetric(puts/bare, "of-bare")
}

// keeping is how many bodies a second a store of nothing but bodies takes.
func keeping(b *testing.B) float64 {
	b.Helper()
	kept := map[string]map[string]any{}
	store := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil && !errors.Is(err, io.EOF) { // a link has no body
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		kept[r.URL.Path] = body
		_ = json.NewEncoder(w).Encode(body) // the recorder takes everything
	})
	start, rounds := time.Now(), 200
	for range rounds {
		for _, sent := range bodies {
			answer := httptest.NewRecorder()
			store.ServeHTTP(answer, httptest.NewRequest(http.MethodPut, "https://management.azure.com"+sent[0], strings.NewReader(sent[1])))
			require.NoError(b, json.Unmarshal(answer.Body.Bytes(), &map[string]any{}), sent[0])
		}
	}
	return float64(rounds*len(bodies)) / time.Since(start).Seconds()
}
