package provider

import (
	"regexp"
	"strings"
)

// isDefaultPolicy tells whether a global policy is the one that a new API Management service has: empty sections, and a
// backend that only forwards. The real provider compares the whole text, comments included; what a service answers is compared here
// without comments and white space, because only ARM's layer knows the exact text.
func isDefaultPolicy(body map[string]any) bool {
	inside, _ := body[properties].(map[string]any)
	value, _ := inside["value"].(string)
	value = policySpace.ReplaceAllString(policyComment.ReplaceAllString(value, ""), "")
	value = strings.NewReplacer("<inbound></inbound>", "<inbound/>", "<outbound></outbound>", "<outbound/>",
		"<on-error></on-error>", "", "<on-error/>", "").Replace(value)
	return value == "<policies><inbound/><backend><forward-request/></backend><outbound/></policies>"
}

var (
	policyComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	policySpace   = regexp.MustCompile(`\s+`)
)
