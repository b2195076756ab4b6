package dataplane

import (
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/jsonpath"
)

// node is a part of a resource's body. Asking a part that is not there gives the zero value.
type node struct{ value any }

func body(r arm.Resource) node       { return node{r.Body} }
func properties(r arm.Resource) node { return body(r).at("properties") }

func (n node) at(path ...string) node { return node{jsonpath.At(n.value, path...)} }
func (n node) text() string           { return jsonpath.Text(n.value) }

func (n node) flag() bool {
	b, _ := n.value.(bool)
	return b
}

func (n node) number() float64 {
	switch v := n.value.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	default:
		return 0
	}
}

func (n node) present() bool { return n.value != nil }

func (n node) list() []node {
	elements := jsonpath.List(n.value)
	nodes := make([]node, 0, len(elements))
	for _, element := range elements {
		nodes = append(nodes, node{element})
	}
	return nodes
}

func (n node) texts() []string {
	var all []string
	for _, element := range n.list() {
		all = append(all, element.text())
	}
	return all
}

// within reports whether a resource is below another one.
func within(id, parent string) bool {
	return strings.HasPrefix(strings.ToLower(id), strings.ToLower(strings.TrimSuffix(parent, "/"))+"/")
}

// part is the name that follows a collection in a resource id: part(".../apis/openai/operations/x", "apis") is "openai".
func part(id, collection string) string {
	segments := strings.Split(id, "/")
	for i := len(segments) - 2; i >= 0; i-- {
		if strings.EqualFold(segments[i], collection) {
			return segments[i+1]
		}
	}
	return ""
}

// below lists the resources of a type that belong to a service.
func below(server *arm.Server, service arm.Resource, kind string) []arm.Resource {
	var found []arm.Resource
	for _, r := range server.Resources(serviceType + "/" + kind) {
		if within(r.ID, service.ID) {
			found = append(found, r)
		}
	}
	return found
}
