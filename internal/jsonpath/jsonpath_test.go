package jsonpath

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func decoded(t *testing.T) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(`{"a": {"b": [{"c": "x"}, "y", null, 3]}, "n": null}`), &v))
	return v
}

func TestAPathThatLeadsNowhereHasNoValue(t *testing.T) {
	v := decoded(t)
	assert.Equal(t, "x", At(v, "a", "b", "0", "c"))
	assert.Equal(t, v, At(v))
	for _, path := range [][]string{{"z"}, {"a", "b", "c"}, {"a", "b", "4"}, {"a", "b", "-1"}, {"a", "0"}, {"n", "z"}, {"a", "b", "1", "c"}} {
		assert.Nil(t, At(v, path...), path)
	}
	assert.Nil(t, At(nil, "a"))
}

func TestWhatIsOfAnotherTypeIsLeftOut(t *testing.T) {
	v := decoded(t)
	assert.Equal(t, "x", Text(v, "a", "b", "0", "c"))
	assert.Empty(t, Text(v, "a"))
	assert.Equal(t, []string{"y"}, Texts(v, "a", "b"))
	assert.Equal(t, []map[string]any{{"c": "x"}}, Objects(v, "a", "b"))
	assert.Empty(t, Objects(v, "a"))
	assert.Len(t, List(v, "a", "b"), 4)
}

func TestAMissingObjectCanBeWrittenToAndBelongsToNothing(t *testing.T) {
	v := decoded(t)
	Object(v, "z")["c"] = 1
	Object(v, "n")["c"] = 1
	assert.Equal(t, decoded(t), v)
	Object(map[string]any(nil))["c"] = 1
	Object(v, "a")["c"] = 1
	assert.Equal(t, 1, At(v, "a", "c"))
}

func TestPathsAreWrittenAsSettingsAreNamed(t *testing.T) {
	assert.Equal(t, "accounts[0].name", Key(Index(Key("", "accounts"), 0), "name"))
}
