package apim_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

// piped answers with an event stream that the test writes as it goes.
func piped(t *testing.T) (apimtest.Handler, *io.PipeWriter) {
	t.Helper()
	r, w := io.Pipe()
	// A test that fails must not leave the gateway waiting for the rest.
	t.Cleanup(func() { _ = w.Close() })
	return func(*http.Request, string) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: r, ContentLength: -1}, nil
	}, w
}

const streamed = `<forward-request buffer-request-body="true" buffer-response="false" />`

// open starts a streamed call and gives its response, or nil when the headers
// did not come before the first event had to be written.
func open(t *testing.T, run *apimtest.Run) chan *http.Response {
	t.Helper()
	got := make(chan *http.Response, 1)
	go func() {
		res, err := http.Post(run.URL+"/echo/things/1", "application/json", strings.NewReader(`{"stream":true,"messages":[{"role":"user","content":"hi"}]}`))
		if err != nil {
			close(got)
			return
		}
		got <- res
	}()
	return got
}

func TestAStreamReachesTheCallerEventByEvent(t *testing.T) {
	logs := apim.Diagnostic{ID: "azuremonitor", LLM: &apim.LLMLog{Enabled: true, RequestBytes: 1000, ResponseBytes: 1000}}
	run := apimtest.RunT(t, service(sections(`<llm-token-limit counter-key="k" tokens-per-minute="1000" estimate-prompt-tokens="false" /><llm-emit-token-metric><dimension name="API ID" /></llm-emit-token-metric>`, streamed, "", ""),
		func(c *apim.Configuration) { c.Diagnostics = []apim.Diagnostic{logs} }))
	h, w := piped(t)
	run.Backends.On("a.test", h)
	opened := open(t, run)
	_, err := io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"one \"}}]}\n\n")
	require.NoError(t, err)
	res := <-opened
	require.NotNil(t, res)
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	line, err := lines.ReadString('\n')
	require.NoError(t, err, "the first event came before the second was written")
	assert.Contains(t, line, "one")
	_, _ = io.WriteString(w, "data: {\"model\":\"gpt-4o\",\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}}\n\ndata: [DONE]\n\n")
	_ = w.Close()
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	assert.Contains(t, string(rest), "[DONE]")
	rec := run.Records.Wait(1)[0]
	require.NotNil(t, rec.LLM)
	assert.Equal(t, apim.LLMRecord{
		Deployment: "", Model: "gpt-4o", RequestID: rec.CorrelationID, Stream: true, PromptTokens: 7, CompletionTokens: 2, TotalTokens: 9,
		Request: `[{"role":"user","content":"hi"}]`, Response: `[{"content":"one two","role":"assistant"}]`,
	}, *rec.LLM)
	assert.Equal(t, 9, run.TokensUsed("k"))
	require.Len(t, rec.Metrics, 3)
}

// Diagnostics that log 20 bytes of the response's body.
var (
	logsResponse = apim.Diagnostic{ID: "azuremonitor", FrontendResponse: apim.MessageLog{BodyBytes: 20}}
	logsBackend  = apim.Diagnostic{ID: "azuremonitor", BackendResponse: apim.MessageLog{BodyBytes: 20}}
)

func TestALoggedStreamArrivesInGroupsOfEightEvents(t *testing.T) {
	for name, logs := range map[string]apim.Diagnostic{"caller's response": logsResponse, "backend's response": logsBackend} {
		t.Run(name, func(t *testing.T) {
			run := apimtest.RunT(t, service(sections("", streamed, "", ""), func(c *apim.Configuration) { c.Diagnostics = []apim.Diagnostic{logs} }))
			h, w := piped(t)
			run.Backends.On("a.test", h)
			opened := open(t, run)
			for i := range 8 {
				_, err := fmt.Fprintf(w, "data: %d\r\n\r\n", i)
				require.NoError(t, err)
			}
			res := <-opened
			require.NotNil(t, res)
			defer res.Body.Close()
			group := make([]byte, 8*len("data: 0\r\n\r\n"))
			_, err := io.ReadFull(res.Body, group)
			require.NoError(t, err, "eight events are passed on while the stream goes on")
			_, _ = io.WriteString(w, "data: last\n\n")
			_ = w.Close()
			rest, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			assert.Equal(t, "data: last\n\n", string(rest), "the end of the stream releases an incomplete group")
			r := run.Records.Wait(1)[0]
			assert.Equal(t, "data: 0\r\n\r\ndata: 1\r\n", r.ResponseBody+r.BackendResponseBody)
		})
	}
}

func TestWhatHoldsAStreamBack(t *testing.T) {
	diagnostic := func(d apim.Diagnostic) func(*apim.Configuration) {
		d.ID = "azuremonitor"
		return func(c *apim.Configuration) { c.Diagnostics = []apim.Diagnostic{d} }
	}
	read := apimtest.Expressions{`@(read)`: func(c *apim.Context) (any, error) { _, err := c.Response.Body().Read(true); return "", err }}
	for _, c := range []struct {
		name    string
		policy  *apim.Policy
		change  func(*apim.Configuration)
		holding bool
	}{
		{"nothing", sections("", streamed, "", ""), diagnostic(apim.Diagnostic{}), false},
		{"request bodies", sections("", streamed, "", ""), diagnostic(apim.Diagnostic{FrontendRequest: apim.MessageLog{BodyBytes: 100}, BackendRequest: apim.MessageLog{BodyBytes: 100}}), false},
		{"buffer-response, the default", sections("", `<forward-request />`, "", ""), diagnostic(apim.Diagnostic{}), true},
		{"logging the caller's response", sections("", streamed, "", ""), diagnostic(logsResponse), true},
		{"logging the backend's response", sections("", streamed, "", ""), diagnostic(logsBackend), true},
		{"reading the body in outbound", sections("", streamed, `<set-variable name="b" value="@(read)" />`, ""), diagnostic(apim.Diagnostic{}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := apimtest.RunT(t, service(c.policy, c.change), with(read))
			h, w := piped(t)
			run.Backends.On("a.test", h)
			opened := open(t, run)
			_, err := io.WriteString(w, "data: one\n\n")
			require.NoError(t, err)
			first := make(chan byte, 1)
			go func() {
				res := <-opened
				defer res.Body.Close()
				b := make([]byte, 1)
				if _, err := io.ReadFull(res.Body, b); err == nil {
					first <- b[0]
				}
			}()
			if c.holding {
				select {
				case <-first:
					t.Fatal("the first event was not held back")
				case <-time.After(50 * time.Millisecond):
				}
				_ = w.Close()
			}
			assert.Equal(t, byte('d'), <-first)
			_ = w.Close()
		})
	}
}

func TestAStreamWithoutUsageIsEstimated(t *testing.T) {
	for policy, want := range map[string]int{"llm-token-limit": 4 + 3, "azure-openai-token-limit": 4 + 3} {
		run := apimtest.RunT(t, service(sections(`<`+policy+` counter-key="k" tokens-per-minute="1000" estimate-prompt-tokens="false" />`, streamed, "", "")))
		run.Backends.On("a.test", apimtest.Stream(`{"choices":[{"delta":{"content":"a b "}}]}`, `{"choices":[{"delta":{"content":"c"}}]}`, `[DONE]`))
		run.Do("POST", "/echo/things/1", `{"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
		run.Records.Wait(1)
		assert.Equal(t, want, run.TokensUsed("k"), policy)
	}
}

func TestTheAzureVariantEstimatesAStreamEvenWithUsage(t *testing.T) {
	for policy, want := range map[string]int{"llm-token-limit": 90, "azure-openai-token-limit": 4 + 1} {
		run := apimtest.RunT(t, service(sections(`<`+policy+` counter-key="k" tokens-per-minute="1000" estimate-prompt-tokens="false" />`, streamed, "", "")))
		run.Backends.On("a.test", apimtest.Stream(`{"choices":[{"delta":{"content":"a"}}]}`, `{"choices":[],"usage":{"prompt_tokens":50,"completion_tokens":40,"total_tokens":90}}`))
		run.Do("POST", "/echo/things/1", `{"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
		run.Records.Wait(1)
		assert.Equal(t, want, run.TokensUsed("k"), policy)
	}
}

func TestTheResponsesAPIIsCountedToo(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<llm-token-limit counter-key="k" tokens-per-minute="1000" estimate-prompt-tokens="false" />`, streamed, "", "")))
	run.Backends.On("a.test", apimtest.Stream(`{"type":"response.output_text.delta","delta":"hi"}`, `{"type":"response.completed","response":{"model":"m","usage":{"input_tokens":5,"output_tokens":6}}}`))
	run.Do("POST", "/echo/things/1", `{"stream":true,"input":"hello"}`)
	run.Records.Wait(1)
	assert.Equal(t, 11, run.TokensUsed("k"))
}

func TestAStreamCutByTheBackendIsCutForTheCaller(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", streamed, "", "")))
	h, w := piped(t)
	run.Backends.On("a.test", h)
	opened := open(t, run)
	_, _ = io.WriteString(w, "data: one\n\n")
	res := <-opened
	_ = w.CloseWithError(io.ErrUnexpectedEOF)
	data, err := io.ReadAll(res.Body)
	assert.Error(t, err, "the caller must be able to tell that the stream is not whole")
	assert.Equal(t, "data: one\n\n", string(data))
	rec := run.Records.Wait(1)[0]
	assert.Equal(t, "BackendConnectionFailure", rec.LastError.Reason)
	assert.Len(t, rec.Attempts, 1, "a stream is not retried after its first byte")
}

func TestACallerWhoLeavesIsRecorded(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	run.Backends.On("a.test", apimtest.Hang)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, run.URL+"/echo/things/1", bytes.NewReader(nil))
	require.NoError(t, err)
	go func() {
		assert.True(t, run.Clock.WaitForTimers(1), "nothing waits")
		cancel()
	}()
	_, err = http.DefaultTransport.RoundTrip(req)
	require.Error(t, err)
	assert.Equal(t, "ClientConnectionFailure", run.Records.Wait(1)[0].LastError.Reason)
}
