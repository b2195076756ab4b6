package diff

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// symbols of C# that matter here: a string, a number, a name, or one other character. Comments and white space are none. Strings
// with @ or $ in front are read as C# reads them: with "" for a quote.
var symbols = regexp.MustCompile(`//[^\n]*|/\*(?s:.*?)\*/|[$@]+"(?:[^"]|"")*"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|=>|==|!=|<=|>=|&&|\|\||\?\?|\+\+|\+=|-=|\*=|[^\s]`)

// lex splits an expression.
func lex(text string) []string {
	all := symbols.FindAllString(text, -1)
	return slices.DeleteFunc(all, func(s string) bool { return strings.HasPrefix(s, "//") || strings.HasPrefix(s, "/*") })
}

// join writes symbols so that a reader can read them and the same symbols read the same. What the settings fill in is left out.
func join(all []string) string {
	all = blank(all)
	var b strings.Builder
	for i, s := range all {
		if i > 0 && word(all[i-1]) && word(s) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}

// word reports whether a symbol needs a space beside another one of its kind.
func word(s string) bool {
	c := s[0]
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// filledIn stands for what the settings fill in.
const filledIn = `"…"`

// steps are the steps of a reservation, which follow from the limits of products.
var steps = regexp.MustCompile(`^"1(,[0-9]+){3,}"$`)

// blank replaces what the settings fill in: facts in JSON, steps, and one of two literals that are compared.
func blank(all []string) []string {
	out := slices.Clone(all)
	for i, s := range all {
		if isFacts(s) || steps.MatchString(s) {
			out[i] = filledIn
		}
		if i+2 < len(all) && isString(s) && all[i+1] == "==" && isString(all[i+2]) {
			out[i] = filledIn
		}
	}
	return out
}

func isString(s string) bool { return strings.HasPrefix(s, `"`) }

// isFacts reports whether a symbol is a string with a JSON object.
func isFacts(s string) bool { return strings.HasPrefix(s, `"{ `) && strings.HasSuffix(s, `}"`) }

// literalsIn are the facts of an expression, as JSON.
func literalsIn(all []string) []string {
	var found []string
	for _, s := range all {
		if !isFacts(s) {
			continue
		}
		if text, err := strconv.Unquote(s); err == nil {
			found = append(found, text)
		}
	}
	return found
}

// personIn is how the person behind a token is logged: the expression compares that setting with "none".
func personIn(all []string) string {
	for i := range all {
		if i+2 < len(all) && isString(all[i]) && all[i+1] == "==" && all[i+2] == `"none"` {
			return strings.Trim(all[i], `"`)
		}
	}
	return ""
}

// excerpt is where two expressions differ, with a few symbols around it.
func excerpt(old, now string) (was, is string) {
	a, b := lex(old), lex(now)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	endA, endB := len(a), len(b)
	for endA > from && endB > from && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	const around, longest = 4, 90
	cut := func(all []string, end int) string {
		text := join(all[max(0, from-around):min(len(all), end+around)])
		if runes := []rune(text); len(runes) > longest {
			text = string(runes[:longest]) + "…"
		}
		return text
	}
	return cut(a, endA), cut(b, endB)
}

// numbers are the numbers that one expression has and another lacks, if they differ in nothing else.
func numbers(old, now string) (added, removed []string, alone bool) {
	split := func(text string) (nums, rest []string) {
		for _, s := range lex(text) {
			switch {
			case s[0] >= '0' && s[0] <= '9':
				nums = append(nums, s)
			case s != ",":
				rest = append(rest, s)
			}
		}
		return nums, rest
	}
	a, restA := split(old)
	b, restB := split(now)
	for _, n := range b {
		if i := slices.Index(a, n); i >= 0 {
			a = slices.Delete(a, i, i+1)
		} else {
			added = append(added, n)
		}
	}
	return added, a, slices.Equal(restA, restB)
}
