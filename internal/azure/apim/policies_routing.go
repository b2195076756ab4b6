// Microsoft Learn: api-management/api-management-policies#routing

package apim

import (
	"fmt"
	"net/url"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// defaultForwardTimeout is how long a backend may take to answer
// (Microsoft Learn: forward-request-policy).
const defaultForwardTimeout = 300 * time.Second

func routing() []statement {
	return []statement{
		{name: "forward-request", page: "forward-request-policy", sections: inBackend, scopes: atAllScopes, support: Partly,
			note: "follow-redirects, http-version and continue-timeout are read but change nothing; a value of true for follow-redirects is refused",
			shape: shape{attrs: []attribute{
				optL("http-version", "1", "2or1", "2"), optE("timeout", WantInt), optE("timeout-ms", WantInt), optE("continue-timeout", WantInt),
				optE("follow-redirects", WantBool), optL("buffer-request-body", trueFalse...), optL("buffer-response", trueFalse...),
				optL("fail-on-error-status-code", trueFalse...),
			}}, compile: compileForward},
		{name: "set-backend-service", page: "set-backend-service-policy", sections: inInbound | inBackend, scopes: atAllScopes, support: Partly,
			note:  "Service Fabric and Dapr are not modelled",
			shape: shape{attrs: []attribute{optE("base-url", WantString), optE("backend-id", WantString)}}, compile: compileSetBackend},
		unsupported("proxy", "proxy-policy", "requests through a proxy are not modelled"),
	}
}

func compileForward(c *compiler, n *document.Node) func(*call) error {
	seconds, ms := c.attr(n, "timeout", WantInt), c.attr(n, "timeout-ms", WantInt)
	if literal(n, "follow-redirects", "false") != "false" {
		c.fail(n.Errorf("leave it out", "Following redirects is not modelled"))
	}
	o := forwarding{
		bufferRequest:  literal(n, "buffer-request-body", "false") == "true",
		bufferResponse: literal(n, "buffer-response", "true") == "true",
		failOnError:    literal(n, "fail-on-error-status-code", "false") == "true",
	}
	return func(x *call) error {
		o := o
		var err error
		if o.timeout, err = seconds.seconds(x, defaultForwardTimeout); err != nil {
			return err
		}
		if ms.set {
			f, err := ms.number(x, 0)
			if err != nil {
				return err
			}
			o.timeout = time.Duration(f * float64(time.Millisecond))
		}
		return x.forward(o)
	}
}

func compileSetBackend(c *compiler, n *document.Node) func(*call) error {
	base, id := c.attr(n, "base-url", WantString), c.attr(n, "backend-id", WantString)
	if base.set == id.set {
		c.fail(n.Errorf("set base-url or backend-id", "Exactly one of the attributes 'base-url' and 'backend-id' is required"))
		return nil
	}
	if id.set && id.expr == noExpression && !c.refs.backends[id.literal] {
		a, _ := n.Attr("backend-id")
		c.fail(n.ErrorfAt(a.ValuePos, "create the backend before the policy", "Backend with id '%s' could not be found", id.literal))
		return nil
	}
	return func(x *call) error {
		if id.set {
			v, err := id.trimmed(x)
			if err != nil {
				return err
			}
			return x.useBackend(v)
		}
		v, err := base.trimmed(x)
		if err != nil {
			return err
		}
		u, err := url.Parse(v)
		if err != nil || u.Host == "" {
			return broken(reasonBackendFailure, fmt.Errorf("base-url %q is not an absolute URL", v))
		}
		// A backend id stays: only another backend id can override it
		// (Microsoft Learn: set-backend-service-policy, "Usage notes").
		if x.target.backend == "" {
			x.target.baseURL = v
			x.Request.URL.Host, x.Request.URL.Scheme = u.Host, u.Scheme
			x.Changes.Request++
		}
		return nil
	}
}

func (x *call) useBackend(id string) error {
	b := x.state.backends[id]
	if b == nil {
		return broken(reasonBackendFailure, fmt.Errorf("backend with id %q could not be found", id))
	}
	x.target = target{backend: id}
	if u, err := url.Parse(b.URL); err == nil && u.Host != "" {
		x.Request.URL.Host, x.Request.URL.Scheme = u.Host, u.Scheme
		x.Changes.Request++
	}
	return nil
}
