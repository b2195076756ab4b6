package accounts

import (
	"encoding/json"
	"net/http"
)

// attach puts the text of the files that messages name into their place, where the model reads it and it counts. [M] An account reads the
// text and the pictures of a PDF; here every file is a text.
func (x *exchange) attach(messages []message) *failure {
	for i, m := range messages {
		list, ok := parts(m.Content)
		named := false
		for j, p := range list {
			if p.FileID == "" {
				continue
			}
			stored, found := x.s.files.get(x.account.Name, p.FileID, x.s.deps.Clock.Now())
			if !found {
				// Seen in Azure/azure-sdk-for-net#47121, of vector stores. [M] that files in a prompt are refused alike.
				return &failure{status: http.StatusNotFound, body: toJSON(map[string]any{"error": map[string]any{
					"message": "Files [" + p.FileID + "] were not found", "type": "invalid_request_error", "param": nil, "code": "",
				}})}
			}
			list[j] = part{Type: "input_text", Text: string(stored.content) + "\n"}
			named = true
		}
		if !ok || !named {
			continue
		}
		text, err := json.Marshal(list)
		if err != nil {
			return invalid("input", "invalid_type", "Invalid type for 'input': expected a string or an array of input items.")
		}
		messages[i].Content = text
	}
	return nil
}
