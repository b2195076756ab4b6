package policies

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// fields are values by the name that $(name) uses.
type fields map[string]value

var (
	eachBlock   = regexp.MustCompile(`(?s)<\?each ([a-z-]+)\?>(.*?)<\?end\?>`)
	placeholder = regexp.MustCompile(`\$\(([a-z-]+)\)`)
	instruction = regexp.MustCompile(`<\?(?:each\b[^?]*|end)\?>`)
)

// render puts values in the places where API Management allows neither a named value (they end at 4,096 characters) nor an
// expression (quotas take none). $(name) is replaced by a value; what stands between <?each name?> and <?end?> is repeated
// for each entry of a list. An unknown name, a block without end and a value that would need escaping are errors, all of them
// reported at once.
func render(document string, values fields, lists map[string][]fields) (string, error) {
	var problems []error
	fill := func(text string, scope ...fields) string {
		return placeholder.ReplaceAllStringFunc(text, func(match string) string {
			name := placeholder.FindStringSubmatch(match)[1]
			for _, known := range scope {
				if value, ok := known[name]; ok {
					filled, err := value.fill()
					if err != nil {
						problems = append(problems, fmt.Errorf("value of $(%s) %w", name, err))
					}
					return filled
				}
			}
			problems = append(problems, fmt.Errorf("nothing is known as $(%s)", name))
			return match
		})
	}
	repeated := eachBlock.ReplaceAllStringFunc(document, func(match string) string {
		parts := eachBlock.FindStringSubmatch(match)
		list, ok := lists[parts[1]]
		if !ok {
			problems = append(problems, fmt.Errorf("no list is known as %s", parts[1]))
		}
		var out strings.Builder
		for _, entry := range list {
			out.WriteString(fill(parts[2], entry, values))
		}
		return out.String()
	})
	if left := instruction.FindString(repeated); left != "" {
		problems = append(problems, fmt.Errorf("%s has no counterpart", left))
	}
	return fill(repeated, values), errors.Join(problems...)
}
