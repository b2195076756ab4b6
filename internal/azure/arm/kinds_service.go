package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const previewVersion = "2024-06-01-preview"

func serviceKinds() []*Kind {
	return []*Kind{
		{
			Type: serviceType, model: published("armapimanagement.ServiceResource", modelOptions{newer: []newer{
				{previewVersion, "properties.releaseChannel", "Azure/bicep-types-az microsoft.apimanagement/2024-06-01-preview, ApiManagementServiceProperties"},
			}}),
			checks: []func(*write){checkServiceName, checkUnits, checkInjection, checkPublicAccess, checkCustomProperties, checkReleaseChannel, checkManagement},
			fill:   fillService, created: openService, removed: func(rm *removal) { rm.s.remember(rm) },
		},
		{
			Type: "Microsoft.ApiManagement/service/users", removing: []func(*removal) *Error{builtInStays},
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
	t := tiers[strings.ToLower(sku)] // the model knows no other
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

// checkPublicAccess: a service is created with public access, which may be disabled once it has a private endpoint.
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
