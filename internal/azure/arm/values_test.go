package arm

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBodiesAreReadByPathAndNeverPanic(t *testing.T) {
	body := map[string]any{
		"a":    map[string]any{"b": map[string]any{"c": "deep"}, "n": 3.0},
		"list": []any{map[string]any{"name": "one"}, "no object", nil, map[string]any{"name": "two"}}, "words": []any{"x", 1.0, "y"},
	}
	assert.Equal(t, "deep", text(body, "a", "b", "c"))
	for _, path := range [][]string{{"a"}, {"a", "n"}, {"a", "b", "c", "d"}, {"nowhere"}, {"list", "name"}} {
		assert.Empty(t, text(body, path...), "%v", path)
	}
	assert.Empty(t, object(body, "words", "x"))
	assert.Len(t, items(body, "list"), 2)
	assert.Empty(t, items(body, "a"))
	assert.Equal(t, []string{"x", "y"}, texts(body, "words"))
	assert.InDelta(t, 3, number(object(body, "a")["n"]), 0)
	assert.Zero(t, number("3"), "a text is no number")
}

func TestACopySharesNothingAndNumbersAreFloats(t *testing.T) {
	inner := map[string]any{"n": 1, "json": json.Number("2.5"), "list": []any{map[string]any{"x": true}}}
	body := map[string]any{"inner": inner, "maps": []map[string]any{{"y": 2}}}
	copied := clone(body)
	inner["n"] = 7
	object(copied, "inner")["added"] = true
	assert.NotContains(t, inner, "added")
	assert.Equal(t, map[string]any{
		"inner": map[string]any{"n": 1.0, "json": 2.5, "list": []any{map[string]any{"x": true}}, "added": true},
		"maps":  []any{map[string]any{"y": 2.0}},
	}, copied)
}

func TestADefaultMakesItsWayAndKeepsWhatIsThere(t *testing.T) {
	body := map[string]any{"sku": map[string]any{"name": "S0"}, "kind": nil, "flag": false}
	setDefaultAt(body, "sku.capacity", 1)
	setDefaultAt(body, "sku.name", "S9")
	setDefaultAt(body, "properties.inner.deep", []any{"x"})
	setDefaultAt(body, "kind", "OpenAI")
	setDefaultAt(body, "flag", true)
	assert.Equal(t, map[string]any{
		"sku": map[string]any{"name": "S0", "capacity": 1.0}, "kind": "OpenAI", "flag": false,
		"properties": map[string]any{"inner": map[string]any{"deep": []any{"x"}}},
	}, body)
}

func TestTemplateFunctionsWriteValuesAsARMDoes(t *testing.T) {
	for _, c := range []struct {
		args []any
		want any
	}{
		{[]any{"a", "b"}, "ab"},
		{[]any{"n", 1.0, 2.5, true, false}, "n12.5TrueFalse"},
		{[]any{"o", map[string]any{"k": 1.0}}, `o{"k":1}`},
		{[]any{[]any{"a"}, []any{"b", 1.0}}, []any{"a", "b", 1.0}},
		{nil, ""},
	} {
		got, err := concat(nil, c.args)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	_, err := concat(nil, []any{[]any{"a"}, "b"})
	assert.ErrorContains(t, err, "arrays and texts cannot be mixed")

	got, err := format(nil, []any{"{0}-{1}-{0}", "a", 2.0})
	require.NoError(t, err)
	assert.Equal(t, "a-2-a", got)
	for says, args := range map[string][]any{
		"there is no argument for {1}": {"{0} {1}", "a"}, "a format text is expected": {3.0},
	} {
		_, err := format(nil, args)
		assert.ErrorContains(t, err, says)
	}
	_, err = format(nil, nil)
	assert.ErrorContains(t, err, "a format text is expected")
}

func TestResourceIDsOfTemplatesNeedATypeAndAsManyNames(t *testing.T) {
	in, err := ParseID(group)
	require.NoError(t, err)
	scope := &templateScope{group: in}
	for _, c := range []struct {
		args []any
		want string
	}{
		{[]any{"Microsoft.X/a", "one"}, group + "/providers/Microsoft.X/a/one"},
		{[]any{"Microsoft.X/a/b", "one", "two"}, group + "/providers/Microsoft.X/a/one/b/two"},
		{[]any{"other", "Microsoft.X/a", "one"}, root + "/resourceGroups/other/providers/Microsoft.X/a/one"},
		{[]any{"s", "other", "Microsoft.X/a", "one"}, "/subscriptions/s/resourceGroups/other/providers/Microsoft.X/a/one"},
	} {
		got, err := resourceID(scope, c.args)
		require.NoError(t, err, "%v", c.args)
		assert.Equal(t, c.want, got)
	}
	for says, args := range map[string][]any{
		"a resource type and a name are expected": {"Microsoft.X/a"},
		"argument 2 is not a text":                {"Microsoft.X/a", 1.0},
		"has 2 segments and there are 1 names":    {"Microsoft.X/a/b", "one"},
		"'' is not a name":                        {"Microsoft.X/a", ""},
	} {
		_, err := resourceID(scope, args)
		assert.ErrorContains(t, err, says)
	}
}

// resultOf asks where the answer's Location header says.
func (a *azure) resultOf(got answer) answer {
	a.t.Helper()
	return a.send(http.MethodGet, strings.TrimPrefix(got.header.Get("Location"), "https://management.azure.com"), "")
}

func TestTheResultOfAnOperationIsTheResourceOrItsFailure(t *testing.T) {
	a := slow(t)
	created := a.send(http.MethodPut, account+"/deployments/one", modelBody)
	require.Less(t, created.status, 300, created.raw)
	assert.Equal(t, http.StatusAccepted, a.resultOf(created).status)
	a.later(time.Hour)
	done := a.resultOf(created)
	assert.Equal(t, http.StatusOK, done.status)
	assert.Equal(t, "one", text(done.body, "name"))

	deleted := a.send(http.MethodDelete, account+"/deployments/one", "")
	require.Equal(t, http.StatusAccepted, deleted.status)
	a.later(time.Hour)
	assert.Equal(t, http.StatusNoContent, a.resultOf(deleted).status)

	a.ok(account+"/deployments/two", modelBody)
	failing := a.send(http.MethodPut, secondPE, peBody)
	require.Less(t, failing.status, 300, failing.raw)
	a.later(time.Hour)
	failed := a.resultOf(failing)
	assert.Equal(t, http.StatusConflict, failed.status)
	assert.Equal(t, "AccountProvisioningStateInvalid", failed.code)
}

func TestKeysAreListedByTheirActionsAlone(t *testing.T) {
	a := world(t)
	for path, keys := range map[string][]string{
		account + "/listKeys":                        nil, // key authentication is off
		workspace + "/sharedKeys":                    {"primarySharedKey", "secondarySharedKey"},
		service + "/subscriptions/team/listSecrets":  {"primaryKey", "secondaryKey"},
		service + "/namedValues/limit/listValue":     {"value"},
		service + "/subscriptions/other/listSecrets": nil, // there is none
	} {
		got := a.send(http.MethodPost, path, "")
		if keys == nil {
			assert.GreaterOrEqual(t, got.status, 400, "%s: %s", path, got.raw)
			continue
		}
		require.Equal(t, http.StatusOK, got.status, "%s: %s", path, got.raw)
		for _, key := range keys {
			assert.NotEmpty(t, got.body[key], "%s: %s", path, key)
		}
		resource := a.get(path[:strings.LastIndexByte(path, '/')])
		if text(resource, "name") != "limit" { // which is not secret
			for _, key := range keys {
				assert.NotContains(t, object(resource, "properties"), key, "%s shows its %s", path, key)
			}
		}
	}
	assert.GreaterOrEqual(t, a.send(http.MethodPost, workspace+"/noSuchAction", "").status, 400)
}
