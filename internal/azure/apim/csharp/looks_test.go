package csharp

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnEvaluationTellsWhatItLookedAt(t *testing.T) {
	cases := []struct {
		source string
		looks  []Look
	}{
		{`@(1 + 1)`, nil},
		{`@(context.Api.Id + context.Operation.Id + context.Product.Id + context.Subscription.Id + context.User.Id + context.Deployment.Region)`,
			[]Look{{Kind: LookAPI}, {Kind: LookOperation}, {Kind: LookProduct}, {Kind: LookSubscription}, {Kind: LookUser}, {Kind: LookDeployment}}},
		{`@(context.LastError == null)`, []Look{{Kind: LookLastError}}},
		{`@((string)context.Variables["text"] + context.Variables.GetValueOrDefault<int>("count") + context.Variables.ContainsKey("none"))`,
			[]Look{{LookVariable, "text"}, {LookVariable, "count"}, {LookVariable, "none"}}},
		{`@((string)context.Variables["text"] + context.Variables["text"])`, []Look{{LookVariable, "text"}}},
		{`@((bool)context.Variables["flag"] ? 1 : (int)context.Variables["count"])`, []Look{{LookVariable, "flag"}}},
		{`@(context.Request.Method + context.Request.IpAddress + context.Request.MatchedParameters["deployment-id"])`,
			[]Look{{Kind: LookMethod}, {Kind: LookIPAddress}, {LookParameter, "deployment-id"}}},
		{`@(context.Request.Headers["x-many"][0] + context.Response.Headers["retry-after"][0])`, []Look{{LookRequestHeader, "x-many"}, {Kind: LookResponse}, {LookResponseHeader, "retry-after"}}},
		{`@(context.Request.Headers.GetValueOrDefault("x-many", "") + context.Request.Headers.ContainsKey("x-none"))`,
			[]Look{{LookRequestHeader, "x-many"}, {LookRequestHeader, "x-none"}}},
		{`@(context.Response.StatusCode + context.Response.StatusReason + context.Response.Headers.GetValueOrDefault("retry-after"))`,
			[]Look{{Kind: LookResponse}, {Kind: LookStatusCode}, {Kind: LookStatusReason}, {LookResponseHeader, "retry-after"}}},
		{`@(string.Concat(context.Request.Headers.Keys) + context.Response.Headers.Count)`,
			[]Look{{Kind: LookRequestHeaderNames}, {Kind: LookResponse}, {Kind: LookResponseHeaderNames}}},
	}
	expressions := make([]Expression, len(cases))
	for i, c := range cases {
		expressions[i] = expression(t, c.source, WantString)
	}
	p := program(t, expressions)
	s := session(t, p, fullContext())
	for i, c := range cases {
		results, _, err := s.Evaluate(context.Background(), Step{ID: i}, Ahead{})
		require.NoError(t, err, c.source)
		require.NoError(t, results[0].Err, c.source)
		assert.True(t, results[0].All, c.source)
		assert.Equal(t, c.looks, results[0].Looks, c.source)
	}
}

func TestALookBeyondWhatCanBeComparedIsTold(t *testing.T) {
	sources := []string{
		// What differs from request to request.
		`@(context.RequestId)`, `@(context.Elapsed)`, `@(context.Timestamp)`, `@(context.Tracing)`, `@{ context.Trace("x"); return 1; }`,
		`@(context.Request.Body == null)`, `@(context.Response.Body.As<string>(true))`, `@(context.Request.Url.Path)`, `@(context.Request.OriginalUrl.Path)`,
		`@(context.Request.Certificate == null)`, `@(context.Request.AzureVnetInfo == null)`, `@(context.Request.PrivateEndpointConnection == null)`,
		// What the expression, or the next one, could change.
		`@(context.Variables["raw"])`, `@(((Jwt)context.Variables["token"]).Subject)`,
		`@(((IResponse)context.Variables["reply"]).StatusCode)`,
		// All of something.
		`@(context.Variables.Count)`, `@(context.Request.Headers.Count())`, `@(context.Request.MatchedParameters.Keys.First())`, `@(context.Deployment.Certificates.Count)`,
		`@(string.Join("", new [] {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}.Select(n => context.Variables.ContainsKey("v" + n))))`,
		// Time, chance and identity, whatever it looked at.
		`@(DateTime.UtcNow)`, `@(DateTime.Parse("10:00"))`, `@(Convert.ToDateTime("10:00"))`, `@(DateTimeOffset.Now)`, `@(new Random().Next())`, `@(Guid.NewGuid())`,
		`@("x".GetHashCode())`, `@(new HMACSHA256().Key.Length)`, `@(Guid.N\u0065wGuid())`,
	}
	expressions := make([]Expression, len(sources))
	for i, source := range sources {
		expressions[i] = expression(t, source, WantString)
	}
	p := program(t, expressions)
	s := session(t, p, fullContext())
	for i, source := range sources {
		results, _, err := s.Evaluate(context.Background(), Step{ID: i}, Ahead{})
		require.NoError(t, err, source)
		require.NoError(t, results[0].Err, source)
		assert.False(t, results[0].All, source)
	}
}

func TestAWordInATextMakesNoExpressionFickle(t *testing.T) {
	assert.False(t, fickle(expression(t, `@("Random Now \n" + context.Api.Id)`, WantString)))
	assert.True(t, fickle(expression(t, `@($"{Guid.NewGuid()}")`, WantString)))
}
