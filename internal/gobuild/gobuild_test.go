package gobuild

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A flag of its own would compile the Pulumi SDK a second time, which takes minutes that nobody would explain.
func TestTheMakefileBuildsTheCommandAsTheRestIsBuilt(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	found := regexp.MustCompile(`-gcflags\S*`).FindAllString(string(text), -1)
	assert.Equal(t, []string{Flags}, found)
}
