package arm

import (
	"strings"
)

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

// openService makes what every service has from the start. A program that creates one of these is refused: it exists.
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
