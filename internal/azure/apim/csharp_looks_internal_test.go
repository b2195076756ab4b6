package apim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/evaluation"
)

func TestValuesOfDifferentTypesShowDifferently(t *testing.T) {
	values := map[string]any{
		"null": nil, "empty": "", "zero text": "0", "zero": int64(0), "no": false, "yes": true, "fraction": 0.0,
		"long": sharpObject{csharp.Value{Kind: csharp.Long, Text: "0"}}, "span": sharpObject{csharp.Value{Kind: csharp.TimeSpan, Text: "0"}},
	}
	s := &sharpSession{c: &Context{Variables: values}}
	look := func(name string) ([]byte, evaluation.Scope) {
		return s.See(nil, csharp.Look{Kind: csharp.LookVariable, Name: name}, nil)
	}
	seen := map[string]string{}
	for name := range values {
		b, scope := look(name)
		require.Equal(t, evaluation.AnyCall, scope, name)
		assert.Empty(t, seen[string(b)], "%s shows as this does", name)
		seen[string(b)] = name
	}
	b, scope := look("absent")
	assert.Equal(t, evaluation.AnyCall, scope)
	assert.NotContains(t, seen, string(b))
	for name, v := range map[string]any{"object": sharpObject{csharp.Value{Kind: csharp.Object}}, "bytes": []byte("x"), "response": &Message{}, "token": &Token{}} {
		values[name] = v
		_, scope := look(name)
		assert.NotEqual(t, evaluation.AnyCall, scope, "%s can be changed in place", name)
	}
	values["other"] = &Message{}
	one, _ := look("response")
	other, _ := look("other")
	assert.NotEqual(t, one, other)
	b, _ = s.See(nil, csharp.Look{Kind: csharp.LookVariable, Name: "zero"}, map[string]any{"zero": "supposed"})
	assert.Contains(t, string(b), "supposed")
}
