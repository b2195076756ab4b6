// Microsoft Learn: api-management/rewrite-uri-policy, set-query-parameter-policy, set-method-policy

package apim

import (
	"net/url"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

// compileRewrite replaces path and query; parameters of the operation's
// template that the new template does not use become query parameters.
func compileRewrite(c *compiler, n *document.Node) func(*call) error {
	template, copyRest := c.attr(n, "template", WantString), c.attr(n, "copy-unmatched-params", WantBool)
	return func(x *call) error {
		t, err := template.trimmed(x)
		if err != nil {
			return err
		}
		keep, err := copyRest.truth(x, true)
		if err != nil {
			return err
		}
		used := map[string]bool{}
		for k, v := range x.Request.Matched {
			if p := "{" + k + "}"; strings.Contains(t, p) {
				used[k] = true
				t = strings.ReplaceAll(t, p, url.PathEscape(v))
			}
		}
		path, rawQuery, _ := strings.Cut(t, "?")
		q, err := url.ParseQuery(rawQuery)
		if err != nil {
			return broken(reasonExpression, err)
		}
		if keep {
			for k, v := range x.Request.URL.Query() {
				if !q.Has(k) {
					q[k] = v
				}
			}
		}
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		u := x.Request.URL
		u.Path, u.RawPath, u.RawQuery = path, "", q.Encode()
		if p, err := url.PathUnescape(path); err == nil && p != path {
			u.Path, u.RawPath = p, path
		}
		x.Changes.Request++
		return nil
	}
}

func compileSetQuery(c *compiler, n *document.Node) func(*call) error {
	e := c.headerEdit(n)
	return func(x *call) error {
		name, action, values, err := e.resolve(x)
		if err != nil {
			return err
		}
		q := x.Request.URL.Query()
		editValues(q, name, action, values)
		x.Request.URL.RawQuery = q.Encode()
		x.Changes.Request++
		return nil
	}
}

func compileSetMethod(c *compiler, n *document.Node) func(*call) error {
	v := c.text(n)
	return func(x *call) error {
		m, err := v.trimmed(x)
		x.Request.Method = m
		x.Changes.Request++
		return err
	}
}
