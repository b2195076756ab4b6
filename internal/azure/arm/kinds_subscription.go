package arm

import (
	"strings"
)

func checkSubscription(w *write) {
	scope := text(w.props, "scope")
	id, ok := w.scopeID(scope)
	if !ok {
		w.bad("scope", "Subscription scope should be one of '/apis', '/apis/{apiId}', '/products/{productId}'.") // [M]: text
		return
	}
	if r := w.s.find(strings.TrimSuffix(id, "/apis")); r == nil || r.Type != apiType && r.Type != productType && r.Type != serviceType {
		w.bad("scope", "The scope '%s' was not found.", scope)
	}
	if owner := text(w.props, "ownerId"); owner != "" && w.resolve(owner, "Microsoft.ApiManagement/service/users") == nil {
		w.bad("ownerId", "User '%s' was not found.", owner)
	}
	for _, r := range w.s.ofType(apimSubscriptionType, serviceID(w.id)) {
		for _, key := range []string{"primaryKey", "secondaryKey"} {
			sent := text(w.props, key)
			if sent != "" && !strings.EqualFold(r.ID, w.id.text) && (sent == r.Private["primaryKey"] || sent == r.Private["secondaryKey"]) {
				w.bad(key, "The key is in use by another subscription.") // never which, never the key
			}
		}
	}
}

// scopeID is the full id of a subscription's scope, which may be written relative to the service.
func (w *write) scopeID(scope string) (string, bool) {
	service := serviceID(w.id)
	relative := "/" + strings.Trim(scope, "/")
	if isWithin(relative, service) {
		relative = relative[len(service):]
	}
	parts := strings.Split(strings.Trim(relative, "/"), "/")
	switch {
	case len(parts) == 1 && strings.EqualFold(parts[0], "apis"):
		return service + "/apis", true
	case len(parts) == 2 && (strings.EqualFold(parts[0], "apis") || strings.EqualFold(parts[0], "products")):
		return service + "/" + parts[0] + "/" + parts[1], true
	}
	return "", false
}

func fillSubscription(w *write) {
	w.props["scope"], _ = w.scopeID(text(w.props, "scope")) // the check made sure of it
	w.props["createdDate"] = w.s.options.Now().UTC().Format("2006-01-02T15:04:05Z")
	if w.prev != nil {
		w.props["createdDate"] = w.prev.props()["createdDate"]
	}
	if owner := w.resolve(text(w.props, "ownerId")); owner != nil {
		w.props["ownerId"] = owner.ID
	}
	for key, value := range w.s.keyPair(w.id.text) {
		if sent := text(w.props, key); sent != "" {
			value = sent
		} else if w.prev != nil {
			value = w.prev.Private[key]
		}
		w.private[key] = value
		delete(w.props, key)
	}
}

func listKeys(_ *Server, r *record) (map[string]any, *Error) {
	return map[string]any{"primaryKey": r.Private["primaryKey"], "secondaryKey": r.Private["secondaryKey"]}, nil
}
