// Microsoft Learn: api-management/api-management-policies#logging

package apim

import (
	"fmt"

	"enterprise-openai/internal/azure/apim/document"
)

// maxDimensions is how many dimensions of a custom metric are ingested; one
// more deploys and is lost (Microsoft Learn: emit-metric-policy, "Limits for
// custom metrics").
const maxDimensions = 5

var dimensionShape = shape{attrs: []attribute{reqL("name"), optE("value", WantString)}}

func logging() []statement {
	return []statement{
		{name: "trace", page: "trace-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqL("source"), optL("severity", "verbose", "information", "error")}, children: []child{
				{name: "message", required: true, shape: shape{text: exprText}},
				{name: "metadata", repeat: true, shape: shape{attrs: []attribute{reqL("name"), reqE("value", WantString)}}},
			}}, compile: compileTrace},
		{name: "emit-metric", page: "emit-metric-policy", sections: inInbound | inOutbound | inOnError, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqL("name"), optL("namespace"), optE("value", WantInt)}, children: []child{
				{name: "dimension", required: true, repeat: true, shape: dimensionShape},
			}}, compile: compileEmitMetric},
	}
}

func compileTrace(c *compiler, n *document.Node) func(*call) error {
	source, severity := literal(n, "source", ""), literal(n, "severity", "verbose")
	message := c.text(n.Child("message"))
	names, values := []string{}, []value{}
	for _, m := range n.All("metadata") {
		names, values = append(names, literal(m, "name", "")), append(values, c.attr(m, "value", WantString))
	}
	return func(x *call) error {
		text, err := message.trimmed(x)
		if err != nil {
			return err
		}
		var meta map[string]string
		for i, v := range values {
			s, err := v.text(x)
			if err != nil {
				return err
			}
			if meta == nil {
				meta = map[string]string{}
			}
			meta[names[i]] = s
		}
		x.trace(source, text, severity, meta)
		return nil
	}
}

// dimensions are the names and values of a metric's dimensions.
type dimensions struct {
	names  []string
	values []value
}

// builtIn are the dimensions that need no value
// (Microsoft Learn: emit-metric-policy, "Default dimension names").
var builtIn = map[string]func(*call) string{
	"API ID": func(x *call) string { return x.API.ID },
	"Operation ID": func(x *call) string {
		if x.Operation == nil {
			return ""
		}
		return x.Operation.ID
	},
	"Product ID": func(x *call) string {
		if x.Product == nil {
			return ""
		}
		return x.Product.ID
	},
	"User ID": func(x *call) string {
		if x.User == nil {
			return ""
		}
		return x.User.ID
	},
	"Subscription ID": func(x *call) string {
		if x.Subscription == nil {
			return ""
		}
		return x.Subscription.ID
	},
	"Location":   func(x *call) string { return x.Service.Region },
	"Gateway ID": func(*call) string { return "managed" },
}

func (c *compiler) dimensions(n *document.Node) dimensions {
	var d dimensions
	for _, k := range n.All("dimension") {
		name, v := literal(k, "name", ""), c.attr(k, "value", WantString)
		if !v.set && builtIn[name] == nil {
			c.fail(k.Errorf("add value=\"…\"", "The dimension '%s' has no value and is not built in", name))
		}
		d.names, d.values = append(d.names, name), append(d.values, v)
	}
	return d
}

func (d dimensions) resolve(x *call) (map[string]string, error) {
	out := map[string]string{}
	for i, name := range d.names {
		if !d.values[i].set {
			out[name] = builtIn[name](x)
			continue
		}
		v, err := d.values[i].text(x)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// emit records a metric, and why it will not arrive when it will not.
func (x *call) emit(namespace, name string, v float64, dims map[string]string) {
	if namespace == "" {
		namespace = "API Management"
	}
	m := Metric{Namespace: namespace, Name: name, Value: v, Dimensions: dims}
	switch d := x.rec.ApplicationInsights; {
	case d == nil:
		m.Dropped = "no applicationinsights diagnostic applies to this API"
	case !d.Metrics:
		m.Dropped = "the applicationinsights diagnostic has metrics switched off"
	case len(dims) > maxDimensions:
		m.Dropped = fmt.Sprintf("%d dimensions, of which %d at most are ingested", len(dims), maxDimensions)
	}
	x.rec.Metrics = append(x.rec.Metrics, m)
}

func compileEmitMetric(c *compiler, n *document.Node) func(*call) error {
	name, namespace, v, dims := literal(n, "name", ""), literal(n, "namespace", ""), c.attr(n, "value", WantAny), c.dimensions(n)
	return func(x *call) error {
		f, err := v.number(x, 1)
		if err != nil {
			return err
		}
		d, err := dims.resolve(x)
		if err != nil {
			return err
		}
		x.emit(namespace, name, f, d)
		return nil
	}
}
