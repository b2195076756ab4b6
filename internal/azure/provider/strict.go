package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/internal/words"
)

// The real provider drops keys that a type does not have, and sends enum values unread. Both are mistakes that nobody sees
// until something is missing in Azure, so here they are refused, with messages of our own.

func (c *checker) lose(format string, args ...any) {
	c.lost = append(c.lost, fmt.Sprintf(format, args...))
}

func (c *checker) unknownKey(path, name string, object Object) {
	if strings.HasPrefix(name, "__") {
		return // __createBeforeDelete, __defaults: not sent
	}
	valid := slices.Sorted(maps.Keys(object.Properties))
	message := fmt.Sprintf("'%s' is not a property of this type, the provider would drop it without a word", join(path, name))
	c.lose("%s; %s", message, suggest(name, valid))
}

func (c *checker) enum(path string, typ Property, value string) {
	if len(typ.Enum) == 0 {
		return
	}
	for _, known := range typ.Enum {
		if strings.EqualFold(known, value) {
			return // ARM compares without regard to case
		}
	}
	c.lose("'%s' is %q, which Azure does not know; %s", path, value, suggest(value, typ.Enum))
}

// suggest names the nearest valid word, or all of them when none is near.
func suggest(word string, valid []string) string {
	if len(valid) == 0 {
		return "it has no properties"
	}
	if near := words.Nearest(word, valid); near != "" {
		return fmt.Sprintf("did you mean '%s'?", near)
	}
	return "valid are " + strings.Join(valid, ", ")
}
