package arm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEventHubsAreRefusedAsAzureRefusesThem(t *testing.T) {
	hub, logger := namespace+"/eventhubs/hub", service+"/loggers/eventhub"
	runRules(t, map[string]string{namespace: namespaceBody, hub: hubBody, logger: hubLogger}, []rule{
		{name: "namespace name", path: group + "/providers/Microsoft.EventHub/namespaces/short", body: namespaceBody, status: 400, code: "InvalidResourceName", message: "6 to 50", at: group + "/providers/Microsoft.EventHub/namespaces/longer"},
		{name: "namespace taken", path: with(namespace, "resourceGroups/", "resourceGroups/other-"), body: namespaceBody, status: 404, code: "ResourceGroupNotFound", at: namespace},
		{name: "namespace property", path: namespace, body: with(namespaceBody, "disableLocalAuth", "disableLocalAuthentication"), status: 400, code: "InvalidRequestContent", message: "disableLocalAuthentication"},
		{name: "TLS", path: namespace, body: with(namespaceBody, `"1.2"`, `"1.4"`), status: 400, code: "InvalidRequestContent", message: "minimumTlsVersion"},
		{name: "units", path: namespace, body: with(namespaceBody, `"capacity":1`, `"capacity":41`), status: 400, code: "InvalidRequestContent", message: "1 to 40"},
		{name: "hub of no namespace", path: with(hub, "evhns-test", "evhns-none"), body: hubBody, status: 404, code: "ParentResourceNotFound", at: hub},
		{name: "hub partitions", path: hub, body: with(hubBody, "4", "64"), status: 400, code: "InvalidRequestContent", message: "1 to 32", at: namespace + "/eventhubs/new", accepted: with(hubBody, "4", "32")},
		{name: "hub partitions changed", path: hub, body: with(hubBody, "4", "8"), status: 400, code: "BadRequest", message: "cannot be changed"},
		{name: "hub retention", path: hub, body: with(hubBody, `"messageRetentionInDays":1`, `"messageRetentionInDays":8`), status: 400, code: "InvalidRequestContent", message: "1 to 7"},
		{name: "logger without a hub's name", path: logger, body: with(hubLogger, `"name":"hub",`, ""), status: 400, code: "ValidationError", message: "name of the hub"},
		{name: "logger without an identity", path: logger, body: with(hubLogger, `,"identityClientId":"SystemAssigned"`, ""), status: 400, code: "ValidationError", message: "identityClientId"},
		{name: "logger of no hub", path: logger, body: with(hubLogger, "eventhubs/hub", "eventhubs/none"), status: 400, code: "ValidationError", message: "none"},
		{name: "endpoint of another group", path: network + "privateEndpoints/events", body: with(peBody, account, namespace), status: 400, code: "InvalidPrivateLinkServiceConnectionGroupId", message: "['namespace']", accepted: with(with(peBody, account, namespace), `["account"]`, `["namespace"]`)},
	})
}

func TestANamespaceKeepsItsEndpointsWhenTheProviderSendsNone(t *testing.T) {
	a := world(t)
	a.ok(network+"privateEndpoints/events", with(with(peBody, account, namespace), `"account"`, `"namespace"`))
	a.ok(namespace, with(namespaceBody, `"properties":{`, `"properties":{"privateEndpointConnections":[],`))
	require.Len(t, items(a.get(namespace), "properties", "privateEndpointConnections"), 1)
}

func TestAHubsLoggerHoldsNoSecret(t *testing.T) {
	a := world(t)
	logger := a.ok(service+"/loggers/eventhub", hubLogger)
	require.Equal(t, map[string]any{"name": "hub", "endpointAddress": "evhns-test.servicebus.windows.net", "identityClientId": "SystemAssigned"},
		object(logger, "properties", "credentials"))
}

func TestAPrivateEndpointGivesANamespaceItsPrivateName(t *testing.T) {
	a := world(t)
	zone := network + "privateDnsZones/privatelink.servicebus.windows.net"
	a.ok(zone, `{"location":"global"}`)
	a.ok(network+"privateEndpoints/events", with(with(peBody, account, namespace), `"account"`, `"namespace"`))
	a.ok(network+"privateEndpoints/events/privateDnsZoneGroups/default", with(zoneGroup, "privatelink.openai.azure.com", "privatelink.servicebus.windows.net"))
	require.NotEmpty(t, a.get(zone+"/A/evhns-test"))
	require.Len(t, items(a.get(namespace), "properties", "privateEndpointConnections"), 1)
}
