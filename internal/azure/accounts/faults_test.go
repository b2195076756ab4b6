package accounts_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

const streamed = `{"stream":true,"messages":[{"role":"user","content":"hello"}]}`

// over runs a chat through a transport and reads the whole answer.
func over(t *testing.T, rt http.RoundTripper, url, body string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+chatPath, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Api-Key", testKey)
	res, err := rt.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}

// ways are both ways to reach an account: in process, and through a socket with TLS.
func ways(t *testing.T, s *accounts.Service) map[string]func(body string) (int, string, error) {
	t.Helper()
	srv := server(t, s)
	const name = "https://contoso-east.openai.azure.com"
	socket := srv.Client().Transport.(*http.Transport).Clone()
	socket.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	socket.TLSClientConfig.ServerName = "example.com" // the name in httptest's certificate
	t.Cleanup(socket.CloseIdleConnections)
	return map[string]func(string) (int, string, error){
		"in process": func(body string) (int, string, error) { return over(t, s.Transport(accounts.Public), name, body) },
		"socket":     func(body string) (int, string, error) { return over(t, s.Reaching(socket), name, body) },
	}
}

func TestEveryKindOfFaultLooksLikeItsRealCounterpart(t *testing.T) {
	is := func(target error) func(*testing.T, int, string, error) {
		return func(t *testing.T, _ int, _ string, err error) { assert.ErrorIs(t, err, target) }
	}
	for name, tc := range map[string]struct {
		fault accounts.Fault
		body  string
		check func(t *testing.T, status int, body string, err error)
	}{
		"status": {accounts.Fault{Kind: accounts.FaultStatus, Status: 503, Body: "busy", RetryAfter: 90 * time.Second}, hello, func(t *testing.T, status int, body string, err error) {
			assert.NoError(t, err)
			assert.Equal(t, []any{503, "busy"}, []any{status, body})
		}},
		"status without body": {accounts.Fault{Kind: accounts.FaultStatus, Status: 500}, hello, func(t *testing.T, status int, body string, err error) {
			assert.Equal(t, `{"error":{"code":"500","message":"Internal Server Error"}}`, body)
		}},
		"refused": {accounts.Fault{Kind: accounts.FaultRefused}, hello, is(syscall.ECONNREFUSED)},
		"timeout": {accounts.Fault{Kind: accounts.FaultTimeout}, hello, is(os.ErrDeadlineExceeded)},
		"dns": {accounts.Fault{Kind: accounts.FaultDNS}, hello, func(t *testing.T, _ int, _ string, err error) {
			var dns *net.DNSError
			require.ErrorAs(t, err, &dns)
			assert.True(t, dns.IsNotFound)
		}},
		"tls": {accounts.Fault{Kind: accounts.FaultTLS}, hello, func(t *testing.T, _ int, _ string, err error) {
			assert.ErrorAs(t, err, &x509.HostnameError{})
		}},
		"reset": {accounts.Fault{Kind: accounts.FaultReset}, hello, func(t *testing.T, status int, _ string, err error) {
			assert.Zero(t, status)
			assert.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%v", err)
		}},
		"cut before the first event": {accounts.Fault{Kind: accounts.FaultCut}, streamed, func(t *testing.T, status int, body string, err error) {
			assert.Equal(t, 200, status)
			assert.Empty(t, body)
			assert.Error(t, err)
		}},
		"cut after three events": {accounts.Fault{Kind: accounts.FaultCut, AfterChunks: 3}, streamed, func(t *testing.T, status int, body string, err error) {
			assert.Equal(t, 200, status)
			assert.Equal(t, 3, strings.Count(body, "data: "))
			assert.Error(t, err)
		}},
		"cut body": {accounts.Fault{Kind: accounts.FaultCut}, hello, func(t *testing.T, status int, body string, err error) {
			assert.Equal(t, 200, status)
			assert.NotEmpty(t, body)
			assert.NotContains(t, body, "usage\":{\"completion", "the end is missing")
			assert.Error(t, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := service(t)
			for way, call := range ways(t, s) {
				tc.fault.Name, tc.fault.Count = way, 1
				require.NoError(t, s.Script(tc.fault))
				status, body, err := call(tc.body)
				tc.check(t, status, body, err)
				status, _, err = call(hello)
				require.NoError(t, err, "%s: the fault strikes once", way)
				assert.Equal(t, 200, status)
				assert.Equal(t, 1, s.Heal(way))
			}
		})
	}
}

func TestSlowFaultsWaitByTheInjectedClock(t *testing.T) {
	s, clock := service(t)
	require.NoError(t, s.Script(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: time.Hour, Count: 1}, accounts.Fault{Kind: accounts.FaultSlowBody, Delay: time.Minute, Count: 2}))
	assert.Equal(t, 200, post(t, s, chatPath, hello).status)
	assert.Equal(t, 200, post(t, s, chatPath, hello).status)
	assert.Equal(t, []time.Duration{time.Hour, time.Minute}, clock.Slept())
	got := post(t, s, chatPath, streamed)
	assert.Len(t, clock.Slept(), 2+strings.Count(got.body, "data: "), "every event of a stream is slow")
}

func TestTheBookKnowsHowLongAnAnswerTookToBegin(t *testing.T) {
	s, _ := service(t)
	require.NoError(t, s.Script(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: 300 * time.Millisecond, Skip: 1},
		accounts.Fault{Kind: accounts.FaultSlowBody, Delay: time.Minute, Count: 1}))
	for range 2 {
		post(t, s, chatPath, hello)
	}
	post(t, s, chatPath, streamed)
	book := s.Requests()
	assert.Zero(t, book[0].Began, "what follows the first byte does not count")
	assert.Equal(t, 300*time.Millisecond, book[1].Began)
	assert.False(t, book[1].Stream)
	assert.Equal(t, 300*time.Millisecond, book[2].Began)
	assert.True(t, book[2].Stream)
}

func TestScriptsChooseTheirCalls(t *testing.T) {
	s, clock := service(t)
	status := func() int { return post(t, s, chatPath, hello).status }
	reset := func(f accounts.Fault) {
		s.Heal("")
		f.Kind, f.Status = accounts.FaultStatus, 500
		require.NoError(t, s.Script(f))
	}
	reset(accounts.Fault{Skip: 1, Count: 2})
	assert.Equal(t, []int{200, 500, 500, 200}, []int{status(), status(), status(), status()})
	reset(accounts.Fault{From: clock.Now().Add(time.Minute), Until: clock.Now().Add(2 * time.Minute)})
	before := status()
	clock.Advance(time.Minute)
	during := status()
	clock.Advance(time.Minute)
	assert.Equal(t, []int{200, 500, 200}, []int{before, during, status()})
	for match, want := range map[accounts.Match]int{
		{}: 500, {Account: "AOAI-EAST"}: 500, {Account: "other"}: 200, {Region: "eastus2"}: 500, {Region: "westus"}: 200,
		{Deployment: "chat"}: 500, {Deployment: "embed"}: 200, {Operation: "chatcompletions_create"}: 500, {Operation: "embeddings_create"}: 200,
	} {
		reset(accounts.Fault{Match: match})
		assert.Equal(t, want, status(), "%+v", match)
	}
	require.NoError(t, s.Script(accounts.Fault{Name: "later", Kind: accounts.FaultReset}))
	reset(accounts.Fault{Name: "x"})
	status()
	assert.Equal(t, []accounts.FaultState{{Fault: accounts.Fault{Name: "x", Kind: accounts.FaultStatus, Status: 500}, Seen: 1, Fired: 1}}, s.Faults())
	assert.Equal(t, "x", s.Requests()[len(s.Requests())-1].Fault)
}

func TestAUselessScriptIsRefusedWhole(t *testing.T) {
	s, _ := service(t)
	err := s.Script(accounts.Fault{Kind: accounts.FaultReset}, accounts.Fault{Name: "a", Kind: "nap"}, accounts.Fault{Name: "b", Kind: accounts.FaultStatus, Status: 7}, accounts.Fault{Name: "c", Kind: accounts.FaultSlowBody, Count: -1})
	for _, text := range []string{`unknown kind "nap"`, "status 7", "needs a delay", "cannot be negative"} {
		assert.ErrorContains(t, err, text)
	}
	assert.Empty(t, s.Faults())
}

func TestARegionCanBeLostOrThrottledAndComesBack(t *testing.T) {
	s, _ := service(t)
	west := account(func(a *accounts.Account) { a.Name, a.Subdomain, a.Region = "aoai-west", "contoso-west", "westus" })
	require.NoError(t, s.Put(west))
	call := func(sub string) (int, string, error) {
		return over(t, s.Transport(accounts.PrivateEndpoint), "https://"+sub+".openai.azure.com", hello)
	}
	require.NoError(t, s.Script(accounts.RegionOut("eastus2"), accounts.RegionThrottled("westus", 2*time.Hour)))
	_, _, err := call("contoso-east")
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.ErrorIs(t, s.Dial("contoso-east.openai.azure.com:443"), syscall.ECONNREFUSED)
	status, body, err := call("contoso-west")
	require.NoError(t, err)
	assert.Equal(t, 429, status, body)
	assert.NoError(t, s.Dial("contoso-west.openai.azure.com:443"), "a throttled region can be reached")
	s.Heal("out:eastus2")
	s.Heal("throttled:westus")
	for _, sub := range []string{"contoso-east", "contoso-west"} {
		status, _, err := call(sub)
		require.NoError(t, err)
		assert.Equal(t, 200, status)
	}
	_, _, err = call("contoso-north")
	var dns *net.DNSError
	assert.ErrorAs(t, err, &dns, "an account that was not created has no name")
}

func TestALostRegionNeverSeesTheRequest(t *testing.T) {
	s, _ := service(t)
	require.NoError(t, s.Script(accounts.RegionOut("eastus2")))
	_, _, err := over(t, s.Transport(accounts.Public), "https://contoso-east.openai.azure.com", hello)
	require.Error(t, err)
	assert.Empty(t, s.Requests())
}

func TestACountedFaultStrikesExactlyThatOftenUnderConcurrency(t *testing.T) {
	s, _ := service(t, capacity(100_000))
	require.NoError(t, s.Script(accounts.Fault{Kind: accounts.FaultStatus, Status: 500, Count: 40}))
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				got := post(t, s, chatPath, hello)
				mu.Lock()
				seen[got.status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, map[int]int{500: 40, 200: 160}, seen)
}
