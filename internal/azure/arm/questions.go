package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Offer is a version of a model as a region offers it to the subscription.
type Offer struct {
	Model, Version string
	// Retires is RFC 3339; empty when Azure does not say.
	Retires string
	SKUs    []OfferedSKU
	// Units are the provisioned units that the region can serve at the moment.
	Units int
}

// OfferedSKU is a deployment type of an offer with the sizes that it takes; 0 is no limit.
type OfferedSKU struct {
	Name              string
	Least, Most, Step int
}

// policyInsightsVersions are those of checkPolicyRestrictions (Azure/azure-rest-api-specs, policyinsights).
var policyInsightsVersions = []string{"2024-10-01", "2023-03-01", "2022-03-01"}

// question is what is asked about a subscription rather than about a resource in it.
type question struct {
	method string
	path   *regexp.Regexp
	// like is the type whose versions the question has; versions replace them.
	like     string
	versions []string
	answer   func(s *Server, req *request, names []string) (any, *Error)
}

// questions by their path with {} for a name (Microsoft Learn: rest/api/aiservices, apimanagement, virtualnetwork, policy). A list is answered by
// pages.
var questions = []question{
	{method: http.MethodGet, path: ownList(`/subscriptions/{}/providers/Microsoft.CognitiveServices/locations/{}/models`), like: accountType, answer: (*Server).offered},
	{method: http.MethodGet, path: ownList(`/subscriptions/{}/providers/Microsoft.CognitiveServices/locations/{}/usages`), like: accountType, answer: (*Server).usages},
	{method: http.MethodGet, path: ownList(`/subscriptions/{}/providers/Microsoft.CognitiveServices/modelCapacities`), like: accountType, answer: (*Server).modelCapacities},
	{method: http.MethodPost, path: ownList(`/subscriptions/{}/providers/Microsoft.CognitiveServices/checkDomainAvailability`), like: accountType, answer: (*Server).domainFree},
	{method: http.MethodPost, path: ownList(`/subscriptions/{}/providers/Microsoft.ApiManagement/checkNameAvailability`), like: serviceType, answer: (*Server).serviceNameFree},
	{method: http.MethodGet, path: ownList(`/subscriptions/{}/providers/Microsoft.Network/locations/{}/CheckDnsNameAvailability`), like: networkType, answer: (*Server).labelFree},
	{method: http.MethodPost, path: ownList(`/subscriptions/{}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`), versions: policyInsightsVersions, answer: (*Server).restrictions},
}

func (s *Server) routeQuestion(req *request) (*reply, *Error, bool) {
	for _, q := range questions {
		names := q.path.FindStringSubmatch(req.path)
		if names == nil || q.method != req.method {
			continue
		}
		versions := q.versions
		if q.like != "" {
			versions = registry[strings.ToLower(q.like)].readable()
		}
		if !slices.Contains(versions, req.version) {
			parts := strings.SplitN(strings.Trim(req.path, "/"), "/", 5)
			return nil, unknownVersion(parts[3], parts[4], req.version, versions), true
		}
		if refused := s.known(names[1]); refused != nil {
			return nil, refused, true
		}
		got, refused := q.answer(s, req, names[2:])
		if refused != nil {
			return nil, refused, true
		}
		if list, paged := got.([]any); paged {
			answer, refused := s.page(req, list)
			return answer, refused, true
		}
		return &reply{status: http.StatusOK, body: got}, nil, true
	}
	return nil, nil, false
}

func (s *Server) offers(region string) []Offer {
	return s.options.Offers[normalRegion(region)]
}

// usageName is what a quota is called: seen in public code, [M] unverified.
func usageName(sku, model string) string {
	if strings.HasSuffix(sku, "ProvisionedManaged") {
		return "OpenAI." + sku
	}
	return "OpenAI." + sku + "." + model
}

func (s *Server) offered(_ *request, names []string) (any, *Error) {
	values := []any{}
	for _, o := range s.offers(names[0]) {
		model := map[string]any{"format": "OpenAI", "name": o.Model, "version": o.Version, "lifecycleStatus": "GenerallyAvailable"}
		if o.Retires != "" {
			model["deprecation"] = map[string]any{"inference": o.Retires}
		}
		skus := []any{}
		for _, sku := range o.SKUs {
			entry := map[string]any{"name": sku.Name, "usageName": usageName(sku.Name, o.Model)}
			capacity := map[string]any{}
			for key, n := range map[string]int{"minimum": sku.Least, "maximum": sku.Most, "step": sku.Step} {
				if n > 0 {
					capacity[key] = n
				}
			}
			if len(capacity) > 0 {
				entry["capacity"] = capacity
			}
			skus = append(skus, entry)
		}
		model["skus"] = skus
		values = append(values, map[string]any{"kind": "OpenAI", "skuName": "S0", "model": model})
	}
	return values, nil
}

// usages are the quotas that are known, with what is deployed of them.
func (s *Server) usages(_ *request, names []string) (any, *Error) {
	used, models := map[string]float64{}, map[string][2]string{}
	for _, o := range s.offers(names[0]) {
		for _, sku := range o.SKUs {
			models[usageName(sku.Name, o.Model)] = [2]string{sku.Name, o.Model}
		}
	}
	for _, d := range s.ofType(deploymentType, "") {
		above, _ := d.id().Parent()
		account := s.find(above.text)
		if account == nil || !sameRegion(text(account.Body, "location"), names[0]) {
			continue
		}
		sku, model := text(d.Body, "sku", "name"), text(d.props(), "model", "name")
		name := usageName(sku, model)
		models[name] = [2]string{sku, model}
		used[name] += number(object(d.Body, "sku")["capacity"])
	}
	values := []any{}
	for _, name := range sortedKeys(models) {
		limit, known := s.quota(names[0], models[name][0], models[name][1])
		if known {
			values = append(values, map[string]any{"name": map[string]any{"value": name, "localizedValue": name}, "currentValue": used[name], "limit": limit, "unit": "Count"})
		}
	}
	return values, nil
}

// modelCapacities are the provisioned units of a version in every region.
func (s *Server) modelCapacities(req *request, _ []string) (any, *Error) {
	model, version := req.parameter("modelName"), req.parameter("modelVersion")
	values := []any{}
	for _, region := range s.regions() {
		for _, o := range s.offers(region) {
			if !strings.EqualFold(o.Model, model) || o.Version != version {
				continue
			}
			for _, sku := range o.SKUs {
				if !strings.HasSuffix(sku.Name, "ProvisionedManaged") {
					continue
				}
				values = append(values, map[string]any{"location": region, "name": sku.Name, "properties": map[string]any{
					"model": map[string]any{"format": "OpenAI", "name": o.Model, "version": o.Version}, "skuName": sku.Name, "availableCapacity": o.Units}})
			}
		}
	}
	return values, nil
}

// taken is what others in the world have.
func (s *Server) taken(name string) (why string, taken bool) {
	why, taken = s.options.Taken[strings.ToLower(name)]
	return why, taken
}

func (s *Server) domainFree(req *request, _ []string) (any, *Error) {
	name := text(req.body, "subdomainName")
	why, taken := s.taken(name)
	if !taken && s.subdomainTaken(name, ID{}) {
		why, taken = "The subdomain name '"+name+"' is already used by a resource.", true
	}
	return map[string]any{"isSubdomainAvailable": !taken, "reason": why, "subdomainName": name, "type": text(req.body, "type"), "kind": text(req.body, "kind")}, nil
}

func (s *Server) serviceNameFree(req *request, _ []string) (any, *Error) {
	name := text(req.body, "name")
	why, taken := s.taken(name)
	for _, r := range s.ofType(serviceType, "") {
		taken = taken || strings.EqualFold(r.id().Name(), name)
	}
	for _, d := range s.keptDeleted() {
		taken = taken || d.Type == serviceType && strings.HasSuffix(strings.ToLower(d.ID), "/"+strings.ToLower(name))
	}
	reason := "Valid"
	if taken {
		reason = "AlreadyExists"
	}
	return map[string]any{"nameAvailable": !taken, "reason": reason, "message": why}, nil
}

func (s *Server) labelFree(req *request, names []string) (any, *Error) {
	label := req.parameter("domainNameLabel")
	if label == "" {
		return nil, refusal(http.StatusBadRequest, "InvalidDomainNameLabel", "The domain name label '%s' is invalid.", label)
	}
	_, taken := s.taken(label + "." + normalRegion(names[0]) + ".cloudapp.azure.com")
	for _, r := range s.ofType(publicIPType, "") {
		taken = taken || sameRegion(text(r.Body, "location"), names[0]) && strings.EqualFold(text(r.props(), "dnsSettings", "domainNameLabel"), label)
	}
	return map[string]any{"available": !taken}, nil
}

func (s *Server) restrictions(req *request, _ []string) (any, *Error) {
	content := object(req.body, "resourceDetails", "resourceContent")
	if len(content) == 0 {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestContent", "The request content has no resourceDetails.resourceContent.")
	}
	evaluations := []any{}
	if s.options.Denied != nil {
		if assignment, definition, denied := s.options.Denied(text(content, "type"), text(content, "name"), text(content, "location")); denied {
			evaluations = append(evaluations, map[string]any{"evaluationResult": "NonCompliant", "effectDetails": map[string]any{"policyEffect": "Deny"},
				"policyInfo": map[string]any{"policyAssignmentId": assignment, "policyDefinitionId": definition}})
		}
	}
	return map[string]any{"fieldRestrictions": []any{}, "contentEvaluationResult": map[string]any{"policyEvaluations": evaluations}}, nil
}
