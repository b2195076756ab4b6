package accounts_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

const responsesPath = "/openai/v1/responses"

// created makes a response and returns its id.
func created(t *testing.T, s *accounts.Service, body string) string {
	t.Helper()
	got := post(t, s, responsesPath, body)
	require.Equal(t, 200, got.status, got.body)
	var response struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(got.body), &response))
	return response.ID
}

func TestAResponseIsKeptForThirtyDays(t *testing.T) {
	s, c := service(t)
	id := created(t, s, `{"model":"chat","input":"count sheep","metadata":{"who":"me"}}`)
	assert.Equal(t, []string{id}, s.Stored("aoai-east"))
	got := do(t, s, "GET", responsesPath+"/"+id, "")
	assert.Equal(t, 200, got.status, got.body)
	assert.Contains(t, got.body, `"metadata":{"who":"me"}`)
	assert.Contains(t, do(t, s, "GET", "/openai/responses/"+id+"/input_items?api-version=2025-03-01-preview", "").body, "count sheep")
	assert.Equal(t, 400, post(t, s, responsesPath+"/"+id+"/cancel", "").status, "it was made at once")
	assert.Equal(t, 404, do(t, s, "GET", "/openai/responses/"+id+"?api-version=2024-10-21", "").status)

	c.Advance(30*24*time.Hour + time.Second)
	assert.Equal(t, 404, do(t, s, "GET", responsesPath+"/"+id, "").status)
	assert.Empty(t, s.Stored("aoai-east"))
}

func TestAResponseIsContinuedWhereItIs(t *testing.T) {
	s, _ := service(t)
	first := post(t, s, responsesPath, `{"model":"chat","input":"my name is Ada Lovelace, countess"}`)
	var response struct {
		ID    string
		Usage struct {
			Input int `json:"input_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(first.body), &response))
	alone := response.Usage.Input
	second := post(t, s, responsesPath, `{"model":"chat","input":"hi","previous_response_id":"`+response.ID+`"}`)
	require.Equal(t, 200, second.status, second.body)
	require.NoError(t, json.Unmarshal([]byte(second.body), &response))
	assert.Greater(t, response.Usage.Input, alone, "the conversation so far is read again, and counted")

	elsewhere := post(t, s, responsesPath, `{"model":"chat","input":"hi","previous_response_id":"resp_elsewhere"}`)
	assert.Equal(t, 400, elsewhere.status)
	assert.Contains(t, elsewhere.body, `"code":"previous_response_not_found"`)
}

func TestWhatIsNotStoredOrDeletedIsGone(t *testing.T) {
	s, _ := service(t)
	id := created(t, s, `{"model":"chat","input":"hi","store":false}`)
	assert.Equal(t, 404, do(t, s, "GET", responsesPath+"/"+id, "").status)
	id = created(t, s, `{"model":"chat","input":"hi"}`)
	assert.Contains(t, do(t, s, "DELETE", responsesPath+"/"+id, "").body, `"deleted":true`)
	assert.Equal(t, 404, do(t, s, "DELETE", responsesPath+"/"+id, "").status)
}

func TestABackgroundResponseHasNoUsageUntilItIsFetched(t *testing.T) {
	s, _ := service(t)
	got := post(t, s, responsesPath, `{"model":"chat","input":"hi","background":true}`)
	assert.Contains(t, got.body, `"status":"queued"`)
	assert.Contains(t, got.body, `"usage":null`)
	id := s.Stored("aoai-east")[0]
	assert.Contains(t, do(t, s, "GET", responsesPath+"/"+id, "").body, `"status":"completed"`)
	assert.Equal(t, 400, post(t, s, responsesPath, `{"model":"chat","input":"hi","background":true,"store":false}`).status)
}

func TestNamesOfABodyHaveCase(t *testing.T) {
	s, _ := service(t)
	assert.Contains(t, post(t, s, responsesPath, `{"Model":"reason","model":"chat","input":"hi"}`).body, `"param":"Model","code":"unknown_parameter"`)
	got := post(t, s, deployment("embed", "embeddings"), `{"Input":7,"input":"x","DIMENSIONS":1}`)
	assert.Equal(t, 200, got.status, "embeddings ignore what they do not know")
	assert.Contains(t, post(t, s, "/openai/v1/chat/completions", `{"Model":"chat","messages":[{"role":"user","content":"hi"}]}`).body, `"param":"model"`)
	assert.NotContains(t, post(t, s, chatPath, `{"messages":[{"role":"user","content":"hi"}],"Stream":true}`).body, "data:")
}
