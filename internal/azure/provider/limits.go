package provider

import (
	"fmt"
	"regexp"
)

// limit constrains a string input. Lengths are counted in bytes, as the provider does.
type limit struct {
	min, max int
	// pattern is a Go regular expression; the provider skips patterns that Go cannot compile.
	pattern string
}

func (l limit) check(path, value string) []string {
	var failures []string
	if len(value) < l.min {
		failures = append(failures, fmt.Sprintf("'%s' is too short (%d): at least %d characters required", path, len(value), l.min))
	}
	if l.max > 0 && len(value) > l.max {
		failures = append(failures, fmt.Sprintf("'%s' is too long (%d): at most %d characters allowed", path, len(value), l.max))
	}
	if l.pattern != "" && !regexp.MustCompile(l.pattern).MatchString(value) {
		failures = append(failures, fmt.Sprintf("'%s' does not match expression '%s'", path, l.pattern))
	}
	return failures
}
