package apim

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim/csharp"
)

func TestValuesOfDifferentTypesShowDifferently(t *testing.T) {
	values := map[string]any{
		"null": nil, "empty": "", "zero text": "0", "zero": int64(0), "no": false, "yes": true, "fraction": 0.0,
		"long": sharpObject{csharp.Value{Kind: csharp.Long, Text: "0"}}, "span": sharpObject{csharp.Value{Kind: csharp.TimeSpan, Text: "0"}},
	}
	s := &sharpSession{c: &Context{Variables: values}}
	seen := map[string]string{}
	for name := range values {
		b, ok := s.see(nil, csharp.Look{Kind: csharp.LookVariable, Name: name})
		require.True(t, ok, name)
		assert.Empty(t, seen[string(b)], "%s shows as this does", name)
		seen[string(b)] = name
	}
	b, ok := s.see(nil, csharp.Look{Kind: csharp.LookVariable, Name: "absent"})
	assert.True(t, ok)
	assert.NotContains(t, seen, string(b))
	for name, v := range map[string]any{"object": sharpObject{csharp.Value{Kind: csharp.Object}}, "bytes": []byte("x"), "response": &Message{}, "token": &Token{}} {
		values[name] = v
		_, ok := s.see(nil, csharp.Look{Kind: csharp.LookVariable, Name: name})
		assert.False(t, ok, "%s can be changed in place", name)
	}
}

func TestWhatIsRememberedHasAnEnd(t *testing.T) {
	var m memory
	looks := []csharp.Look{{Kind: csharp.LookMethod}, {Kind: csharp.LookIPAddress}}
	ip := ""
	see := func(b []byte, l csharp.Look) ([]byte, bool) {
		if l.Kind == csharp.LookMethod {
			return append(b, "GET"...), true
		}
		return append(b, ip...), true
	}
	for i := range 3 * maxRecollections {
		ip = fmt.Sprint(i)
		m.learn(looks, i, see)
		got, ok := m.recall(see)
		require.True(t, ok)
		require.Equal(t, i, got)
	}
	assert.LessOrEqual(t, m.size, maxRecollections+len(looks)+1)
	ip = string(make([]byte, maxLook+1))
	m.learn(looks, "long", see)
	_, ok := m.recall(see)
	assert.False(t, ok, "a long look is not kept")
}
