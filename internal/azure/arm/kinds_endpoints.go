package arm

import (
	"fmt"
	"net/http"
	"strings"
)

func endpointKinds() []*Kind {
	return []*Kind{
		{
			Type: endpointType, model: published("armnetwork.PrivateEndpoint", modelOptions{}),
			checks: []func(*write){checkEndpoint}, fill: fillEndpoint, created: func(w *write) { w.s.listConnections() },
			removed: func(rm *removal) { rm.s.listConnections() },
		},
		{
			Type: zoneGroupType, model: published("armnetwork.PrivateDNSZoneGroup", modelOptions{}),
			checks: []func(*write){checkZoneGroup}, fill: fillZoneGroup,
			created: func(w *write) { w.s.writeRecords(w.id) }, removed: func(rm *removal) { rm.s.dropRecords(rm.id) },
		},
	}
}

// linkGroups are the sub-resources a private endpoint can connect to, and the public suffix of the names behind them
// (Microsoft Learn: private-link/private-endpoint-dns).
var linkGroups = map[string]string{accountType: "account", serviceType: "Gateway", namespaceType: "namespace"}

func connections(props map[string]any) []map[string]any {
	return append(items(props, "privateLinkServiceConnections"), items(props, "manualPrivateLinkServiceConnections")...)
}

func checkEndpoint(w *write) {
	subnet := w.reference(text(w.props, "subnet", "id"), subnetType)
	if subnet == nil {
		return
	}
	parent, _ := subnet.id().Parent()
	if network := w.s.find(parent.text); network != nil && !sameRegion(text(network.Body, "location"), text(w.body, "location")) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", subnet.ID, w.id))
	}
	if len(connections(w.props)) != 1 {
		w.bad("properties.privateLinkServiceConnections", "A private endpoint has one connection, not %d.", len(connections(w.props)))
		return
	}
	checkConnection(w, connections(w.props)[0])
	if _, ok := w.s.freeAddress(subnet, w.id.text); !ok {
		w.refuse(refusal(http.StatusBadRequest, "SubnetIsFull", "Subnet %s with address prefix %s does not have enough capacity for 1 IP addresses.", subnet.id().Name(), subnetPrefix(subnet.props())))
	}
}

func checkConnection(w *write, connection map[string]any) {
	path, props := "properties.privateLinkServiceConnections[0]", object(connection, "properties")
	if text(connection, "name") == "" {
		w.bad(path+".name", "Required property 'name' not found in JSON.")
	}
	if m := text(props, "requestMessage"); len(m) > 140 {
		w.bad(path+".properties.requestMessage", "The request message has %d characters, 140 are allowed.", len(m))
	}
	target := w.resolve(text(props, "privateLinkServiceId"))
	if target == nil {
		w.reference(text(props, "privateLinkServiceId"), "-")
		return
	}
	group, ok := linkGroups[target.Type]
	if !ok {
		w.refuse(notModelled(http.StatusBadRequest, "PrivateLinkServiceIdNotSupported", "A private endpoint to '%s' is not supported",
			target.Type))
		return
	}
	ids := texts(props, "groupIds")
	if len(ids) != 1 || !strings.EqualFold(ids[0], group) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidPrivateLinkServiceConnectionGroupId", "The group ids of a connection to %s must be ['%s'], they are %q.", target.ID, group, ids).at(path + ".properties.groupIds"))
	}
	if target.Type == accountType && text(target.props(), "customSubDomainName") == "" {
		w.refuse(refusal(http.StatusBadRequest, "AccountCustomSubDomainNameRequired", "Call to Microsoft.CognitiveServices/accounts failed. Error message: account %s has no custom subdomain name, which a private endpoint needs.", target.ID))
	}
}

// freeAddress is the first address of a subnet that Azure has not reserved and nobody has; an owner keeps its own.
func (s *Server) freeAddress(subnet *record, owner string) (string, bool) {
	taken := map[string]bool{}
	for _, t := range []string{endpointType, serviceType} {
		for _, r := range s.ofType(t, "") {
			address := text(r.Private, "address")
			if !strings.EqualFold(text(r.Private, "subnet"), subnet.ID) || address == "" {
				continue
			}
			if strings.EqualFold(r.ID, owner) {
				return address, true
			}
			taken[address] = true
		}
	}
	prefix, _ := parsePrefix(subnetPrefix(subnet.props())) // was checked when the subnet was written
	address := prefix.Addr()
	for i := 0; prefix.Contains(address); i, address = i+1, address.Next() {
		last := !prefix.Contains(address.Next())
		if i >= 4 && !last && !taken[address.String()] { // the first four and the last are Azure's
			return address.String(), true
		}
	}
	return "", false
}

func fillEndpoint(w *write) {
	w.body["etag"] = etag(w)
	subnet := w.resolve(text(w.props, "subnet", "id"), subnetType)
	address, _ := w.s.freeAddress(subnet, w.id.text) // the check made sure of it
	w.private["subnet"], w.private["address"] = subnet.ID, address
	w.props["networkInterfaces"] = []any{map[string]any{"id": fmt.Sprintf("%s/providers/Microsoft.Network/networkInterfaces/%s.nic.%s", groupID(w.id), w.id.Name(), guid(w.id.text, "nic"))}}
	configs := []any{}
	for _, name := range w.s.linkedNames(w.props) {
		configs = append(configs, map[string]any{"fqdn": name, "ipAddresses": []any{address}})
	}
	w.props["customDnsConfigs"] = configs
	for _, c := range connections(w.props) {
		props := object(c, "properties")
		props["privateLinkServiceConnectionState"] = map[string]any{"status": "Approved", "description": "", "actionsRequired": "None"}
		props["provisioningState"] = "Succeeded"
		c["id"] = w.id.Child("privateLinkServiceConnections", text(c, "name")).text
	}
}

// linkedNames are the public host names of what an endpoint connects to.
func (s *Server) linkedNames(props map[string]any) []string {
	var out []string
	for _, c := range connections(props) {
		target := s.find(text(c, "properties", "privateLinkServiceId"))
		switch {
		case target == nil:
		case target.Type == serviceType:
			out = append(out, target.id().Name()+".azure-api.net")
		case target.Type == namespaceType:
			out = append(out, hubHost(target.id().Name()))
		default:
			out = append(out, accountHosts(target)...)
		}
	}
	return out
}

// listConnections writes into everything that endpoints can connect to which endpoints connect to it.
func (s *Server) listConnections() {
	found := map[string][]any{}
	for _, pe := range s.ofType(endpointType, "") {
		for _, c := range connections(pe.props()) {
			target := s.find(text(c, "properties", "privateLinkServiceId"))
			if target == nil {
				continue
			}
			name := pe.id().Name() + "." + guid(pe.ID, "connection")
			found[target.ID] = append(found[target.ID], map[string]any{
				"id": target.ID + "/privateEndpointConnections/" + name, "name": name, "type": target.Type + "/privateEndpointConnections",
				"properties": map[string]any{
					"privateEndpoint":                   map[string]any{"id": pe.ID},
					"privateLinkServiceConnectionState": map[string]any{"status": "Approved", "description": "", "actionsRequired": "None"},
					"groupIds":                          anySlice([]string{linkGroups[target.Type]}), "provisioningState": "Succeeded",
				},
			})
		}
	}
	for t := range linkGroups {
		for _, r := range s.ofType(t, "") {
			list := found[r.ID]
			if list == nil {
				list = []any{}
			}
			r.props()["privateEndpointConnections"] = list
		}
	}
}

func checkZoneGroup(w *write) {
	parent, _ := w.id.Parent()
	for _, r := range w.s.ofType(zoneGroupType, parent.text) {
		if !strings.EqualFold(r.ID, w.id.text) {
			w.refuse(refusal(http.StatusBadRequest, "PrivateEndpointCannotHaveMoreThanOnePrivateDnsZoneGroup", "Private endpoint %s already has the private DNS zone group %s; it can have one.", parent, r.id().Name()))
			return
		}
	}
	configs, seen := items(w.props, "privateDnsZoneConfigs"), map[string]bool{}
	if len(configs) == 0 {
		w.bad("properties.privateDnsZoneConfigs", "A private DNS zone group names one zone at least.")
	}
	for i, config := range configs {
		path, zone := fmt.Sprintf("properties.privateDnsZoneConfigs[%d]", i), text(config, "properties", "privateDnsZoneId")
		if text(config, "name") == "" {
			w.bad(path+".name", "Required property 'name' not found in JSON.")
		}
		if w.resolve(zone, zoneType) == nil {
			w.refuse(refusal(http.StatusBadRequest, "InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", zone, w.id).at(path))
		}
		if seen[strings.ToLower(zone)] {
			w.refuse(refusal(http.StatusBadRequest, "DuplicatePrivateDnsZone", "Private DNS zone %s is named twice by %s.", zone, w.id).at(path))
		}
		seen[strings.ToLower(zone)] = true
	}
}

// zoneRecords are the A records a zone gets for an endpoint: of every public name whose privatelink zone it is.
func (s *Server) zoneRecords(endpoint *record, zone ID) []string {
	var out []string
	for _, name := range s.linkedNames(endpoint.props()) {
		host, suffix, _ := strings.Cut(name, ".")
		if strings.EqualFold(zone.Name(), "privatelink."+suffix) {
			out = append(out, host)
		}
	}
	return out
}

func fillZoneGroup(w *write) {
	parent, _ := w.id.Parent()
	endpoint := w.s.find(parent.text)
	address := text(endpoint.Private, "address")
	for _, config := range items(w.props, "privateDnsZoneConfigs") {
		props := object(config, "properties")
		zone, _ := ParseID(text(props, "privateDnsZoneId")) // was resolved by the check
		sets := []any{}
		for _, host := range w.s.zoneRecords(endpoint, zone) {
			sets = append(sets, map[string]any{"recordType": "A", "recordSetName": host, "fqdn": host + "." + zone.Name(), "ttl": 10,
				"ipAddresses": []any{address}, "provisioningState": "Succeeded"})
		}
		props["recordSets"] = sets
	}
}

// writeRecords keeps the A records that a zone group manages.
func (s *Server) writeRecords(group ID) {
	s.dropRecords(group)
	rec := s.find(group.text)
	for _, config := range items(rec.props(), "privateDnsZoneConfigs") {
		zone, _ := ParseID(text(config, "properties", "privateDnsZoneId")) // was resolved by the check
		for _, set := range items(config, "properties", "recordSets") {
			id := zone.Child("A", text(set, "recordSetName"))
			addresses := []any{}
			for _, a := range texts(set, "ipAddresses") {
				addresses = append(addresses, map[string]any{"ipv4Address": a})
			}
			s.store(&record{ID: id.text, Type: zoneRecordType, APIVersion: registry[strings.ToLower(zoneRecordType)].row.Versions[0], Created: rec.Created, Hidden: true,
				Private: map[string]any{"group": group.Key()},
				Body: map[string]any{"id": id.text, "name": id.Name(), "type": zoneRecordType, "properties": map[string]any{
					"ttl": float64(10), "fqdn": id.Name() + "." + zone.Name() + ".", "isAutoRegistered": false, "aRecords": addresses,
					"metadata": map[string]any{"creator": "created by private endpoint " + group.Names[0]}}}})
		}
	}
}

func (s *Server) dropRecords(group ID) {
	for _, r := range s.ofType(zoneRecordType, "") {
		if text(r.Private, "group") == group.Key() {
			s.drop(r)
		}
	}
}
