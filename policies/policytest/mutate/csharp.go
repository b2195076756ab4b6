package mutate

import (
	"net/http"
	"slices"
	"strconv"
	"unicode"
)

// The ends of an operand of && and ||, and of the condition before a question mark.
var (
	ends     = []string{";", ",", "?", ":", "return", "=", "=>", "+=", "??"}
	ofAnd    = append(slices.Clone(ends), "&&", "||")
	ofOr     = append(slices.Clone(ends), "||")
	opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "Min": "Max", "Max": "Min"}
)

// code are the mutants of an expression.
func (m *maker) code(p part) {
	list := tokens(m.text, p)
	for i, t := range list {
		switch t.text {
		case "==", "!=", "<=", ">=", "Min", "Max":
			m.add("write "+opposite[t.text], replace(t, opposite[t.text]))
		case "<", ">":
			// A type's parameters have no space before them.
			if unicode.IsSpace(rune(m.text[t.start-1])) {
				m.add("write "+opposite[t.text], replace(t, opposite[t.text]))
			}
		case "&&":
			m.operands(list, i, ofAnd)
		case "||":
			m.operands(list, i, ofOr)
		case "!":
			m.add("write nothing", replace(t, ""))
		case "if":
			m.force(list[i+1].end, list[match(list, i+1)].start)
		case "?":
			m.force(list[before(list, i, ends...)].start, t.start)
		case "new":
			m.entries(list, i)
		default:
			m.number(list, i)
		}
	}
}

func replace(t token, text string) Edit { return Edit{t.start, t.end - t.start, text} }

// operands leaves out the operand to the right, and for the first of a chain the one to the left.
func (m *maker) operands(list []token, i int, ends []string) {
	end := list[after(list, i, ends...)-1].end
	m.add("leave out", Edit{list[i].start, end - list[i].start, ""})
	first := before(list, i, ends...)
	if first == 0 || list[first-1].text != list[i].text {
		m.add("leave out", Edit{list[first].start, list[i].end - list[first].start, ""})
	}
}

// force edits a condition twice: once to true, once to false.
func (m *maker) force(start, end int) {
	for _, value := range []string{"true", "false"} {
		m.add("write "+value, Edit{start, end - start, " " + value + " "})
	}
}

// entries leaves out each entry of new [] { … }.
func (m *maker) entries(list []token, i int) {
	if i+3 >= len(list) || list[i+1].text != "[" || list[i+2].text != "]" || list[i+3].text != "{" {
		return
	}
	last := match(list, i+3)
	for from := i + 4; from < last; {
		to := after(list, from-1, ",")
		switch {
		case to < last:
			m.add("leave out", Edit{list[from].start, list[to+1].start - list[from].start, ""})
		case from > i+4:
			m.add("leave out", Edit{list[from-1].start, list[to-1].end - list[from-1].start, ""})
		}
		from = to + 1
	}
}

// number makes another status of a status, unless it is an entry of a list, which is left out.
func (m *maker) number(list []token, i int) {
	t := list[i]
	n, err := strconv.Atoi(t.text)
	if err != nil || !status(n) {
		return
	}
	if i > 0 && i+1 < len(list) && contains([]string{"{", ","}, list[i-1].text) && contains([]string{"}", ","}, list[i+1].text) {
		return
	}
	m.add("write "+strconv.Itoa(n+1), replace(t, strconv.Itoa(n+1)))
}

// status says whether a number is one of HTTP.
func status(n int) bool { return n >= http.StatusContinue && n < 600 }
