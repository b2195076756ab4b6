package diff

import (
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// rule is a rule of a network security group in words.
type rule struct {
	text string
	open bool // lets traffic in from everywhere
}

// anywhere are the sources that are everybody.
var anywhere = []string{"*", "Internet", "0.0.0.0/0", "Any"}

func (e *environment) rules() map[string]rule {
	all := map[string]rule{}
	e.each("NetworkSecurityGroup", func(r plan.Resource) {
		for _, s := range jsonpath.Objects(r.Inputs, "securityRules") {
			ports := jsonpath.Text(s, "destinationPortRange") + strings.Join(jsonpath.Texts(s, "destinationPortRanges"), ", ")
			from := jsonpath.Text(s, "sourceAddressPrefix") + strings.Join(jsonpath.Texts(s, "sourceAddressPrefixes"), ", ")
			to := jsonpath.Text(s, "destinationAddressPrefix") + strings.Join(jsonpath.Texts(s, "destinationAddressPrefixes"), ", ")
			access, direction := jsonpath.Text(s, "access"), jsonpath.Text(s, "direction")
			all[r.Name+" "+jsonpath.Text(s, "name")] = rule{
				text: fmt.Sprintf("%s %s %s from %s to %s, ports %s, priority %d", access, direction, jsonpath.Text(s, "protocol"), from, to, ports,
					whole(s["priority"])),
				open: access == "Allow" && direction == "Inbound" && slices.Contains(anywhere, from),
			}
		}
	})
	return all
}

// rules says what networks let in and out.
func (c *comparison) rules() {
	old, now := c.before.rules(), c.after.rules()
	for _, name := range sortedKeys(old, now) {
		was, had := old[name]
		is, has := now[name]
		switch {
		case was == is:
			continue
		case !had:
			c.say(Change, "network rule %s is new: %s", name, is.text)
		case !has:
			c.say(Change, "network rule %s is removed: %s", name, was.text)
			if strings.HasPrefix(was.text, "Deny") {
				c.warn(Exposure, "network rule %s denies nothing any more", name)
			}
		default:
			c.say(Change, "network rule %s is %s instead of %s", name, is.text, was.text)
		}
		if is.open && !was.open {
			c.warn(Exposure, "network rule %s lets everybody in: %s", name, is.text)
		}
	}
}

// gateway says what changes of the service itself.
func (c *comparison) gateway() {
	c.after.each("ApiManagementService", func(r plan.Resource) {
		was, had := c.before.symbols["ApiManagementService "+r.Name]
		if !had {
			return
		}
		old, now := was.Inputs, r.Inputs
		if a, b := jsonpath.Text(old, "sku", "name"), jsonpath.Text(now, "sku", "name"); a != b {
			c.say(Change, "the gateway is of tier %s instead of %s", b, a)
		}
		c.amount("the gateway", "of its units", whole(jsonpath.At(old, "sku", "capacity")), whole(jsonpath.At(now, "sku", "capacity")))
		lost, gained := apart(jsonpath.Texts(old, "zones"), jsonpath.Texts(now, "zones"))
		if len(lost) > 0 {
			c.say(Loss, "the gateway is no longer in zone %s", list(lost))
		}
		if len(gained) > 0 {
			c.say(Gain, "the gateway is in zone %s too", list(gained))
		}
	})
}

// alerts says who is notified.
func (c *comparison) alerts() {
	of := func(e *environment) []string {
		var all []string
		e.each("ActionGroup", func(r plan.Resource) {
			for _, receiver := range jsonpath.Objects(r.Inputs, "emailReceivers") {
				all = append(all, jsonpath.Text(receiver, "emailAddress"))
			}
		})
		return all
	}
	lost, gained := apart(of(c.before), of(c.after))
	for _, address := range lost {
		c.say(Change, "alerts no longer go to %s", address)
	}
	for _, address := range gained {
		c.say(Gain, "alerts go to %s", address)
	}
	if len(lost) > 0 && len(of(c.after)) == 0 {
		c.warn(Logs, "nobody is notified by alerts")
	}
}

// secrets warns of what was a secret and is written in plain text.
func (c *comparison) secrets() {
	for _, now := range c.after.resources {
		old, had := c.before.byURN[now.URN]
		if !had || !now.Custom {
			continue
		}
		for _, path := range revealed("", old.Inputs, now.Inputs) {
			c.say(Change, "%s of %s is written in plain text", path, title(now))
			c.warn(Plain, "%s of %s was a secret and is written in plain text", path, title(now))
		}
	}
}

// revealed are the paths at which one value is a secret and the other is not.
func revealed(path string, old, now any) []string {
	var found []string
	switch a := old.(type) {
	case string:
		if text, ok := now.(string); ok && a == plan.Secret && text != plan.Secret && text != "" {
			found = append(found, path)
		}
	case bool: // a named value that is one no longer
		if b, ok := now.(bool); ok && a && !b && path == "secret" {
			found = append(found, path)
		}
	case map[string]any:
		b, ok := now.(map[string]any)
		if !ok {
			return nil
		}
		for _, key := range sortedKeys(a) {
			found = append(found, revealed(jsonpath.Key(path, key), a[key], b[key])...)
		}
	case []any:
		b, ok := now.([]any)
		for i := 0; ok && i < len(a) && i < len(b); i++ {
			found = append(found, revealed(jsonpath.Index(path, i), a[i], b[i])...)
		}
	}
	return found
}
