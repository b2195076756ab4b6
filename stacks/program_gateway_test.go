package stacks_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
)

func TestEveryAccountAndTheGatewayAreLogged(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		logged := map[any]bool{}
		for _, setting := range p.of(t, "DiagnosticSetting") {
			assert.NotEmpty(t, at(setting, "workspaceId"), setting.Name)
			assert.NotEmpty(t, at(setting, "metrics"), setting.Name)
			if at(setting, "logs") == nil {
				continue // of a namespace, which the program measures only
			}
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
			for _, status := range []float64{401, 403, 429, 502, 503, 504} {
				assert.True(t, covered(status), "%s: %v opens no breaker", backend.Name, status)
			}
			for _, status := range []float64{400, 404, 408, 409, 413, 422, 499, 500} {
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
			if stack.Name != "backends-pools" {
				continue
			}
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

func TestEverythingInsideTheGatewayGoesWithTheGateway(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		service := p.of(t, "ApiManagementService")[0]
		for _, r := range p.resources {
			inside := strings.Contains(r.Type, ":apimanagement/") && r.URN != service.URN
			if of, isText := at(r, "template", "resources", 0, "type").(string); isText {
				inside = strings.HasPrefix(of, "Microsoft.ApiManagement/service/")
			}
			if inside {
				assert.Equal(t, service.URN, r.DeletedWith, "%s would be deleted alone, and a product refuses that", r.URN)
			}
		}
	})
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

// A pool is only as good as its members: one that joins before its account has the deployment, the endpoint and the gateway's
// role answers with errors, and a deployment that moves from one account to another has no other member.
func TestAPoolGetsNoMemberThatDoesNotAnswerYet(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, stack := range p.of(t, "DeploymentStackAtResourceGroup") {
			if stack.Name != "backends-pools" {
				continue
			}
			for _, kind := range []string{"Deployment", "PrivateDnsZoneGroup", "RoleAssignment"} {
				for _, r := range p.of(t, kind) {
					if strings.HasPrefix(r.Name, "export") {
						continue // of the Event Hub
					}
					assert.True(t, p.waits(stack, r), "the pools do not wait for %s %s", kind, r.Name)
				}
			}
		}
	})
}

func TestAProductThatLeavesTheSettingsIsLeftInAzureWhichRefusesToDeleteIt(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, product := range p.of(t, "Product") {
			assert.True(t, product.Retained, product.Name)
		}
		for _, kind := range []string{"Subscription", "ProductApi", "ApiManagementService", "Account"} {
			for _, r := range p.of(t, kind) {
				assert.False(t, r.Retained, "%s %s stays in Azure for ever", kind, r.Name)
			}
		}
	})
}
