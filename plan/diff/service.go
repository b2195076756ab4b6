package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// service says what changes for the gateway, its settings, roles and networks.
func (c *comparison) service() {
	c.namedValues()
	c.breakers()
	c.roles()
	c.exposed()
	c.rules()
	c.gateway()
	c.alerts()
	c.secrets()
}

// values are what the named values of the policies decide.
var values = map[string]string{
	"max-attempts":            "a call is offered to at most %s accounts instead of %s",
	"deadline-seconds":        "a call may take %s seconds over all attempts instead of %s",
	"stream-seconds":          "an account may take %s seconds to the first byte of a stream instead of %s",
	"attempt-seconds":         "an account may take %s seconds to the first byte of an answer instead of %s",
	"retry-after-cap-seconds": "callers are asked to wait at most %s seconds instead of %s",
	"entra-tenant":            "Entra tokens of tenant %s are taken instead of those of %s",
}

func (c *comparison) namedValues() {
	of := func(e *environment) map[string]string {
		all := map[string]string{}
		e.each("NamedValue", func(r plan.Resource) { all[jsonpath.Text(r.Inputs, "displayName")] = jsonpath.Text(r.Inputs, "value") })
		return all
	}
	old, now := of(c.before), of(c.after)
	for _, name := range sortedKeys(old) {
		is, has := now[name]
		switch form, known := values[name]; {
		case !has || is == old[name]:
		case name == "entra-tenant":
			c.say(Loss, form, is, old[name])
			c.warn(Exposure, "Entra tokens of another tenant are taken: %s", is)
		case known:
			c.say(Change, form, is, old[name])
		default:
			c.say(Change, "policies read %s as %s instead of %s", name, short(is), short(old[name]))
		}
	}
}

// breakers says what leaves a backend out of its pool.
func (c *comparison) breakers() {
	type breaker struct{ codes, rest string }
	of := func(e *environment) map[string]breaker {
		all := map[string]breaker{}
		e.each("Backend", func(r plan.Resource) {
			var codes []string
			for _, rule := range jsonpath.Objects(r.Inputs, "circuitBreaker", "rules") {
				for _, span := range jsonpath.Objects(rule, "failureCondition", "statusCodeRanges") {
					for code := whole(span["min"]); code <= whole(span["max"]) && code < 1000; code++ {
						codes = append(codes, fmt.Sprint(code))
					}
				}
			}
			rules := jsonpath.Objects(r.Inputs, "circuitBreaker", "rules")
			rest := fmt.Sprintf("%d rules", len(rules))
			for _, rule := range rules {
				rest += fmt.Sprintf("; %v failures in %v, open for %v, Retry-After %v", jsonpath.At(rule, "failureCondition", "count"),
					jsonpath.At(rule, "failureCondition", "interval"), rule["tripDuration"], rule["acceptRetryAfter"])
			}
			all[jsonpath.Text(r.Inputs, "backendId")] = breaker{strings.Join(codes, ","), rest}
		})
		return all
	}
	old, now := of(c.before), of(c.after)
	same := map[string][]string{} // backends by what changes
	for _, id := range sortedKeys(old) {
		is, has := now[id]
		if !has {
			continue
		}
		lost, gained := apart(strings.Split(old[id].codes, ","), strings.Split(is.codes, ","))
		if len(gained) > 0 {
			same["also opens on "+list(gained)] = append(same["also opens on "+list(gained)], id)
		}
		if len(lost) > 0 {
			same["no longer opens on "+list(lost)] = append(same["no longer opens on "+list(lost)], id)
		}
		if is.rest != old[id].rest {
			text := "has other rules (" + old[id].rest + " → " + is.rest + ")"
			same[text] = append(same[text], id)
		}
	}
	for _, text := range sortedKeys(same) {
		who := list(same[text])
		if len(same[text]) == len(now) {
			who = "every backend"
		}
		c.say(Change, "the circuit breaker of %s %s", who, text)
	}
}

// definition is the id of a role at the end of its path.
var definition = regexp.MustCompile(`roleDefinitions/([0-9a-fA-F-]{36})`)

// roleNames are built-in roles (Microsoft Learn: role-based-access-control/built-in-roles).
var roleNames = map[string]string{
	"5e0bd9bd-7b93-4f28-af87-19fc36ad61bd": "Cognitive Services OpenAI User",
	"2b629674-e913-4c01-ae53-ef4638d8f975": "Azure Event Hubs Data Sender",
	"a001fd3d-188f-4b5d-821b-7da978bf7442": "Cognitive Services OpenAI Contributor",
	"25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68": "Cognitive Services Contributor",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

// narrow are the roles that let the gateway do its work and nothing else.
var narrow = []string{"5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "2b629674-e913-4c01-ae53-ef4638d8f975"}

type grant struct{ role, who, scope string }

func (e *environment) grants() map[string]grant {
	all := map[string]grant{}
	e.each("RoleAssignment", func(r plan.Resource) {
		id := ""
		if m := definition.FindStringSubmatch(jsonpath.Text(r.Inputs, "roleDefinitionId")); m != nil {
			id = strings.ToLower(m[1])
		}
		all[r.Name] = grant{id, e.readable(jsonpath.Text(r.Inputs, "principalId")), e.readable(jsonpath.Text(r.Inputs, "scope"))}
	})
	return all
}

func roleName(id string) string {
	if name, known := roleNames[id]; known {
		return name
	}
	return "role " + id
}

func (c *comparison) roles() {
	old, now := c.before.grants(), c.after.grants()
	for _, name := range sortedKeys(old, now) {
		was, had := old[name]
		is, has := now[name]
		switch {
		case !has:
			c.say(Change, "%s no longer has the role %s on %s", was.who, roleName(was.role), was.scope)
		case !had:
			effect := Note
			if !slices.Contains(narrow, is.role) {
				effect = Change
				c.warn(Role, "%s gets the role %s on %s", is.who, roleName(is.role), is.scope)
			}
			c.say(effect, "%s gets the role %s on %s", is.who, roleName(is.role), is.scope)
		case was != is:
			c.say(Change, "%s has the role %s on %s instead of %s on %s", is.who, roleName(is.role), is.scope, roleName(was.role), was.scope)
			if !slices.Contains(narrow, is.role) || was.scope != is.scope || was.who != is.who {
				c.warn(Role, "%s has the role %s on %s instead of %s on %s", is.who, roleName(is.role), is.scope, roleName(was.role), was.scope)
			}
		}
	}
}

// switches are properties that open or close something, with the value that closes it and what the other one means.
var switches = []struct {
	kind   string
	path   []string
	closed any
	open   string
}{
	{"Account", []string{"properties", "publicNetworkAccess"}, "Disabled", "can be reached from the internet"},
	{"Account", []string{"properties", "disableLocalAuth"}, true, "takes keys, which nobody's identity is behind"},
	{"Account", []string{"properties", "networkAcls", "defaultAction"}, "Deny", "lets every network in"},
	{"Namespace", []string{"publicNetworkAccess"}, "Disabled", "can be reached from the internet"},
	{"Namespace", []string{"disableLocalAuth"}, true, "takes keys, which nobody's identity is behind"},
	{"ApiManagementService", []string{"virtualNetworkType"}, "Internal", "has an address in the internet"},
	{"ApiManagementService", []string{"developerPortalStatus"}, "Disabled", "publishes the developer portal"},
	{"Api", []string{"subscriptionRequired"}, true, "takes calls without a key"},
	{"Subscription", []string{"allowTracing"}, false, "lets its holder trace calls"},
	{"Product", []string{"approvalRequired"}, true, "can be subscribed without approval"},
}

// exposed warns of what was closed and is open, also of a resource that is new.
func (c *comparison) exposed() {
	for _, s := range switches {
		c.after.each(s.kind, func(r plan.Resource) {
			now := jsonpath.At(r.Inputs, s.path...)
			old := s.closed
			if was, had := c.before.symbols[s.kind+" "+r.Name]; had {
				old = jsonpath.At(was.Inputs, s.path...)
			} else if s.kind == "ApiManagementService" || s.kind == "Api" {
				return // a new one is not a change of an old one
			}
			switch {
			case now != s.closed && old == s.closed:
				c.say(Change, "%s %s", title(r), s.open)
				c.warn(Exposure, "%s %s", title(r), s.open)
			case now == s.closed && old != s.closed:
				c.say(Change, "%s no longer %s", title(r), s.open)
			}
		})
	}
	c.after.each("ApiManagementService", func(r plan.Resource) {
		was := c.before.symbols["ApiManagementService "+r.Name]
		old, now := jsonpath.Object(was.Inputs, "customProperties"), jsonpath.Object(r.Inputs, "customProperties")
		for _, key := range sortedKeys(old) {
			if old[key] == "false" && now[key] != "false" {
				c.say(Change, "%s takes %s again", title(r), key[strings.LastIndex(key, ".")+1:])
				c.warn(Exposure, "%s takes %s again, which is broken", title(r), key[strings.LastIndex(key, ".")+1:])
			}
		}
	})
}

// title is a resource as people call it.
func title(r plan.Resource) string {
	kinds := map[string]string{
		"ApiManagementService": "the gateway", "Namespace": "the Event Hub's namespace", "ResourceGroup": "the resource group",
		"Workspace": "the workspace", "VirtualNetwork": "the network",
	}
	if kind, known := kinds[shortType(r)]; known {
		return kind
	}
	if shortType(r) == "Account" {
		return "account " + accountName(r)
	}
	return shortType(r) + " " + r.Name
}
