package arm

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// registrationTime is how long Azure takes to register a resource provider. Microsoft says "a few minutes" at the most; a minute is
// usual [M].
const registrationTime = time.Minute

// registrations are the resource providers that the subscription had not registered at first, and since when it has; a zero time is
// not at all. Those that are not in it are registered, as are in any subscription that has been worked in.
type registrations map[string]time.Time

func newRegistrations(missing []string) registrations {
	r := registrations{}
	for _, namespace := range missing {
		r[strings.ToLower(namespace)] = time.Time{}
	}
	return r
}

func (r registrations) state(namespace string, now time.Time) string {
	since, listed := r[strings.ToLower(namespace)]
	switch {
	case listed && since.IsZero():
		return "NotRegistered"
	case listed && now.Before(since):
		return "Registering"
	}
	return "Registered"
}

// unregistered refuses a write of a type whose provider is not registered
// (Microsoft Learn: azure-resource-manager/troubleshooting/error-register-resource-provider).
func (s *Server) unregistered(id ID) *Error {
	namespace, _, _ := strings.Cut(id.Type, "/")
	if s.providers.state(namespace, s.options.Now()) != "NotRegistered" {
		return nil
	}
	return refusal(http.StatusConflict, "MissingSubscriptionRegistration",
		"The subscription is not registered to use namespace '%s'. See https://aka.ms/rps-not-found for how to register subscriptions.", namespace)
}

// routeProvider answers questions about a resource provider, and registers it.
func (s *Server) routeProvider(req *request) (*reply, *Error, bool) {
	segments := strings.Split(strings.Trim(req.path, "/"), "/")
	if len(segments) < 4 || !strings.EqualFold(segments[0], "subscriptions") || !strings.EqualFold(segments[2], "providers") {
		return nil, nil, false
	}
	namespace := segments[3]
	registering := len(segments) == 5 && req.method == http.MethodPost && strings.EqualFold(segments[4], "register")
	if !registering && (len(segments) != 4 || req.method != http.MethodGet) {
		return nil, nil, false
	}
	if refused := ownVersion(req); refused != nil {
		return nil, refused, true
	}
	if refused := s.known(segments[1]); refused != nil {
		return nil, refused, true
	}
	at := slices.IndexFunc(namespaces(), func(known string) bool { return strings.EqualFold(known, namespace) })
	if at < 0 {
		return nil, refusal(http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", namespace), true
	}
	now := s.options.Now()
	if registering && s.providers.state(namespace, now) == "NotRegistered" {
		if s.options.MayNotRegister {
			return nil, refusal(http.StatusForbidden, "AuthorizationFailed", "The client does not have authorization to perform action "+
				"'%s/register/action' over scope '/subscriptions/%s' or the scope is invalid.", namespace, segments[1]), true
		}
		since := now
		if s.options.Duration != nil {
			since = now.Add(registrationTime)
		}
		s.providers[strings.ToLower(namespace)] = since
	}
	return &reply{status: http.StatusOK, body: s.providerBody(segments[1], namespaces()[at])}, nil, true
}

// providerBody is a provider with its types, by which clients choose the API version of a type.
func (s *Server) providerBody(subscription, namespace string) map[string]any {
	types := []any{}
	for _, armType := range slices.Sorted(maps.Keys(registry)) {
		kind := registry[armType]
		if of, name, _ := strings.Cut(kind.Type, "/"); of == namespace {
			types = append(types, map[string]any{"resourceType": name, "locations": []any{}, "apiVersions": anySlice(kind.readable())})
		}
	}
	return map[string]any{
		"id": "/subscriptions/" + subscription + "/providers/" + namespace, "namespace": namespace, "registrationPolicy": "RegistrationRequired",
		"registrationState": s.providers.state(namespace, s.options.Now()), "resourceTypes": types,
	}
}

// namespaces are the resource providers of the modelled types.
func namespaces() []string {
	found := map[string]bool{}
	for _, kind := range registry {
		namespace, _, _ := strings.Cut(kind.Type, "/")
		found[namespace] = true
	}
	return slices.Sorted(maps.Keys(found))
}
