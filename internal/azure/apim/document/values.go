package document

import (
	"regexp"
	"strconv"
	"strings"
)

// namedValue is a reference by display name; the pattern of the name is the
// one ARM demands (Microsoft Learn: rest/api/apimanagement/named-value).
var namedValue = regexp.MustCompile(`\{\{([A-Za-z0-9._-]+)\}\}`)

// NamedValue is what a name stands for.
type NamedValue struct {
	Text   string
	Secret bool
}

// Substitute replaces every {{name}} in attributes and text by its value, as
// text, also inside expressions. Positions keep pointing at the source.
// Every name that lookup does not know is an error.
func Substitute(root *Node, lookup func(name string) (NamedValue, bool)) error {
	var errs Errors
	root.Walk(func(n *Node) {
		replace := func(s string, at Pos) (string, bool) {
			secret := false
			if !strings.Contains(s, "{{") {
				return s, false
			}
			return namedValue.ReplaceAllStringFunc(s, func(ref string) string {
				name := ref[2 : len(ref)-2]
				v, ok := lookup(name)
				if !ok {
					errs = append(errs, n.ErrorfAt(at, "create the named value before the policy", "Cannot find a property '%s'", name))
				}
				secret = secret || v.Secret
				return v.Text
			}), secret
		}
		for i := range n.Attrs {
			a := &n.Attrs[i]
			a.Value, a.Secret = replace(a.Value, a.ValuePos)
		}
		n.Text, n.Secret = replace(n.Text, n.TextPos)
		if len(n.Children) > 0 {
			// Content that is markup of its own, such as the body of set-body. Its
			// errors are those of the children.
			n.Inner = namedValue.ReplaceAllStringFunc(n.Inner, func(ref string) string {
				if v, ok := lookup(ref[2 : len(ref)-2]); ok {
					return v.Text
				}
				return ref
			})
		}
	})
	return errs.Err()
}

// References lists the named values a text mentions, each once, in order.
func References(text string) []string {
	var names []string
	seen := map[string]bool{}
	for _, m := range namedValue.FindAllStringSubmatch(text, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			names = append(names, m[1])
		}
	}
	return names
}

// IsExpression reports whether a value is one expression: `@(…)` or `@{…}`.
// A value that only contains one is plain text.
func IsExpression(v string) bool {
	v = strings.TrimSpace(v)
	return strings.HasPrefix(v, "@(") && strings.HasSuffix(v, ")") ||
		strings.HasPrefix(v, "@{") && strings.HasSuffix(v, "}")
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// decode resolves the entities XML knows; anything else stays as it is.
func decode(s string) string {
	resolved, _ := resolve(s)
	return resolved
}

// maxEntity is the length of the longest entity: &#x10FFFF;, with leading zeros.
const maxEntity = 13

// resolve is decode that notes where entities were.
func resolve(s string) (string, places) {
	if !strings.Contains(s, "&") {
		return s, nil
	}
	var b strings.Builder
	var ps places
	for at := 0; at < len(s); {
		next := strings.IndexByte(s[at:], '&')
		if next < 0 {
			b.WriteString(s[at:])
			break
		}
		b.WriteString(s[at : at+next])
		at += next
		end := strings.IndexByte(s[at:min(len(s), at+maxEntity)], ';')
		r, ok := "", false
		if end > 1 {
			r, ok = entity(s[at+1 : at+end])
		}
		if !ok {
			b.WriteByte('&')
			at++
			continue
		}
		b.WriteString(r)
		at += end + 1
		ps = append(ps, place{b.Len(), at})
	}
	return b.String(), ps
}

func entity(name string) (string, bool) {
	if r, ok := entities[name]; ok {
		return r, true
	}
	num, base := strings.TrimPrefix(name, "#"), 10
	if num == name {
		return "", false
	}
	if hex := strings.TrimPrefix(strings.ToLower(num), "x"); hex != strings.ToLower(num) {
		num, base = hex, 16
	}
	c, err := strconv.ParseUint(num, base, 32)
	if err != nil || c > 0x10FFFF || c == 0 {
		return "", false
	}
	return string(rune(c)), true
}

// Decode resolves XML entities in content taken from Inner.
func Decode(s string) string { return decode(s) }
