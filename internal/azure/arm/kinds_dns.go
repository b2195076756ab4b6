package arm

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

type zoneModel struct {
	Location   *string            `json:"location,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		ProvisioningState *string `json:"provisioningState,omitzero"`
	} `json:"properties,omitzero"`
}

type resolutionPolicy string

type zoneLinkModel struct {
	Location   *string            `json:"location,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		RegistrationEnabled *bool             `json:"registrationEnabled,omitzero"`
		ResolutionPolicy    *resolutionPolicy `json:"resolutionPolicy,omitzero"`
		VirtualNetwork      *struct {
			ID *string `json:"id,omitzero"`
		} `json:"virtualNetwork,omitzero"`
		ProvisioningState *string `json:"provisioningState,omitzero"`
	} `json:"properties,omitzero"`
}

type zoneRecordModel struct {
	Properties *struct {
		TTL      *int64             `json:"ttl,omitzero"`
		Metadata map[string]*string `json:"metadata,omitzero"`
		ARecords []struct {
			IPv4Address *string `json:"ipv4Address,omitzero"`
		} `json:"aRecords,omitzero"`
	} `json:"properties,omitzero"`
}

func dnsKinds() []*Kind {
	return []*Kind{
		{
			Type: zoneType, model: model[zoneModel](modelOptions{}), fill: func(w *write) { w.body["etag"] = etag(w) },
			removing: []func(*removal) *Error{zoneUnlinked},
		},
		{
			Type: zoneLinkType, model: model[zoneLinkModel](modelOptions{}), checks: []func(*write){checkZoneLink},
			fill: fillZoneLink,
		},
		{
			Type: zoneRecordType, model: model[zoneRecordModel](modelOptions{}), checks: []func(*write){checkRecord},
			fill: fillRecord,
		},
	}
}

func zoneUnlinked(rm *removal) *Error {
	links := rm.s.ofType(zoneLinkType, rm.rec.ID)
	if len(links) == 0 {
		return nil
	}
	return refusal(http.StatusConflict, "CannotDeleteResource", "Can not delete resource before nested resources are deleted. '%s' still holds '%s'.", rm.id, links[0].ID)
}

func checkZoneLink(w *write) {
	network := text(w.props, "virtualNetwork", "id")
	if w.resolve(network, networkType) == nil {
		w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The virtual network '%s' of the link was not found.", network).at("properties.virtualNetwork.id"))
		return
	}
	zone, _ := w.id.Parent()
	for _, r := range w.s.ofType(zoneLinkType, "") {
		if strings.EqualFold(r.ID, w.id.text) || !strings.EqualFold(text(r.props(), "virtualNetwork", "id"), network) {
			continue
		}
		other, _ := r.id().Parent()
		if strings.EqualFold(other.Name(), zone.Name()) {
			// Two zones of one name, or one zone twice: names would resolve by chance [M: text].
			w.refuse(refusal(http.StatusConflict, "Conflict", "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with '%s' and '%s' zones.", zone.Name(), other.Name()))
		}
	}
}

func fillZoneLink(w *write) {
	w.body["etag"] = etag(w)
	w.props["virtualNetworkLinkState"] = "Completed"
}

func checkRecord(w *write) {
	for i, r := range items(w.props, "aRecords") {
		if a, err := netip.ParseAddr(text(r, "ipv4Address")); err != nil || !a.Is4() {
			w.bad(fmt.Sprintf("properties.aRecords[%d].ipv4Address", i), "'%s' is not an IPv4 address.", text(r, "ipv4Address"))
		}
	}
	if len(items(w.props, "aRecords")) == 0 {
		w.bad("properties.aRecords", "A record set has one record at least.")
	}
	if ttl, _ := w.props["ttl"].(float64); ttl < 1 || ttl > 2147483647 {
		w.bad("properties.ttl", "The TTL must be between 1 and 2147483647.")
	}
}

func fillRecord(w *write) {
	zone, _ := w.id.Parent()
	w.body["etag"] = etag(w)
	w.props["fqdn"], w.props["isAutoRegistered"] = w.id.Name()+"."+zone.Name()+".", false
}
