package mutate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A document is deployed with values in the place of $(name), and with what stands between <?each name?> and <?end?> once for
// every entry of a list. A change is made in the document as it is in the repository, and so in each of these copies.

var (
	marks = regexp.MustCompile(`\$\([a-z-]+\)|<\?each [a-z-]+\?>|<\?end\?>`)
	// filled is what may stand in the place of a value: plain text, or JSON in a string of C# (policies/table.go).
	filled = regexp.MustCompile(`^(?:[A-Za-z0-9 ._:/|;=,@*{}\[\]-]|\\")*`)
)

// stretch is a part of the template and its place in the rendered text; both are as long, unless it is a value's.
type stretch struct{ from, to, at, end int }

// aligner goes through both texts side by side.
type aligner struct {
	template, rendered string
	list               []stretch
}

// Apply makes the change in a rendered document.
func (m Mutant) Apply(rendered string) (string, error) {
	text, err := edited(m.template, rendered, []Edit{m.edit})
	if err != nil {
		return "", fmt.Errorf("%s: %w", m, err)
	}
	return text, nil
}

// edited makes changes of a template in what it was rendered to.
func edited(template, rendered string, edits []Edit) (string, error) {
	a := &aligner{template: template, rendered: rendered}
	end, ok := a.match(0, len(template), 0)
	if !ok || end != len(rendered) {
		return "", errors.New("the deployed document is not what it was made from")
	}
	var all []Edit
	for _, e := range edits {
		starts, stops := a.places(e.At, false), a.places(e.At+e.Length, true)
		if e.Length == 0 {
			stops = starts
		}
		if len(starts) != len(stops) {
			return "", fmt.Errorf("%q begins %d times and ends %d times", template[e.At:e.At+e.Length], len(starts), len(stops))
		}
		for i := range starts {
			all = append(all, Edit{starts[i], stops[i] - starts[i], e.New})
		}
	}
	slices.SortFunc(all, func(one, other Edit) int { return other.At - one.At })
	for _, e := range all {
		rendered = rendered[:e.At] + e.New + rendered[e.At+e.Length:]
	}
	return rendered, nil
}

// match lays the template from one offset to another beside the rendered text; it returns where that ends.
func (a *aligner) match(from, to, at int) (int, bool) {
	for from < to {
		mark := marks.FindStringIndex(a.template[from:to])
		if mark == nil {
			mark = []int{to - from, to - from}
		}
		literal := a.template[from : from+mark[0]]
		if !strings.HasPrefix(a.rendered[at:], literal) {
			return 0, false
		}
		a.list = append(a.list, stretch{from, from + len(literal), at, at + len(literal)})
		at += len(literal)
		name, next := a.template[from+mark[0]:from+mark[1]], from+mark[1]
		switch {
		case strings.HasPrefix(name, "$"):
			n := len(filled.FindString(a.rendered[at:]))
			a.list = append(a.list, stretch{from + mark[0], next, at, at + n})
			at += n
		case strings.HasPrefix(name, "<?each"):
			end := next + strings.Index(a.template[next:to], "<?end?>")
			at = a.copies(next, end, at)
			next = end + len("<?end?>")
		}
		from = next
	}
	return at, true
}

// copies matches what is repeated as often as it is there.
func (a *aligner) copies(from, to, at int) int {
	for {
		known := len(a.list)
		next, ok := a.match(from, to, at)
		if !ok {
			a.list = a.list[:known]
			return at
		}
		at = next
	}
}

// places are where an offset of the template is in the rendered text.
func (a *aligner) places(offset int, end bool) []int {
	var list []int
	for _, s := range a.list {
		switch {
		case !end && s.from <= offset && offset < s.to:
			list = append(list, min(s.at+offset-s.from, s.end))
		case end && s.from < offset && offset <= s.to:
			list = append(list, min(s.at+offset-s.from, s.end))
		}
	}
	return list
}
