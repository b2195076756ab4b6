package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABackendsImagesAndCharactersHaveTheirPrice(t *testing.T) {
	l, err := devSettings(func(s *Settings) {
		d := s.Accounts[0].Deployments[0]
		d.Name, d.Model = "voice", "tts"
		s.Accounts[0].Deployments = append(s.Accounts[0].Deployments, d)
	}).Lookups()
	require.NoError(t, err)
	require.Len(t, l.Units, 1)
	assert.Contains(t, l.Units[0].BackendID, "-voice")
	assert.Equal(t, "speechCharacters", l.Units[0].Unit)
	assert.InDelta(t, 0.000015, l.Units[0].Price, 1e-12)
}
