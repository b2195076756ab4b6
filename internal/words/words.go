// Package words has what messages are made of.
package words

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the candidate that a word was most likely meant to be, or "" when none is close: another spelling in upper and lower
// case, or a few slips of the finger.
func Nearest(word string, candidates []string) string {
	best, bestDistance := "", max(2, len(word)/3)+1
	for _, candidate := range candidates {
		if strings.EqualFold(word, candidate) {
			return candidate
		}
		distance := levenshtein.Distance(strings.ToLower(word), strings.ToLower(candidate), nil)
		// A word of three letters is two slips away from nearly any other.
		if distance < bestDistance && distance < len(candidate) && distance < len(word) {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// maxListed is how many candidates a hint lists: more are no help to somebody who reads an error.
const maxListed = 12

// Suggest is the hint for a word that is none of the candidates: the nearest one, all of them when none is near, or nothing where they
// are too many to list.
func Suggest(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	if len(candidates) == 0 || len(candidates) > maxListed {
		return ""
	}
	return "use one of " + strings.Join(candidates, ", ")
}

// Count is a number with its noun: 1 caller, 2 callers, 1,234 callers.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// Thousands writes 1234567 as 1,234,567.
func Thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
