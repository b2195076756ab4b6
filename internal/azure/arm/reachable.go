package arm

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// managementPort is where Azure manages a service inside a network (Microsoft Learn: api-management/virtual-network-reference).
const managementPort = 3443

// checkManagement lets the activation of an injected service fail, after all its time, when its subnet keeps Azure out.
func checkManagement(w *write) {
	subnet := w.resolve(text(w.props, "virtualNetworkConfiguration", "subnetResourceId"), subnetType)
	if subnet == nil || strings.EqualFold(text(w.props, "virtualNetworkType"), "None") || !tiers[strings.ToLower(text(w.body, "sku", "name"))].injection {
		return
	}
	group := w.resolve(text(subnet.props(), "networkSecurityGroup", "id"), securityGroupType)
	if group == nil || admits(group.props(), "ApiManagement", managementPort) {
		return
	}
	name := w.id.Name()
	w.failure = refusal(http.StatusConflict, "ActivationFailed", "Failed to connect to management endpoint at %s.management.azure-api.net:%d for a service deployed in a virtual network. Make sure to follow guidance at https://aka.ms/apim-vnet-common-issues.", name, managementPort) // [M]: code
}

// admits tells whether the rules of a security group let TCP from a service tag in on a port. Without a rule that says so, the
// default rules keep everything from outside out.
func admits(props map[string]any, tag string, port int) bool {
	rules := items(props, "securityRules")
	slices.SortStableFunc(rules, func(a, b map[string]any) int {
		return cmp.Compare(number(object(a, "properties")["priority"]), number(object(b, "properties")["priority"]))
	})
	for _, rule := range rules {
		p := object(rule, "properties")
		if !strings.EqualFold(text(p, "direction"), "Inbound") || !slices.Contains([]string{"tcp", "*"}, strings.ToLower(text(p, "protocol"))) {
			continue
		}
		from := append(texts(p, "sourceAddressPrefixes"), text(p, "sourceAddressPrefix"))
		known := func(s string) bool {
			return slices.Contains([]string{strings.ToLower(tag), "*", "internet"}, strings.ToLower(s))
		}
		if slices.ContainsFunc(from, known) && portIn(append(texts(p, "destinationPortRanges"), text(p, "destinationPortRange")), port) {
			return strings.EqualFold(text(p, "access"), "Allow")
		}
	}
	return false
}

func portIn(ranges []string, port int) bool {
	return slices.ContainsFunc(ranges, func(r string) bool {
		if r == "*" {
			return true
		}
		first, last, isRange := strings.Cut(r, "-")
		if !isRange {
			last = first
		}
		low, err1 := strconv.Atoi(first)
		high, err2 := strconv.Atoi(last)
		return err1 == nil && err2 == nil && low <= port && port <= high
	})
}
