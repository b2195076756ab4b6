package arm

import (
	"net/http"
	"strconv"
	"strings"
)

type (
	hubSKU   string
	hubTLS   string
	hubState string
)

type namespaceModel struct {
	Location *string            `json:"location,omitzero"`
	Tags     map[string]*string `json:"tags,omitzero"`
	Identity *identityModel     `json:"identity,omitzero"`
	SKU      *struct {
		Name     *hubSKU `json:"name,omitzero"`
		Tier     *hubSKU `json:"tier,omitzero"`
		Capacity *int32  `json:"capacity,omitzero"`
	} `json:"sku,omitzero"`
	Properties *struct {
		AlternateName              *string       `json:"alternateName,omitzero"`
		ClusterArmID               *string       `json:"clusterArmId,omitzero"`
		DisableLocalAuth           *bool         `json:"disableLocalAuth,omitzero"`
		IsAutoInflateEnabled       *bool         `json:"isAutoInflateEnabled,omitzero"`
		KafkaEnabled               *bool         `json:"kafkaEnabled,omitzero"`
		MaximumThroughputUnits     *int32        `json:"maximumThroughputUnits,omitzero"`
		MinimumTLSVersion          *hubTLS       `json:"minimumTlsVersion,omitzero"`
		PrivateEndpointConnections []any         `json:"privateEndpointConnections,omitzero"`
		PublicNetworkAccess        *publicAccess `json:"publicNetworkAccess,omitzero"`
		ZoneRedundant              *bool         `json:"zoneRedundant,omitzero"`
	} `json:"properties,omitzero"`
}

type hubModel struct {
	Properties *struct {
		MessageRetentionInDays *float64  `json:"messageRetentionInDays,omitzero"`
		PartitionCount         *float64  `json:"partitionCount,omitzero"`
		Status                 *hubState `json:"status,omitzero"`
		UserMetadata           *string   `json:"userMetadata,omitzero"`
		RetentionDescription   *struct {
			CleanupPolicy                 *string  `json:"cleanupPolicy,omitzero"`
			RetentionTimeInHours          *float64 `json:"retentionTimeInHours,omitzero"`
			TombstoneRetentionTimeInHours *float64 `json:"tombstoneRetentionTimeInHours,omitzero"`
		} `json:"retentionDescription,omitzero"`
	} `json:"properties,omitzero"`
}

func eventHubKinds() []*Kind {
	return []*Kind{
		{
			Type: namespaceType, model: model[namespaceModel](modelOptions{}), checks: []func(*write){checkNamespace},
			fill: fillNamespace,
		},
		{
			Type: hubType, model: model[hubModel](modelOptions{}), checks: []func(*write){checkHub}, fill: fillHub,
		},
	}
}

// tierOfHubs is what a namespace's tier allows.
type tierOfHubs struct{ units, partitions, days float64 }

var hubTiers = map[string]tierOfHubs{
	"basic": {units: 40, partitions: 32, days: 1}, "standard": {units: 40, partitions: 32, days: 7}, "premium": {units: 16, partitions: 100, days: 90},
}

func checkNamespace(w *write) {
	for _, r := range w.s.ofType(namespaceType, "") {
		if !strings.EqualFold(r.ID, w.id.text) && strings.EqualFold(r.id().Name(), w.id.Name()) {
			w.refuse(refusal(http.StatusBadRequest, "NamespaceUnavailable", "Namespace name '%s' is unavailable.", w.id.Name())) // [M]: text
		}
	}
	tier := hubTiers[strings.ToLower(text(w.body, "sku", "name"))]
	if units, ok := object(w.body, "sku")["capacity"].(float64); ok && tier.units > 0 && (units < 1 || units > tier.units) {
		w.bad("sku.capacity", "The capacity of the %s tier must be 1 to %v, it is %v.", text(w.body, "sku", "name"), tier.units, units)
	}
	if strings.EqualFold(text(w.body, "sku", "name"), "Basic") && strings.EqualFold(text(w.props, "publicNetworkAccess"), "Disabled") {
		w.bad("properties.publicNetworkAccess", "The Basic tier has no private endpoints.") // [M]: text
	}
}

func fillNamespace(w *write) {
	sku, ok := w.body["sku"].(map[string]any)
	if !ok {
		sku = map[string]any{}
		w.body["sku"] = sku
	}
	setDefault(sku, "name", "Standard")
	setDefault(sku, "tier", text(sku, "name"))
	setDefault(sku, "capacity", 1)
	for key, value := range map[string]any{
		"disableLocalAuth": false, "isAutoInflateEnabled": false, "kafkaEnabled": true, "maximumThroughputUnits": 0,
		"minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled", "zoneRedundant": true, "status": "Active",
		"privateEndpointConnections": []any{},
	} {
		setDefault(w.props, key, value)
	}
	if w.prev != nil {
		w.props["privateEndpointConnections"] = w.prev.props()["privateEndpointConnections"]
	}
	w.props["serviceBusEndpoint"] = "https://" + hubHost(w.id.Name()) + ":443/"
	w.props["metricId"] = w.id.Subscription + ":" + strings.ToLower(w.id.Name())
}

// hubHost is where a namespace answers (Microsoft Learn: private-link/private-endpoint-dns).
func hubHost(namespace string) string { return strings.ToLower(namespace) + ".servicebus.windows.net" }

func checkHub(w *write) {
	parent, _ := w.id.Parent()
	namespace := w.s.find(parent.text) // the place was checked
	tier := hubTiers[strings.ToLower(text(namespace.Body, "sku", "name"))]
	if n, ok := w.props["partitionCount"].(float64); ok && (n < 1 || n > tier.partitions) {
		w.bad("properties.partitionCount", "The partition count must be 1 to %v, it is %v.", tier.partitions, n)
	}
	if days, ok := w.props["messageRetentionInDays"].(float64); ok && (days < 1 || days > tier.days) {
		w.bad("properties.messageRetentionInDays", "The retention must be 1 to %v days, it is %v.", tier.days, days)
	}
	if w.prev != nil && w.props["partitionCount"] != nil && w.prev.props()["partitionCount"] != w.props["partitionCount"] && !strings.EqualFold(text(namespace.Body, "sku", "name"), "Premium") {
		w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The partition count of an event hub cannot be changed.")) // [M]: text
	}
}

func fillHub(w *write) {
	ids := []any{}
	for i := range int(number(w.props["partitionCount"])) {
		ids = append(ids, strconv.Itoa(i))
	}
	w.props["partitionIds"] = ids
}
