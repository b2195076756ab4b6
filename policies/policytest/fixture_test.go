package policytest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

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
