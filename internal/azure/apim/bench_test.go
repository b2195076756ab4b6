package apim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/clock"
	"enterprise-openai/stacks"
)

// upstream is the model both the gateway and the bare proxy send to.
func upstream(b *testing.B, wait <-chan struct{}) *httptest.Server {
	b.Helper()
	answer := `{"model":"gpt-4o","choices":[{"message":{"content":"` + strings.Repeat("word ", 50) + `"}}],"usage":{"prompt_tokens":10,"completion_tokens":50,"total_tokens":60}}`
	chunk := `data: {"model":"gpt-4o","choices":[{"delta":{"content":"word "}}],"usage":null}` + "\n\n"
	end := `data: {"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":50,"total_tokens":60}}` + "\n\ndata: [DONE]\n\n"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"stream":true`) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 50 {
			_, _ = io.WriteString(w, chunk)
			_ = http.NewResponseController(w).Flush()
			if wait != nil && i == 0 {
				<-wait
			}
		}
		_, _ = io.WriteString(w, end)
	}))
	b.Cleanup(srv.Close)
	return srv
}

type dial struct{ t http.RoundTripper }

func (d dial) RoundTrip(_ context.Context, _ int, _ string, req *http.Request) (*http.Response, error) {
	return d.t.RoundTrip(req)
}

func transport() *http.Transport {
	return &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256}
}

const (
	benchPath = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
	benchKey  = "key-of-a-team"
)

// deployed is the gateway that the program deploys, without limits that a benchmark could reach; every account is at one address.
func deployed(b testing.TB, backend string) apim.Configuration {
	b.Helper()
	s := site.New(b, site.With(func(s *stacks.Settings) {
		p := &s.Products[0]
		p.RequestsPerMinute, p.TokensPerMinute, p.TokenQuota = 1e8, 1e9, stacks.TokenQuota{Tokens: 1e9, Period: "Monthly"}
		p.ReservedTokensPerMinute = 1e9
	}))
	cfg, err := dataplane.Configuration(s.Server, azure.TenantID)
	if err != nil {
		b.Fatal(err)
	}
	cfg.Service.HostNames = nil // benchmarks call it by its address
	for i := range cfg.Backends {
		if cfg.Backends[i].URL != "" {
			cfg.Backends[i].URL = backend + "/openai"
		}
	}
	for i := range cfg.Subscriptions {
		if cfg.Subscriptions[i].ID == "search-standard" {
			cfg.Subscriptions[i].PrimaryKey = benchKey
		}
	}
	return cfg
}

// bare is a reverse proxy that only passes on: the floor.
func bare(b *testing.B, backend string) *httptest.Server {
	b.Helper()
	u, err := url.Parse(backend)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.Transport, proxy.FlushInterval = transport(), -1
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Without it the first byte of an answer may cut the end of a request off, and a stream with it.
		_ = http.NewResponseController(w).EnableFullDuplex()
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(srv.Close)
	return srv
}

func serveChain(b *testing.B, cfg apim.Configuration) *httptest.Server {
	b.Helper()
	g, err := apim.New(b.Context(), cfg, apim.Deps{
		Clock: clock.Real{}, Backends: dial{transport()}, Expressions: apim.CSharp(),
		Identity: &identities{until: time.Now().Add(time.Hour)}, Tokens: apimtest.Words{},
	})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(g)
	b.Cleanup(func() { srv.Close(); _ = g.Close() })
	return srv
}

// caller sends the same prompt again and again, each in other words.
type caller struct {
	b      *testing.B
	client *http.Client
	stream bool
	serial int
	mu     sync.Mutex
}

func newCaller(b *testing.B, stream bool) *caller {
	b.Helper()
	return &caller{b: b, client: &http.Client{Transport: transport()}, stream: stream}
}

func (c *caller) open(base string) *http.Response {
	c.mu.Lock()
	c.serial++
	body := fmt.Sprintf(`{"messages":[{"role":"user","content":"%d %s"}],"stream":%t}`, c.serial, strings.Repeat("word ", 40), c.stream)
	c.mu.Unlock()
	req, err := http.NewRequestWithContext(c.b.Context(), http.MethodPost, base+benchPath, strings.NewReader(body))
	if err != nil {
		c.b.Error(err)
		return nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Api-Key", benchKey)
	res, err := c.client.Do(req)
	if err != nil {
		c.b.Error(err)
		return nil
	}
	if res.StatusCode != http.StatusOK {
		c.b.Errorf("status %d", res.StatusCode)
	}
	return res
}

// round is one measurement: a number of calls, by one caller for each processor.
func (c *caller) round(base string, calls int) (rps float64, median time.Duration) {
	workers := runtime.GOMAXPROCS(0)
	times := make([]time.Duration, calls)
	var done sync.WaitGroup
	begun := time.Now()
	for w := range workers {
		done.Go(func() {
			for i := w; i < calls; i += workers {
				start := time.Now()
				res := c.open(base)
				if res == nil {
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					c.b.Error(err)
				}
				_ = res.Body.Close()
				times[i] = time.Since(start)
			}
		})
	}
	done.Wait()
	return float64(calls) / time.Since(begun).Seconds(), middle(times)
}

func middle[T int | float64 | time.Duration](list []T) T {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// Rounds alternate between the two, so that whatever else the machine does
// falls upon both; what is reported are medians over the rounds.
const (
	benchRounds = 21
	benchCalls  = 200
)

func benchmarkAgainstBare(b *testing.B, cfg func(backend string) apim.Configuration, stream bool) {
	b.Helper()
	up := upstream(b, nil)
	floor, full := bare(b, up.URL), serveChain(b, cfg(up.URL))
	c := newCaller(b, stream)
	for _, base := range []string{floor.URL, full.URL} {
		c.round(base, benchCalls)
	}
	var rates, bares, ratios []float64
	var added []time.Duration
	for b.Loop() {
		for range benchRounds {
			bareRate, bareMedian := c.round(floor.URL, benchCalls)
			rate, median := c.round(full.URL, benchCalls)
			rates, bares, ratios = append(rates, rate), append(bares, bareRate), append(ratios, rate/bareRate)
			added = append(added, median-bareMedian)
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(middle(bares), "bare-rps")
	b.ReportMetric(middle(rates), "rps")
	b.ReportMetric(middle(rates)/middle(bares), "ratio")
	b.ReportMetric(ratios[len(ratios)/10], "ratio-p10")
	b.ReportMetric(float64(middle(added).Microseconds()), "added-p50-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkChain is the chain of a deployed stack beside a bare reverse proxy.
func BenchmarkChain(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		benchmarkAgainstBare(b, func(u string) apim.Configuration { return deployed(b, u) }, false)
	})
	b.Run("streamed", func(b *testing.B) {
		benchmarkAgainstBare(b, func(u string) apim.Configuration { return deployed(b, u) }, true)
	})
	b.Run("empty", func(b *testing.B) {
		benchmarkAgainstBare(b, func(u string) apim.Configuration {
			cfg := deployed(b, u)
			for i := range cfg.APIs {
				cfg.APIs[i].Policy, cfg.APIs[i].ServiceURL = nil, u
			}
			return cfg
		}, false)
	})
}

// openStreams is how many streams stand open at once when memory is measured.
const openStreams = 200

// BenchmarkMemoryOfStreams is what 200 open streams hold, through the chain and through a bare proxy. Clients and
// model live in the same process and are in both figures.
func BenchmarkMemoryOfStreams(b *testing.B) {
	for b.Loop() {
		for _, name := range []string{"bare", "chain"} {
			release := make(chan struct{})
			up := upstream(b, release)
			var srv *httptest.Server
			if name == "bare" {
				srv = bare(b, up.URL)
			} else {
				srv = serveChain(b, deployed(b, up.URL))
			}
			c := newCaller(b, true)
			before := held()
			streams := make([]*http.Response, openStreams)
			var opened sync.WaitGroup
			for i := range streams {
				opened.Go(func() {
					streams[i] = c.open(srv.URL)
					if streams[i] != nil {
						_, _ = streams[i].Body.Read(make([]byte, 1))
					}
				})
			}
			opened.Wait()
			b.ReportMetric(float64(held()-before)/(1<<20), name+"-MB")
			close(release)
			for _, s := range streams {
				if s != nil {
					_, _ = io.Copy(io.Discard, s.Body)
					_ = s.Body.Close()
				}
			}
			c.client.CloseIdleConnections()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// held is the memory in use after collection: heap and stacks.
func held() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
