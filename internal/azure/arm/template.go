package arm

import (
	"fmt"
	"net/http"
	"strings"
)

// templateScope is what the expressions of one template see. The language is a subset, everything else is refused by name:
// parameters (with default values), variables, resources with dependsOn, outputs; the functions of templateFunctions.
type templateScope struct {
	s          *Server
	group      ID
	parameters map[string]any
	variables  map[string]any
	depth      int
}

// templateFunctions are the functions there are (Microsoft Learn: azure-resource-manager/templates/template-functions).
var templateFunctions map[string]func(*templateScope, []any) (any, error)

func init() { //nolint:gochecknoinits // breaks the initialisation cycle: variables call functions that read variables
	templateFunctions = map[string]func(*templateScope, []any) (any, error){
		"parameters": scopeParameter, "variables": scopeVariable, "concat": concat, "format": format, "resourceid": resourceID,
		"resourcegroup": scopeGroup, "subscription": scopeSubscription, "tolower": lower, "reference": referTo,
	}
}

// badTemplate is ARM's answer to a template that cannot be read (Microsoft Learn: troubleshooting/error-invalid-template).
func badTemplate(format string, args ...any) *Error {
	return refusal(http.StatusBadRequest, "InvalidTemplate", "Deployment template validation failed: '"+format+"'.", args...)
}

var templateKeys = map[string]bool{"$schema": true, "contentVersion": true, "parameters": true, "variables": true, "resources": true,
	"outputs": true, "metadata": true}

var resourceKeys = map[string]bool{"type": true, "apiVersion": true, "name": true, "location": true, "properties": true, "dependsOn": true,
	"tags": true, "sku": true, "kind": true, "identity": true, "zones": true, "comments": true, "scope": true}

// openTemplate checks a template's outer form and binds its parameters.
func (s *Server) openTemplate(group ID, template, given map[string]any) (*templateScope, *Error) {
	for _, key := range sortedKeys(template) {
		if !templateKeys[key] {
			return nil, badTemplate("The template property '%s' is not modelled by the embedded Azure", key)
		}
	}
	if _, ok := template["resources"].([]any); !ok && template["resources"] != nil {
		return nil, badTemplate("The template property 'resources' must be an array; symbolic names (languageVersion 2.0) are not modelled by the embedded Azure")
	}
	if text(template, "contentVersion") == "" || text(template, "$schema") == "" {
		return nil, badTemplate("Required properties '$schema' and 'contentVersion' not found in JSON")
	}
	scope := &templateScope{s: s, group: group, parameters: map[string]any{}, variables: object(template, "variables")}
	declared := object(template, "parameters")
	for _, name := range sortedKeys(given) {
		if declared[name] == nil {
			return nil, badTemplate("The template parameters '%s' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time", name)
		}
		scope.parameters[strings.ToLower(name)] = object(given, name)["value"]
	}
	for _, name := range sortedKeys(declared) {
		if _, ok := scope.parameters[strings.ToLower(name)]; ok {
			continue
		}
		value, ok := object(declared, name)["defaultValue"]
		if !ok {
			return nil, badTemplate("The value for the template parameter '%s' is not provided", name)
		}
		evaluated, err := scope.value(value)
		if err != nil {
			return nil, badTemplate("%v", err)
		}
		scope.parameters[strings.ToLower(name)] = evaluated
	}
	return scope, nil
}

// value evaluates every expression inside a JSON value.
func (t *templateScope) value(v any) (any, error) {
	switch v := v.(type) {
	case string:
		switch {
		case isExpression(v):
			e, err := parseExpression(v[1 : len(v)-1])
			if err != nil {
				return nil, err
			}
			return t.eval(e)
		case strings.HasPrefix(v, "[["):
			return v[1:], nil
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range sortedKeys(v) {
			item, err := t.value(v[key])
			if err != nil {
				return nil, err
			}
			name, err := t.value(key)
			if err != nil {
				return nil, err
			}
			out[fmt.Sprint(name)] = item
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			evaluated, err := t.value(item)
			if err != nil {
				return nil, err
			}
			out[i] = evaluated
		}
		return out, nil
	}
	return v, nil
}

func (t *templateScope) eval(e *expression) (any, error) {
	if e.function == "" {
		return e.literal, nil
	}
	run := templateFunctions[strings.ToLower(e.function)]
	if run == nil {
		return nil, fmt.Errorf("the template function '%s' is not modelled by the embedded Azure", e.function)
	}
	args := make([]any, len(e.args))
	for i, arg := range e.args {
		value, err := t.eval(arg)
		if err != nil {
			return nil, err
		}
		args[i] = value
	}
	result, err := run(t, args)
	if err != nil {
		return nil, fmt.Errorf("template function '%s': %w", e.function, err)
	}
	for _, m := range e.members {
		key, err := t.eval(m)
		if err != nil {
			return nil, err
		}
		if result, err = member(result, key); err != nil {
			return nil, fmt.Errorf("template function '%s': %w", e.function, err)
		}
	}
	return result, nil
}
