package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// laterAccount are fields of the module's 2025-06-01 that 2024-10-01 does not have (Azure/bicep-types-az, both versions).
var laterAccount = []string{"properties.allowProjectManagement", "properties.networkInjections", "properties.defaultProject",
	"properties.associatedProjects"}

var laterDeployment = []string{"properties.spilloverDeploymentName"}

func cognitiveKinds() []*Kind {
	return []*Kind{
		{
			Type: accountType, model: published("armcognitiveservices.Account", modelOptions{later: laterAccount}),
			checks: []func(*write){checkAccountKind, checkSubdomain, checkNetworkRules, checkAccountCount},
			fill:   fillAccount, created: func(w *write) { w.s.listConnections() }, removed: rememberAccount,
			actions: map[string]func(*Server, *record) (map[string]any, *Error){"listKeys": accountKeys},
		},
		{
			Type: deploymentType, model: published("armcognitiveservices.Deployment", modelOptions{later: laterDeployment}),
			checks: []func(*write){checkDeployment, checkQuota}, fill: fillModelDeployment,
		},
		{
			Type: raiPolicyType, model: published("armcognitiveservices.RaiPolicy", modelOptions{}),
			checks: []func(*write){checkRaiPolicy}, removing: []func(*removal) *Error{raiPolicyUnused},
			fill: func(w *write) { w.props["type"] = "UserManaged"; w.body["etag"] = etag(w) },
		},
	}
}

var accountKindNames = []string{"OpenAI", "AIServices"}

func checkAccountKind(w *write) {
	kind := text(w.body, "kind")
	if !slices.ContainsFunc(accountKindNames, func(k string) bool { return strings.EqualFold(k, kind) }) {
		w.refuse(notModelled(http.StatusBadRequest, "InvalidApiSetId", "The account type '%s' is either invalid or unavailable in given region", kind).at("kind"))
	}
	if sku := text(w.body, "sku", "name"); !strings.EqualFold(sku, "S0") {
		w.refuse(refusal(http.StatusBadRequest, "InvalidSkuId", "The SKU '%s' is invalid for the account kind '%s'; it is S0.", sku, kind).at("sku.name"))
	}
}

// subdomainPattern [M].
var subdomainPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)

func checkSubdomain(w *write) {
	name := text(w.props, "customSubDomainName")
	if name == "" {
		return
	}
	if !subdomainPattern.MatchString(name) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidCustomSubDomain", "The custom subdomain name '%s' is not valid: 2 to 64 lower-case letters, digits and hyphens.", name))
		return
	}
	if w.s.subdomainTaken(name, w.id) {
		w.refuse(refusal(http.StatusConflict, "CustomDomainInUse", "Please pick a different name. The subdomain name '%s' is not available as it's already used by a resource.", name))
	}
}

func (s *Server) subdomainTaken(name string, by ID) bool {
	for _, r := range s.ofType(accountType, "") {
		if !strings.EqualFold(r.ID, by.text) && strings.EqualFold(text(r.props(), "customSubDomainName"), name) {
			return true
		}
	}
	for _, d := range s.keptDeleted() {
		if d.Type == accountType && !strings.EqualFold(d.ID, by.text) &&
			strings.EqualFold(text(d.Body, "properties", "customSubDomainName"), name) {
			return true
		}
	}
	return false
}

func checkNetworkRules(w *write) {
	acls := object(w.props, "networkAcls")
	if len(acls) > 0 && text(w.props, "customSubDomainName") == "" {
		w.refuse(refusal(http.StatusBadRequest, "CustomSubDomainNameRequired", "Network rules need a custom subdomain name on the account '%s'.", w.id.Name()))
	}
	for i, rule := range items(acls, "virtualNetworkRules") {
		if id := text(rule, "id"); w.resolve(id, subnetType) == nil {
			w.refuse(missing(id).at(fmt.Sprintf("properties.networkAcls.virtualNetworkRules[%d].id", i)))
		}
	}
}

// accountHosts are the host names of an account's data plane. Without a subdomain an account answers on its region's name.
func accountHosts(account *record) []string {
	name := text(account.props(), "customSubDomainName")
	if name == "" {
		return nil
	}
	if strings.EqualFold(text(account.Body, "kind"), "AIServices") {
		return []string{name + ".cognitiveservices.azure.com", name + ".openai.azure.com", name + ".services.ai.azure.com"}
	}
	return []string{name + ".openai.azure.com"}
}

func fillAccount(w *write) {
	w.body["etag"] = etag(w)
	fillIdentity(w)
	delete(w.props, "restore") // write-only
	rec := &record{ID: w.id.text, Body: w.body}
	endpoint := "https://" + normalRegion(text(w.body, "location")) + ".api.cognitive.microsoft.com/"
	if hosts := accountHosts(rec); len(hosts) > 0 {
		endpoint = "https://" + hosts[0] + "/"
	}
	w.props["endpoint"] = endpoint
	w.props["endpoints"] = map[string]any{"OpenAI Language Model Instance API": endpoint}
	w.props["internalId"] = strings.ReplaceAll(guid(w.id.text, "internal"), "-", "")
	w.props["dateCreated"] = w.s.options.Now().UTC().Format("2006-01-02T15:04:05.0000000Z")
	if w.prev != nil {
		w.props["dateCreated"] = w.prev.props()["dateCreated"]
	}
	w.private["key1"], w.private["key2"] = w.s.secret(w.id.text, "key1"), w.s.secret(w.id.text, "key2")
}

func accountKeys(_ *Server, r *record) (map[string]any, *Error) {
	if disabled, _ := r.props()["disableLocalAuth"].(bool); disabled {
		// The code is [M].
		return nil, refusal(http.StatusBadRequest, "BadRequest", "Failed to list key. disableLocalAuth is set to be true")
	}
	return map[string]any{"key1": r.Private["key1"], "key2": r.Private["key2"]}, nil
}

// deploymentSKUs are the deployment types (Microsoft Learn: ai-services/openai/how-to/deployment-types).
var deploymentSKUs = []string{"Standard", "GlobalStandard", "DataZoneStandard", "ProvisionedManaged", "GlobalProvisionedManaged",
	"DataZoneProvisionedManaged", "GlobalBatch", "DataZoneBatch", "DeveloperTier"}

func checkDeployment(w *write) {
	sku := text(w.body, "sku", "name")
	if !slices.Contains(deploymentSKUs, sku) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceProperties", "The specified SKU '%s' of account deployment is not supported by the model '%s'.", sku, text(w.props, "model", "name")))
	}
	if capacity, ok := object(w.body, "sku")["capacity"].(float64); ok && capacity < 1 {
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceProperties", "The specified capacity '%v' of account deployment is not at least 1.", capacity))
	}
	if format := text(w.props, "model", "format"); format != "OpenAI" {
		w.refuse(refusal(http.StatusBadRequest, "DeploymentModelNotSupported", "The model 'Format: %s, Name: %s, Version: %s' of account deployment is not supported.", format, text(w.props, "model", "name"), text(w.props, "model", "version")))
	}
	if w.prev != nil && !strings.EqualFold(text(w.prev.props(), "model", "name"), text(w.props, "model", "name")) {
		// [M]: another model is another deployment.
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceProperties", "The model name of the account deployment '%s' cannot be changed.", w.id.Name()))
	}
	policy := text(w.props, "raiPolicyName")
	if policy == "" || strings.HasPrefix(policy, "Microsoft.") {
		return
	}
	account, _ := w.id.Parent()
	if w.s.find(account.Child("raiPolicies", policy).text) == nil {
		w.refuse(refusal(http.StatusBadRequest, "InvalidResourceProperties", "The specified RaiPolicyName '%s' is not found.", policy))
	}
}

func fillModelDeployment(w *write) {
	w.body["etag"] = etag(w)
	sku := object(w.body, "sku")
	capacity := number(sku["capacity"])
	w.props["currentCapacity"] = capacity
	if !strings.Contains(text(sku, "name"), "Provisioned") {
		// Six requests a minute for every thousand tokens, counted in slices of ten seconds (Microsoft Learn:
		// ai-services/openai/how-to/quota); the shape of the entries [M].
		w.props["rateLimits"] = []any{
			map[string]any{"key": "request", "renewalPeriod": float64(10), "count": capacity},
			map[string]any{"key": "token", "renewalPeriod": float64(60), "count": capacity * 1000},
		}
	}
}

func number(v any) float64 {
	n, _ := v.(float64)
	return n
}

func checkRaiPolicy(w *write) {
	base := text(w.props, "basePolicyName")
	if base != "" && !strings.HasPrefix(base, "Microsoft.") {
		account, _ := w.id.Parent()
		if w.s.find(account.Child("raiPolicies", base).text) == nil {
			w.refuse(refusal(http.StatusBadRequest, "InvalidResourceProperties", "The specified base policy '%s' is not found.", base))
		}
	}
}

// raiPolicyUnused keeps a filter policy that a deployment names [M].
func raiPolicyUnused(rm *removal) *Error {
	account, _ := rm.id.Parent()
	for _, d := range rm.s.ofType(deploymentType, account.text) {
		if strings.EqualFold(text(d.props(), "raiPolicyName"), rm.id.Name()) {
			return refusal(http.StatusBadRequest, "InvalidResourceProperties", "The RaiPolicy '%s' is used by the deployment '%s' and cannot be deleted.", rm.id.Name(), d.id().Name())
		}
	}
	return nil
}
