package accounts_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

const (
	filesPath      = "/openai/v1/files"
	datedFilesPath = "/openai/files"
)

// writer lets the gateway write files.
func writer(a *accounts.Account) { a.Writers = []string{gateway} }

// uploaded sends a form with fields and a file of this text.
func uploaded(t *testing.T, s *accounts.Service, path, content string, fields ...string) reply {
	t.Helper()
	var form strings.Builder
	for i := 0; i < len(fields); i += 2 {
		form.WriteString("--X\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"\r\n\r\n" + fields[i+1] + "\r\n")
	}
	form.WriteString("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rivers.pdf\"\r\n\r\n" + content + "\r\n--X--\r\n")
	return do(t, s, http.MethodPost, path, form.String(), "Content-Type", "multipart/form-data; boundary=X")
}

func idOf(t *testing.T, r reply) string {
	t.Helper()
	var made struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(r.body), &made), r.body)
	require.NotEmpty(t, made.ID)
	return made.ID
}

func TestAFileIsReadDownloadedAndDeletedWhereItWasUploaded(t *testing.T) {
	s, c := service(t, writer)
	require.NoError(t, s.Put(account(writer, func(a *accounts.Account) { a.Name, a.Subdomain = "aoai-west", "contoso-west" })))
	got := uploaded(t, s, filesPath, "The Rhine is long.", "purpose", "assistants")
	require.Equal(t, 200, got.status, got.body)
	id := idOf(t, got)
	assert.Contains(t, got.body, `"bytes":18`)
	assert.Contains(t, got.body, `"filename":"rivers.pdf","purpose":"assistants","status":"processed"`)
	c.Advance(365 * 24 * time.Hour)
	assert.Equal(t, got.body, do(t, s, "GET", filesPath+"/"+id, "").body, "a file without an expiry stays")
	content := do(t, s, "GET", datedFilesPath+"/"+id+"/content?api-version="+apiVersion, "")
	assert.Equal(t, "The Rhine is long.", content.body)
	assert.Equal(t, "application/octet-stream", content.header.Get("Content-Type"))

	west, err := http.NewRequest(http.MethodGet, "https://contoso-west.openai.azure.com"+filesPath+"/"+id, nil)
	require.NoError(t, err)
	west.Header.Set("Authorization", "Bearer gateway-token")
	res, err := s.Transport(accounts.PrivateEndpoint).RoundTrip(west)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 404, res.StatusCode, "another account does not know it")

	assert.JSONEq(t, `{"id":"`+id+`","object":"file","deleted":true}`, do(t, s, "DELETE", filesPath+"/"+id, "").body)
	gone := do(t, s, "GET", filesPath+"/"+id, "")
	assert.Equal(t, 404, gone.status)
	assert.Contains(t, gone.body, "No such File object: "+id)
	assert.Equal(t, 404, do(t, s, "GET", filesPath, "").status, "lists are not modelled")
}

func TestTheDatedSurfaceOfFilesHasItsOwnStatuses(t *testing.T) {
	s, _ := service(t, writer)
	got := uploaded(t, s, datedFilesPath+"?api-version="+apiVersion, "x", "purpose", "assistants")
	require.Equal(t, 201, got.status, got.body)
	gone := do(t, s, "DELETE", datedFilesPath+"/"+idOf(t, got)+"?api-version="+apiVersion, "")
	assert.Equal(t, 204, gone.status)
	assert.Empty(t, gone.body)
	assert.Equal(t, 404, uploaded(t, s, datedFilesPath, "x", "purpose", "assistants").status, "without an api-version")
}

func TestAnUploadThatAzureRefusesIsRefused(t *testing.T) {
	s, _ := service(t, writer)
	for name, c := range map[string]struct {
		content string
		fields  []string
		text    string
	}{
		"no purpose":         {"x", nil, "Missing required parameter: 'purpose'"},
		"OpenAI's purpose":   {"x", []string{"purpose", "user_data"}, "Invalid value: 'user_data'"},
		"an empty file":      {"", []string{"purpose", "assistants"}, "The file is empty"},
		"an expiry too soon": {"x", []string{"purpose", "batch", "expires_after[seconds]", "3600"}, "Invalid value: '3600'"},
	} {
		got := uploaded(t, s, filesPath, c.content, c.fields...)
		assert.Equal(t, 400, got.status, name)
		assert.Contains(t, got.body, c.text, name)
	}
	assert.Equal(t, 400, post(t, s, filesPath, `{"purpose":"assistants"}`).status, "no form")
}

func TestAFileWithAnExpiryIsGoneAfterIt(t *testing.T) {
	s, c := service(t, writer)
	id := idOf(t, uploaded(t, s, filesPath, "x", "purpose", "batch", "expires_after[seconds]", "1209600"))
	c.Advance(14 * 24 * time.Hour)
	assert.Equal(t, 200, do(t, s, "GET", filesPath+"/"+id, "").status)
	c.Advance(time.Second)
	assert.Equal(t, 404, do(t, s, "GET", filesPath+"/"+id, "").status)
}

func TestTheRoleForInferenceReadsFilesAndWritesNone(t *testing.T) {
	s, _ := service(t, writer)
	id := idOf(t, uploaded(t, s, filesPath, "x", "purpose", "assistants"))
	require.NoError(t, s.Put(account()))
	assert.Equal(t, 200, do(t, s, "GET", filesPath+"/"+id, "").status)
	for _, refused := range []reply{do(t, s, "DELETE", filesPath+"/"+id, ""), uploaded(t, s, filesPath, "x", "purpose", "assistants")} {
		assert.Equal(t, 401, refused.status)
		assert.Contains(t, refused.body, "lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/files/")
	}
}

func TestAFileInAPromptIsReadAndCounted(t *testing.T) {
	s, _ := service(t, writer)
	id := idOf(t, uploaded(t, s, filesPath, strings.Repeat("rivers ", 500), "purpose", "assistants"))
	ask := func(file string) reply {
		return post(t, s, responsesPath, `{"model":"chat","input":[{"role":"user","content":[{"type":"input_file","file_id":"`+file+`"},{"type":"input_text","text":"hi"}]}]}`)
	}
	got := ask(id)
	require.Equal(t, 200, got.status, got.body)
	var response struct {
		ID    string
		Usage struct {
			Input int `json:"input_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &response))
	assert.Greater(t, response.Usage.Input, 500)
	items := do(t, s, "GET", responsesPath+"/"+response.ID+"/input_items", "").body
	assert.Contains(t, items, `"file_id":"`+id+`"`)
	assert.NotContains(t, items, "rivers", "items name the file and do not repeat it")

	missing := ask("file-nowhere")
	assert.Equal(t, 404, missing.status)
	assert.Contains(t, missing.body, "Files [file-nowhere] were not found")
}
