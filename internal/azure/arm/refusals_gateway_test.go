package arm

import (
	"fmt"
	"strings"
	"testing"
)

const plainService = `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},` +
	`"properties":{"publisherEmail":"a@example.com","publisherName":"Contoso"}}`

func TestUnitsAndPlacesOfServicesAreRefusedAsAzureRefusesThem(t *testing.T) {
	other := service + "2"
	sku := func(name string, units int) string {
		return with(plainService, `"Developer","capacity":1`, fmt.Sprintf(`"%s","capacity":%d`, name, units))
	}
	named := func(length int) string { return with(plainService, "Contoso", strings.Repeat("x", length)) }
	cases := []rule{
		{
			name: "a publisher of 101 characters", path: other, body: named(101), status: 400, code: "ValidationError",
			message: "publisherName: The length must be 1 to 100 characters, it is 101.", accepted: named(100),
		},
		{
			name: "units of consumption", path: other, body: sku("Consumption", 1), status: 400, code: "ValidationError",
			message: "sku.capacity: The capacity of the Consumption tier must be", accepted: sku("Consumption", 0),
		},
		{
			name: "no units", path: other, body: sku("Developer", 0), status: 400, code: "ValidationError",
			message: "The capacity of the Developer tier must be 1 to 1, it is 0.",
		},
		{
			name: "a subnet elsewhere", prepare: func(a *azure) {
				a.ok(network+"networkSecurityGroups/west", strings.Replace(nsgBody, "swedencentral", "westeurope", 1))
				a.ok(network+"virtualNetworks/west", `{"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.9.0.0/24"]},`+
					`"subnets":[{"name":"gateway","properties":{"addressPrefix":"10.9.0.0/26","networkSecurityGroup":{"id":"`+network+`networkSecurityGroups/west"}}}]}}`)
			},
			path: other, body: with(serviceBody, "virtualNetworks/vnet", "virtualNetworks/west"), status: 400, code: "InvalidParameters",
			message: "virtualNetworks/west/subnets/gateway is in westeurope, the service in swedencentral.", accepted: serviceBody,
		},
		{
			name: "a subnet without a free address", prepare: func(a *azure) {
				a.ok(network+"virtualNetworks/vnet/subnets/small", `{"properties":{"addressPrefix":"10.20.2.0/29","networkSecurityGroup":{"id":"`+network+`networkSecurityGroups/nsg"}}}`)
				for i := range 3 {
					a.ok(fmt.Sprintf("%sprivateEndpoints/small%d", network, i), with(peBody, "subnets/endpoints", "subnets/small"))
				}
			},
			path: other, body: with(serviceBody, "subnets/gateway", "subnets/small"), status: 400, code: "InvalidParameters",
			message: "subnets/small has no free address.", freed: func(a *azure) { a.remove(network + "privateEndpoints/small1") },
		},
		{
			name: "an address without a name", prepare: func(a *azure) {
				a.ok(network+"publicIPAddresses/bare", `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static"}}`)
			},
			path: other, body: with(serviceBody, "publicIPAddresses/pip", "publicIPAddresses/bare"), status: 400, code: "InvalidParameters",
			message:  "publicIPAddresses/bare needs a domain name label.",
			accepted: with(with(serviceBody, "publicIPAddresses/pip", "publicIPAddresses/bare"), "External", "Internal"),
		},
		{
			name: "an address that is no id", path: other, body: with(serviceBody, network+"publicIPAddresses/pip", "pip"),
			status: 400, code: "LinkedInvalidPropertyId", message: "Property id 'pip' is invalid.", accepted: serviceBody,
		},
		{
			name: "a custom property that is neither true nor false", path: other,
			body:   with(plainService, `"properties":{`, `"properties":{"customProperties":{"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2":"on"},`),
			status: 400, code: "ValidationError", message: "with value 'on' is not supported.",
			accepted: with(plainService, `"properties":{`, `"properties":{"customProperties":{"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2":"True"},`),
		},
	}
	// Microsoft Learn: api-management/api-management-features, units by tier.
	for tier, most := range map[string]int{"Developer": 1, "Basic": 2, "Standard": 4, "Premium": 31, "BasicV2": 10, "StandardV2": 10} {
		cases = append(cases, rule{
			name: "a unit more than " + tier + " has", path: other, body: sku(tier, most+1), status: 400, code: "ValidationError",
			message: fmt.Sprintf("must be 1 to %d, it is %d.", most, most+1), accepted: sku(tier, most),
		})
	}
	runRules(t, map[string]string{other: plainService}, cases)
}

// breaker is a backend with a circuit breaker.
func breaker(rule string) string {
	return `{"properties":{"protocol":"http","url":"https://a.example.com","circuitBreaker":{"rules":[` + rule + `]}}}`
}

// failure is a breaker's rule with a condition.
func failure(condition string) string {
	return breaker(`{"name":"r","tripDuration":"PT1M","failureCondition":{` + condition + `}}`)
}

func TestPoolsAndBreakersAreRefusedAsAzureRefusesThem(t *testing.T) {
	single, pool := service+"/backends/new", service+"/backends/newpool"
	codes := func(n int) string {
		return `"count":1,"interval":"PT1M","statusCodeRanges":[` + strings.TrimSuffix(strings.Repeat(`{"min":500,"max":599},`, n), ",") + `]`
	}
	reasons := func(n, length int) string {
		return `"count":1,"interval":"PT1M","errorReasons":[` + strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("x", length)+`",`, n), ",") + `]`
	}
	members := func(a *azure) string {
		list := ""
		for i := range maxPoolMembers + 1 {
			id := fmt.Sprintf("%s/backends/m%d", service, i)
			a.ok(id, breaker(""))
			list += fmt.Sprintf(`{"id":"%s"},`, id)
		}
		return list
	}
	list := ""
	for i := range maxPoolMembers + 1 {
		list += fmt.Sprintf(`{"id":"%s/backends/m%d"},`, service, i)
	}
	of := func(list string) string {
		return `{"properties":{"type":"Pool","pool":{"services":[` + strings.TrimSuffix(list, ",") + `]}}}`
	}
	last := fmt.Sprintf(`{"id":"%s/backends/m%d"},`, service, maxPoolMembers)
	runRules(t, map[string]string{single: failure(codes(1)), pool: poolBody}, []rule{
		{
			name: "31 members", prepare: func(a *azure) { members(a) }, path: pool, body: of(list), status: 400, code: "ValidationError",
			message: "pool.services: A backend pool has 1 to 30 services, not 31.", accepted: of(strings.Replace(list, last, "", 1)),
		},
		{
			name: "a breaker of a pool", path: pool, body: with(poolBody, `"pool":{`, `"circuitBreaker":{"rules":[]},"pool":{`),
			status: 400, code: "ValidationError", message: "circuitBreaker: Circuit breaker is not supported for backend pool.",
		},
		{
			name: "a priority below zero", path: pool, body: with(poolBody, `"priority":1`, `"priority":-1`), status: 400,
			code: "ValidationError", message: "pool.services[0].priority: The value must be 0 to 100, it is -1.",
			accepted: with(poolBody, `"priority":1`, `"priority":0`),
		},
		{
			name: "a weight of 101", path: pool, body: with(poolBody, `"weight":1`, `"weight":101`), status: 400,
			code: "ValidationError", message: "pool.services[0].weight: The value must be 0 to 100, it is 101.",
			accepted: with(poolBody, `"weight":1`, `"weight":100`),
		},
		{
			name: "a member of another gateway", prepare: func(a *azure) {
				a.ok(service+"2", plainService)
				a.ok(service+"2/backends/se", backendBody)
			},
			path: pool, body: with(poolBody, service+"/backends", service+"2/backends"), status: 400, code: "ValidationError",
			message: "pool.services[0].id: Backend with id '" + service + "2/backends/se' not found.",
		},
		{
			name: "no interval", path: single, body: failure(with(codes(1), "PT1M", "a minute")), status: 400, code: "ValidationError",
			message: "circuitBreaker.rules[0].failureCondition.interval: 'a minute' is not an ISO 8601 duration such as PT1M.",
		},
		{
			name: "neither count nor percentage", path: single, body: failure(with(codes(1), `"count":1,`, "")), status: 400,
			code: "ValidationError", message: "A failure condition has a count or a percentage.",
			accepted: failure(with(codes(1), `"count":1,`, `"percentage":50,`)),
		},
		{
			name: "11 ranges", path: single, body: failure(codes(11)), status: 400, code: "ValidationError",
			message: "A failure condition has at most 10 status code ranges and 10 error reasons.", accepted: failure(codes(10)),
		},
		{
			name: "11 reasons", path: single, body: failure(reasons(11, 5)), status: 400, code: "ValidationError",
			message: "A failure condition has at most 10 status code ranges and 10 error reasons.", accepted: failure(reasons(10, 5)),
		},
		{
			name: "a reason of 201 characters", path: single, body: failure(reasons(1, 201)), status: 400, code: "ValidationError",
			message: "errorReasons[0]: An error reason has at most 200 characters.", accepted: failure(reasons(1, 200)),
		},
		{
			name: "a range that ends before it begins", path: single, body: failure(with(codes(1), `"min":500,"max":599`, `"min":599,"max":500`)),
			status: 400, code: "ValidationError", message: "not 599 to 500.", accepted: failure(with(codes(1), `"min":500,"max":599`, `"min":500,"max":500`)),
		},
	})
}

func TestOperationsAreRefusedAsAzureRefusesThem(t *testing.T) {
	path := service + "/apis/openai/operations/new"
	good := with(opBody, "/chat/", "/other/")
	runRules(t, map[string]string{path: good, service + "/apis/second": with(apiBody, `"openai"`, `"two"`)}, []rule{
		{
			name: "a parameter without a type", path: path, body: with(good, `"type":"string",`, ""), status: 400, code: "ValidationError",
			message: "templateParameters[0]: A template parameter has a name and a type.",
		},
		{
			name: "a template without a slash", path: path, body: with(good, `"/deployments`, `"deployments`), status: 400,
			code: "ValidationError", message: "must begin with a slash.",
		},
		{
			name: "a parameter that the template does not have", path: path,
			body:   with(good, `[{"name"`, `[{"name":"more","type":"string"},{"name"`),
			status: 400, code: "ValidationError", message: "All template parameters used in the UriTemplate must be defined in the Operation 'new', and vice-versa.",
		},
		{
			name: "a rest that is declared without its star", path: path,
			body:   `{"properties":{"displayName":"All","method":"GET","urlTemplate":"/{*rest}"}}`,
			status: 400, code: "ValidationError", message: "and vice-versa.",
			accepted: `{"properties":{"displayName":"All","method":"GET","urlTemplate":"/{*rest}","templateParameters":[{"name":"*rest","type":"string"}]}}`,
		},
		{
			name: "policies in the operation", path: path, body: with(good, `"method"`, `"policies":"<policies/>","method"`),
			status: 400, code: "ValidationError", message: "does not model it",
		},
		{
			name: "a socket", path: service + "/apis/second", body: with(apiBody, `"protocols"`, `"type":"websocket","protocols"`),
			status: 400, code: "ValidationError", message: "The API type 'websocket' is not supported",
			accepted: with(with(apiBody, `"openai"`, `"two"`), `"protocols"`, `"type":"http","protocols"`),
		},
	})
}

func TestDiagnosticsOfLanguageModelsAreRefusedAsAzureRefusesThem(t *testing.T) {
	monitor := service + "/apis/openai/diagnostics/azuremonitor"
	of := func(models string) string {
		return `{"properties":{"loggerId":"` + service + `/loggers/azuremonitor","largeLanguageModel":` + models + `}}`
	}
	// Azure/bicep-types-az 2024-06-01-preview: DiagnosticContractProperties.largeLanguageModel.
	cases := []rule{
		{name: "no object", path: monitor, body: of(`"on"`), message: "largeLanguageModel: An object is expected."},
		{name: "messages that are no object", path: monitor, body: of(`{"requests":"all"}`), message: "largeLanguageModel.requests: An object is expected."},
		{name: "an unknown member", path: monitor, body: of(`{"tokens":"all"}`), message: "Could not find member 'tokens' on object of type 'LlmDiagnosticSettings'."},
		{name: "a size of nothing", path: monitor, body: of(`{"responses":{"messages":"all","maxSizeInBytes":0}}`), message: "largeLanguageModel.responses.maxSizeInBytes: The size must be 1 to 262144, it is 0."},
		{name: "a size in words", path: monitor, body: of(`{"responses":{"messages":"all","maxSizeInBytes":"all"}}`), message: "it is all."},
		{name: "sampling below zero", path: monitor, body: with(of(`{"logs":"enabled"}`), `"loggerId"`, `"sampling":{"samplingType":"fixed","percentage":-1},"loggerId"`), message: "The percentage must be 0 to 100, it is -1."},
	}
	for i := range cases {
		cases[i].status, cases[i].code = 400, "ValidationError"
	}
	runRules(t, map[string]string{monitor: of(`{"logs":"enabled","responses":{"messages":"all","maxSizeInBytes":1}}`)}, cases)
}

func TestGroupsAndProvidersAreRefusedAsAzureRefusesThem(t *testing.T) {
	provider, value := service+"/identityProviders/aad", service+"/namedValues/new"
	tenants := func(n int) string {
		return `{"properties":{"clientId":"x","clientSecret":"y","allowedTenants":[` + strings.TrimSuffix(strings.Repeat(`"`+testTenant+`",`, n), ",") + `]}}`
	}
	external := `{"properties":{"displayName":"Out","type":"external","externalId":"aad://` + testTenant + `/groups/55555555-5555-5555-5555-555555555555"}}`
	named := func(more string) string { return `{"properties":{"displayName":"new"` + more + `}}` }
	product := service + "/products/open"
	cases := []rule{
		{
			name: "a provider of another type", path: provider, body: `{"properties":{"clientId":"x","clientSecret":"y","type":"aadB2C"}}`,
			status: 400, code: "ValidationError", message: "type: The type 'aadB2C' is not the name 'aad'.",
			accepted: `{"properties":{"clientId":"x","clientSecret":"y","type":"aad"}}`,
		},
		{
			name: "33 tenants", path: provider, body: tenants(33), status: 400, code: "ValidationError",
			message: "allowedTenants: At most 32 tenants are allowed, not 33.", accepted: tenants(32),
		},
		{
			name: "a limit of subscriptions that nobody needs", path: product,
			body:   `{"properties":{"displayName":"Open","subscriptionRequired":false,"subscriptionsLimit":1}}`,
			status: 400, code: "ValidationError", message: "subscriptionsLimit can only be set when subscriptionRequired is true.",
			accepted: `{"properties":{"displayName":"Open","subscriptionRequired":true,"subscriptionsLimit":1}}`,
		},
		{
			name: "33 tags", path: value, body: named(`,"value":"1","tags":[` + strings.TrimSuffix(strings.Repeat(`"t",`, 33), ",") + `]`),
			status: 400, code: "ValidationError", message: "tags: At most 32 tags are allowed.",
			accepted: named(`,"value":"1","tags":[` + strings.TrimSuffix(strings.Repeat(`"t",`, 32), ",") + `]`),
		},
		{
			name: "a value of 4097 characters", path: value, body: named(`,"value":"` + strings.Repeat("x", 4097) + `"`), status: 400,
			code: "ValidationError", message: "The value must have 1 to 4096 characters and be more than whitespace.",
			accepted: named(`,"value":"` + strings.Repeat("x", 4096) + `"`),
		},
		{
			name: "a subscription of another gateway", path: service + "/subscriptions/new",
			body:   `{"properties":{"displayName":"New","scope":"` + service + `2/products/gold"}}`,
			status: 400, code: "ValidationError", message: "scope: Subscription scope should be one of '/apis', '/apis/{apiId}', '/products/{productId}'.",
			accepted: `{"properties":{"displayName":"New","scope":"` + service + `/products/gold"}}`,
		},
	}
	// Microsoft Learn: api-management/api-management-features, Microsoft Entra integration by tier.
	for _, tier := range []string{"Basic", "Consumption"} {
		units := 1
		if tier == "Consumption" {
			units = 0
		}
		own := service + "2"
		cases = append(cases, rule{
			name: "a group of the directory in " + tier, prepare: func(a *azure) {
				a.ok(own, with(plainService, `"Developer","capacity":1`, fmt.Sprintf(`"%s","capacity":%d`, tier, units)))
				a.ok(own+"/identityProviders/aad", `{"properties":{"clientId":"x","clientSecret":"y"}}`)
			},
			path: own + "/groups/out", body: external, status: 400, code: "ValidationError",
			message:  "type: External groups are not supported in the " + tier + " tier.",
			accepted: `{"properties":{"displayName":"Out","type":"custom"}}`,
		})
	}
	runRules(t, nil, cases)
	a, own := world(t), service+"2"
	a.ok(own, with(plainService, `"Developer"`, `"BasicV2"`))
	a.ok(own+"/identityProviders/aad", `{"properties":{"clientId":"x","clientSecret":"y"}}`)
	a.ok(own+"/groups/out", external)
}

// A document of a fragment may be twice as long as a policy's (Microsoft Learn: azure-subscription-service-limits).
func TestDocumentsAreAsLongAsAzureTakesThem(t *testing.T) {
	document := func(root string, length int) string {
		return `{"properties":{"format":"rawxml","value":"<` + root + `>` + strings.Repeat("x", length-2*len(root)-5) + `</` + root + `>"}}`
	}
	policy, fragment := service+"/products/gold/policies/policy", service+"/policyFragments/new"
	runRules(t, nil, []rule{
		{
			name: "a policy of 256 KB and a byte", path: policy, body: document("policies", 256<<10+1), status: 400, code: "ValidationError",
			message: "value: The document has 262145 bytes, 262144 are allowed.", accepted: document("policies", 256<<10),
		},
		{
			name: "a fragment of 512 KB and a byte", path: fragment, body: document("fragment", 512<<10+1), status: 400, code: "ValidationError",
			message: "value: The document has 524289 bytes, 524288 are allowed.", accepted: document("fragment", 512<<10),
		},
		{
			name: "no element at all", path: policy, body: `{"properties":{"value":"hello"}}`, status: 400, code: "ValidationError",
			message: "The root element must be <policies>, it is <>.", accepted: document("policies", 30),
		},
	})
}
