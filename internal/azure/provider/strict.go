package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/words"
)

// The real provider drops keys that a type does not have, and sends enum values unread. Both are mistakes that nobody sees
// until something is missing in Azure, so here they are refused, with messages of our own.

func (c *checker) lose(message, hint string) {
	if hint != "" {
		message += "; " + hint
	}
	c.lost = append(c.lost, message)
}

func (c *checker) unknownKey(path, name string, object Object) {
	if strings.HasPrefix(name, "__") {
		return // __createBeforeDelete, __defaults: not sent
	}
	valid := slices.Sorted(maps.Keys(object.Properties))
	c.lose(fmt.Sprintf("'%s' is not a property of this type, the provider would drop it without a word", jsonpath.Key(path, name)), words.Suggest(name, valid))
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
	c.lose(fmt.Sprintf("'%s' is %q, which Azure does not know", path, value), words.Suggest(value, typ.Enum))
}
