package policytest

import (
	"slices"
	"strings"
)

// kept are the values that calls kept, by name.
type kept map[string]string

// keep takes what the call wants to keep of its answer. A member that is not there is kept as nothing, and later expectations fail.
func (k kept) keep(c Call, o Outcome) {
	for name, member := range c.Keep {
		k[name], _ = field([]byte(o.Body), strings.Split(member, ".")...).(string)
	}
}

// in puts what was kept into a call.
func (k kept) in(c Call) Call {
	if len(k) == 0 {
		return c
	}
	c.Request = k.text(c.Request)
	c.Body, c.Expect.Body = k.pointed(c.Body), k.pointed(c.Expect.Body)
	c.JSON, c.Expect.JSON = k.value(c.JSON), k.value(c.Expect.JSON)
	c.Expect.Contains, c.Expect.Lacks = k.texts(c.Expect.Contains), k.texts(c.Expect.Lacks)
	c.Seen = slices.Clone(c.Seen)
	for i := range c.Seen {
		c.Seen[i].Contains, c.Seen[i].Lacks = k.texts(c.Seen[i].Contains), k.texts(c.Seen[i].Lacks)
	}
	return c
}

func (k kept) text(s string) string {
	for name, value := range k {
		s = strings.ReplaceAll(s, "$("+name+")", value)
	}
	return s
}

func (k kept) texts(list []string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = k.text(list[i])
	}
	return list
}

func (k kept) pointed(s *string) *string {
	if s == nil {
		return nil
	}
	text := k.text(*s)
	return &text
}

// value is a value of YAML with the texts in it replaced.
func (k kept) value(v any) any {
	switch v := v.(type) {
	case string:
		return k.text(v)
	case []any:
		list := slices.Clone(v)
		for i := range list {
			list[i] = k.value(list[i])
		}
		return list
	case map[string]any:
		members := make(map[string]any, len(v))
		for name, member := range v {
			members[name] = k.value(member)
		}
		return members
	}
	return v
}
