package arm

import (
	"net/http"
	"regexp"
	"strings"
)

func productKinds() []*Kind {
	return []*Kind{
		{
			Type: productType, Versions: apimVersions, Source: apimSource, entity: "Product",
			Partly: "approval and terms are stored, no developer portal acts upon them",
			model:  published("armapimanagement.ProductContract", modelOptions{}), style: apimStyle, name: nameRule{min: 1, max: 256},
			required: []string{"properties.displayName"}, checks: []func(*write){checkProduct, lengths(map[string][2]int{"displayName": {1, 300}, "description": {0, 1000}})},
			fill: fillProduct, created: openProduct, removing: []func(*removal) *Error{noSubscriptions},
		},
		{
			Type: productType + "/apis", Versions: apimVersions, Source: apimSource, entity: "Api", bodyless: true, style: apimStyle, name: looseName,
			checks: []func(*write){linkTo("apis", "API"), oneOpenProduct}, fill: func(w *write) { w.copyLinked("apis") },
		},
		{
			Type: productType + "/groups", Versions: apimVersions, Source: apimSource, entity: "Group", bodyless: true, style: apimStyle,
			name: nameRule{min: 1, max: 256}, checks: []func(*write){linkTo("groups", "Group")}, fill: func(w *write) { w.copyLinked("groups") },
		},
		{
			Type: apimGroupType, Versions: apimVersions, Source: apimSource, entity: "Group",
			Partly: "external groups are stored without asking the directory",
			model:  published("armapimanagement.GroupCreateParameters", modelOptions{}), style: apimStyle, name: nameRule{min: 1, max: 256},
			required: []string{"properties.displayName"}, checks: []func(*write){checkGroup, lengths(map[string][2]int{"displayName": {1, 300}})},
			fill:     func(w *write) { setDefault(w.props, "type", "custom"); w.props["builtIn"] = false },
			removing: []func(*removal) *Error{builtInStays}, removed: dropGroupLinks,
		},
		{
			Type: serviceType + "/identityProviders", Versions: apimVersions, Source: apimSource, entity: "Identity provider",
			Partly: "Entra ID (aad); no one signs in to a portal",
			model:  published("armapimanagement.IdentityProviderCreateContract", modelOptions{}), style: apimStyle, name: nameRule{only: []string{"aad"}},
			required: []string{"properties.clientId", "properties.clientSecret"}, checks: []func(*write){checkIdentityProvider},
			fill: hideValue("clientSecret"),
		},
		{
			Type: apimSubscriptionType, Versions: apimVersions, Source: apimSource + "; Microsoft Learn: api-management/api-management-subscriptions", entity: "Subscription",
			model: published("armapimanagement.SubscriptionCreateParameters", modelOptions{}), style: apimStyle,
			name:     nameRule{min: 1, max: 256, pattern: loose},
			required: []string{"properties.displayName", "properties.scope"}, checks: []func(*write){checkSubscription, lengths(map[string][2]int{"displayName": {1, 100}, "primaryKey": {1, 256}, "secondaryKey": {1, 256}})},
			fill: fillSubscription, removing: []func(*removal) *Error{builtInStays},
			actions: map[string]func(*Server, *record) (map[string]any, *Error){"listSecrets": listKeys},
		},
		{
			Type: namedValueType, Versions: apimVersions, Source: apimSource + "; Microsoft Learn: api-management/api-management-howto-properties", entity: "Property",
			Partly: "values in Key Vault are refused",
			model:  published("armapimanagement.NamedValueCreateContract", modelOptions{}), style: apimStyle,
			name: nameRule{min: 1, max: 256, pattern: loose}, async: true,
			required: []string{"properties.displayName"}, checks: []func(*write){checkNamedValue}, fill: fillNamedValue,
			removing: []func(*removal) *Error{valueUnused},
			actions:  map[string]func(*Server, *record) (map[string]any, *Error){"listValue": listValue},
		},
		{
			Type: fragmentType, Versions: apimVersions, Source: apimSource + "; Microsoft Learn: api-management/policy-fragments", entity: "Policy fragment",
			model: published("armapimanagement.PolicyFragmentContract", modelOptions{}), style: apimStyle, async: true,
			name:     nameRule{min: 1, max: 80, pattern: regexp.MustCompile(`(^\w+$)|(^\w[\w\-]+\w$)`)},
			required: []string{"properties.value"}, checks: []func(*write){checkPolicyFormat, checkPolicy, lengths(map[string][2]int{"description": {0, 1000}})},
			fill: fillPolicy, removing: []func(*removal) *Error{fragmentUnused},
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
	setDefault(w.props, "state", "notPublished")
	setDefault(w.props, "subscriptionRequired", true)
	if required, _ := w.props["subscriptionRequired"].(bool); required {
		setDefault(w.props, "approvalRequired", false)
	}
}

// openProduct: a new product is linked to the administrators, and one that demands subscriptions gets the administrator's
// (Azure/azure-service-operator issue 3408, Azure/apiops issues 288 and 707). Nobody asked for either, and the
// subscription later stands in the way of the product's deletion.
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
	if sku := text(service.Body, "sku", "name"); strings.EqualFold(kind, "external") &&
		(strings.EqualFold(sku, "Basic") || strings.EqualFold(sku, "BasicV2") || strings.EqualFold(sku, "Consumption")) {
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
	setDefault(w.props, "state", "submitted")
	setDefault(w.props, "allowTracing", false)
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

// namedValueName: Azure/bicep-types-az, displayName of a named value.
var namedValueName = regexp.MustCompile(`^[A-Za-z0-9-._]+$`)

func checkNamedValue(w *write) {
	name, value := text(w.props, "displayName"), text(w.props, "value")
	if len(name) > 256 || !namedValueName.MatchString(name) {
		w.bad("displayName", "The display name '%s' may contain only letters, digits, periods, dashes and underscores, 256 at most.", name)
	}
	if w.props["keyVault"] != nil {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "A named value from Key Vault is not supported"))
		return
	}
	if strings.TrimSpace(value) == "" || len(value) > 4096 {
		w.bad("value", "The value must have 1 to 4096 characters and be more than whitespace.")
	}
	if len(texts(w.props, "tags")) > 32 {
		w.bad("tags", "At most 32 tags are allowed.")
	}
	for _, r := range w.s.ofType(namedValueType, serviceID(w.id)) {
		if !strings.EqualFold(r.ID, w.id.text) && text(r.props(), "displayName") == name {
			w.bad("displayName", "Named value with display name '%s' already exists.", name) // [M]: text
		}
	}
	if w.prev != nil && text(w.prev.props(), "displayName") != name {
		if refused := valueUnused(&removal{s: w.s, rec: w.prev, id: w.id}); refused != nil {
			w.refuse(refused)
		}
	}
}

func fillNamedValue(w *write) {
	setDefault(w.props, "secret", false)
	w.private["value"] = w.props["value"]
	if secret, _ := w.props["secret"].(bool); secret {
		delete(w.props, "value")
	}
	w.props["provisioningState"] = "Succeeded"
}

func listValue(_ *Server, r *record) (map[string]any, *Error) {
	return map[string]any{"value": r.Private["value"]}, nil
}
