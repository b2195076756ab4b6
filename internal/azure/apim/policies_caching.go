// Microsoft Learn: api-management/api-management-policies#caching

package apim

import (
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

func caching() []statement {
	kind := optL("caching-type", "prefer-external", "external", "internal")
	return []statement{
		{name: "cache-lookup-value", page: "cache-lookup-value-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note:    "the internal cache only",
			shape:   shape{attrs: []attribute{reqE("key", WantString), reqL("variable-name"), optE("default-value", WantAny), kind}},
			compile: compileLookupValue},
		{name: "cache-store-value", page: "cache-store-value-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note:    "the internal cache only; stored at once, not in the background",
			shape:   shape{attrs: []attribute{reqE("key", WantString), reqE("value", WantAny), reqE("duration", WantInt), kind}},
			compile: compileStoreValue},
		{name: "cache-remove-value", page: "cache-remove-value-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note:  "the internal cache only",
			shape: shape{attrs: []attribute{reqE("key", WantString), kind}}, compile: compileRemoveValue},
		unsupported("cache-lookup", "cache-lookup-policy", "caching of whole responses is not modelled"),
		unsupported("cache-store", "cache-store-policy", "caching of whole responses is not modelled"),
		unsupported("azure-openai-semantic-cache-lookup", "azure-openai-semantic-cache-lookup-policy", "semantic caching needs an external Redis and is not modelled"),
		unsupported("azure-openai-semantic-cache-store", "azure-openai-semantic-cache-store-policy", "semantic caching needs an external Redis and is not modelled"),
		unsupported("llm-semantic-cache-lookup", "llm-semantic-cache-lookup-policy", "semantic caching needs an external Redis and is not modelled"),
		unsupported("llm-semantic-cache-store", "llm-semantic-cache-store-policy", "semantic caching needs an external Redis and is not modelled"),
	}
}

func (c *compiler) internalCache(n *document.Node) {
	if literal(n, "caching-type", "") == "external" {
		c.fail(n.Errorf("internal or prefer-external", "An external cache is not modelled"))
	}
}

// compileLookupValue leaves the variable unset on a miss without a default.
func compileLookupValue(c *compiler, n *document.Node) func(*call) error {
	c.internalCache(n)
	key, name, otherwise := c.attr(n, "key", WantString), literal(n, "variable-name", ""), c.attr(n, "default-value", WantAny)
	return func(x *call) error {
		k, err := key.text(x)
		if err != nil {
			return err
		}
		if v, ok := x.gw.store.get(k, x.now()); ok {
			x.setVariable(name, v)
			return nil
		}
		if !otherwise.set {
			return nil
		}
		v, err := otherwise.any(x)
		if err != nil {
			return err
		}
		x.setVariable(name, v)
		return nil
	}
}

func compileStoreValue(c *compiler, n *document.Node) func(*call) error {
	c.internalCache(n)
	key, v, duration := c.attr(n, "key", WantString), c.attr(n, "value", WantPortable), c.attr(n, "duration", WantInt)
	return func(x *call) error {
		k, err := key.text(x)
		if err != nil {
			return err
		}
		r, err := v.any(x)
		if err != nil {
			return err
		}
		d, err := duration.seconds(x, 0)
		if err != nil || d <= 0 {
			return err
		}
		x.gw.store.put(k, r, x.now().Add(d.Truncate(time.Second)))
		return nil
	}
}

func compileRemoveValue(c *compiler, n *document.Node) func(*call) error {
	c.internalCache(n)
	key := c.attr(n, "key", WantString)
	return func(x *call) error {
		k, err := key.text(x)
		if err == nil {
			x.gw.store.remove(k)
		}
		return err
	}
}
