package apim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValuesBecomeTextAsInDotNet(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, ""}, {"a", "a"}, {true, "True"}, {false, "False"}, {int64(-7), "-7"}, {7, "7"}, {1.5, "1.5"}, {[]byte("hi"), "aGk="},
		{time.Date(2026, 1, 5, 14, 3, 2, 0, time.UTC), "1/5/2026 2:03:02 PM"}, {&Token{Raw: "t"}, "t"}, {struct{}{}, "{}"},
	} {
		assert.Equal(t, c.want, textOf(c.v))
	}
}

func TestALiteralIsWhatItsAttributeWants(t *testing.T) {
	x := &call{}
	text := func(s string) value { return value{set: true, literal: s, expr: noExpression} }
	for s, want := range map[string]bool{"true": true, "True": true, "false": false, "\tFALSE\n": false} {
		got, err := text(s).truth(x, !want)
		require.NoError(t, err)
		assert.Equal(t, want, got, s)
	}
	_, err := text("perhaps").truth(x, false)
	assert.ErrorContains(t, err, `value "perhaps" is not a boolean`)
	n, err := text(" 2.5 ").number(x, 0)
	require.NoError(t, err)
	assert.InDelta(t, 2.5, n, 0)
	for _, s := range []string{"", "x", "NaN", "1e999"} {
		_, err = text(s).number(x, 0)
		assert.Error(t, err, s)
	}
	d, err := text("90").seconds(x, 0)
	require.NoError(t, err)
	assert.Equal(t, 90*time.Second, d)
	absent := value{expr: noExpression}
	yes, err := absent.truth(x, true)
	require.NoError(t, err)
	assert.True(t, yes)
	d, err = absent.seconds(x, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, time.Minute, d)
}

func TestScopesOfSubscriptionsAreRead(t *testing.T) {
	const arm = "/subscriptions/s/resourceGroups/products/providers/Microsoft.ApiManagement/service/x"
	for scope, want := range map[string][2]string{
		"/products/gold": {"products", "gold"}, "/apis": {"apis", ""}, "/apis/": {"apis", ""}, "/apis/chat": {"apis", "chat"}, arm + "/products/gold": {"products", "gold"},
		arm + "/apis": {"apis", ""}, arm: {"apis", ""}, "": {"apis", ""}, "/workspaces/w": {"", ""},
	} {
		kind, id := scopeOf(scope)
		assert.Equal(t, want, [2]string{kind, id}, scope)
	}
}
