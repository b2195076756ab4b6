package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const previewVersion = "2024-06-01-preview"

func serviceKinds() []*Kind {
	return []*Kind{
		{
			Type: serviceType, Versions: apimVersions, Source: apimSource + "; Microsoft Learn: api-management/virtual-network-injection-resources",
			Partly: "custom host names, certificates and extra regions are stored, not served; a restored service comes back without its APIs",
			model: published("armapimanagement.ServiceResource", modelOptions{newer: []newer{
				{previewVersion, "properties.releaseChannel", "Azure/bicep-types-az microsoft.apimanagement/2024-06-01-preview, ApiManagementServiceProperties"},
			}}),
			style: apimStyle, location: anyRegion, async: true, stateful: true, entity: "Api service",
			name:     nameRule{min: 1, max: 50, pattern: regexp.MustCompile(`^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`)},
			required: []string{"sku.name", "sku.capacity", "properties.publisherEmail", "properties.publisherName"},
			checks:   []func(*write){checkServiceName, checkUnits, checkInjection, checkPublicAccess, checkCustomProperties, checkReleaseChannel, checkManagement},
			fill:     fillService, created: openService, removed: func(rm *removal) { rm.s.remember(rm) },
		},
		{
			Type: "Microsoft.ApiManagement/service/users", Versions: apimVersions, Source: apimSource, builtIn: true, entity: "User",
			Partly: "only the administrator every service has", style: apimStyle, name: looseName, removing: []func(*removal) *Error{builtInStays},
		},
	}
}

func checkServiceName(w *write) {
	for _, r := range w.s.ofType(serviceType, "") {
		if !strings.EqualFold(r.ID, w.id.text) && strings.EqualFold(r.id().Name(), w.id.Name()) {
			w.refuse(refusal(http.StatusConflict, "ServiceAlreadyExists", "Api service already exists: %s", w.id.Name()))
		}
	}
	for _, key := range []string{"publisherEmail", "publisherName"} {
		if v := text(w.props, key); len(v) > 100 {
			w.bad("properties."+key, "The length must be 1 to 100 characters, it is %d.", len(v))
		}
	}
}

// tier is what an API Management SKU allows (Microsoft Learn: api-management/api-management-features, virtual-network-concepts).
type tier struct {
	maxUnits  float64
	injection bool // External and Internal
	outbound  bool // v2: integration
	zones     bool
}

var tiers = map[string]tier{
	"developer": {maxUnits: 1, injection: true}, "basic": {maxUnits: 2}, "standard": {maxUnits: 4},
	"premium": {maxUnits: 31, injection: true, zones: true}, "isolated": {maxUnits: 31, injection: true},
	"basicv2": {maxUnits: 10}, "standardv2": {maxUnits: 10, outbound: true}, "consumption": {maxUnits: 0},
}

func checkUnits(w *write) {
	sku, units := text(w.body, "sku", "name"), number(object(w.body, "sku")["capacity"])
	t, ok := tiers[strings.ToLower(sku)]
	if !ok {
		return // the model refused the name already
	}
	if t.maxUnits == 0 && units != 0 || t.maxUnits > 0 && (units < 1 || units > t.maxUnits) {
		w.bad("sku.capacity", "The capacity of the %s tier must be 1 to %v, it is %v.", sku, t.maxUnits, units)
	}
	zones := len(texts(w.body, "zones"))
	if zones > 0 && !t.zones {
		w.bad("zones", "Availability zones are not supported in the %s tier.", sku)
	}
	if zones > 0 && t.zones && int(units)%zones != 0 {
		w.bad("zones", "The number of units (%v) must be a multiple of the number of zones (%d).", units, zones)
	}
}

// checkInjection: the network modes of the tiers, and what the subnet must be like.
func checkInjection(w *write) {
	sku, mode := text(w.body, "sku", "name"), text(w.props, "virtualNetworkType")
	none := mode == "" || strings.EqualFold(mode, "None")
	subnetID := text(w.props, "virtualNetworkConfiguration", "subnetResourceId")
	t := tiers[strings.ToLower(sku)]
	if none {
		if len(texts(w.body, "zones")) == 0 {
			return
		}
	} else if !t.injection && (!t.outbound || !strings.EqualFold(mode, "External")) {
		w.bad("properties.virtualNetworkType", "Virtual network type '%s' is not supported in the %s tier.", mode, sku)
		return
	}
	if none {
		return
	}
	subnet := w.resolve(subnetID, subnetType)
	if subnet == nil {
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameters", "Invalid parameter: The subnet '%s' of the API Management service '%s' was not found.", subnetID, w.id.Name()).at("properties.virtualNetworkConfiguration.subnetResourceId"))
		return
	}
	checkGatewaySubnet(w, subnet, t)
	checkGatewayAddress(w)
}

func checkGatewaySubnet(w *write, subnet *record, t tier) {
	refuse := func(format string, args ...any) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameters", "Invalid parameter: "+format, args...).at("properties.virtualNetworkConfiguration.subnetResourceId"))
	}
	if text(subnet.props(), "networkSecurityGroup", "id") == "" {
		refuse("The subnet %s has no network security group; API Management demands one.", subnet.ID)
	}
	delegated := items(subnet.props(), "delegations")
	if t.injection && len(delegated) > 0 {
		refuse("The subnet %s is delegated to %s; an injected service needs a subnet without delegation.", subnet.ID, text(delegated[0], "properties", "serviceName"))
	}
	if t.outbound && (len(delegated) != 1 ||
		!strings.EqualFold(text(delegated[0], "properties", "serviceName"), "Microsoft.Web/serverFarms")) {
		refuse("The subnet %s must be delegated to Microsoft.Web/serverFarms.", subnet.ID)
	}
	network, _ := subnet.id().Parent()
	if r := w.s.find(network.text); r != nil && !sameRegion(text(r.Body, "location"), text(w.body, "location")) {
		refuse("The subnet %s is in %s, the service in %s.", subnet.ID, text(r.Body, "location"), text(w.body, "location"))
	}
	if _, ok := w.s.freeAddress(subnet, w.id.text); !ok {
		refuse("The subnet %s has no free address.", subnet.ID)
	}
}

func checkGatewayAddress(w *write) {
	id := text(w.props, "publicIpAddressId")
	if id == "" {
		return
	}
	path := "properties.publicIpAddressId"
	ip := w.resolve(id, publicIPType)
	switch {
	case ip == nil:
		w.refuse(missing(id).at(path))
	case !strings.EqualFold(text(ip.Body, "sku", "name"), "Standard"):
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameters", "Invalid parameter: The public IP address %s must be of the Standard SKU.", id).at(path))
	case text(ip.props(), "dnsSettings", "domainNameLabel") == "" && strings.EqualFold(text(w.props, "virtualNetworkType"), "External"):
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameters", "Invalid parameter: The public IP address %s needs a domain name label.", id).at(path)) // [M]
	}
}

// checkPublicAccess: a service is born public and may close the door once a private endpoint is there.
func checkPublicAccess(w *write) {
	if !strings.EqualFold(text(w.props, "publicNetworkAccess"), "Disabled") {
		return
	}
	if w.prev == nil {
		w.refuse(refusal(http.StatusBadRequest, "ActivateServiceWithPrivateEndpointAccessNotAllowed", "Blocking all public network access by setting property `publicNetworkAccess` of API Management service %s is not enabled during service creation.", w.id.Name()))
		return
	}
	if len(items(w.prev.props(), "privateEndpointConnections")) == 0 {
		w.refuse(refusal(http.StatusBadRequest, "DisablingPublicNetworkAccessRequiredPrivateEndpoint", "At least one approved private endpoint connection is required to disable public network access of API Management service %s.", w.id.Name()))
	}
}

// customPropertyPattern: Azure/bicep-types-az, description of customProperties.
var customPropertyPattern = regexp.MustCompile(`^Microsoft\.WindowsAzure\.ApiManagement\.Gateway\.(Security\.(Backend\.)?Protocols\.(Tls10|Tls11|Ssl30)|Protocols\.Server\.Http2|Security\.Ciphers\.(TripleDes168|TLS_[A-Z0-9_]+))$`)

func checkCustomProperties(w *write) {
	for _, key := range sortedKeys(object(w.props, "customProperties")) {
		if value := text(w.props, "customProperties", key); !customPropertyPattern.MatchString(key) || !slices.Contains([]string{"true", "false"}, strings.ToLower(value)) {
			w.bad("properties.customProperties."+key, "Custom property '%s' with value '%s' is not supported.", key, value)
		}
	}
}

func checkReleaseChannel(w *write) {
	channel := text(w.props, "releaseChannel")
	if w.props["releaseChannel"] != nil && !slices.Contains([]string{"Preview", "Default", "Stable"}, channel) {
		w.bad("properties.releaseChannel", "'%s' is not one of Default, Preview, Stable.", channel)
	}
}

func fillService(w *write) {
	name, region := strings.ToLower(w.id.Name()), normalRegion(text(w.body, "location"))
	w.body["etag"] = etag(w)
	fillIdentity(w)
	delete(w.props, "restore")
	for key, value := range map[string]any{
		"notificationSenderEmail": "apimgmt-noreply@mail.windowsazure.com", "virtualNetworkType": "None", "publicNetworkAccess": "Enabled",
		"disableGateway": false, "natGatewayState": "Disabled", "developerPortalStatus": "Enabled", "legacyPortalStatus": "Disabled",
		"enableClientCertificate": false, "apiVersionConstraint": map[string]any{}, "privateEndpointConnections": []any{},
	} {
		setDefault(w.props, key, value)
	}
	if w.prev != nil {
		w.props["privateEndpointConnections"] = w.prev.props()["privateEndpointConnections"]
	}
	w.props["gatewayUrl"] = "https://" + name + ".azure-api.net"
	w.props["gatewayRegionalUrl"] = "https://" + name + "-" + region + "-01.regional.azure-api.net"
	w.props["developerPortalUrl"] = "https://" + name + ".developer.azure-api.net"
	w.props["portalUrl"] = "https://" + name + ".portal.azure-api.net"
	w.props["managementApiUrl"] = "https://" + name + ".management.azure-api.net"
	w.props["scmUrl"] = "https://" + name + ".scm.azure-api.net"
	w.props["targetProvisioningState"] = ""
	w.props["createdAtUtc"] = w.s.options.Now().UTC().Format("2006-01-02T15:04:05.0000000Z")
	if w.prev != nil {
		w.props["createdAtUtc"] = w.prev.props()["createdAtUtc"]
	}
	w.props["platformVersion"] = "stv2.1"
	fillHostnames(w, name)
	fillAddresses(w)
	fillProtocols(w)
}

func fillHostnames(w *write, name string) {
	hosts := []any{map[string]any{"type": "Proxy", "hostName": name + ".azure-api.net", "negotiateClientCertificate": false,
		"defaultSslBinding": len(items(w.props, "hostnameConfigurations")) == 0, "certificateSource": "BuiltIn"}}
	for _, h := range items(w.props, "hostnameConfigurations") {
		if strings.EqualFold(text(h, "hostName"), name+".azure-api.net") {
			continue
		}
		delete(h, "certificatePassword") // write-only
		delete(h, "encodedCertificate")
		hosts = append(hosts, h)
	}
	w.props["hostnameConfigurations"] = hosts
}

// fillAddresses: an injected service has one private address out of its subnet and the public address it was given.
func fillAddresses(w *write) {
	delete(w.private, "subnet")
	delete(w.private, "address")
	public := publicAddress(w.id.text)
	if ip := w.resolve(text(w.props, "publicIpAddressId"), publicIPType); ip != nil {
		public = text(ip.props(), "ipAddress")
	}
	w.props["publicIPAddresses"], w.props["outboundPublicIPAddresses"] = []any{public}, []any{public}
	w.props["privateIPAddresses"] = []any{}
	subnet := w.resolve(text(w.props, "virtualNetworkConfiguration", "subnetResourceId"), subnetType)
	if subnet == nil || strings.EqualFold(text(w.props, "virtualNetworkType"), "None") {
		return
	}
	address, _ := w.s.freeAddress(subnet, w.id.text) // the check made sure of it
	w.private["subnet"], w.private["address"] = subnet.ID, address
	w.props["privateIPAddresses"] = []any{address}
}

// fillProtocols: Azure answers with the whole map, whatever was sent.
func fillProtocols(w *write) {
	if strings.EqualFold(text(w.body, "sku", "name"), "Consumption") {
		return
	}
	custom := map[string]any{}
	for _, side := range []string{"Gateway.Security.Protocols", "Gateway.Security.Backend.Protocols"} {
		for _, protocol := range []string{"Tls10", "Tls11", "Ssl30"} {
			custom["Microsoft.WindowsAzure.ApiManagement."+side+"."+protocol] = "False"
		}
	}
	custom["Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2"] = "False"
	for key, value := range object(w.props, "customProperties") {
		custom[key] = value
	}
	w.props["customProperties"] = custom
}

// DefaultServicePolicy is the global policy of a new service, as GET answers it. Azure's own has a comment in front of it.
const DefaultServicePolicy = "<policies>\r\n\t<inbound></inbound>\r\n\t<backend>\r\n\t\t<forward-request />\r\n\t</backend>\r\n\t<outbound></outbound>\r\n</policies>"

// openService makes what every service has from the start. Whoever creates one of these finds that it exists.
func openService(w *write) {
	if w.prev != nil {
		return
	}
	for _, group := range []string{"Administrators", "Developers", "Guests"} {
		w.builtIn(apimGroupType, "groups", strings.ToLower(group),
			map[string]any{"displayName": group, "description": group + " is a built-in group.", "builtIn": true, "type": "system"}, nil)
	}
	w.builtIn("Microsoft.ApiManagement/service/users", "users", "1", map[string]any{
		"firstName": "Administrator", "lastName": "", "email": text(w.props, "publisherEmail"), "state": "active",
		"registrationDate": w.s.options.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"identities":       []any{map[string]any{"provider": "Azure", "id": text(w.props, "publisherEmail")}},
	}, nil)
	w.builtIn(apimSubscriptionType, "subscriptions", "master", map[string]any{
		"ownerId": nil, "scope": w.canonicalID() + "/", "displayName": "Built-in all-access subscription", "state": "active",
		"allowTracing": false,
	}, w.s.keyPair(w.id.Child("subscriptions", "master").text))
	w.builtIn("Microsoft.ApiManagement/service/policies", "policies", "policy", map[string]any{"format": "xml", "value": DefaultServicePolicy},
		map[string]any{"value": DefaultServicePolicy, "format": "xml"})
	if !w.s.options.NoDefaultLogger {
		w.builtIn(loggerType, "loggers", "azuremonitor",
			map[string]any{"loggerType": "azureMonitor", "isBuffered": true, "resourceId": nil, "credentials": nil}, nil)
	}
}

func (w *write) builtIn(armType, segment, name string, props, private map[string]any) {
	id := w.id.Child(segment, name)
	w.s.store(&record{ID: id.text, Type: armType, APIVersion: w.req.version, Created: w.s.options.Now().UTC(), Hidden: true, Private: private,
		Body: map[string]any{"id": id.text, "name": name, "type": armType, "properties": cloneValue(props)}})
}

func (s *Server) keyPair(id string) map[string]any {
	return map[string]any{"primaryKey": s.secret(id, "primaryKey"), "secondaryKey": s.secret(id, "secondaryKey")}
}

// lengths are the limits of an entity's texts, from its schema.
func lengths(limits map[string][2]int) func(*write) {
	return func(w *write) {
		for path, limit := range limits {
			parts := strings.Split(path, ".")
			value, ok := object(w.props, parts[:len(parts)-1]...)[parts[len(parts)-1]].(string)
			if ok && (len(value) < limit[0] || len(value) > limit[1]) {
				w.bad("properties."+path, "%s", fmt.Sprintf("The length must be %d to %d characters, it is %d.", limit[0], limit[1], len(value)))
			}
		}
	}
}
