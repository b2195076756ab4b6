package dataplanetest

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

type object = map[string]any

type list = []any

func (s *Site) ground() {
	s.Put(Group, `{"location":"swedencentral"}`)
	s.Put(Network+"networkSecurityGroups/nsg", `{"location":"swedencentral","properties":{"securityRules":[{"name":"https","properties":{"access":"Allow","direction":"Inbound","protocol":"Tcp","priority":100,"sourceAddressPrefix":"Internet","sourcePortRange":"*","destinationAddressPrefix":"VirtualNetwork","destinationPortRange":"443"}}]}}`)
	s.Put(Network+"virtualNetworks/vnet", `{"location":"swedencentral","properties":{"addressSpace":{"addressPrefixes":["10.20.0.0/22"]},"subnets":[{"name":"gateway","properties":{"addressPrefix":"10.20.0.0/26","networkSecurityGroup":{"id":"`+Network+`networkSecurityGroups/nsg"}}},{"name":"endpoints","properties":{"addressPrefix":"10.20.1.0/26"}}]}}`)
	s.Put(Network+"publicIPAddresses/pip", `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static","dnsSettings":{"domainNameLabel":"gw-test"}}}`)
	s.Put(Zone, `{"location":"global"}`)
	s.Put(Link, LinkBody(""))
	s.Put(Group+"/providers/Microsoft.OperationalInsights/workspaces/logs", `{"location":"swedencentral","properties":{"sku":{"name":"PerGB2018"},"retentionInDays":30}}`)
}

// LinkBody is the zone's link to the network, with a resolution policy or without.
func LinkBody(resolution string) string {
	extra := ""
	if resolution != "" {
		extra = `,"resolutionPolicy":"` + resolution + `"`
	}
	return `{"location":"global","properties":{"registrationEnabled":false,"virtualNetwork":{"id":"` + Network + `virtualNetworks/vnet"}` + extra + `}}`
}

// gateway makes the service and returns its identity.
func (s *Site) gateway() (principal string) {
	properties := object{"publisherEmail": "a@example.com", "publisherName": "Contoso", "virtualNetworkType": s.mode}
	if s.mode != "None" {
		properties["virtualNetworkConfiguration"] = object{"subnetResourceId": Network + "virtualNetworks/vnet/subnets/gateway"}
		properties["publicIpAddressId"] = Network + "publicIPAddresses/pip"
	}
	made := s.Put(Service, object{"location": "swedencentral", "sku": object{"name": s.Settings.Gateway.SKU, "capacity": s.Settings.Gateway.Units},
		"identity": object{"type": "SystemAssigned"}, "properties": properties})
	if s.mode == "Internal" {
		zone := Network + "privateDnsZones/" + Host
		s.Put(zone, `{"location":"global"}`)
		s.Put(zone+"/virtualNetworkLinks/vnet", LinkBody(""))
		s.Put(zone+"/A/@", object{"properties": object{"ttl": 300, "aRecords": list{object{"ipv4Address": made["properties"].(object)["privateIPAddresses"].(list)[0]}}}})
	}
	s.Put(Service+"/providers/Microsoft.Insights/diagnosticSettings/logs", `{"properties":{"workspaceId":"`+Group+`/providers/Microsoft.OperationalInsights/workspaces/logs","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":true}]}}`)
	s.Put(Service+"/loggers/azuremonitor", `{"properties":{"loggerType":"azureMonitor","isBuffered":true}}`)
	s.Put(Service+"/loggers/applicationinsights", `{"properties":{"loggerType":"applicationInsights","isBuffered":true,"credentials":{"connectionString":"for tests"}}}`)
	s.Put(Service+"/diagnostics/applicationinsights", `{"properties":{"loggerId":"`+Service+`/loggers/applicationinsights","sampling":{"samplingType":"fixed","percentage":100},"metrics":true}}`)
	return made["identity"].(object)["principalId"].(string)
}

// AccountBody is a private account without keys, after changes to its properties.
func AccountBody(name, location string, changes ...func(properties map[string]any)) map[string]any {
	properties := object{"customSubDomainName": AccountName(name), "publicNetworkAccess": "Disabled", "disableLocalAuth": true, "networkAcls": object{"defaultAction": "Deny"}}
	for _, change := range changes {
		change(properties)
	}
	return object{"location": location, "kind": "OpenAI", "sku": object{"name": "S0"}, "identity": object{"type": "SystemAssigned"}, "properties": properties}
}

func (s *Site) account(a stacks.Account, principal string) {
	s.Put(Account(a.Name), AccountBody(a.Name, a.Location))
	for _, d := range a.Deployments {
		s.Put(Account(a.Name)+"/deployments/"+d.Name, object{"sku": object{"name": d.SKU, "capacity": d.Capacity},
			"properties": object{"model": object{"format": "OpenAI", "name": d.Model, "version": d.Version}, "versionUpgradeOption": "NoAutoUpgrade"}})
	}
	s.Put(Endpoint(a.Name), object{"location": "swedencentral", "properties": object{
		"subnet": object{"id": Network + "virtualNetworks/vnet/subnets/endpoints"},
		"privateLinkServiceConnections": list{object{"name": "aoai", "properties": object{
			"privateLinkServiceId": Account(a.Name), "groupIds": list{"account"}}}}}})
	s.Put(Endpoint(a.Name)+"/privateDnsZoneGroups/default", `{"properties":{"privateDnsZoneConfigs":[{"name":"openai","properties":{"privateDnsZoneId":"`+Zone+`"}}]}}`)
	s.Put(Role(a.Name), RoleBody(principal, "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"))
}

// RoleBody gives a principal a role by the role's id.
func RoleBody(principal, role string) string {
	return `{"properties":{"roleDefinitionId":"/subscriptions/` + azure.SubscriptionID + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `","principalType":"ServicePrincipal"}}`
}

// hub is where prompts and answers are exported to, where the settings ask for it.
func (s *Site) hub(principal string) {
	if s.Settings.Logging.EventHub == nil {
		return
	}
	s.Put(Namespace, `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"disableLocalAuth":true,"publicNetworkAccess":"Disabled"}}`)
	s.Put(Hub, `{"properties":{"partitionCount":4,"messageRetentionInDays":1}}`)
	s.Put(HubZone, `{"location":"global"}`)
	s.Put(HubZone+"/virtualNetworkLinks/vnet", LinkBody(""))
	s.Put(Endpoint("events"), object{"location": "swedencentral", "properties": object{
		"subnet":                        object{"id": Network + "virtualNetworks/vnet/subnets/endpoints"},
		"privateLinkServiceConnections": list{object{"name": "events", "properties": object{"privateLinkServiceId": Namespace, "groupIds": list{"namespace"}}}}}})
	s.Put(Endpoint("events")+"/privateDnsZoneGroups/default", `{"properties":{"privateDnsZoneConfigs":[{"name":"servicebus","properties":{"privateDnsZoneId":"`+HubZone+`"}}]}}`)
	s.Put(HubRole, RoleBody(principal, "2b629674-e913-4c01-ae53-ef4638d8f975"))
	s.Put(Service+"/loggers/"+infra.ExportLogger, `{"properties":{"loggerType":"azureEventHub","isBuffered":true,"credentials":{"name":"calls","endpointAddress":"evhns-test.servicebus.windows.net","identityClientId":"SystemAssigned"}}}`)
}

// decisions are backends, pools, named values, fragments and APIs.
func (s *Site) decisions() {
	facts := s.facts()
	values, err := facts.NamedValues()
	require.NoError(s.t, err)
	for _, v := range values {
		s.Put(Service+"/namedValues/"+v.Name, object{"properties": object{"displayName": v.Name, "value": v.Value}})
	}
	fragments, err := facts.Fragments()
	require.NoError(s.t, err)
	for _, f := range fragments {
		s.Put(Service+"/policyFragments/"+f.Name, object{"properties": object{"format": "rawxml", "value": s.document(f.Name, f.Document)}})
	}
	for _, pool := range s.Settings.Pools() {
		members := list{}
		for _, m := range pool.Members {
			id := Service + "/backends/" + policies.BackendID(m.Account.Name, pool.Deployment)
			s.Put(id, fmt.Sprintf(`{"properties":{"type":"Single","protocol":"http","url":"https://%s.openai.azure.com/openai","circuitBreaker":{"rules":[{"name":"unavailable","tripDuration":"PT10S","acceptRetryAfter":true,"failureCondition":{"count":1,"interval":"PT1M","statusCodeRanges":[{"min":401,"max":401},{"min":403,"max":403},{"min":429,"max":429},{"min":502,"max":504}]}}]}}}`, AccountName(m.Account.Name)))
			members = append(members, object{"id": id, "priority": m.Priority, "weight": m.Weight})
		}
		s.Put(Service+"/backends/"+policies.PoolID(pool.Deployment), object{"properties": object{"type": "Pool", "pool": object{"services": members}}})
	}
	for _, privacy := range privacies {
		s.api(privacy, "openai", "openai", policies.Deployments)
		s.api(privacy, "openai-v1", "openai/v1", policies.V1)
	}
}

func (s *Site) api(privacy, name, path string, surface policies.Surface) {
	if privacy != "" {
		name, path = privacy+"-"+name, privacy+"/"+path
	}
	api := Service + "/apis/" + name
	s.Put(api, object{"properties": object{"displayName": name, "path": path, "protocols": list{"https"}, "subscriptionRequired": !s.keyless(privacy),
		"subscriptionKeyParameterNames": object{"header": "api-key", "query": "api-key"}}})
	for _, o := range surface.Operations() {
		parameters := list{}
		for _, name := range o.Parameters() {
			parameters = append(parameters, object{"name": name, "type": "string", "required": true})
		}
		s.Put(api+"/operations/"+o.ID, object{"properties": object{"displayName": o.Title, "method": o.Method, "urlTemplate": o.Template, "templateParameters": parameters}})
	}
	document, err := s.facts().API(surface)
	require.NoError(s.t, err)
	s.Put(api+"/policies/policy", object{"properties": object{"format": "rawxml", "value": s.document(string(surface), document)}})
	messages := object{"logs": "enabled", "requests": object{"messages": "all", "maxSizeInBytes": 262144}, "responses": object{"messages": "all", "maxSizeInBytes": 262144}}
	if privacy != "" {
		messages = object{"logs": "enabled"}
	}
	mask := object{"dataMasking": object{"queryParams": list{object{"value": "api-key", "mode": "Hide"}, object{"value": "subscription-key", "mode": "Hide"}}}}
	request, answer := object{"dataMasking": mask["dataMasking"]}, object{}
	if s.Settings.Logging.Bodies == "all" && privacy == "" {
		request["body"], answer["body"] = object{"bytes": 8192}, object{"bytes": 8192}
	}
	s.Put(api+"/diagnostics/azuremonitor", object{"properties": object{"loggerId": Service + "/loggers/azuremonitor", "logClientIp": true, "alwaysLog": "allErrors",
		"frontend": object{"request": request}, "backend": object{"request": mask, "response": answer}, "largeLanguageModel": messages}})
}

// privacies are the prefixes of APIs.
var privacies = []string{"", "metadata"}

// keyless tells whether tokens alone open the APIs of a privacy.
func (s *Site) keyless(privacy string) bool {
	return slices.ContainsFunc(s.Settings.Products, func(p stacks.Product) bool {
		return p.Authentication == "entra" && (p.Privacy == "metadata") == (privacy != "")
	})
}

func (s *Site) document(name, text string) string {
	if change := s.policies[name]; change != nil {
		changed := change(text)
		require.NotEqual(s.t, text, changed, "the change to %s finds nothing to change", name)
		return changed
	}
	return text
}

func (s *Site) facts() policies.Facts {
	f := s.Settings.Gateway.Failover
	facts := policies.Facts{TenantID: azure.TenantID, Audiences: s.Settings.Gateway.Entra.Audiences,
		MaxAttempts: f.MaxAttempts, DeadlineSeconds: f.DeadlineSeconds, StreamSeconds: f.StreamSeconds, AttemptSeconds: f.AttemptSeconds, RetryAfterCapSeconds: f.RetryAfterCapSeconds}
	for _, p := range s.Settings.Products {
		facts.Products = append(facts.Products, policies.Product{
			LimitsPerPerson: p.LimitsPer == "person", Tools: p.Tools.Allow, Hosts: p.Tools.Hosts, Name: p.Name, Authentication: p.Authentication, Groups: []string{p.Groups[0].ObjectID},
			Deployments: p.Deployments, Paths: pathsOf(p), RequestsPerMinute: p.RequestsPerMinute, TokensPerMinute: p.TokensPerMinute,
			TokenQuota: p.TokenQuota.Tokens, TokenQuotaPeriod: p.TokenQuota.Period, KeepsText: p.Privacy != "metadata"})
	}
	facts.Hosts, facts.Person = map[string]string{}, s.Settings.Logging.Person
	for _, a := range s.Settings.Accounts {
		facts.Hosts[a.Name] = AccountName(a.Name) + ".openai.azure.com"
	}
	if s.Settings.Logging.EventHub != nil {
		facts.ExportLogger = infra.ExportLogger
	}
	for _, pool := range s.Settings.Pools() {
		fact := policies.Pool{Deployment: pool.Deployment, LargestTokensPerMinute: pool.LargestTokensPerMinute()}
		for _, m := range pool.Members {
			fact.Accounts = append(fact.Accounts, m.Account.Name)
		}
		facts.Pools = append(facts.Pools, fact)
	}
	return facts
}

func pathsOf(p stacks.Product) []string {
	if p.Privacy == "metadata" {
		return []string{"metadata/openai", "metadata/openai/v1"}
	}
	return []string{"openai", "openai/v1"}
}

// callers are groups, products and subscriptions.
func (s *Site) callers() {
	s.Put(Service+"/identityProviders/aad", `{"properties":{"clientId":"66666666-6666-4666-8666-666666666666","clientSecret":"s","allowedTenants":["`+azure.TenantID+`"]}}`)
	for _, p := range s.Settings.Products {
		s.Put(Service+"/groups/"+p.Name, object{"properties": object{"displayName": p.Name, "type": "external", "externalId": "aad://" + azure.TenantID + "/groups/" + p.Groups[0].ObjectID}})
		s.Put(Service+"/products/"+p.Name, object{"properties": object{"displayName": p.Name, "state": "published", "subscriptionRequired": true, "approvalRequired": true}})
		s.Put(Service+"/products/"+p.Name+"/groups/"+p.Name, "")
		for _, api := range []string{"openai", "openai-v1"} {
			if p.Privacy == "metadata" {
				api = "metadata-" + api
			}
			s.Put(Service+"/products/"+p.Name+"/apis/"+api, "")
		}
	}
	for _, team := range s.Settings.Teams {
		for _, product := range team.Products {
			s.Put(Service+"/subscriptions/"+infra.SubscriptionID(team.Name, product), object{"properties": object{"displayName": team.Name, "scope": "/products/" + product, "state": "active"}})
		}
	}
}
