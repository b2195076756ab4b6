package arm

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

func networkKinds() []*Kind {
	return []*Kind{
		{
			Type: networkType, model: published("armnetwork.VirtualNetwork", modelOptions{}),
			checks: []func(*write){checkAddressSpace, checkInlineSubnets}, fill: fillNetwork, created: storeSubnets,
			removing: []func(*removal) *Error{subnetsFree, keepWhileUsedBy("InUseVirtualNetworkCannotBeDeleted", "Virtual network", zoneLinkType)},
		},
		{
			Type: subnetType, model: published("armnetwork.Subnet", modelOptions{}), checks: []func(*write){checkSubnet},
			fill: func(w *write) { fillSubnet(w.props) }, created: func(w *write) { w.s.listSubnets(w.id) },
			removed: func(rm *removal) { rm.s.listSubnets(rm.id) }, removing: []func(*removal) *Error{subnetFree},
		},
		{
			Type: securityGroupType, model: published("armnetwork.SecurityGroup", modelOptions{}),
			checks: []func(*write){checkSecurityRules}, fill: fillSecurityGroup,
			removing: []func(*removal) *Error{keepWhileUsedBy("InUseNetworkSecurityGroupCannotBeDeleted", "Network security group", subnetType)},
		},
		{
			Type: publicIPType, model: published("armnetwork.PublicIPAddress", modelOptions{}),
			checks: []func(*write){checkPublicIP}, fill: fillPublicIP,
			removing: []func(*removal) *Error{keepWhileUsedBy("PublicIPAddressCannotBeDeleted", "Public IP address", serviceType)},
		},
	}
}

func checkAddressSpace(w *write) {
	for i, text := range texts(w.props, "addressSpace", "addressPrefixes") {
		if _, err := parsePrefix(text); err != nil {
			w.refuse(refusal(http.StatusBadRequest, "InvalidAddressPrefixFormat", "Address prefix %s of resource %s is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.", text, w.id).at(fmt.Sprintf("properties.addressSpace.addressPrefixes[%d]", i)))
		}
	}
}

// parsePrefix reads a CIDR whose host bits are zero, as Azure demands.
func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("address prefix %q: %w", s, err)
	}
	if p.Masked() != p {
		return p, fmt.Errorf("address prefix %q: host bits are set, %s is meant", s, p.Masked())
	}
	return p, nil
}

func subnetPrefix(props map[string]any) string {
	if p := text(props, "addressPrefix"); p != "" {
		return p
	}
	for _, p := range texts(props, "addressPrefixes") {
		return p
	}
	return ""
}

// checkInlineSubnets holds the subnets of a virtual network against each other; those that are left out must be free,
// because a given list is the whole truth.
func checkInlineSubnets(w *write) {
	space := texts(w.props, "addressSpace", "addressPrefixes")
	var before []placedSubnet
	for i, subnet := range items(w.props, "subnets") {
		path := fmt.Sprintf("properties.subnets[%d]", i)
		name := text(subnet, "name")
		if name == "" {
			w.bad(path+".name", "Required property 'name' not found in JSON.")
			continue
		}
		if why := registry[strings.ToLower(subnetType)].name.problem(name); why != "" {
			w.refuse(refusal(http.StatusBadRequest, "InvalidResourceName", "Resource name '%s' is invalid: %s.", name, why).at(path))
			return
		}
		placed := checkSubnetPlace(w, w.id.Name(), name, object(subnet, "properties"), space, before)
		if w.refused != nil {
			return
		}
		before = append(before, placed)
		checkSubnetReferences(w, object(subnet, "properties"))
	}
	if w.prev == nil || w.props["subnets"] == nil {
		return
	}
	for _, old := range w.s.ofType(subnetType, w.id.text) {
		listed := false
		for _, p := range before {
			listed = listed || strings.EqualFold(p.name, old.id().Name())
		}
		if listed {
			continue
		}
		if refused := subnetFree(&removal{s: w.s, rec: old, id: old.id()}); refused != nil {
			w.refuse(refused)
		}
	}
}

type placedSubnet struct {
	name   string
	prefix netip.Prefix
}

func checkSubnetPlace(w *write, network, name string, props map[string]any, space []string, others []placedSubnet) placedSubnet {
	sent := subnetPrefix(props)
	prefix, err := parsePrefix(sent)
	if err != nil {
		w.refuse(refusal(http.StatusBadRequest, "InvalidCIDRNotation", "The address prefix %s in resource %s has an invalid CIDR notation. For the given prefix length, the address prefix should be a network address.", sent, w.id))
		return placedSubnet{}
	}
	inside := false
	for _, s := range space {
		if whole, err := parsePrefix(s); err == nil && whole.Overlaps(prefix) && whole.Bits() <= prefix.Bits() {
			inside = true
		}
	}
	if !inside {
		w.refuse(refusal(http.StatusBadRequest, "NetcfgInvalidSubnet", "Subnet '%s' is not valid in virtual network '%s'.", name, network))
	}
	if prefix.Addr().Is4() && prefix.Bits() > 29 {
		// Five addresses of every subnet are Azure's, so nothing smaller than /29 holds anything.
		w.refuse(refusal(http.StatusBadRequest, "NetcfgSubnetRangeOutsideVnet", "Subnet '%s' with prefix %s is too small: /29 is the smallest there is.", name, sent))
	}
	for _, o := range others {
		if !strings.EqualFold(o.name, name) && o.prefix.Overlaps(prefix) {
			w.refuse(refusal(http.StatusBadRequest, "NetcfgSubnetRangesOverlap", "Subnet '%s' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '%s'.", name, network))
		}
		if strings.EqualFold(o.name, name) && o.prefix != prefix && w.kind.Type == networkType {
			w.bad("properties.subnets", "Subnet name '%s' is used twice.", name)
		}
	}
	return placedSubnet{name, prefix}
}

// checkSubnet is the rule of a subnet that is written on its own.
func checkSubnet(w *write) {
	parent, _ := w.id.Parent()
	network := w.s.find(parent.text)
	var others []placedSubnet
	for _, r := range w.s.ofType(subnetType, parent.text) {
		if prefix, err := parsePrefix(subnetPrefix(r.props())); err == nil {
			others = append(others, placedSubnet{r.id().Name(), prefix})
		}
	}
	checkSubnetPlace(w, parent.Name(), w.id.Name(), w.props, texts(network.props(), "addressSpace", "addressPrefixes"), others)
	checkSubnetReferences(w, w.props)
	if w.prev != nil && subnetPrefix(w.prev.props()) != subnetPrefix(w.props) {
		if refused := subnetFree(&removal{s: w.s, rec: w.prev, id: w.id}); refused != nil {
			w.refuse(refusal(http.StatusBadRequest, "InUsePrefixCannotBeDeleted", "IpPrefix %s on Subnet %s has active allocations and cannot be deleted.", subnetPrefix(w.prev.props()), w.id.Name()))
		}
	}
}

func checkSubnetReferences(w *write, props map[string]any) {
	w.reference(text(props, "networkSecurityGroup", "id"), securityGroupType)
	if table := text(props, "routeTable", "id"); table != "" {
		w.refuse(notModelled(http.StatusBadRequest, "InvalidResourceReference", "Resource %s referenced by resource %s was not found", table, w.id))
	}
}

// reference makes sure that what a network property names exists.
func (w *write) reference(id, armType string) *record {
	if id == "" {
		return nil
	}
	r := w.resolve(id, armType)
	if r == nil {
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", id, w.id))
	}
	return r
}

func fillNetwork(w *write) {
	w.body["etag"] = etag(w)
	w.props["resourceGuid"] = guid(w.id.text, "resource")
	w.private["subnetsSent"] = w.props["subnets"] != nil
}

// storeSubnets makes the inline subnets resources of their own and takes those away that the list left out.
func storeSubnets(w *write) {
	sent, _ := w.private["subnetsSent"].(bool)
	rec := w.s.find(w.canonicalID())
	rec.Private = nil
	if sent {
		keep := map[string]bool{}
		for _, subnet := range items(w.props, "subnets") {
			id := w.id.Child("subnets", text(subnet, "name"))
			keep[id.Key()] = true
			props := clone(object(subnet, "properties"))
			props["provisioningState"] = "Succeeded"
			fillSubnet(props)
			w.s.store(&record{ID: id.text, Type: subnetType, APIVersion: w.req.version, Created: rec.Created,
				Body: map[string]any{"id": id.text, "name": id.Name(), "type": subnetType, "properties": props, "etag": etag(w)}})
		}
		for _, old := range w.s.ofType(subnetType, w.id.text) {
			if !keep[strings.ToLower(old.ID)] {
				w.s.drop(old)
			}
		}
	}
	w.s.listSubnets(w.id.Child("subnets", "x"))
}

// listSubnets writes the list of subnets into the network that holds them.
func (s *Server) listSubnets(child ID) {
	parent, _ := child.Parent()
	network := s.find(parent.text)
	if network == nil {
		return
	}
	list := []any{}
	for _, r := range s.ofType(subnetType, parent.text) {
		list = append(list, clone(r.Body))
	}
	network.props()["subnets"] = list
}

func fillSubnet(props map[string]any) {
	setDefault(props, "privateEndpointNetworkPolicies", "Disabled")
	setDefault(props, "privateLinkServiceNetworkPolicies", "Enabled")
	setDefault(props, "delegations", []any{})
}

func etag(w *write) string {
	return fmt.Sprintf(`W/"%s"`, guid(w.id.text, w.s.options.Now().UTC().String()))
}

// subnetFree refuses to delete a subnet that something sits in.
func subnetFree(rm *removal) *Error {
	var users []string
	for _, t := range []string{endpointType, serviceType} {
		users = append(users, rm.s.holders(t, func(r *record) bool { return mentions(r.props(), rm.rec.ID) })...)
	}
	if len(users) == 0 {
		return nil
	}
	return refusal(http.StatusBadRequest, "InUseSubnetCannotBeDeleted", "Subnet %s is in use by %s and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.", rm.id.Name(), strings.Join(users, ", "))
}

func subnetsFree(rm *removal) *Error {
	for _, r := range rm.s.ofType(subnetType, rm.rec.ID) {
		if refused := subnetFree(&removal{s: rm.s, rec: r, id: r.id()}); refused != nil {
			return refused
		}
	}
	return nil
}
