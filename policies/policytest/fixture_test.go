package policytest

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The fixture repeats what the program deploys, because nothing here may import the program. This test does.

func TestTheFixtureHasTheBreakersThatAreDeployed(t *testing.T) {
	source, err := os.ReadFile("../../infra/backends.go")
	require.NoError(t, err)
	line := regexp.MustCompile(`breakerStatuses = .*`).Find(source)
	var numbers []int
	for _, n := range regexp.MustCompile(`\d{3}`).FindAllString(string(line), -1) {
		v, err := strconv.Atoi(n)
		require.NoError(t, err)
		numbers = append(numbers, v)
	}
	var ours []int
	for _, s := range breakerStatuses {
		ours = append(ours, s.Min, s.Max)
	}
	assert.Equal(t, numbers, ours)
	assert.Contains(t, string(source), `breakerPause = "PT10S"`)
}

func TestADefaultAnswerLooksLikeAnAccounts(t *testing.T) {
	for path, want := range map[string]string{
		"/openai/deployments/x/chat/completions": `"chat.completion"`, "/openai/v1/responses": `"response"`,
		"/openai/deployments/x/embeddings": `"embedding"`, "/openai/deployments/x/audio/translations": `"text"`,
	} {
		assert.Contains(t, string(spoken(path, "resp_1", nil)), want)
	}
	_, parts := defaultAnswer("sweden", "resp_1", http.StatusNoContent, Answer{}, nil, nil)
	assert.Empty(t, parts)
	_, parts = defaultAnswer("sweden", "resp_1", http.StatusBadGateway, Answer{}, nil, nil)
	assert.Contains(t, string(parts[0]), "sweden", "errors name their account, so that cases see whether it is told")
}
