package drills

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
)

// TestASecretIsFoundWhereverItIs hides one in everything that the hunt searches.
func TestASecretIsFoundWhereverItIs(t *testing.T) {
	g := opened(t)
	callers, err := g.callers()
	require.NoError(t, err)
	standard, confidential := callers[0], callers[1]
	account := g.arm.Resources(accountType)[0].Name
	hunted := func() map[string]string {
		return map[string]string{"the client's key": "k-e-y", "the client's token": "t-o-k"}
	}
	record := func(change func(*apim.CallRecord)) *apim.CallRecord {
		r := &apim.CallRecord{OperationID: "chat"}
		change(r)
		return r
	}
	for name, c := range map[string]struct {
		caller caller
		record *apim.CallRecord
		got    answer
		want   []string
	}{
		"nowhere": {standard, record(func(*apim.CallRecord) {}), answer{status: 200, body: "yes"}, nil},
		"the key in the address of the record": {standard, record(func(r *apim.CallRecord) { r.URL = "/x?api-key=k-e-y" }), answer{status: 200},
			[]string{"the client's key of product standard is in the log record of chat"}},
		"the token in a header of the record": {standard, record(func(r *apim.CallRecord) { r.RequestHeaders = http.Header{"Authorization": {"Bearer t-o-k"}} }), answer{status: 200},
			[]string{"the client's token of product standard is in the log record of chat"}},
		"the gateway's token in a header to the account": {standard, record(func(r *apim.CallRecord) { r.BackendRequestHeaders = http.Header{"Authorization": {"Bearer o-w-n"}} }), answer{status: 200},
			[]string{"the gateway's own token is in the log record of chat"}},
		"the gateway's token in an event": {standard, record(func(r *apim.CallRecord) { r.Events = []apim.Event{{Body: "o-w-n"}} }), answer{status: 200},
			[]string{"the gateway's own token is in the log record of chat"}},
		"a private prompt in a trace": {confidential, record(func(r *apim.CallRecord) { r.Traces = []apim.TraceRecord{{Message: privateText}} }), answer{status: 200},
			[]string{"product confidential keeps no text, but the prompt is in the log record of chat"}},
		"a prompt that is logged": {standard, record(func(r *apim.CallRecord) { r.RequestBody = privateText }), answer{status: 200}, nil},
		"the key in the answer's body": {standard, record(func(*apim.CallRecord) {}), answer{status: 200, body: "your key is k-e-y"},
			[]string{"the client's key is in an answer of product standard"}},
		"the gateway's token in the answer's header": {standard, record(func(*apim.CallRecord) {}), answer{status: 503, header: http.Header{"X-Debug": {"o-w-n"}}},
			[]string{"the gateway's own token is in an answer of product standard"}},
		"an account in a refusal": {standard, record(func(*apim.CallRecord) {}), answer{status: 503, body: account + " is out"},
			[]string{"a refusal of product standard names account " + account + ": " + account + " is out"}},
		"an account in a success": {standard, record(func(*apim.CallRecord) {}), answer{status: 200, body: account}, nil},
	} {
		f, searched, secrets := &findings{}, &Searched{}, hunted()
		g.records.take()
		g.records.Record(c.record)
		hunt(g, f, c.caller, c.got, secrets, "o-w-n", searched)
		assert.Equal(t, c.want, f.all(), name)
		assert.Equal(t, 1, searched.Records, name)
		assert.Equal(t, 1, searched.Answers, name)
		assert.Equal(t, len(c.record.Events), searched.Events, name)
		assert.Equal(t, hunted(), secrets, "the next answer is searched for the same")
	}
}

func TestAClientPresentsItsKeyInEveryWay(t *testing.T) {
	ways := waysToAsk(ask{surface: dated, deployment: "gpt", key: "k"})
	forms := map[string]bool{}
	for _, a := range ways {
		assert.Equal(t, privateText, a.prompt)
		assert.Equal(t, "k", a.key)
		forms[map[bool]string{true: "query", false: "header"}[a.keyInQuery]+" "+string(a.surface)+map[bool]string{true: " streamed"}[a.stream]] = true
	}
	assert.Equal(t, map[string]bool{"header dated": true, "query dated": true, "header v1": true, "header dated streamed": true}, forms)
	for _, a := range waysToAsk(ask{embed: true}) {
		assert.False(t, a.stream, "embeddings are not streamed")
	}
}

func TestTheSecretsDrillSaysWhichCallWasNotAnsweredAsPlanned(t *testing.T) {
	g := opened(t)
	for _, account := range g.arm.Resources(accountType) {
		served, ok := g.Models.Account(account.Name)
		require.True(t, ok)
		served.Deployments = []accounts.Deployment{}
		require.NoError(t, g.Models.Put(served))
	}
	f := &findings{}
	m, err := trySecrets(t.Context(), g, f)
	require.NoError(t, err)
	assert.Contains(t, joined(f.all()), "/openai/deployments/gpt-4o/chat/completions of standard was answered 404 DeploymentNotFound")
	assert.Positive(t, m.Searched.Requests)
}
