package arm

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// span is how long Azure takes for a create or update, and for a delete.
type span struct{ put, delete time.Duration }

// durations are typical lengths of operations, [M] unless said otherwise; a type that is not listed is over at once. "service/*"
// is whatever else lives inside API Management.
var durations = map[string]span{
	groupType:                              {2 * time.Second, 60 * time.Second},
	networkType:                            {10 * time.Second, 12 * time.Second},
	subnetType:                             {8 * time.Second, 12 * time.Second},
	securityGroupType:                      {10 * time.Second, 12 * time.Second},
	routeTableType:                         {8 * time.Second, 12 * time.Second},
	publicIPType:                           {6 * time.Second, 10 * time.Second},
	zoneType:                               {45 * time.Second, 20 * time.Second},
	zoneLinkType:                           {60 * time.Second, 60 * time.Second},
	endpointType:                           {75 * time.Second, 60 * time.Second},
	zoneGroupType:                          {20 * time.Second, 10 * time.Second},
	workspaceType:                          {40 * time.Second, 15 * time.Second},
	tableType:                              {5 * time.Second, 5 * time.Second},
	namespaceType:                          {60 * time.Second, 30 * time.Second},
	hubType:                                {5 * time.Second, 5 * time.Second},
	componentType:                          {15 * time.Second, 15 * time.Second},
	accountType:                            {50 * time.Second, 30 * time.Second},
	accountType + "/deployments":           {30 * time.Second, 12 * time.Second},
	accountType + "/raiPolicies":           {5 * time.Second, 5 * time.Second},
	serviceType + "/apis":                  {10 * time.Second, 6 * time.Second},
	serviceType + "/namedValues":           {4 * time.Second, 2 * time.Second},
	serviceType + "/policyFragments":       {6 * time.Second, 2 * time.Second},
	roleAssignmentType:                     {5 * time.Second, 3 * time.Second},
	diagnosticSettingType:                  {5 * time.Second, 3 * time.Second},
	zoneRecordType:                         {3 * time.Second, 3 * time.Second},
	serviceType + "/*":                     {3 * time.Second, 2 * time.Second},
	"Microsoft.Resources/deployments":      {10 * time.Second, 2 * time.Second},
	"Microsoft.Resources/deploymentStacks": {15 * time.Second, 5 * time.Second},
}

// serviceDurations are those of an API Management service by tier: 20 to 30 minutes for the classic ones are documented
// (Microsoft Learn: api-management/get-started-create-service-instance), the others [M].
var serviceDurations = map[string]span{
	"consumption": {90 * time.Second, time.Minute},
	"basicv2":     {3 * time.Minute, 3 * time.Minute},
	"standardv2":  {3 * time.Minute, 3 * time.Minute},
	"premiumv2":   {10 * time.Minute, 5 * time.Minute},
	"":            {35 * time.Minute, 15 * time.Minute},
}

// RoleSpread is how long a role assignment takes to reach the service that asks for it: up to ten minutes (Microsoft Learn:
// role-based-access-control/troubleshooting); calls are answered 401 PermissionDenied until then. The typical value [M].
const RoleSpread = 5 * time.Minute

// TypicalDuration is how long Azure typically takes for an operation. It fits Options.Duration.
func TypicalDuration(armType, method string, body map[string]any) time.Duration {
	s, listed := durations[armType]
	if !listed && strings.HasPrefix(armType, serviceType+"/") {
		s = durations[serviceType+"/*"]
	}
	if strings.EqualFold(armType, serviceType) {
		var known bool
		if s, known = serviceDurations[strings.ToLower(text(body, "sku", "name"))]; !known {
			s = serviceDurations[""]
		}
	}
	if method == http.MethodDelete {
		return s.delete
	}
	return s.put
}

// Lasting is how long operations on a type take.
type Lasting struct {
	// Type is an ARM type; for API Management services with the tier.
	Type string
	// Put is for creating and updating.
	Put, Delete time.Duration
}

// Durations lists what TypicalDuration knows, ordered by type.
func Durations() []Lasting {
	var out []Lasting
	for armType, s := range durations {
		out = append(out, Lasting{armType, s.put, s.delete})
	}
	for tier, s := range serviceDurations {
		out = append(out, Lasting{serviceType + " (" + cmp.Or(tier, "classic tiers") + ")", s.put, s.delete})
	}
	slices.SortFunc(out, func(a, b Lasting) int { return cmp.Compare(a.Type, b.Type) })
	return out
}
