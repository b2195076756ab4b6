package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"enterprise-openai/rehearsal/clock"
	"enterprise-openai/rehearsal/gateway"
	"enterprise-openai/rehearsal/gateway/gatewaytest"
)

// fullChain is about what a deployed stack runs for one call: limits, identity,
// a pool with retry, headers, a trace, and some twenty expressions.
const fullChain = `<policies><inbound><base />
	<set-variable name="deployment" value="@(context.Request.MatchedParameters["id"])" />
	<set-variable name="caller" value="@(context.Subscription == null ? context.Request.IpAddress : context.Subscription.Id)" />
	<choose><when condition="@(context.Request.Headers.GetValueOrDefault("x-block","") == "1")"><return-response><set-status code="403" /></return-response></when></choose>
	<set-variable name="stream" value="@(context.Request.Body != null && context.Request.Body.As<JObject>(preserveContent: true).Value<bool?>("stream") == true)" />
	<llm-token-limit counter-key="@((string)context.Variables["caller"])" tokens-per-minute="100000000" estimate-prompt-tokens="false" remaining-tokens-header-name="x-left" />
	<rate-limit-by-key calls="100000" renewal-period="1" counter-key="@((string)context.Variables["caller"] + "|" + context.Api.Id)" />
	<llm-emit-token-metric><dimension name="API ID" /><dimension name="Team" value="@((string)context.Variables["caller"])" /><dimension name="Deployment" value="@((string)context.Variables["deployment"])" /></llm-emit-token-metric>
	<set-header name="api-key" exists-action="delete" /><set-header name="x-team" exists-action="override"><value>@((string)context.Variables["caller"])</value></set-header>
	<authentication-managed-identity resource="https://cognitiveservices.azure.com" />
	<set-variable name="started" value="@(DateTime.UtcNow)" /><set-variable name="attempt" value="@(0)" />
	<set-backend-service backend-id="pool" /></inbound>
	<backend><retry count="2" interval="0" first-fast-retry="true" condition="@(context.Response == null || context.Response.StatusCode == 429 || context.Response.StatusCode >= 500)">
	<set-variable name="attempt" value="@(context.Variables.GetValueOrDefault<int>("attempt") + 1)" />
	<choose><when condition="@((DateTime.UtcNow - (DateTime)context.Variables["started"]).TotalSeconds < 240)"><forward-request buffer-request-body="true" buffer-response="false" timeout="@(240 - (int)(DateTime.UtcNow - (DateTime)context.Variables["started"]).TotalSeconds)" /></when></choose>
	<trace source="attempt" severity="information"><message>@("attempt " + context.Variables["attempt"] + " " + context.Response.StatusCode)</message><metadata name="deployment" value="@((string)context.Variables["deployment"])" /></trace>
	</retry></backend>
	<outbound><base /><choose><when condition="@(context.Response.StatusCode == 401 || context.Response.StatusCode == 403)"><set-status code="502" reason="Bad Gateway" /></when></choose>
	<set-header name="x-attempts" exists-action="override"><value>@(context.Variables["attempt"].ToString())</value></set-header></outbound>
	<on-error><base /></on-error></policies>`

// upstream is the backend both the gateway and the bare proxy send to.
func upstream(b *testing.B) *httptest.Server {
	b.Helper()
	answer := `{"model":"gpt-4o","choices":[{"message":{"content":"` + strings.Repeat("word ", 50) + `"}}],"usage":{"prompt_tokens":10,"completion_tokens":50,"total_tokens":60}}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
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

// hammer posts from several callers at once and reports the median.
func hammer(b *testing.B, base string) {
	b.Helper()
	client := &http.Client{Transport: transport()}
	body := `{"messages":[{"role":"user","content":"` + strings.Repeat("word ", 40) + `"}]}`
	times := make(chan time.Duration, b.N)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			start := time.Now()
			res, err := client.Post(base+"/echo/things/1", "application/json", strings.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				b.Errorf("status %d", res.StatusCode)
				return
			}
			times <- time.Since(start)
		}
	})
	b.StopTimer()
	close(times)
	var all []time.Duration
	for t := range times {
		all = append(all, t)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	if len(all) > 0 {
		b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	}
	b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "rps")
}

func BenchmarkBareProxy(b *testing.B) {
	u, err := url.Parse(upstream(b).URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.Transport = transport()
	srv := httptest.NewServer(proxy)
	defer srv.Close()
	hammer(b, srv.URL)
}

func benchmarkChain(b *testing.B, p *gateway.Policy) {
	b.Helper()
	up := upstream(b)
	cfg := service(p, func(c *gateway.Configuration) {
		c.Backends = []gateway.Backend{{ID: "a", URL: up.URL}, {ID: "b", URL: up.URL}, {ID: "pool", Pool: []gateway.PoolMember{{ID: "a"}, {ID: "b"}}}}
		c.APIs[0].ServiceURL = up.URL
	})
	g, err := gateway.New(b.Context(), cfg, gateway.Deps{
		Clock: clock.Real{}, Backends: dial{transport()}, Expressions: gateway.CSharp(),
		Identity: &identities{until: time.Now().Add(time.Hour)}, Tokens: gatewaytest.Words{},
	})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(g)
	defer func() { srv.Close(); _ = g.Close() }()
	hammer(b, srv.URL)
}

func BenchmarkEmptyChain(b *testing.B) { benchmarkChain(b, nil) }

func BenchmarkFullChain(b *testing.B) { benchmarkChain(b, policy(fullChain)) }

func BenchmarkExpressions(b *testing.B) {
	for _, n := range []int{1, 5, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			benchmarkChain(b, sections(strings.Repeat(`<set-variable name="x" value="@(context.Request.MatchedParameters["id"])" />`, n), "", "", ""))
		})
	}
}
