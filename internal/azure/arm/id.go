package arm

import (
	"fmt"
	"net/url"
	"strings"
)

// ID is a parsed resource id. IDs name the same resource when their Key is equal; their spelling is kept for display.
type ID struct {
	// Subscription is the subscription's GUID.
	Subscription string
	// Group is the resource group's name, empty at subscription scope.
	Group string
	// Scope is the id of the resource that an extension resource belongs to, empty otherwise.
	Scope string
	// Type is the ARM type, namespace first, in the spelling of the id.
	Type string
	// Names has one name per segment of Type after the namespace.
	Names []string
	text  string
}

// String is the id as it was written, with a leading slash and no trailing one.
func (id ID) String() string { return id.text }

// Key is what ids are compared by: ARM ids are case-insensitive.
func (id ID) Key() string { return strings.ToLower(id.text) }

// Name is the last name of the id.
func (id ID) Name() string {
	if len(id.Names) == 0 {
		return ""
	}
	return id.Names[len(id.Names)-1]
}

// Parent is the id that this one is nested in, or ok=false for a resource at the top of its scope.
func (id ID) Parent() (ID, bool) {
	if len(id.Names) < 2 {
		return ID{}, false
	}
	cut := len(id.text)
	for range 2 {
		cut = strings.LastIndexByte(id.text[:cut], '/')
	}
	parent, err := ParseID(id.text[:cut])
	return parent, err == nil
}

// Child is the id of a resource nested in this one.
func (id ID) Child(segment, name string) ID {
	child, err := ParseID(id.text + "/" + segment + "/" + name)
	if err != nil { // a name with a slash in it; such a child cannot exist, so an id that names nothing is right
		return ID{text: id.text + "/" + segment + "/" + name}
	}
	return child
}

const (
	groupType        = "Microsoft.Resources/resourceGroups"
	subscriptionType = "Microsoft.Resources/subscriptions"
)

// ParseID reads a resource id. It understands subscriptions, resource groups, resources of any depth in a group or at
// subscription scope, and extension resources on any of them.
func ParseID(text string) (ID, error) {
	text = "/" + strings.Trim(text, "/")
	segments := strings.Split(text[1:], "/")
	for _, s := range segments {
		if s == "" {
			return ID{}, fmt.Errorf("resource id %q: empty segment", text)
		}
	}
	if len(segments) < 2 || !strings.EqualFold(segments[0], "subscriptions") {
		return ID{}, fmt.Errorf("resource id %q: starts with /subscriptions/<id>", text)
	}
	id := ID{Subscription: segments[1], Type: subscriptionType, Names: segments[1:2], text: text}
	rest := segments[2:]
	if len(rest) >= 2 && strings.EqualFold(rest[0], "resourceGroups") {
		id.Group, id.Type, id.Names, rest = rest[1], groupType, rest[1:2], rest[2:]
	}
	if len(rest) == 0 {
		return id, nil
	}
	return parseProviders(id, segments, rest)
}

// parseProviders reads the part of an id after its subscription or group: providers/<namespace>/<type>/<name>…, where a
// second "providers" begins an extension resource.
func parseProviders(id ID, segments, rest []string) (ID, error) {
	if !strings.EqualFold(rest[0], "providers") {
		return ID{}, fmt.Errorf("resource id %q: %q where \"providers\" belongs", id.text, rest[0])
	}
	last := 0
	for i, s := range rest {
		if i%2 == 0 && strings.EqualFold(s, "providers") {
			last = i
		}
	}
	tail := rest[last+1:]
	if len(tail) < 3 || len(tail)%2 == 0 {
		return ID{}, fmt.Errorf("resource id %q: types and names do not alternate", id.text)
	}
	types := []string{tail[0]}
	id.Names = nil
	for i := 1; i < len(tail); i += 2 {
		types = append(types, tail[i])
		id.Names = append(id.Names, tail[i+1])
	}
	id.Type = strings.Join(types, "/")
	if last > 0 {
		id.Scope = "/" + strings.Join(segments[:len(segments)-len(rest)+last], "/")
	}
	return id, nil
}

// pathSegments turns a request path into id text: every segment is unescaped on its own, because the provider escapes
// names one by one (rev=2 of an API is sent as %3Brev=2).
func pathSegments(u *url.URL) (string, error) {
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, part := range parts {
		name, _ := url.PathUnescape(part) // an escaped path is a valid encoding
		if strings.ContainsRune(name, '/') {
			return "", fmt.Errorf("request path %q: a name holds a slash", u.EscapedPath())
		}
		parts[i] = name
	}
	return "/" + strings.Join(parts, "/"), nil
}

// isWithin says whether an id lies at or below another.
func isWithin(key, ancestor string) bool {
	key, ancestor = strings.ToLower(key), strings.ToLower(ancestor)
	return key == ancestor || strings.HasPrefix(key, ancestor+"/")
}
