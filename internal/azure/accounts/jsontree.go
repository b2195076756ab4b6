package accounts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// jsonNode is a JSON value whose object members have the order of their text: "outputs will be produced in the same order as
// the ordering of keys in the schema" (OpenAI: Structured outputs).
type jsonNode struct {
	// kind is the first character of the text: { [ " t f n, or 0 for a number.
	kind    byte
	text    string // of a scalar: its JSON; of a string: what it says
	members []jsonMember
	items   []*jsonNode
}

type jsonMember struct {
	name  string
	value *jsonNode
}

var errNotJSON = errors.New("not one JSON value")

// parseJSON reads one JSON value.
func parseJSON(raw []byte) (*jsonNode, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	node, err := readNode(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return node, nil
}

func readNode(d *json.Decoder) (*jsonNode, error) {
	token, err := d.Token()
	if err != nil {
		return nil, errNotJSON
	}
	switch v := token.(type) {
	case json.Delim:
		return readInside(d, v)
	case string:
		return &jsonNode{kind: '"', text: v}, nil
	case json.Number:
		return &jsonNode{text: v.String()}, nil
	case bool:
		text := strconv.FormatBool(v)
		return &jsonNode{kind: text[0], text: text}, nil
	}
	return &jsonNode{kind: 'n', text: "null"}, nil
}

// readInside reads the rest of an object or a list. The decoder lets no other bracket through here.
func readInside(d *json.Decoder, open json.Delim) (*jsonNode, error) {
	node := &jsonNode{kind: open.String()[0]}
	for d.More() {
		name := ""
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return nil, errNotJSON
			}
			name, _ = key.(string) // the decoder takes nothing else before a colon
		}
		value, err := readNode(d)
		if err != nil {
			return nil, err
		}
		if open == '{' {
			node.set(name, value)
		} else {
			node.items = append(node.items, value)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, errNotJSON
	}
	return node, nil
}

// set adds a member; of two of one name the last counts, as encoding/json has it.
func (n *jsonNode) set(name string, value *jsonNode) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members[i].value = value
			return
		}
	}
	n.members = append(n.members, jsonMember{name, value})
}

// get returns a member of an object, nil when there is none.
func (n *jsonNode) get(name string) *jsonNode {
	if n == nil {
		return nil
	}
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// str is the text of a string, and empty for anything else.
func (n *jsonNode) str() string {
	if n == nil || n.kind != '"' {
		return ""
	}
	return n.text
}

// number is the value of a number.
func (n *jsonNode) number() (float64, bool) {
	if n == nil || n.kind != 0 {
		return 0, false
	}
	v, err := strconv.ParseFloat(n.text, 64)
	return v, err == nil
}

func (n *jsonNode) isTrue() bool { return n != nil && n.kind == 't' }

func (n *jsonNode) isFalse() bool { return n != nil && n.kind == 'f' }

// strings are the texts of a list of strings.
func (n *jsonNode) strings() []string {
	if n == nil {
		return nil
	}
	var all []string
	for _, item := range n.items {
		all = append(all, item.str())
	}
	return all
}

// json writes the value without spaces.
func (n *jsonNode) json() string {
	switch n.kind {
	case '"':
		return quoted(n.text)
	case '{':
		parts := make([]string, len(n.members))
		for i, m := range n.members {
			parts[i] = quoted(m.name) + ":" + m.value.json()
		}
		return "{" + strings.Join(parts, ",") + "}"
	case '[':
		parts := make([]string, len(n.items))
		for i, item := range n.items {
			parts[i] = item.json()
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return n.text
}

// quoted is a string as models write it: without the escapes that encoding/json has for HTML.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return quote(s) // not reached: every string is encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// at follows a reference inside of a document: "#" or "#/$defs/name" (RFC 6901). Other references lead nowhere.
func (n *jsonNode) at(reference string) *jsonNode {
	pointer, ok := strings.CutPrefix(reference, "#")
	if !ok {
		return nil
	}
	pointer, err := url.PathUnescape(pointer)
	if err != nil {
		return nil
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" || n == nil {
			break
		}
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if n.kind == '[' {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
			continue
		}
		n = n.get(step)
	}
	return n
}
