package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// finding is one difference of one document.
type finding struct {
	effect Effect
	// text says it, without the policy's name; guard is the risk in it, or empty.
	text, guard string
}

// guards are the elements that keep something out, and what is lost with them.
var guards = map[string]string{ //nolint:gosec // names of elements, no credentials
	"validate-jwt":                    "checks Entra tokens",
	"validate-azure-ad-token":         "checks Entra tokens",
	"llm-token-limit":                 "limits tokens",
	"azure-openai-token-limit":        "limits tokens",
	"rate-limit-by-key":               "limits requests",
	"rate-limit":                      "limits requests",
	"quota-by-key":                    "limits quotas",
	"return-response":                 "refuses calls",
	"ip-filter":                       "filters addresses",
	"check-header":                    "checks a header",
	"llm-content-safety":              "checks contents",
	"required-claims":                 "demands claims",
	"authentication-managed-identity": "signs in to accounts with the gateway's identity",
	"llm-emit-token-metric":           "counts tokens in metrics",
	"trace":                           "leaves a trace record",
}

// policies compares documents by what they mean.
func (c *comparison) policies() {
	olds := map[string]policy{}
	for _, d := range c.before.documents {
		olds[d.key()] = d
	}
	found := map[finding][]string{} // with the APIs that have it
	note := func(f finding, name string) { found[f] = append(found[f], name) }
	for _, d := range c.after.documents {
		old, known := olds[d.key()]
		delete(olds, d.key())
		switch {
		case known:
			for _, f := range differences(d.fragment, "", old.root, d.root) {
				note(f, d.label(c.after.documents))
			}
		case d.fragment:
			note(finding{effect: Note, text: "is new"}, d.label(c.after.documents))
		}
	}
	for _, key := range sortedKeys(olds) {
		if d := olds[key]; d.fragment {
			note(finding{effect: Change, text: "is gone"}, d.label(c.before.documents))
		}
	}
	var all []finding
	for f := range found {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(found[a][0], found[b][0]), cmp.Compare(a.text, b.text))
	})
	for _, f := range all {
		c.say(f.effect, "policy %s %s", strings.Join(found[f], ", "), f.text)
		if f.guard != "" {
			c.warn(Guard, "policy %s no longer %s", strings.Join(found[f], ", "), f.guard)
		}
	}
}

func (d policy) key() string { return fmt.Sprint(d.fragment, d.name) }

// label is a document's name; a fragment has the APIs that include it.
func (d policy) label(all []policy) string {
	if !d.fragment {
		return "*" + d.name + "*"
	}
	var in []string
	for _, other := range all {
		if !other.fragment && slices.Contains(other.includes, d.name) {
			in = append(in, other.name)
		}
	}
	if len(in) == 0 {
		return fmt.Sprintf("*%s*", d.name)
	}
	return fmt.Sprintf("*%s* (in %s)", d.name, strings.Join(in, ", "))
}

// differences are what changed in an element and everything in it. The path is that of the element.
func differences(fragment bool, path string, old, now *node) []finding {
	if old.String() == now.String() {
		return nil
	}
	var found []finding
	for _, name := range sortedKeys(old.attributes, now.attributes) {
		a, had := old.attributes[name]
		b, has := now.attributes[name]
		if a == b && had == has {
			continue
		}
		found = append(found, valueChange(path+"@"+name, a, b, had, has))
	}
	if old.text != now.text {
		found = append(found, valueChange(path, old.text, now.text, true, true))
	}
	for _, p := range pairs(old.children, now.children) {
		switch {
		case p.old == nil:
			found = append(found, finding{effect: Change, text: "now has " + p.now.title() + " at " + inside(path, fragment)})
		case p.now == nil:
			found = append(found, gone(path, fragment, p.old))
		case p.moved:
			found = append(found, finding{effect: Change, text: p.now.title() + " comes in another order at " + inside(path, fragment)})
		default:
			found = append(found, differences(fragment, step(path, p.now, p.place), p.old, p.now)...)
		}
	}
	return found
}

func inside(path string, fragment bool) string {
	switch {
	case path != "":
		return path
	case fragment:
		return "the top of the fragment"
	}
	return "the top of the document"
}

// step is a path with one more element.
func step(path string, n *node, place int) string {
	title := n.title()
	if title == n.name && place > 0 {
		title = fmt.Sprintf("%s[%d]", n.name, place)
	}
	if path == "" {
		return title
	}
	return path + "/" + title
}

// gone is an element that is no longer there, a risk if it kept something out.
func gone(path string, fragment bool, n *node) finding {
	f := finding{effect: Change, text: "no longer has " + n.title() + " at " + inside(path, fragment)}
	n.walk(func(inner *node) {
		guard := guards[inner.name]
		if inner.name == "include-fragment" {
			guard = "includes " + inner.attributes["fragment-id"]
		}
		if guard != "" && f.guard == "" {
			f.effect, f.guard = Loss, guard+" at "+inside(path, fragment)
		}
	})
	return f
}

// valueChange is an attribute or a text that changed.
func valueChange(path, old, now string, had, has bool) finding {
	switch {
	case !had:
		return finding{effect: Change, text: fmt.Sprintf("now has %s: `%s`", path, short(now))}
	case !has:
		return finding{effect: Change, text: fmt.Sprintf("no longer has %s: `%s`", path, short(old))}
	}
	added, removed, alone := numbers(old, now)
	statuses := strings.Contains(path, "retry") && strings.HasPrefix(old, "@") && areStatuses(append(slices.Clone(added), removed...))
	switch {
	case alone && statuses && len(removed) == 0:
		return finding{effect: Change, text: fmt.Sprintf("now also retries %s, at %s", strings.Join(added, ", "), path)}
	case alone && statuses && len(added) == 0:
		return finding{effect: Loss, text: fmt.Sprintf("no longer retries %s, at %s", strings.Join(removed, ", "), path)}
	}
	was, is := short(old), short(now)
	if strings.HasPrefix(old, "@") && strings.HasPrefix(now, "@") {
		was, is = excerpt(old, now)
	}
	return finding{effect: Change, text: fmt.Sprintf("decides otherwise at %s: `%s` → `%s`", path, was, is)}
}

func areStatuses(all []string) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(n string) bool { return len(n) != 3 || n < "200" || n > "599" })
}

func short(text string) string {
	const longest = 90
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
