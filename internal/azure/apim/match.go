package apim

import (
	"net/url"
	"slices"
	"strings"
)

// route is an API ready to be matched.
type route struct {
	api        *API
	segments   []string
	operations []*operationRoute
	policy     *compiled
	products   []*productState
	monitor    *Diagnostic
	insights   *Diagnostic
}

// operationRoute is an operation ready to be matched.
type operationRoute struct {
	op       *Operation
	segments []string
	query    map[string]string
	weight   int
	policy   *compiled
}

func splitPath(p string) []string {
	p = strings.Trim(p, "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// newOperationRoute reads a template; weight orders templates by how much they
// say, so that a literal beats a parameter and a parameter a wildcard.
func newOperationRoute(op *Operation) *operationRoute {
	path, query, _ := strings.Cut(op.URLTemplate, "?")
	r := &operationRoute{op: op, segments: splitPath(path)}
	if query != "" {
		r.query = map[string]string{}
		for _, pair := range strings.Split(query, "&") {
			k, v, _ := strings.Cut(pair, "=")
			r.query[k] = v
		}
	}
	for _, s := range r.segments {
		switch {
		case s == "*" || strings.HasPrefix(s, "{*"):
			r.weight++
		case strings.HasPrefix(s, "{"):
			r.weight += 100
		default:
			r.weight += 1000
		}
	}
	r.weight += len(r.query)
	return r
}

// match compares a path below the API's with the template.
func (r *operationRoute) match(path []string, q url.Values) (map[string]string, bool) {
	params := map[string]string{}
	for i, s := range r.segments {
		if s == "*" || strings.HasPrefix(s, "{*") {
			params[strings.Trim(s, "{*}")] = strings.Join(path[min(i, len(path)):], "/")
			return params, r.matchQuery(q, params)
		}
		if i >= len(path) {
			return nil, false
		}
		if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
			if path[i] == "" {
				return nil, false
			}
			v, err := url.PathUnescape(path[i])
			if err != nil {
				return nil, false
			}
			params[s[1:len(s)-1]] = v
			continue
		}
		// [M] unverified: templates are compared without regard to case.
		if !strings.EqualFold(s, path[i]) {
			return nil, false
		}
	}
	if len(path) != len(r.segments) {
		return nil, false
	}
	return params, r.matchQuery(q, params)
}

func (r *operationRoute) matchQuery(q url.Values, params map[string]string) bool {
	for k, v := range r.query {
		switch {
		case !q.Has(k):
			return false
		case strings.HasPrefix(v, "{"):
			params[strings.Trim(v, "{}")] = q.Get(k)
		case q.Get(k) != v:
			return false
		}
	}
	return true
}

// findAPI picks the API with the longest path that the request starts with.
func (s *state) findAPI(path []string) (*route, []string) {
	for _, r := range s.routes {
		if len(r.segments) > len(path) {
			continue
		}
		if slices.EqualFunc(r.segments, path[:len(r.segments)], strings.EqualFold) {
			return r, path[len(r.segments):]
		}
	}
	return nil, nil
}

// findOperation picks the most specific operation of the method.
func (r *route) findOperation(method string, path []string, q url.Values) (*operationRoute, map[string]string) {
	for _, op := range r.operations {
		if op.op.Method != "*" && !strings.EqualFold(op.op.Method, method) {
			continue
		}
		if params, ok := op.match(path, q); ok {
			return op, params
		}
	}
	return nil, nil
}

// hasMethod reports whether the API itself defines the method on the path.
func (r *route) hasMethod(method string, path []string, q url.Values) bool {
	op, _ := r.findOperation(method, path, q)
	return op != nil
}
