package cost

import (
	"regexp"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// resource is a resource of the plan, or of a template in it.
type resource struct {
	name string
	// kind is ARM's type, or the provider's token where no row has it.
	kind string
	row  Type
	// known is false where the type has no row.
	known     bool
	component string
	// values are the inputs; a template's properties are among them.
	values map[string]any
	// region is where it is; that of the resource group for what is global or says nothing.
	region string
}

// declared are the resources of a plan.
type declared struct{ all []resource }

// ours begins the type of a component, which costs nothing beside its children.
const ours = "enterprise-openai:"

// declare lists what a plan and the templates in it declare. Components are no resources.
func declare(resources []plan.Resource, rows []Type) *declared {
	names := map[string]string{}
	home := ""
	for _, r := range resources {
		names[r.URN] = r.Name
		if token(r.Type) == "resources:ResourceGroup" {
			home, _ = r.Inputs["location"].(string)
		}
	}
	d := &declared{}
	for _, r := range resources {
		if strings.HasPrefix(r.Type, ours) {
			continue
		}
		component := names[r.Parent]
		if component == "" {
			component = r.Name
		}
		one := resource{name: r.Name, kind: r.Type, component: component, values: r.Inputs, region: regionOf(r.Inputs, home)}
		one.row, one.known = rowOf(rows, func(row Type) bool { return row.Token == token(r.Type) })
		if one.known {
			one.kind = one.row.Type
		}
		d.all = append(d.all, one)
		d.template(component, r.Inputs, home, rows)
	}
	return d
}

// template lists what a template in a resource's inputs declares.
func (d *declared) template(component string, inputs map[string]any, home string, rows []Type) {
	for _, entry := range jsonpath.List(inputs, "template", "resources") {
		values, _ := entry.(map[string]any)
		kind := jsonpath.Text(values, "type")
		one := resource{name: jsonpath.Text(values, "name"), kind: kind, component: component, values: map[string]any{}, region: regionOf(values, home)}
		for key, value := range values {
			one.values[key] = value
		}
		for key, value := range jsonpath.Object(values, "properties") {
			one.values[key] = value
		}
		one.row, one.known = rowOf(rows, func(row Type) bool { return strings.EqualFold(row.Type, kind) })
		d.all = append(d.all, one)
	}
}

// of lists the resources of an ARM type.
func (d *declared) of(kind string) []resource {
	var found []resource
	for _, r := range d.all {
		if r.kind == kind {
			found = append(found, r)
		}
	}
	return found
}

// named gives the resource of an ARM type and a logical name.
func (d *declared) named(kind, name string) (resource, bool) {
	for _, r := range d.of(kind) {
		if r.name == name {
			return r, true
		}
	}
	return resource{}, false
}

var output = regexp.MustCompile(`^\$\{\S+ (\S+)\.(?:id|name)\}$`)

// referred is the logical name of the resource whose id or name a value is, or the value.
func referred(value string) string {
	if m := output.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return value
}

func rowOf(rows []Type, is func(Type) bool) (Type, bool) {
	for _, row := range rows {
		if is(row) {
			return row, true
		}
	}
	return Type{}, false
}

// token is a type token without provider and version: azure-native:network/v20240501:PrivateEndpoint is network:PrivateEndpoint.
func token(full string) string {
	parts := strings.Split(full, ":")
	if len(parts) != 3 {
		return full
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return module + ":" + parts[2]
}

func regionOf(values map[string]any, home string) string {
	if at := jsonpath.Text(values, "location"); at != "" && at != "global" {
		return at
	}
	return home
}

// number is 0 where there is none.
func number(values map[string]any, path ...string) float64 {
	value, _ := jsonpath.At(values, path...).(float64)
	return value
}
