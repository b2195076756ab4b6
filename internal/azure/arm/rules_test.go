package arm

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	otherPolicy = service + "/apis/openai/operations/chat"
	secondPE    = network + "privateEndpoints/pe2"
	role        = account + "/providers/Microsoft.Authorization/roleAssignments/66666666-6666-6666-6666-666666666666"
)

// slow is the world in which operations take their time from now on.
func slow(t *testing.T) *azure {
	t.Helper()
	a := world(t)
	a.options.Duration = TypicalDuration
	return a
}

// roleBody gives a role to the gateway's identity, or to any.
func roleBody(a *azure, kind string) string {
	principal := text(a.get(service), "identity", "principalId")
	return `{"properties":{"roleDefinitionId":"` + strings.Replace(openAIUser, "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "a97b65f3-24c7-4388-baec-2e87135dc908", 1) +
		`","principalId":"` + principal + `"` + kind + `}}`
}

// proofs show every rule: what is done, and the answer. The key is the rule's trigger.
var proofs = map[string]func(*azure) answer{
	"two writes below one Azure OpenAI account": func(a *azure) answer {
		a.ok(account+"/deployments/one", modelBody)
		return a.send(http.MethodPut, account+"/deployments/two", modelBody)
	},
	"a private endpoint while its account is being written to": func(a *azure) answer {
		a.ok(account+"/deployments/one", modelBody)
		return a.outcome(a.send(http.MethodPut, secondPE, peBody))
	},
	"a role on an account that is being written to": func(a *azure) answer {
		a.ok(account+"/deployments/one", modelBody)
		return a.send(http.MethodPut, role, roleBody(a, `,"principalType":"ServicePrincipal"`))
	},
	"an account whose name is soft-deleted": func(a *azure) answer {
		a.remove(account)
		a.later(time.Hour)
		return a.send(http.MethodPut, account, accountBody)
	},
	"a custom subdomain that is taken, also by a deleted account": func(a *azure) answer {
		a.remove(account)
		a.later(time.Hour)
		return a.send(http.MethodPut, account+"2", accountBody)
	},
	"more capacity of a model in a region than the subscription has": func(a *azure) answer {
		return a.send(http.MethodPut, account+"/deployments/more", strings.Replace(modelBody, `"capacity":30`, `"capacity":971`, 1))
	},
	"anything inside an API Management service that is being created or changed": func(a *azure) answer {
		a.ok(service, serviceBody)
		return a.send(http.MethodPut, service+"/backends/new", backendBody)
	},
	"a service whose name is soft-deleted": func(a *azure) answer {
		a.remove(service)
		a.later(time.Hour)
		return a.send(http.MethodPut, service, serviceBody)
	},
	"a service whose name somebody has": func(a *azure) answer {
		a.ok(root+"/resourceGroups/two", `{"location":"swedencentral"}`)
		return a.send(http.MethodPut, strings.Replace(service, "/rg/", "/two/", 1), serviceBody)
	},
	"two writes below one API, its product links included": func(a *azure) answer {
		a.ok(service+"/products/silver", `{"properties":{"displayName":"Silver"}}`)
		a.ok(otherPolicy, opBody)
		return a.send(http.MethodPut, service+"/products/silver/apis/openai", "")
	},
	"a policy that names a value, fragment or backend that is not there": func(a *azure) answer {
		return a.send(http.MethodPut, service+"/apis/openai/policies/policy", strings.Replace(policyBody, "{{limit}}", "{{nowhere}}", 1))
	},
	"deleting a named value, fragment or pool member that is used": func(a *azure) answer {
		return a.send(http.MethodDelete, service+"/policyFragments/identity", "")
	},
	"a pool with a member that is not there": func(a *azure) answer {
		return a.send(http.MethodPut, service+"/backends/pool", strings.Replace(poolBody, "/backends/se", "/backends/no", 1))
	},
	"an injected service whose subnet keeps port 3443 closed": func(a *azure) answer {
		a.remove(service)
		a.later(time.Hour)
		a.ok(network+"networkSecurityGroups/nsg", strings.Replace(nsgBody, `"3443"`, `"3444"`, 1))
		a.later(time.Hour)
		return a.outcome(a.send(http.MethodPut, service+"2", serviceBody))
	},
	"an injected service in a subnet that is delegated, unguarded, elsewhere or full": func(a *azure) answer {
		a.ok(network+"virtualNetworks/vnet/subnets/bare", `{"properties":{"addressPrefix":"10.20.2.0/28"}}`)
		a.later(time.Hour)
		return a.send(http.MethodPut, service+"2", with(serviceBody, "subnets/gateway", "subnets/bare"))
	},
	"two writes in one virtual network": func(a *azure) answer {
		a.ok(secondPE, peBody)
		return a.send(http.MethodPut, network+"virtualNetworks/vnet/subnets/new", `{"properties":{"addressPrefix":"10.20.2.0/26"}}`)
	},
	"a network resource that uses one which is not ready": func(a *azure) answer {
		a.ok(network+"privateDnsZones/b.c", `{"location":"global"}`)
		a.later(time.Hour)
		a.ok(network+"virtualNetworks/two", vnetWith(""))
		return a.send(http.MethodPut, network+"privateDnsZones/b.c/virtualNetworkLinks/two", strings.Replace(linkBody, "/vnet", "/two", 1))
	},
	"deleting a subnet that something sits in": func(a *azure) answer {
		return a.send(http.MethodDelete, network+"virtualNetworks/vnet/subnets/gateway", "")
	},
	"a DNS label that is taken in the region": func(a *azure) answer {
		return a.send(http.MethodPut, network+"publicIPAddresses/two", pipBody)
	},
	"a second diagnostic setting for the same category and sink": func(a *azure) answer {
		return a.send(http.MethodPut, service+"/providers/Microsoft.Insights/diagnosticSettings/more", settingBody)
	},
	"changing a table of a workspace that is new": func(a *azure) answer {
		a.ok(workspace+"2", logsBody)
		a.later(time.Minute)
		return a.send(http.MethodPut, workspace+"2/tables/AppMetrics", tableBody)
	},
	"deleting a table that every workspace has": func(a *azure) answer {
		return a.send(http.MethodDelete, workspace+"/tables/AppMetrics", "")
	},
	"a role for an identity that Entra does not know yet": func(a *azure) answer {
		return a.send(http.MethodPut, role, roleBody(a, ""))
	},
	"the same role for the same principal twice": func(a *azure) answer {
		a.ok(role, roleBody(a, `,"principalType":"ServicePrincipal"`))
		return a.send(http.MethodPut, strings.ReplaceAll(role, "6", "7"), roleBody(a, `,"principalType":"ServicePrincipal"`))
	},
	"a service that is born without public access": func(a *azure) answer {
		return a.send(http.MethodPut, service+"2", strings.Replace(serviceBody, `"publisherName"`, `"publicNetworkAccess":"Disabled","publisherName"`, 1))
	},
	"a private zone linked twice to one network, or two of one name": func(a *azure) answer {
		return a.send(http.MethodPut, network+"privateDnsZones/privatelink.openai.azure.com/virtualNetworkLinks/again", linkBody)
	},
	"a second zone group on a private endpoint": func(a *azure) answer {
		return a.send(http.MethodPut, network+"privateEndpoints/pe/privateDnsZoneGroups/more", zoneGroup)
	},
	"deleting a product that has subscriptions": func(a *azure) answer {
		return a.send(http.MethodDelete, service+"/products/gold", "")
	},
}

// elsewhere are rules that are shown where they act.
var elsewhere = map[string]string{
	"a call right after its role was assigned": "internal/azure/dataplane: TestARoleCountsOnlyOnceItHasSpread",
}

func TestEveryRuleIsShownByItsRefusal(t *testing.T) {
	for _, r := range Rules() {
		t.Run(r.Trigger, func(t *testing.T) {
			proof := proofs[r.Trigger]
			if proof == nil {
				require.Contains(t, elsewhere, r.Trigger, "a rule without a proof")
				return
			}
			got := proof(slow(t))
			require.GreaterOrEqual(t, got.status, 400, got.raw)
			code := strings.TrimLeft(strings.Split(r.Answer, ",")[0], "0123456789 ")
			if code != "" && !strings.Contains(code, " ") {
				assert.Equal(t, code, got.code, got.raw)
			}
		})
	}
}

func TestEveryProofHasItsRule(t *testing.T) {
	known := map[string]bool{}
	for _, r := range Rules() {
		assert.False(t, known[r.Trigger], "two rules share a proof: %s", r.Trigger)
		known[r.Trigger] = true
		assert.NotEmpty(t, r.Program, r.Trigger)
		assert.NotEmpty(t, r.Source, r.Trigger)
		assert.Contains(t, []string{documented, reported, unverified}, r.Confidence, r.Trigger)
	}
	for trigger := range proofs {
		assert.True(t, known[trigger], trigger)
	}
}

func TestAWriteIsAcceptedOnceTheOneBeforeHasEnded(t *testing.T) {
	a := slow(t)
	a.ok(account+"/deployments/one", modelBody)
	a.later(29 * time.Second)
	require.Equal(t, "RequestConflict", a.send(http.MethodPut, account+"/deployments/two", modelBody).code)
	a.later(time.Second)
	a.ok(account+"/deployments/two", modelBody)
}

func TestWritesOnDifferentAccountsDoNotMeet(t *testing.T) {
	a := slow(t)
	a.ok(account+"2", strings.ReplaceAll(accountBody, "aoai-se", "aoai-two"))
	a.later(time.Hour)
	a.ok(account+"/deployments/one", modelBody)
	a.ok(account+"2/deployments/one", modelBody)
}

func TestWritesOfDifferentAPIsDoNotMeet(t *testing.T) {
	a := slow(t)
	a.ok(service+"/apis/two", strings.ReplaceAll(apiBody, `"openai"`, `"two"`))
	a.ok(otherPolicy, opBody)
}

func TestASynchronousWriteIsAnsweredWhenItIsDone(t *testing.T) {
	a := slow(t)
	a.ok(service+"/backends/new", backendBody)
	at, late := a.AnswersAt(service + "/backends/new")
	require.True(t, late)
	assert.Equal(t, 3*time.Second, at.Sub(a.now))
	a.later(3 * time.Second)
	_, late = a.AnswersAt(service + "/backends/new")
	assert.False(t, late)
}

func TestWhatAnOperationHoldsIsRememberedWithTheState(t *testing.T) {
	a := slow(t)
	a.ok(account+"/deployments/one", modelBody)
	require.NoError(t, a.Load(strings.NewReader(a.saved())))
	assert.Equal(t, "RequestConflict", a.send(http.MethodPut, account+"/deployments/two", modelBody).code)
}

func TestASecurityGroupIsReadInTheOrderOfItsPriorities(t *testing.T) {
	rule := func(priority, access, ports string) string {
		return `{"name":"r` + priority + `","properties":{"access":"` + access + `","direction":"Inbound","protocol":"Tcp","priority":` + priority +
			`,"sourceAddressPrefix":"ApiManagement","sourcePortRange":"*","destinationAddressPrefix":"VirtualNetwork","destinationPortRange":"` + ports + `"}}`
	}
	for name, c := range map[string]struct {
		rules    string
		admitted bool
	}{
		"nothing said":       {"", false},
		"open":               {rule("100", "Allow", "3443"), true},
		"in a range":         {rule("100", "Allow", "3000-4000"), true},
		"beside the range":   {rule("100", "Allow", "3444-4000"), false},
		"denied before":      {rule("200", "Allow", "3443") + "," + rule("100", "Deny", "*"), false},
		"denied after":       {rule("100", "Allow", "3443") + "," + rule("200", "Deny", "*"), true},
		"another protocol":   {strings.Replace(rule("100", "Allow", "3443"), "Tcp", "Udp", 1), false},
		"from the internet":  {strings.Replace(rule("100", "Allow", "3443"), "ApiManagement", "Internet", 1), true},
		"from another place": {strings.Replace(rule("100", "Allow", "3443"), "ApiManagement", "Storage", 1), false},
		"going out":          {strings.Replace(rule("100", "Allow", "3443"), "Inbound", "Outbound", 1), false},
		"ports in a list":    {strings.Replace(rule("100", "Allow", "3443"), `Range":"3443"`, `Ranges":["80","3443"]`, 1), true},
		"places in a list":   {strings.Replace(rule("100", "Allow", "3443"), `Prefix":"ApiManagement"`, `Prefixes":["10.0.0.0/8","ApiManagement"]`, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAzure(t)
			a.ok(group, `{"location":"swedencentral"}`)
			made := a.ok(network+"networkSecurityGroups/nsg", nsgWith(c.rules))
			assert.Equal(t, c.admitted, admits(object(made, "properties"), "ApiManagement", managementPort))
		})
	}
}

// later moves the clock.
func (a *azure) later(d time.Duration) { a.now = a.now.Add(d) }

// outcome is how the operation of an accepted write ends, as its status says it, with the status 409 when it failed.
func (a *azure) outcome(accepted answer) answer {
	a.t.Helper()
	require.Less(a.t, accepted.status, 300, accepted.raw)
	a.later(2 * time.Hour)
	at := strings.TrimPrefix(accepted.header.Get("Azure-AsyncOperation"), "https://management.azure.com")
	got := a.send(http.MethodGet, at, "")
	if text(got.body, "status") == "Failed" {
		got.status = http.StatusConflict
		got.code = text(got.body, "error", "code")
	}
	return got
}
