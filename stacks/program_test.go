package stacks_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enterprise-openai/rehearsal/plan"
	"enterprise-openai/stacks"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// environments are the stacks whose settings are in the repository.
var environments = []string{"dev", "prod"}

// program is one environment's plan with a few ways to look at it.
type program struct {
	env       string
	resources []plan.Resource
	byURN     map[string]plan.Resource
}

func declare(t *testing.T, env string, mode plan.Mode) program {
	t.Helper()
	declared, err := plan.Of(context.Background(), "..", env, mode, stacks.Deploy)
	require.NoError(t, err, env)
	p := program{env: env, resources: declared.Resources, byURN: map[string]plan.Resource{}}
	for _, r := range p.resources {
		p.byURN[r.URN] = r
	}
	return p
}

// everywhere checks a promise in every environment, each on its own.
func everywhere(t *testing.T, check func(t *testing.T, p program)) {
	t.Helper()
	for _, env := range environments {
		t.Run(env, func(t *testing.T) { check(t, declare(t, env, plan.Update)) })
	}
}

// of lists resources by the last part of their type; a promise about nothing is no promise, so that none is a failure.
func (p program) of(t *testing.T, kind string) []plan.Resource {
	t.Helper()
	var found []plan.Resource
	for _, r := range p.resources {
		if r.Custom && strings.HasSuffix(r.Type, ":"+kind) {
			found = append(found, r)
		}
	}
	require.NotEmpty(t, found, "%s declares no %s", p.env, kind)
	return found
}

// at follows a path of keys and indexes into a resource's inputs.
func at(r plan.Resource, path ...any) any {
	var value any = r.Inputs
	for _, step := range path {
		switch s := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[s]
		case int:
			list, _ := value.([]any)
			if s >= len(list) {
				return nil
			}
			value = list[s]
		}
	}
	return value
}

func TestNoAccountIsReachableFromThePublicNetwork(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, account := range p.of(t, "Account") {
			assert.Equal(t, "Disabled", at(account, "properties", "publicNetworkAccess"), account.Name)
			assert.Equal(t, "Deny", at(account, "properties", "networkAcls", "defaultAction"), account.Name)
		}
	})
}

func TestNoAccountTakesKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, account := range p.of(t, "Account") {
			assert.Equal(t, true, at(account, "properties", "disableLocalAuth"), account.Name)
			assert.NotEmpty(t, at(account, "properties", "customSubDomainName"), "%s: without a domain of its own it takes no Entra tokens", account.Name)
		}
	})
}

func TestEverySubnetIsGuarded(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		guards := map[any]bool{}
		for _, guard := range p.of(t, "NetworkSecurityGroup") {
			guards["${NetworkSecurityGroup "+guard.Name+".id}"] = true
			assert.True(t, deniesTheRest(guard), "%s lets in what no rule names", guard.Name)
		}
		for _, network := range p.of(t, "VirtualNetwork") {
			subnets, _ := at(network, "subnets").([]any)
			require.NotEmpty(t, subnets)
			for i := range subnets {
				guard := at(network, "subnets", i, "networkSecurityGroup", "id")
				assert.True(t, guards[guard], "subnet %v has no security group", at(network, "subnets", i, "name"))
			}
		}
	})
}

func deniesTheRest(guard plan.Resource) bool {
	rules, _ := at(guard, "securityRules").([]any)
	for i := range rules {
		if at(guard, "securityRules", i, "access") == "Deny" && at(guard, "securityRules", i, "direction") == "Inbound" &&
			at(guard, "securityRules", i, "sourceAddressPrefix") == "*" {
			return true
		}
	}
	return false
}

func TestTheGatewaysSubnetHasTheRulesItsServiceNeeds(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		needed := []string{"ApiManagement>3443", "AzureLoadBalancer>6390", "Storage<443", "Sql<1433", "AzureKeyVault<443", "AzureMonitor<1886", "Internet<80"}
		for _, guard := range p.of(t, "NetworkSecurityGroup") {
			if guard.Name != "network-gateway" {
				continue
			}
			found := allowed(guard)
			for _, rule := range needed {
				assert.Contains(t, found, rule)
			}
		}
	})
}

// allowed are a security group's rules as peer, direction and port: "ApiManagement>3443" comes in, "Sql<1433" goes out.
func allowed(guard plan.Resource) []string {
	var found []string
	rules, _ := at(guard, "securityRules").([]any)
	for i := range rules {
		rule := func(key string) any { return at(guard, "securityRules", i, key) }
		peer, sign := rule("sourceAddressPrefix"), ">"
		if rule("direction") == "Outbound" {
			peer, sign = rule("destinationAddressPrefix"), "<"
		}
		ports, _ := rule("destinationPortRanges").([]any)
		for _, port := range append(ports, rule("destinationPortRange")) {
			if port != nil && rule("access") == "Allow" {
				found = append(found, fmt.Sprintf("%v%s%v", peer, sign, port))
			}
		}
	}
	return found
}

func TestEveryResourceBelongsToOneOfOurComponents(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, r := range p.resources {
			if !r.Custom {
				continue
			}
			parent, ok := p.byURN[r.Parent]
			assert.True(t, ok && strings.HasPrefix(parent.Type, "enterprise-openai:infra:"), "%s %s is nobody's child", r.Type, r.Name)
		}
	})
}

func TestEveryAccountAndTheGatewayAreLogged(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		logged := map[any]bool{}
		for _, setting := range p.of(t, "DiagnosticSetting") {
			assert.NotEmpty(t, at(setting, "workspaceId"), setting.Name)
			assert.NotEmpty(t, at(setting, "logs"), setting.Name)
			logged[at(setting, "resourceUri")] = true
		}
		for _, kind := range []string{"Account", "ApiManagementService"} {
			for _, r := range p.of(t, kind) {
				assert.True(t, logged["${"+kind+" "+r.Name+".id}"], "%s %s is not logged", kind, r.Name)
			}
		}
	})
}

func TestTheGatewayLogsToTablesOfItsOwn(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, setting := range p.of(t, "DiagnosticSetting") {
			if at(setting, "resourceUri") == "${ApiManagementService gateway.id}" {
				assert.Equal(t, "Dedicated", at(setting, "logAnalyticsDestinationType"))
			}
		}
	})
}

func TestDeploymentsOfOneAccountAreWrittenOneAfterTheOther(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		chains := map[any][]plan.Resource{}
		for _, deployment := range p.of(t, "Deployment") {
			account := at(deployment, "accountName")
			chains[account] = append(chains[account], deployment)
		}
		for account, deployments := range chains {
			for i, one := range deployments {
				for _, other := range deployments[i+1:] {
					assert.True(t, p.waits(one, other) || p.waits(other, one), "%v: %s and %s may be written at once", account, one.Name, other.Name)
				}
			}
		}
	})
}

func TestAnAccountsEndpointComesAfterItsDeployments(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, endpoint := range p.of(t, "PrivateEndpoint") {
			account := at(endpoint, "privateLinkServiceConnections", 0, "privateLinkServiceId")
			for _, deployment := range p.of(t, "Deployment") {
				if strings.TrimSuffix(fmt.Sprint(at(deployment, "accountName")), ".name}") == strings.TrimSuffix(fmt.Sprint(account), ".id}") {
					assert.True(t, p.waits(endpoint, deployment), "%s may be written while %s is", endpoint.Name, deployment.Name)
				}
			}
		}
	})
}

func TestNothingBelowTheAccountsWaitsForTheGateway(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		service := p.of(t, "ApiManagementService")[0]
		for _, kind := range []string{"Account", "Deployment", "PrivateEndpoint", "PrivateDnsZoneGroup"} {
			for _, r := range p.of(t, kind) {
				assert.False(t, p.waits(r, service), "%s %s waits half an hour for the gateway", kind, r.Name)
			}
		}
		for _, account := range p.of(t, "Account") {
			assert.False(t, p.waits(service, account), "the gateway waits for account %s", account.Name)
		}
	})
}

func TestWhatIsWrittenBelowOneAPIIsWrittenOneAfterTheOther(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		below := map[any][]plan.Resource{}
		for _, kind := range []string{"ApiOperation", "ApiPolicy", "ApiDiagnostic", "ProductApi"} {
			for _, r := range p.of(t, kind) {
				api := at(r, "apiId")
				below[api] = append(below[api], r)
			}
		}
		for api, writes := range below {
			for i, one := range writes {
				for _, other := range writes[i+1:] {
					assert.True(t, p.waits(one, other) || p.waits(other, one), "%v: %s and %s may be written at once", api, one.URN, other.URN)
				}
			}
		}
	})
}

// waits says whether one resource is written only after the other.
func (p program) waits(one, other plan.Resource) bool {
	seen := map[string]bool{}
	var reaches func(urn string) bool
	reaches = func(urn string) bool {
		if urn == other.URN {
			return true
		}
		if seen[urn] {
			return false
		}
		seen[urn] = true
		return slices.ContainsFunc(p.byURN[urn].DependsOn, reaches)
	}
	return slices.ContainsFunc(one.DependsOn, reaches)
}

func TestEveryProductHasAGroupALimitAndAQuota(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		grouped := map[any]bool{}
		for _, link := range p.of(t, "ProductGroup") {
			grouped[at(link, "productId")] = true
		}
		limits := p.fragment(t, "limits")
		for _, product := range p.of(t, "Product") {
			assert.True(t, grouped["${Product "+product.Name+".name}"], "%s has no group", product.Name)
			name := regexp.QuoteMeta(fmt.Sprint(at(product, "productId")))
			assert.Regexp(t, `(?s)== "`+name+`".*?<rate-limit-by-key calls="\d+".*?tokens-per-minute="\d+" token-quota="\d+"`, limits, product.Name)
		}
		for _, group := range p.of(t, "Group") {
			assert.Regexp(t, `^aad://[0-9a-f-]{36}/groups/[0-9a-f-]{36}$`, at(group, "externalId"), group.Name)
		}
	})
}

func (p program) fragment(t *testing.T, id string) string {
	t.Helper()
	for _, fragment := range p.of(t, "PolicyFragment") {
		if at(fragment, "id") == id {
			return fmt.Sprint(at(fragment, "value"))
		}
	}
	require.Fail(t, "no fragment "+id)
	return ""
}

func TestTheGatewayHasOneNarrowRoleOnEachAccountAndNothingElse(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		var scopes []any
		for _, role := range p.of(t, "RoleAssignment") {
			assert.Regexp(t, `/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd$`, at(role, "roleDefinitionId"), "only Cognitive Services OpenAI User")
			assert.Equal(t, "ServicePrincipal", at(role, "principalType"), role.Name)
			assert.Equal(t, "${ApiManagementService gateway.identity.principalId}", at(role, "principalId"), role.Name)
			scopes = append(scopes, at(role, "scope"))
		}
		var accounts []any
		for _, account := range p.of(t, "Account") {
			accounts = append(accounts, "${Account "+account.Name+".id}")
		}
		assert.ElementsMatch(t, accounts, scopes)
	})
}

func TestEveryBackendHasABreakerThatNoCallerCanOpen(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, backend := range p.of(t, "Backend") {
			rules, _ := at(backend, "circuitBreaker", "rules").([]any)
			require.Len(t, rules, 1, "%s: Azure takes one rule", backend.Name)
			assert.Equal(t, true, at(backend, "circuitBreaker", "rules", 0, "acceptRetryAfter"))
			ranges, _ := at(backend, "circuitBreaker", "rules", 0, "failureCondition", "statusCodeRanges").([]any)
			covered := func(status float64) bool {
				return slices.ContainsFunc(ranges, func(r any) bool {
					bounds := r.(map[string]any)
					return bounds["min"].(float64) <= status && status <= bounds["max"].(float64)
				})
			}
			for _, status := range []float64{401, 403, 408, 429, 499, 500, 502, 503, 504} {
				assert.True(t, covered(status), "%s: %v opens no breaker", backend.Name, status)
			}
			for _, status := range []float64{400, 404, 409, 413, 422} {
				assert.False(t, covered(status), "%s: a caller's %v closes the account to others", backend.Name, status)
			}
		}
	})
}

func TestPoolsGoThroughATemplateAndNameEveryBackendOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		backends := map[any]int{}
		for _, backend := range p.of(t, "Backend") {
			assert.Equal(t, "Single", at(backend, "type"), "%s: ARM refuses a pool with url and protocol, the provider one without", backend.Name)
			backends["${Backend "+backend.Name+".id}"] = 0
		}
		for _, stack := range p.of(t, "DeploymentStackAtResourceGroup") {
			assert.Equal(t, "delete", at(stack, "actionOnUnmanage", "resources"), "%s: a pool that leaves the list would stay", stack.Name)
			entries, _ := at(stack, "template", "resources").([]any)
			for i := range entries {
				services, _ := at(stack, "template", "resources", i, "properties", "pool", "services").([]any)
				for j := range services {
					backends[at(stack, "template", "resources", i, "properties", "pool", "services", j, "id")]++
				}
			}
		}
		for id, times := range backends {
			assert.Equal(t, 1, times, "%v is in %d pools", id, times)
		}
	})
}

func TestEverySecretIsASecret(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, logger := range p.of(t, "Logger") {
			assert.Equal(t, plan.Secret, at(logger, "credentials", "connectionString"), logger.Name)
		}
		for _, r := range p.resources {
			for _, text := range texts(r.Inputs) {
				assert.NotContains(t, text, "KEY-OF-", "%s %s holds a team's key in plain text", r.Type, r.Name)
				assert.NotContains(t, text, "connectionString", "%s %s holds a connection string in plain text", r.Type, r.Name)
			}
		}
	})
}

// texts are all the strings in a value.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, texts(v[key])...)
		}
		return all
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, texts(element)...)
		}
		return all
	}
	return nil
}

func TestAPreviewNamesEverythingAnUpdateCreates(t *testing.T) {
	for _, env := range environments {
		t.Run(env, func(t *testing.T) {
			preview, update := declare(t, env, plan.Preview), declare(t, env, plan.Update)
			assert.Equal(t, slices.Sorted(maps.Keys(update.byURN)), slices.Sorted(maps.Keys(preview.byURN)))
		})
	}
}

func TestEverythingInsideTheGatewayGoesWithTheGateway(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		service := p.of(t, "ApiManagementService")[0]
		for _, r := range p.resources {
			inside := strings.Contains(r.Type, ":apimanagement/") && r.URN != service.URN || strings.HasSuffix(r.Type, ":DeploymentStackAtResourceGroup")
			if inside {
				assert.Equal(t, service.URN, r.DeletedWith, "%s would be deleted alone, and a product refuses that", r.URN)
			}
		}
	})
}

func TestLogicalNamesSayNeitherEnvironmentNorRegion(t *testing.T) {
	dev, prod := declare(t, "dev", plan.Update), declare(t, "prod", plan.Update)
	for _, p := range []program{dev, prod} {
		for _, r := range p.resources {
			assert.NotRegexp(t, `\b`+p.env+`\b`, r.Name, r.URN)
			for _, region := range []string{"swedencentral", "francecentral", "germanywestcentral", "westeurope"} {
				assert.NotContains(t, r.Name, region, r.URN)
			}
		}
	}
}

func TestEveryNamedValueAndFragmentAPolicyUsesIsDeclared(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		values, fragments := map[string]bool{}, map[string]bool{}
		for _, value := range p.of(t, "NamedValue") {
			values[fmt.Sprint(at(value, "displayName"))] = true
		}
		for _, fragment := range p.of(t, "PolicyFragment") {
			fragments[fmt.Sprint(at(fragment, "id"))] = true
		}
		for _, document := range append(p.of(t, "PolicyFragment"), p.of(t, "ApiPolicy")...) {
			assert.Equal(t, "rawxml", at(document, "format"), document.Name)
			text := fmt.Sprint(at(document, "value"))
			for _, used := range regexp.MustCompile(`\{\{([A-Za-z0-9._-]+)\}\}`).FindAllStringSubmatch(text, -1) {
				assert.True(t, values[used[1]], "%s uses {{%s}}, which nobody declares", document.Name, used[1])
			}
			for _, used := range regexp.MustCompile(`fragment-id="([^"]+)"`).FindAllStringSubmatch(text, -1) {
				assert.True(t, fragments[used[1]], "%s includes %s, which nobody declares", document.Name, used[1])
			}
			assert.NotContains(t, text, "$(", "%s has a value that was never put in", document.Name)
		}
	})
}

func TestAMetadataProductsAPIsKeepNoText(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		found := false
		for _, diagnostic := range p.of(t, "ApiDiagnostic") {
			if !strings.HasPrefix(diagnostic.Name, "api-metadata-") {
				continue
			}
			found = true
			assert.Nil(t, at(diagnostic, "largeLanguageModel", "requests"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "largeLanguageModel", "responses"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "frontend", "request", "body"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "backend"), diagnostic.Name)
		}
		assert.True(t, found, "no metadata API")
	})
}

func TestLoggedRequestsHideCredentials(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, diagnostic := range append(p.of(t, "ApiDiagnostic"), p.of(t, "Diagnostic")...) {
			hidden := fmt.Sprint(at(diagnostic, "frontend", "request", "dataMasking"))
			for _, name := range []string{"Authorization", "api-key"} {
				assert.Contains(t, hidden, name, diagnostic.Name)
			}
		}
	})
}
