package dataplane

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
)

// counting counts what is started and ended.
type counting struct{ started, ended int }

func (c *counting) Compile(context.Context, []apim.Expression) (apim.Program, error) {
	c.started++
	return &counted{counting: c}, nil
}

type counted struct {
	apim.Program
	counting *counting
}

func (c *counted) Close() error {
	c.counting.ended++
	return nil
}

func TestExpressionsThatAreTheSameAreNotStartedAnew(t *testing.T) {
	c := &counting{}
	l := &reusedExpressions{Expressions: c}
	compile := func(text string) apim.Program {
		p, err := l.Compile(context.Background(), []apim.Expression{{Text: text}})
		require.NoError(t, err)
		return p
	}
	first, second := compile("@(1)"), compile("@(1)")
	assert.Equal(t, counting{started: 1}, *c)
	require.NoError(t, first.Close())
	third := compile("@(2)")
	assert.Equal(t, counting{started: 2}, *c, "the second configuration still uses the first expressions")
	require.NoError(t, second.Close())
	assert.Equal(t, counting{started: 2, ended: 1}, *c)
	require.NoError(t, l.Close())
	require.NoError(t, third.Close())
	assert.Equal(t, counting{started: 2, ended: 2}, *c)
}
