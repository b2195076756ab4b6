package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// reasoningItem is what a reasoning model thought, for a caller that keeps the conversation itself (include with
// reasoning.encrypted_content). Only the account that made it can read it.
type reasoningItem struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Summary   []any  `json:"summary"`
	Encrypted string `json:"encrypted_content"`
}

// includeReasoning is the member of include by which a caller gets its reasoning (OpenAI API reference: Responses, include).
const includeReasoning = "reasoning.encrypted_content"

// thought is the reasoning of an answer, if the call wants it and the model reasons.
func (x *exchange) thought() []any {
	if !reasoning(x.d.Model) || !slices.Contains(x.req.Include, includeReasoning) {
		return nil
	}
	id := "rs_" + x.plainID()
	return []any{reasoningItem{ID: id, Type: "reasoning", Summary: []any{}, Encrypted: x.encrypted(id)}}
}

// encryptedPrefix begins every encrypted reasoning, as those of OpenAI begin.
const encryptedPrefix = "gAAAAA"

// encrypted stands for the reasoning of an item, in a form that no other account makes.
func (x *exchange) encrypted(id string) string {
	sum := sha256.Sum256([]byte(x.account.Name + "\x00" + id))
	return encryptedPrefix + base64.RawURLEncoding.EncodeToString(append(sum[:], id...))
}

// checkReasoning refuses reasoning that another account has encrypted (litellm#40364, #29733; the code is seen there, the text is [M]).
func (x *exchange) checkReasoning() *failure {
	var items []reasoningItem
	if json.Unmarshal(x.req.Input, &items) != nil {
		return nil // a text, or refused already
	}
	for _, item := range items {
		if item.Type != "reasoning" || item.Encrypted == "" {
			continue
		}
		sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(item.Encrypted, encryptedPrefix))
		if err != nil || len(sealed) < sha256.Size || item.Encrypted != x.encrypted(string(sealed[sha256.Size:])) {
			return invalid("", "invalid_encrypted_content", "The encrypted content for item %s could not be verified.", item.ID)
		}
	}
	return nil
}
