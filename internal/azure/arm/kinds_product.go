package arm

import (
	"net/http"
	"regexp"
	"strings"
)

func productKinds() []*Kind {
	return []*Kind{
		{
			Type: productType, model: published("armapimanagement.ProductContract", modelOptions{}),
			checks: []func(*write){checkProduct}, fill: fillProduct, created: openProduct,
			removing: []func(*removal) *Error{noSubscriptions},
		},
		{
			Type: productType + "/apis", checks: []func(*write){linkTo("apis", "API"), oneOpenProduct},
			fill: func(w *write) { w.copyLinked("apis") },
		},
		{
			Type: productType + "/groups", checks: []func(*write){linkTo("groups", "Group")},
			fill: func(w *write) { w.copyLinked("groups") },
		},
		{
			Type: apimGroupType, model: published("armapimanagement.GroupCreateParameters", modelOptions{}),
			checks:   []func(*write){checkGroup},
			fill:     func(w *write) { w.props["builtIn"] = false },
			removing: []func(*removal) *Error{builtInStays}, removed: dropGroupLinks,
		},
		{
			Type:   serviceType + "/identityProviders",
			model:  published("armapimanagement.IdentityProviderCreateContract", modelOptions{}),
			checks: []func(*write){checkIdentityProvider}, fill: hideValue("clientSecret"),
		},
		{
			Type: apimSubscriptionType, model: published("armapimanagement.SubscriptionCreateParameters", modelOptions{}),
			checks: []func(*write){checkSubscription}, fill: fillSubscription,
			removing: []func(*removal) *Error{builtInStays},
			actions:  map[string]func(*Server, *record) (map[string]any, *Error){"listSecrets": listKeys},
		},
		{
			Type: namedValueType, model: published("armapimanagement.NamedValueCreateContract", modelOptions{}),
			checks: []func(*write){checkNamedValue}, fill: fillNamedValue, removing: []func(*removal) *Error{valueUnused},
			actions: map[string]func(*Server, *record) (map[string]any, *Error){"listValue": listValue},
		},
		{
			Type: fragmentType, model: published("armapimanagement.PolicyFragmentContract", modelOptions{}),
			checks: []func(*write){checkPolicyFormat, checkPolicy}, fill: fillPolicy,
			removing: []func(*removal) *Error{fragmentUnused},
		},
	}
}

func checkProduct(w *write) {
	open, sent := w.props["subscriptionRequired"].(bool)
	if !sent || open {
		return
	}
	for _, key := range []string{"approvalRequired", "subscriptionsLimit"} {
		if w.props[key] != nil {
			w.bad(key, "%s can only be set when subscriptionRequired is true.", key) // [M]: text
		}
	}
}

func fillProduct(w *write) {
	if required, _ := w.props["subscriptionRequired"].(bool); required {
		setDefault(w.props, "approvalRequired", false)
	}
}

// openProduct: a new product is linked to the administrators, and one that demands subscriptions gets the administrator's
// (Azure/azure-service-operator issue 3408, Azure/apiops issues 288 and 707). The program declares neither, and the
// subscription later blocks the deletion of the product.
func openProduct(w *write) {
	if w.prev != nil {
		return
	}
	admins := w.s.find(serviceID(w.id) + "/groups/administrators")
	if admins != nil {
		w.builtIn(productType+"/groups", "groups", "administrators", clone(admins.props()), nil)
	}
	if required, _ := w.props["subscriptionRequired"].(bool); !required {
		return
	}
	service, _ := w.id.Parent()
	name := strings.ReplaceAll(guid(w.id.text, "administrator"), "-", "")[:24]
	id := service.Child("subscriptions", name)
	w.s.store(&record{ID: id.text, Type: apimSubscriptionType, APIVersion: w.req.version, Created: w.s.options.Now().UTC(), Hidden: true,
		Private: w.s.keyPair(id.text),
		Body: map[string]any{"id": id.text, "name": name, "type": apimSubscriptionType, "properties": map[string]any{
			"scope": w.canonicalID(), "displayName": nil, "state": "active", "ownerId": service.Child("users", "1").text, "allowTracing": false,
		}}})
}

// subscriptionsOn lists the subscriptions of a product or an API.
func (s *Server) subscriptionsOn(id ID) []*record {
	var out []*record
	for _, r := range s.ofType(apimSubscriptionType, serviceID(id)) {
		if strings.EqualFold(text(r.props(), "scope"), id.text) {
			out = append(out, r)
		}
	}
	return out
}

func noSubscriptions(rm *removal) *Error {
	subscriptions := rm.s.subscriptionsOn(rm.id)
	if len(subscriptions) > 0 && !rm.req.flag("deleteSubscriptions") {
		e := refusal(http.StatusBadRequest, "ValidationError", "Product cannot be deleted since it has existing subscriptions. Delete subscriptions before deleting the product or pass in deleteSubscriptions=true as query param")
		e.Details = nil
		return e
	}
	for _, r := range subscriptions {
		rm.s.drop(r)
	}
	return nil
}

// linkTo makes sure that what a product is linked to exists.
func linkTo(segment, what string) func(*write) {
	return func(w *write) {
		if w.s.find(serviceID(w.id)+"/"+segment+"/"+w.id.Name()) == nil {
			w.refuse(refusal(http.StatusNotFound, "ResourceNotFound", "%s not found.", what))
		}
		for key := range w.body {
			if key != "properties" || len(w.props) > 0 {
				w.bad(key, "Could not find member '%s': a link has no body.", key)
			}
		}
	}
}

// oneOpenProduct: without a key Azure could not tell two open products apart (Microsoft Learn: api-management-subscriptions).
func oneOpenProduct(w *write) {
	product := w.s.find(parentOf(w.id))
	if product == nil || product.props()["subscriptionRequired"] != false {
		return
	}
	for _, link := range w.s.ofType(productType+"/apis", serviceID(w.id)) {
		other := w.s.find(parentOf(link.id()))
		if other != nil && other != product && strings.EqualFold(link.id().Name(), w.id.Name()) &&
			other.props()["subscriptionRequired"] == false {
			w.bad("", "API '%s' cannot be added to the product '%s': it is in the open product '%s' already.", w.id.Name(), product.id().Name(), other.id().Name()) // [M]: text
		}
	}
}

// copyLinked: GET on a link answers the linked entity's properties.
func (w *write) copyLinked(segment string) {
	if target := w.s.find(serviceID(w.id) + "/" + segment + "/" + w.id.Name()); target != nil {
		w.body["properties"] = clone(target.props())
	}
}

// graphFailure is how API Management refuses a group of the directory when it cannot ask it: without an identity provider, or with
// an application that may not read the directory. The beginning is from MicrosoftDocs/azure-docs#91896 (and #96780, #56345); that a
// missing provider gets the same answer, and with this code, is inferred [M].
const graphFailure = "Failed to query Azure Active Directory graph due to error 'No identity provider of type aad is configured'."

var externalGroup = regexp.MustCompile(`^aad://[^/]+/groups/[0-9a-fA-F-]{36}$`)

func checkGroup(w *write) {
	if w.prev != nil && w.prev.Hidden {
		w.refuse(refusal(http.StatusBadRequest, "ValidationError", "System entity '%s' cannot be changed.", w.id.Name())) // [M]: text
	}
	kind, external := text(w.props, "type"), text(w.props, "externalId")
	switch {
	case strings.EqualFold(kind, "system"):
		w.bad("type", "A group of type system cannot be created.")
	case strings.EqualFold(kind, "external") && !externalGroup.MatchString(external):
		w.bad("externalId", "'%s' is not of the form aad://<tenant>/groups/<object id>.", external)
	case !strings.EqualFold(kind, "external") && external != "":
		w.bad("externalId", "Only a group of type external has an externalId.")
	}
	service := w.s.find(serviceID(w.id))
	if strings.EqualFold(kind, "external") && w.s.find(serviceID(w.id)+"/identityProviders/aad") == nil {
		w.bad("externalId", graphFailure)
	}
	// Microsoft Learn: api-management/api-management-features, Microsoft Entra integration. [M]: the text.
	if sku := text(service.Body, "sku", "name"); strings.EqualFold(kind, "external") &&
		(strings.EqualFold(sku, "Basic") || strings.EqualFold(sku, "Consumption")) {
		w.bad("type", "External groups are not supported in the %s tier.", sku)
	}
}

func dropGroupLinks(rm *removal) {
	for _, r := range rm.s.ofType(productType+"/groups", serviceID(rm.id)) {
		if strings.EqualFold(r.id().Name(), rm.id.Name()) {
			rm.s.drop(r)
		}
	}
}

func checkIdentityProvider(w *write) {
	if t := text(w.props, "type"); t != "" && !strings.EqualFold(t, w.id.Name()) {
		w.bad("type", "The type '%s' is not the name '%s'.", t, w.id.Name())
	}
	if n := len(texts(w.props, "allowedTenants")); n > 32 {
		w.bad("allowedTenants", "At most 32 tenants are allowed, not %d.", n)
	}
}

// hideValue keeps a write-only property out of what GET answers.
func hideValue(key string) func(*write) {
	return func(w *write) {
		w.private[key] = w.props[key]
		delete(w.props, key)
	}
}
