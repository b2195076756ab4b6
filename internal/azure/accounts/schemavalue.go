package accounts

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// bounds are the largest of all minima and the smallest of all maxima of a conjunction.
func (c conjunction) bounds(least, most string) (low, high float64) {
	high = math.Inf(1)
	for _, n := range c.all(least) {
		if v, ok := n.number(); ok {
			low = max(low, v)
		}
	}
	for _, n := range c.all(most) {
		if v, ok := n.number(); ok {
			high = min(high, v)
		}
	}
	return low, high
}

// number is 0 when that is allowed, else the allowed number next to the lower limit, else next to the upper one.
func (s *sampler) number(c conjunction, whole bool) (string, error) {
	step := 0.0
	if whole {
		step = 1
	}
	for _, n := range c.all("multipleOf") {
		if v, ok := n.number(); ok && v > 0 {
			// The larger step serves both when one is a multiple of the other, which is checked at the end.
			step = max(step, v)
		}
	}
	low, high := c.limits()
	stride := step
	if stride == 0 {
		stride = 1
	}
	start := 0.0
	switch {
	case low > 0 || low == 0 && c.excludes(0):
		start = math.Ceil(low/stride) * stride
		if step == 0 {
			start = low
		}
	case high < 0 || high == 0 && c.excludes(0):
		start, stride = math.Floor(high/stride)*stride, -stride
		if step == 0 {
			start = high
		}
	}
	skip := s.nth
	for i := range 1_000 {
		v := start + float64(i)*stride
		if step == 0 && c.excludes(start) && i < 60 && s.nth == 0 { // between the limits, as near as it takes
			v = start + stride*math.Pow(2, -float64(i))
		}
		if !c.allows(v, whole) {
			continue
		}
		if skip == 0 {
			if math.Abs(v) < 1e6 {
				v = math.Round(v*1e9) / 1e9 // 3 times 0.1 is 0.3
			}
			return strconv.FormatFloat(v, 'f', -1, 64), nil
		}
		skip--
	}
	return "", errImpossible
}

// limits are the lower and the upper limit, whether they are excluded or not.
func (c conjunction) limits() (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	for _, keyword := range []string{"minimum", "exclusiveMinimum"} {
		for _, n := range c.all(keyword) {
			if v, ok := n.number(); ok {
				low = max(low, v)
			}
		}
	}
	for _, keyword := range []string{"maximum", "exclusiveMaximum"} {
		for _, n := range c.all(keyword) {
			if v, ok := n.number(); ok {
				high = min(high, v)
			}
		}
	}
	return low, high
}

// excludes reports whether a number is a limit that is not allowed itself. In draft 4 the exclusive keywords are true or false.
func (c conjunction) excludes(v float64) bool {
	for _, schema := range c {
		for _, pair := range [][2]string{{"exclusiveMinimum", "minimum"}, {"exclusiveMaximum", "maximum"}} {
			limit, ok := schema.get(pair[0]).number()
			if schema.get(pair[0]).isTrue() {
				limit, ok = schema.get(pair[1]).number()
			}
			if ok && limit == v {
				return true
			}
		}
	}
	return false
}

func (c conjunction) allows(v float64, whole bool) bool {
	low, high := c.limits()
	if v < low || v > high || c.excludes(v) || whole && v != math.Trunc(v) {
		return false
	}
	for _, n := range c.all("multipleOf") {
		if step, ok := n.number(); ok && step > 0 {
			if q := v / step; math.Abs(q-math.Round(q)) > 1e-9 {
				return false
			}
		}
	}
	return true
}

// formats are texts of the formats that OpenAI's structured outputs know (OpenAI: Structured outputs, supported properties), and
// of a few that clients send for functions.
var formats = map[string]string{
	"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "time": "00:00:00Z", "duration": "P1D", "email": "a@example.com",
	"hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uuid": "00000000-0000-4000-8000-000000000000",
	"uri": "https://example.com/", "url": "https://example.com/", "uri-reference": "/", "regex": "a", "json-pointer": "/a",
}

// sampleWord is the text of a string of which nothing else is known: models do not answer with empty ones.
const sampleWord = "text"

// text is a string of the length, the pattern or the format that is wanted.
func (s *sampler) text(c conjunction) (string, error) {
	least, most := c.bounds("minLength", "maxLength")
	switch {
	case least > most:
		return "", errImpossible
	case least > maxSchemaSteps:
		return "", errTooLarge
	}
	if patterns := c.all("pattern"); len(patterns) > 0 {
		return s.patterned(patterns, least, most)
	}
	text := sampleWord
	if s.nth > 0 {
		text = strconv.Itoa(s.nth)
	}
	for _, f := range c.all("format") {
		if known, ok := formats[f.str()]; ok {
			if n := float64(len(known)); n < least || n > most {
				return "", fmt.Errorf("%w: its format %q and its length do not go together", errImpossible, f.str())
			}
			return known, nil
		}
	}
	if missing := int(least) - len(text); missing > 0 {
		text += strings.Repeat("a", missing)
	}
	if most < float64(len(text)) {
		text = text[:int(most)]
	}
	return text, nil
}

// patterned repeats what may be repeated in the first pattern until the text is as long as wanted and matches every pattern.
func (s *sampler) patterned(patterns []*jsonNode, least, most float64) (string, error) {
	pattern := patterns[0].str()
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", fmt.Errorf("its pattern %q cannot be read here: %w", pattern, err)
	}
	parsed = parsed.Simplify()
	for more := range int(least) + 2 {
		if s.steps++; s.steps > maxSchemaSteps {
			return "", errTooLarge
		}
		var b strings.Builder
		write(&b, parsed, s.nth, more)
		text := b.String()
		if n := float64(utf8.RuneCountInString(text)); n < least {
			continue
		} else if n > most {
			break
		}
		matches := func(p *jsonNode) bool {
			ok, err := regexp.MatchString(p.str(), text)
			return err == nil && ok
		}
		if !slices.ContainsFunc(patterns, func(p *jsonNode) bool { return !matches(p) }) {
			return text, nil
		}
	}
	return "", fmt.Errorf("%w: no text was found for its pattern %q", errImpossible, pattern)
}

// write appends the shortest text of an expression, with more of what may be repeated; nth chooses among characters.
func write(b *strings.Builder, e *syntax.Regexp, nth, more int) {
	repeat := 1
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteRune(runeOf(e.Rune, nth))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte("abcdefghijklmnopqrstuvwxyz"[nth%26])
	case syntax.OpAlternate:
		write(b, e.Sub[nth%len(e.Sub)], nth, more)
		return
	case syntax.OpStar:
		repeat = more
	case syntax.OpPlus:
		repeat = 1 + more
	case syntax.OpQuest:
		repeat = min(1, more)
	default: // anchors are empty; groups and sequences have parts
	}
	inner := 0
	if e.Op == syntax.OpConcat || e.Op == syntax.OpCapture {
		inner = more
	}
	for range repeat {
		for _, part := range e.Sub {
			write(b, part, nth, inner)
		}
	}
}

// runeOf is a character of a class, a printable one where it has some.
func runeOf(ranges []rune, nth int) rune {
	var fit []rune
	for i := 0; i+1 < len(ranges) && len(fit) <= nth; i += 2 {
		for r := max(ranges[i], '!'); r <= min(ranges[i+1], '~') && len(fit) <= nth; r++ {
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		return append(ranges, 'a')[0] // none of them is printable, or there is none
	}
	return fit[nth%len(fit)]
}
