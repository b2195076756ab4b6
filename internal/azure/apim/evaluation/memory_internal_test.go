package evaluation

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim/csharp"
)

func TestWhatIsRememberedHasAnEnd(t *testing.T) {
	var m recollections
	looks := []csharp.Look{{Kind: csharp.LookMethod}, {Kind: csharp.LookIPAddress}}
	ip := ""
	see := func(b []byte, l csharp.Look) ([]byte, bool) {
		if l.Kind == csharp.LookMethod {
			return append(b, "GET"...), true
		}
		return append(b, ip...), true
	}
	buffer := make([]byte, maxShown)
	for i := range 3 * maxRecollections {
		ip = fmt.Sprint(i)
		m.learn(looks, i, see)
		got, ok := m.recall(buffer, see)
		require.True(t, ok)
		require.Equal(t, i, got)
	}
	assert.LessOrEqual(t, m.size, maxRecollections+len(looks)+1)
	ip = string(make([]byte, maxShown+1))
	m.learn(looks, "long", see)
	_, ok := m.recall(buffer, see)
	assert.False(t, ok, "a long look is not kept")
}

// scripted is a host whose expressions all look at the variables of their own, and at the body.
type scripted struct {
	variables map[string]any
	reads     map[int][]string
	exchanges []Ahead
	throws    map[int]bool
}

func (s *scripted) Evaluate(_ context.Context, id int, ahead Ahead) ([]Result, error) {
	s.exchanges = append(s.exchanges, ahead)
	out := []Result{s.result(id)}
	for _, next := range ahead.Steps {
		out = append(out, s.result(next))
	}
	return out, nil
}

func (s *scripted) result(id int) Result {
	r := Result{Value: int64(id), Looks: []csharp.Look{{Kind: csharp.LookRequestBody}}, TooEarly: s.throws[id]}
	for _, name := range s.reads[id] {
		r.Looks = append(r.Looks, csharp.Look{Kind: csharp.LookVariable, Name: name})
	}
	return r
}

func (s *scripted) See(b []byte, l csharp.Look, supposed map[string]any) ([]byte, Scope) {
	if l.Kind == csharp.LookRequestBody {
		return b, ThisCall
	}
	v, ok := supposed[l.Name]
	if !ok {
		v = s.variables[l.Name]
	}
	if _, open := v.(unknown); open {
		return b, Nowhere
	}
	return fmt.Append(b, v), AnyCall
}

func (s *scripted) Has(variable string) bool { _, ok := s.variables[variable]; return ok }

func (s *scripted) Broken() bool { return false }

// call reaches expressions in their order and puts their values into their variables.
func (s *scripted) call(t *testing.T, m *Memory, ids ...int) (exchanges int) {
	t.Helper()
	s.variables, s.exchanges = map[string]any{}, nil
	c := m.Call(s)
	defer c.Close()
	for _, id := range ids {
		v, err := c.Value(context.Background(), id)
		require.NoError(t, err)
		require.Equal(t, int64(id), v)
		if name := m.expressions[id].Variable; name != "" {
			s.variables[name] = v
		}
	}
	return len(s.exchanges)
}

func TestWhatFollowsIsLearntFromTheCalls(t *testing.T) {
	m := NewMemory([]Expression{{Variable: "body"}, {Variable: "a"}, {}, {}})
	s := &scripted{reads: map[int][]string{1: {"body"}, 2: {"a"}, 3: {"a", "body"}}}
	assert.Equal(t, 4, s.call(t, m, 0, 1, 2, 3))
	assert.Equal(t, 1, s.call(t, m, 0, 1, 2, 3))
	assert.Equal(t, []int{1, 2, 3}, s.exchanges[0].Steps)
	assert.Equal(t, 2, s.call(t, m, 0, 3), "its variable is not set as it was supposed")
}

func TestAVariableThatIsSetToALiteralIsKnownAhead(t *testing.T) {
	m := NewMemory([]Expression{{Variable: "body"}, {}})
	s := &scripted{reads: map[int][]string{1: {"row"}}}
	play := func(literal string) int {
		s.variables, s.exchanges = map[string]any{}, nil
		c := m.Call(s)
		defer c.Close()
		for id := range 2 {
			_, err := c.Value(context.Background(), id)
			require.NoError(t, err)
			c.Assigned("row", literal)
			s.variables["row"] = literal
		}
		return len(s.exchanges)
	}
	assert.Equal(t, 2, play("x"))
	assert.Equal(t, 1, play("x"))
	assert.Equal(t, map[string]any{"row": "x"}, s.exchanges[0].Given)
	assert.Equal(t, 2, play("y"), "another value than was supposed")
	assert.Equal(t, 1, play("y"))
}

func TestAGuessThatIsNeverOfUseIsGivenUp(t *testing.T) {
	m := NewMemory(make([]Expression, 3))
	s := &scripted{throws: map[int]bool{2: true}}
	s.call(t, m, 0, 1, 2)
	for range 20 {
		assert.Equal(t, 2, s.call(t, m, 0, 1, 2))
	}
	assert.Equal(t, []int{1}, s.exchanges[0].Steps)
	for range maxCredit - minCredit + 2 {
		s.call(t, m, 0)
	}
	assert.Empty(t, s.exchanges[0].Steps)
}

func TestAFickleExpressionIsNeverEvaluatedAhead(t *testing.T) {
	m := NewMemory([]Expression{{}, {Fickle: true}})
	s := &scripted{}
	for range 5 {
		assert.Equal(t, 2, s.call(t, m, 0, 1))
	}
	assert.Empty(t, s.exchanges[0].Steps)
}

func TestAnExchangeHasAnEnd(t *testing.T) {
	list := make([]Expression, 60)
	ids := make([]int, len(list))
	for i := range ids {
		ids[i], list[i].Variable = i, fmt.Sprint("v", i)
	}
	m, s := NewMemory(list), &scripted{reads: map[int][]string{}}
	for i := 1; i < len(ids); i++ {
		s.reads[i] = []string{fmt.Sprint("v", i-1)}
	}
	for range 5 {
		s.call(t, m, ids...)
	}
	for _, x := range s.exchanges {
		assert.LessOrEqual(t, len(x.Steps), maxSteps)
	}
}
