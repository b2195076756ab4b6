// Microsoft Learn: api-management/api-management-policies#logging

package apim

import (
	"fmt"
	"maps"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

// maxDimensions is how many dimensions of a custom metric are ingested; one
// more deploys and is lost (Microsoft Learn: emit-metric-policy, "Limits for
// custom metrics").
const maxDimensions = 5

// Microsoft Learn: emit-metric-policy, "dimension attributes".
var dimensionShape = shape{attrs: []attribute{reqE("name", WantString), optE("value", WantString)}}

func logging() []statement {
	return []statement{
		{name: "trace", page: "trace-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{text: exprText, attrs: []attribute{reqL("source"), optL("severity", "verbose", "information", "error")}, children: []child{
				{name: "message", shape: shape{text: exprText}},
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
	// The policy had its message as text before it had the element; policies that have it so are still saved and deployed. [M]
	message := c.text(n)
	switch written := strings.TrimSpace(n.Text) != ""; {
	case n.Child("message") != nil && written:
		c.fail(n.ErrorfAt(n.TextPos, "remove the text", "The element cannot contain text"))
	case n.Child("message") != nil:
		message = c.text(n.Child("message"))
	case !written:
		c.fail(n.Errorf("add <message>", "The element 'trace' has incomplete content: 'message' is missing"))
	}
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
	names, values []value
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
	// The backend that answered; before there is one, the one that is set. [M]
	"Backend ID": func(x *call) string {
		if n := len(x.rec.Attempts); n > 0 {
			return x.rec.Attempts[n-1].BackendID
		}
		return x.target.backend
	},
}

func (c *compiler) dimensions(n *document.Node) dimensions {
	var d dimensions
	for _, k := range n.All("dimension") {
		name, v := c.attr(k, "name", WantString), c.attr(k, "value", WantString)
		if !v.set && name.expr == noExpression && builtIn[name.literal] == nil {
			c.fail(k.Errorf("add value=\"…\"", "The dimension '%s' has no value and is not built in", name.literal))
		}
		d.names, d.values = append(d.names, name), append(d.values, v)
	}
	return d
}

// resolve evaluates expressions now and gives a function for the rest, which may be known later.
func (d dimensions) resolve(x *call) (func() map[string]string, error) {
	given, open := map[string]string{}, map[string]func(*call) string{}
	for i := range d.names {
		name, err := d.names[i].text(x)
		if err != nil {
			return nil, err
		}
		if !d.values[i].set {
			if open[name] = builtIn[name]; open[name] == nil {
				return nil, broken(reasonExpression, fmt.Errorf("the dimension %q has no value and is not built in", name))
			}
			continue
		}
		if given[name], err = d.values[i].text(x); err != nil {
			return nil, err
		}
	}
	return func() map[string]string {
		out := maps.Clone(given)
		for name, value := range open {
			out[name] = value(x)
		}
		return out
	}, nil
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
		x.emit(namespace, name, f, d())
		return nil
	}
}
