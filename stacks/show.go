package stacks

import (
	"regexp"
	"strconv"
	"strings"

	"enterprise-openai/internal/jsonpath"
)

// describe is the kind of a value, with the value where that helps.
func (n *node) describe(path string) string {
	switch n.kind {
	case kindText:
		return "the text " + show(path, n.text)
	case kindNumber:
		return "the number " + show(path, n.text)
	case kindBoolean:
		return show(path, strconv.FormatBool(n.truth))
	default:
		return string(n.kind)
	}
}

// confidential matches settings whose values are never shown.
var confidential = regexp.MustCompile(`(?i)(secret|password|key)s?(\[\d+\])?$`)

// show quotes a value for a message: shortened, and hidden where the setting's name is that of a secret.
func show[T ~string](path string, value T) string {
	const longest = 80
	text := string(value)
	if confidential.MatchString(path) {
		return "a value that is not shown"
	}
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return strconv.Quote(text)
}

// Join is the path of a key below another path. Keys that are not plain words, such as tags, are quoted.
func Join(path, key string) string {
	if !plainKey.MatchString(key) {
		return path + "[" + strconv.Quote(key) + "]"
	}
	return jsonpath.Key(path, key)
}

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
