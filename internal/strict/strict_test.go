package strict

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAMisspeltKeyIsAnErrorWithItsLine(t *testing.T) {
	var into struct{ Name string }
	require.NoError(t, YAML([]byte("name: a\n"), &into))
	assert.Equal(t, "a", into.Name)
	require.NoError(t, YAML(nil, &into), "an empty text says nothing")
	assert.Equal(t, "a", into.Name)
	assert.ErrorContains(t, YAML([]byte("name: b\nnmae: c\n"), &into), "line 2: field nmae not found")
	assert.Error(t, YAML([]byte("name: [\n"), &into))
}
