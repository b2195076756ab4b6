// Microsoft Learn: api-management/api-management-policies#cross-domain

package apim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

func crossDomain() []statement {
	list := func(name string) child {
		return child{name: name, repeat: true, shape: shape{text: exprText}}
	}
	return []statement{
		{name: "cors", page: "cors-policy", sections: inInbound, scopes: atAllScopes, support: Partly,
			note: "an unmatched preflight does not look for the cors policy of a wider scope",
			shape: shape{attrs: []attribute{optE("allow-credentials", WantBool), optE("terminate-unmatched-request", WantBool)}, children: []child{
				{name: "allowed-origins", required: true, shape: shape{children: []child{list("origin")}}},
				{name: "allowed-methods",
					shape: shape{attrs: []attribute{optE("preflight-result-max-age", WantInt)}, children: []child{list("method")}}},
				{name: "allowed-headers", required: true, shape: shape{children: []child{list("header")}}},
				{name: "expose-headers", shape: shape{children: []child{list("header")}}},
			}}, compile: compileCORS},
		unsupported("cross-domain", "cross-domain-policy", "Flash and Silverlight are not modelled"),
		unsupported("jsonp", "jsonp-policy", "JSONP is not modelled"),
	}
}

type cors struct {
	credentials, terminate, maxAge    value
	origins, methods, headers, expose []value
}

func compileCORS(c *compiler, n *document.Node) func(*call) error {
	p := cors{credentials: c.attr(n, "allow-credentials", WantBool), terminate: c.attr(n, "terminate-unmatched-request", WantBool),
		maxAge: value{expr: noExpression}}
	texts := func(parent *document.Node, name string) (out []value) {
		if parent != nil {
			for _, k := range parent.All(name) {
				out = append(out, c.text(k))
			}
		}
		return out
	}
	p.origins = texts(n.Child("allowed-origins"), "origin")
	p.methods = texts(n.Child("allowed-methods"), "method")
	p.headers = texts(n.Child("allowed-headers"), "header")
	p.expose = texts(n.Child("expose-headers"), "header")
	if m := n.Child("allowed-methods"); m != nil {
		p.maxAge = c.attr(m, "preflight-result-max-age", WantInt)
	}
	return p.run
}

// resolved evaluates a list.
func resolved(x *call, list []value) ([]string, error) {
	var out []string
	for _, v := range list {
		s, err := v.trimmed(x)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// allows compares without regard to case; a star allows everything.
func allows(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s == "*" || strings.EqualFold(s, want) })
}

// preflight answers a browser's question. Only the cors policy runs for it,
// before keys and tokens, unless the API itself has an OPTIONS operation.
func (x *call) preflight() (done bool, err error) {
	if x.Request.Method != http.MethodOptions || x.Request.Header.Get("Access-Control-Request-Method") == "" ||
		x.Request.Header.Get("Origin") == "" {
		return false, nil
	}
	q := x.Request.OriginalURL.Query()
	if x.route.hasMethod(http.MethodOptions, x.path, q) {
		return false, nil
	}
	if op, params := x.route.findOperation(x.Request.Header.Get("Access-Control-Request-Method"), x.path, q); op != nil {
		x.Operation, x.Request.Matched, x.scopes[OperationScope] = op.op, params, op.policy
	}
	for level := OperationScope; level >= Global; level-- {
		if doc := x.scopes[level]; doc != nil {
			for i := range doc.sections[Inbound] {
				if s := &doc.sections[Inbound][i]; s.name == "cors" {
					if err := s.do(x); err != nil {
						return true, x.locate(err, s)
					}
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func (p cors) run(x *call) error {
	origin := x.Request.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if x.corsDone {
		// Only the first cors policy is applied (Microsoft Learn: cors-policy, "Usage notes").
		return nil
	}
	x.corsDone = true
	origins, err := resolved(x, p.origins)
	if err != nil {
		return err
	}
	method := x.Request.Method
	requested := x.Request.Header.Get("Access-Control-Request-Method")
	preflight := method == http.MethodOptions && requested != ""
	if preflight {
		method = requested
	}
	matched, err := p.matches(x, origins, origin, method, preflight)
	if err != nil {
		return err
	}
	if !matched {
		return p.unmatched(x, preflight)
	}
	headers, err := p.grant(x, origins, origin, preflight)
	if err != nil {
		return err
	}
	if preflight {
		x.setResponse(NewResponse(http.StatusOK, headers, nil))
		return errStop
	}
	x.at(sending, func() {
		for k, v := range headers {
			x.Response.Header[k] = v
		}
	})
	return nil
}

func (p cors) matches(x *call, origins []string, origin, method string, preflight bool) (bool, error) {
	methods, err := resolved(x, p.methods)
	if err != nil {
		return false, err
	}
	if len(methods) == 0 {
		methods = []string{http.MethodGet, http.MethodPost}
	}
	if !allows(origins, origin) || !allows(methods, method) {
		return false, nil
	}
	if !preflight {
		return true, nil
	}
	allowed, err := resolved(x, p.headers)
	if err != nil {
		return false, err
	}
	for _, h := range strings.Split(x.Request.Header.Get("Access-Control-Request-Headers"), ",") {
		if h = strings.TrimSpace(h); h != "" && !allows(allowed, h) {
			return false, nil
		}
	}
	return true, nil
}

// unmatched answers an empty 200, or lets a simple request go on without CORS headers.
func (p cors) unmatched(x *call, preflight bool) error {
	terminate, err := p.terminate.truth(x, true)
	if err != nil {
		return err
	}
	simple := x.Request.Method == http.MethodGet || x.Request.Method == http.MethodHead
	if preflight || terminate && simple {
		x.setResponse(NewResponse(http.StatusOK, nil, nil))
		return errStop
	}
	return nil
}

func (p cors) grant(x *call, origins []string, origin string, preflight bool) (http.Header, error) {
	h := http.Header{}
	credentials, err := p.credentials.truth(x, false)
	if err != nil {
		return nil, err
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if slices.Contains(origins, "*") && !credentials {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	if credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if !preflight {
		expose, err := resolved(x, p.expose)
		if len(expose) > 0 {
			h.Set("Access-Control-Expose-Headers", strings.Join(expose, ","))
		}
		return h, err
	}
	h.Set("Access-Control-Allow-Methods", x.Request.Header.Get("Access-Control-Request-Method"))
	if requested := x.Request.Header.Get("Access-Control-Request-Headers"); requested != "" {
		h.Set("Access-Control-Allow-Headers", requested)
	}
	age, err := p.maxAge.number(x, 0)
	if age > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(age)))
	}
	return h, err
}
