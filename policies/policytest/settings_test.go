package policytest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

func TestTheFixtureIsAnEnvironmentThatTheProgramTakes(t *testing.T) {
	s, err := Facts{}.settings()
	require.NoError(t, err)
	assert.NoError(t, stacks.Validate(s, stackName, nil))
}

func TestACaseChangesNothingForTheNext(t *testing.T) {
	_, err := Facts{Products: []Product{{Name: "p", Groups: []string{"g"}}}, Pools: map[string][]Member{"x": {{Account: "aa"}}}, Export: true}.settings()
	require.NoError(t, err)
	s, err := Facts{}.settings()
	require.NoError(t, err)
	assert.Equal(t, []string{"standard", "open", "guarded"}, []string{s.Products[0].Name, s.Products[1].Name, s.Products[2].Name})
	assert.Equal(t, groupID("analysts"), s.Products[0].Groups[0].ObjectID)
	assert.Len(t, s.Accounts, 3)
	assert.Nil(t, s.Logging.EventHub)
}

func TestAccountsComeInTheOrderOfEveryPool(t *testing.T) {
	members := func(names ...string) (list []Member) {
		for _, name := range names {
			list = append(list, Member{Account: name})
		}
		return list
	}
	names, err := order(map[string][]Member{"a": members("x", "z"), "b": members("y", "x"), "c": members("w")})
	require.NoError(t, err)
	assert.Equal(t, []string{"y", "x", "z", "w"}, names)
	_, err = order(map[string][]Member{"a": members("x", "z"), "b": members("z", "x")})
	assert.ErrorContains(t, err, "pools list x in different orders")
}

func TestAnEditIsSeenByNobodyElse(t *testing.T) {
	edited, err := Facts{}.project(t.Context(), func(name, _ string) string { return name })
	require.NoError(t, err)
	plain, err := Facts{}.project(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "fragments/answer.xml", edited.Fragments[1].Policy.Text)
	assert.Contains(t, plain.Fragments[1].Policy.Text, "<fragment>")
	assert.Equal(t, "apis/v1.xml", edited.APIs[1].Policy.Text)
	assert.Contains(t, plain.APIs[1].Policy.Text, "<policies>")
}
