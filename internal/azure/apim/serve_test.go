package apim_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/tlsca"
)

func TestItServesTLSOnLoopbackUntilTheContextEnds(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	ca, err := tlsca.New()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := apim.ListenAndServeTLS(ctx, run.Gateway, "127.0.0.1:0", ca, "contoso.azure-api.net")
	require.NoError(t, err)
	res, err := ca.Client().Get(srv.URL + "/echo/things/1")
	require.NoError(t, err)
	_ = res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
	rec := run.Records.Wait(1)[0]
	assert.Equal(t, []string{"1.3", "HTTP/2.0"}, []string{rec.ClientTLS, rec.ClientProtocol})
	assert.True(t, strings.HasPrefix(rec.URL, "https://"))
	cancel()
	require.NoError(t, srv.Close())
	_, err = ca.Client().Get(srv.URL + "/echo/things/1")
	assert.Error(t, err)
}

func TestItListensOnLoopbackOnly(t *testing.T) {
	ca, err := tlsca.New()
	require.NoError(t, err)
	for _, addr := range []string{":0", "0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		_, err := apim.ListenAndServeTLS(t.Context(), http.NotFoundHandler(), addr, ca)
		assert.ErrorContains(t, err, "listen address", addr)
	}
}

func TestAnUpdateTakesEffectAndKeepsWhatWasCounted(t *testing.T) {
	limit := `<rate-limit-by-key calls="2" renewal-period="60" counter-key="k" />`
	run := apimtest.RunT(t, service(sections(limit, "", "", "")))
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
	require.NoError(t, run.Update(t.Context(), service(sections(limit+mark("new"), "", "", ""))))
	assert.Equal(t, []int{200, 429}, statuses(run, 2))
	assert.Equal(t, "new", run.Backends.Seen()[1].Header.Get("x-order"))
}

func TestABrokenUpdateLeavesTheOldInForce(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	err := run.Update(t.Context(), service(sections(`<nope />`, "", "", "")))
	require.ErrorContains(t, err, "Unknown policy 'nope'")
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
}

func TestUpdatesAndCallsGoSideBySide(t *testing.T) {
	run := apimtest.RunT(t, service(sections(mark("a"), "", "", "")), with(apimtest.Expressions{`@(x)`: func(*apim.Context) (any, error) { return "1", nil }}))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				if i == 0 {
					assert.NoError(t, run.Update(context.Background(), service(sections(`<set-variable name="v" value="@(x)" />`+mark("b"), "", "", ""))))
					continue
				}
				res, err := http.Get(run.URL + "/echo/things/1")
				if assert.NoError(t, err) {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					assert.Equal(t, 200, res.StatusCode)
				}
			}
		}()
	}
	wg.Wait()
}

func TestAGatewayNeedsBackendsAndExpressions(t *testing.T) {
	_, err := apim.New(t.Context(), service(nil), apim.Deps{})
	assert.ErrorContains(t, err, "Deps.Backends is missing")
	_, err = apim.New(t.Context(), service(sections(`<set-variable name="x" value="@(1)" />`, "", "", "")), apim.Deps{Backends: apimtest.NewBackends()})
	assert.ErrorContains(t, err, "Deps.Expressions is missing")
}

func TestAClosedGatewaySaysSo(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	require.NoError(t, run.Close())
	assert.Equal(t, 503, run.Get("/echo/things/1").Status)
}

func TestUnitsTakeTurns(t *testing.T) {
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) { c.Service.Units = 3 }))
	statuses(run, 6)
	var units []int
	for _, s := range run.Backends.Seen() {
		units = append(units, s.Unit)
	}
	assert.Equal(t, []int{0, 1, 2, 0, 1, 2}, units)
}
