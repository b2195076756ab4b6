package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

func checkSecurityRules(w *write) {
	seen := map[string]string{}
	for i, rule := range items(w.props, "securityRules") {
		path := fmt.Sprintf("properties.securityRules[%d]", i)
		name, props := text(rule, "name"), object(rule, "properties")
		if name == "" {
			w.bad(path+".name", "Required property 'name' not found in JSON.")
		}
		for _, key := range []string{"access", "direction", "protocol", "priority"} {
			if props[key] == nil {
				w.bad(path+".properties."+key, "Required property '%s' not found in JSON.", key)
			}
		}
		checkRuleSides(w, path, name, props)
		priority, _ := props["priority"].(float64)
		if props["priority"] != nil && (priority < 100 || priority > 4096) {
			w.refuse(refusal(http.StatusBadRequest, "SecurityRuleInvalidPriority", "Security rule has invalid Priority. Value provided: %v Allowed range 100-4096.", priority).at(path))
		}
		key := fmt.Sprint(strings.ToLower(text(props, "direction")), priority)
		if other, taken := seen[key]; taken {
			w.refuse(refusal(http.StatusBadRequest, "SecurityRuleConflict", "Security rule %s conflicts with rule %s. Rules cannot have the same Priority and Direction.", name, other).at(path))
		}
		seen[key] = name
		if d := text(props, "description"); len(d) > 140 {
			w.bad(path+".properties.description", "The description has %d characters, 140 are allowed.", len(d))
		}
	}
}

// checkRuleSides: a rule needs its addresses and ports, in the singular or in the plural, not both.
func checkRuleSides(w *write, path, name string, props map[string]any) {
	for _, key := range []string{"sourceAddressPrefix", "destinationAddressPrefix", "sourcePortRange", "destinationPortRange"} {
		plural := key + "s"
		if strings.HasSuffix(key, "Prefix") {
			plural = key + "es"
		}
		one, many := props[key] != nil && props[key] != "", len(texts(props, plural)) > 0
		switch {
		case one && many:
			w.refuse(refusal(http.StatusBadRequest, "SecurityRuleParameterContainsDuplicates", "Security rule %s has both %s and %s; one of them is allowed.", name, key, plural).at(path))
		case !one && !many:
			w.refuse(refusal(http.StatusBadRequest, "SecurityRuleMissingParameter",
				"Security rule %s has neither %s nor %s.", name, key, plural).at(path))
		}
	}
}

func fillSecurityGroup(w *write) {
	w.body["etag"] = etag(w)
	w.props["resourceGuid"] = guid(w.id.text, "resource")
	nameChildren(w, "securityRules")
}

// nameChildren gives inline children the ids and states Azure gives them.
func nameChildren(w *write, key string) {
	setDefault(w.props, key, []any{})
	for _, child := range items(w.props, key) {
		child["id"] = w.id.Child(key, text(child, "name")).text
		child["type"] = w.kind.Type + "/" + key
		if props, ok := child["properties"].(map[string]any); ok {
			props["provisioningState"] = "Succeeded"
		}
	}
}

// labelPattern is what a public DNS label may be [M].
var labelPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{1,61}[a-z0-9]$`)

func checkPublicIP(w *write) {
	standard := strings.EqualFold(text(w.body, "sku", "name"), "Standard")
	if standard && !strings.EqualFold(text(w.props, "publicIPAllocationMethod"), "Static") {
		w.refuse(refusal(http.StatusBadRequest, "PublicIPAddressStandardSkuMustBeStatic", "Standard sku publicIp %s must have AllocationMethod set to Static.", w.id))
	}
	if w.prev != nil && !strings.EqualFold(text(w.prev.Body, "sku", "name"), text(w.body, "sku", "name")) {
		w.refuse(refusal(http.StatusBadRequest, "SkuCannotBeChangedOnUpdate", "The sku of %s cannot be changed on update.", w.id))
	}
	label := text(w.props, "dnsSettings", "domainNameLabel")
	if label == "" {
		return
	}
	if !labelPattern.MatchString(label) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidDomainNameLabel", "The domain name label %s is invalid. It must conform to the following regular expression: %s.", label, labelPattern))
	}
	for _, r := range w.s.ofType(publicIPType, "") {
		if !strings.EqualFold(r.ID, w.id.text) && text(r.props(), "dnsSettings", "domainNameLabel") == label &&
			sameRegion(text(r.Body, "location"), text(w.body, "location")) {
			w.refuse(refusal(http.StatusBadRequest, "DnsRecordInUse", "DNS record %s is already used by another public IP.", publicName(w)))
		}
	}
}

func publicName(w *write) string {
	return fmt.Sprintf("%s.%s.cloudapp.azure.com", text(w.props, "dnsSettings", "domainNameLabel"), normalRegion(text(w.body, "location")))
}

func fillPublicIP(w *write) {
	w.body["etag"] = etag(w)
	w.props["resourceGuid"] = guid(w.id.text, "resource")
	if strings.EqualFold(text(w.props, "publicIPAllocationMethod"), "Static") {
		w.props["ipAddress"] = publicAddress(w.id.text)
	}
	if dns := object(w.props, "dnsSettings"); text(dns, "domainNameLabel") != "" {
		dns["fqdn"] = publicName(w)
	}
}

// publicAddress is a stable address of the documentation range 203.0.113.0/24 (RFC 5737): nothing real answers there.
func publicAddress(id string) string {
	sum := 0
	for _, b := range []byte(guid(id, "address")) {
		sum = (sum*31 + int(b)) % 253
	}
	return fmt.Sprintf("203.0.113.%d", sum+1)
}
