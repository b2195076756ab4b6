package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
)

// message is one message of a conversation. Its keys stay in the order in which the caller sent them.
type message struct {
	role string
	// content is a string, or any other JSON as it came.
	content      any
	contentFirst bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *message) UnmarshalJSON(text []byte) error {
	var sent struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	m.role, m.contentFirst = sent.Role, firstKey(text, "role", "content") == "content"
	var words string
	if json.Unmarshal(sent.Content, &words) == nil && !bytes.Equal(sent.Content, []byte("null")) {
		m.content = words
	} else if len(sent.Content) > 0 {
		m.content = compact(sent.Content)
	}
	return nil
}

// firstKey is which of two keys comes first in an object.
func firstKey(object []byte, a, b string) string {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return ""
	}
	for d.More() {
		key, err := d.Token()
		if name, _ := key.(string); err != nil || name == a || name == b {
			return name
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return ""
		}
	}
	return ""
}

// compact is JSON without spaces.
func compact(text []byte) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text // nothing that is no JSON comes here
	}
	return b.Bytes()
}

// with is the message as JSON, with this content.
func (m message) with(content any) json.RawMessage {
	role := `"role":` + jsonText(m.role)
	text := `"content":` + jsonText(content)
	if m.contentFirst {
		return json.RawMessage("{" + text + "," + role + "}")
	}
	return json.RawMessage("{" + role + "," + text + "}")
}

// leastPiece is the room below which a message rather begins in a row of its own.
const leastPiece = 256

// fill is as much of a message as fits into the room, and what is left of it. Nil is for a room that is too small to begin.
func (m message) fill(room int) (part json.RawMessage, rest message, whole bool) {
	part = m.with(m.content)
	if len(part) <= room {
		return part, message{}, true
	}
	if room < leastPiece {
		return nil, m, false
	}
	text, isText := m.content.(string)
	if !isText {
		if len(part) <= maxPiece-arrayBytes-1 {
			return nil, m, false // parts of a message stay together where they can
		}
		text = jsonText(m.content)
	}
	// Escapes make text longer than it looks, so that the cut is searched for.
	n := sort.Search(min(len(text), room)+1, func(n int) bool { return len(m.with(head(text, n))) > room }) - 1
	cut := head(text, max(n, 0))
	switch {
	case cut == "" && room < maxPiece-arrayBytes-1:
		return nil, m, false
	case cut == "":
		return part, message{}, true // a role alone that fills a row
	}
	return m.with(cut), message{role: m.role, content: text[len(cut):], contentFirst: m.contentFirst}, false
}

// jsonText is a value as JSON, with no more escapes than JSON asks for.
func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null" // what came out of JSON goes into it
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
