package apim

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatAnExpressionReadsIsUnderstoodOrTakenAsEverything(t *testing.T) {
	for text, want := range map[string][]touch{
		`@(1)`:                      nil,
		`@(context.Variables["a"])`: {"Variables.a"},
		`@(context.Variables.GetValueOrDefault<int>("a") + context.Variables.GetValueOrDefault("b", ""))`: {"Variables.a", "Variables.b"},
		`@(context.Variables.ContainsKey("a"))`:                                                           {"Variables.a"},
		`@(context.Variables[context.Api.Id])`:                                                            {"Variables"},
		`@(context.Variables["a"] + context.Variables.Count)`:                                             {"Variables.a", "Variables", "Variables"},
		`@(context.Request.Headers["x"] + context.Response.StatusCode)`:                                   {"Request.Headers", "Response.StatusCode"},
		`@{ var r = context.Request; return r.Method; }`:                                                  {"Request"},
		`@(context.Response == null)`:                                                                     {"Response"},
	} {
		got, never := reads(text)
		assert.Equal(t, want, got, text)
		assert.False(t, never, text)
	}
	for _, text := range []string{`@(context.Request.Body.As<string>())`, `@{ context.Trace("x"); return 1; }`} {
		_, never := reads(text)
		assert.True(t, never, text)
	}
}

func TestPartsOverlapWithTheirWhole(t *testing.T) {
	for _, c := range []struct {
		a, b touch
		want bool
	}{
		{"Variables.a", "Variables.a", true}, {"Variables.a", "Variables", true}, {"Variables", "Variables.a", true},
		{"Variables.a", "Variables.ab", false}, {"Request.Headers", "Request.Url", false}, {"Request", "Response", false},
	} {
		assert.Equal(t, c.want, c.a.meets(c.b), "%s %s", c.a, c.b)
	}
}
