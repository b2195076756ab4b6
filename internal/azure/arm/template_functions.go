package arm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func member(value, key any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			if strings.EqualFold(name, fmt.Sprint(key)) {
				return item, nil
			}
		}
	case []any:
		if i, ok := key.(float64); ok && i >= 0 && int(i) < len(v) {
			return v[int(i)], nil
		}
	}
	return nil, fmt.Errorf("there is no '%v' in its result", key)
}

func oneText(args []any) (string, error) {
	if len(args) == 1 {
		if s, ok := args[0].(string); ok {
			return s, nil
		}
	}
	return "", fmt.Errorf("one text is expected")
}

func scopeParameter(t *templateScope, args []any) (any, error) {
	name, err := oneText(args)
	if err != nil {
		return nil, err
	}
	value, ok := t.parameters[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("the template parameter '%s' is not found", name)
	}
	return cloneValue(value), nil
}

func scopeVariable(t *templateScope, args []any) (any, error) {
	name, err := oneText(args)
	if err != nil {
		return nil, err
	}
	for key, value := range t.variables {
		if strings.EqualFold(key, name) {
			if t.depth > maxDepth {
				return nil, fmt.Errorf("the variable '%s' refers to itself", name)
			}
			t.depth++
			defer func() { t.depth-- }()
			return t.value(value)
		}
	}
	return nil, fmt.Errorf("the template variable '%s' is not found", name)
}

func concat(_ *templateScope, args []any) (any, error) {
	if len(args) > 0 {
		if _, isList := args[0].([]any); isList {
			out := []any{}
			for _, arg := range args {
				list, ok := arg.([]any)
				if !ok {
					return nil, fmt.Errorf("arrays and texts cannot be mixed")
				}
				out = append(out, list...)
			}
			return out, nil
		}
	}
	var out strings.Builder
	for _, arg := range args {
		out.WriteString(plain(arg))
	}
	return out.String(), nil
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	data, _ := json.Marshal(v) //nolint:errchkjson // it was JSON before
	return string(data)
}

var placeholder = regexp.MustCompile(`\{(\d+)\}`)

func format(_ *templateScope, args []any) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("a format text is expected")
	}
	pattern, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("a format text is expected")
	}
	var failure error
	out := placeholder.ReplaceAllStringFunc(pattern, func(p string) string {
		i, err := strconv.Atoi(p[1 : len(p)-1])
		if err != nil || i+1 >= len(args) {
			failure = fmt.Errorf("there is no argument for %s", p)
			return ""
		}
		return plain(args[i+1])
	})
	return out, failure
}

// resourceID accepts a subscription and a group in front of the type, as ARM does.
func resourceID(t *templateScope, args []any) (any, error) {
	parts := make([]string, len(args))
	for i, arg := range args {
		s, ok := arg.(string)
		if !ok {
			return nil, fmt.Errorf("argument %d is not a text", i+1)
		}
		parts[i] = s
	}
	subscription, group := t.group.Subscription, t.group.Group
	for i := 0; i < 2 && len(parts) > 0 && !strings.Contains(parts[0], "/"); i++ {
		if len(parts) > 1 && !strings.Contains(parts[1], "/") {
			subscription, parts = parts[0], parts[1:]
			continue
		}
		group, parts = parts[0], parts[1:]
	}
	if len(parts) < 2 {
		return nil, fmt.Errorf("a resource type and a name are expected")
	}
	id, err := resourcePath(parts[0], parts[1:])
	return "/subscriptions/" + subscription + "/resourceGroups/" + group + "/providers/" + id, err
}

// resourcePath puts a type's segments and the names together.
func resourcePath(armType string, names []string) (string, error) {
	segments := strings.Split(armType, "/")
	if len(segments) != len(names)+1 {
		return "", fmt.Errorf("the type '%s' has %d segments and there are %d names", armType, len(segments)-1, len(names))
	}
	out := segments[0]
	for i, name := range names {
		if name == "" || strings.Contains(name, "/") {
			return "", fmt.Errorf("'%s' is not a name", name)
		}
		out += "/" + segments[i+1] + "/" + name
	}
	return out, nil
}

func scopeGroup(t *templateScope, args []any) (any, error) {
	r := t.s.find(t.group.text)
	if len(args) != 0 || r == nil {
		return nil, fmt.Errorf("no arguments are expected")
	}
	return clone(r.Body), nil
}

func scopeSubscription(t *templateScope, args []any) (any, error) {
	if len(args) != 0 {
		return nil, fmt.Errorf("no arguments are expected")
	}
	return map[string]any{"subscriptionId": t.group.Subscription, "id": "/subscriptions/" + t.group.Subscription,
		"tenantId": t.s.options.TenantID}, nil
}

func lower(_ *templateScope, args []any) (any, error) {
	s, err := oneText(args)
	return strings.ToLower(s), err
}

// referTo is the simple form of reference(): a resource that exists when the expression is evaluated. One that the same
// template makes needs a dependsOn.
func referTo(t *templateScope, args []any) (any, error) {
	if len(args) == 0 || len(args) > 3 {
		return nil, fmt.Errorf("a resource id is expected")
	}
	id, _ := args[0].(string)
	r := t.s.find(id)
	if r == nil {
		return nil, fmt.Errorf("the resource '%s' is not found; if this template makes it, dependsOn must name it", id)
	}
	if len(args) == 3 && strings.EqualFold(fmt.Sprint(args[2]), "Full") {
		return clone(r.Body), nil
	}
	return clone(r.props()), nil
}
