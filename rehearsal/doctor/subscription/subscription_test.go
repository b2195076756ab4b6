package subscription

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/doctor"
	"enterprise-openai/stacks"
)

func TestASubscriptionWithEverythingIsLeftAlone(t *testing.T) {
	found, unseen := newWorld(t).ask(t)
	assert.Empty(t, found)
	assert.Empty(t, unseen)
}

func TestNothingInAzureIsChanged(t *testing.T) {
	// To a call that is refused like this, the SDK by itself would answer with a registration.
	w := newWorld(t, func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "NotRegistered" },
		fails("ServiceClient.Get", failure{status: http.StatusConflict, code: "MissingSubscriptionRegistration"}))
	w.ask(t)
	asking := []string{"POST ServiceClient.CheckNameAvailability", "POST ManagementClient.CheckDomainAvailability"}
	for _, call := range w.azure.calls {
		assert.True(t, strings.HasPrefix(call, "GET ") || slices.Contains(asking, call), call)
	}
	assert.Greater(t, len(w.azure.calls), 20)
}

// wrong is one thing that is wrong with a subscription, and what is said about it.
type wrong struct {
	name   string
	change func(*world)
	want   []string
}

func askAll(t *testing.T, cases []wrong) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, unseen := newWorld(t, c.change).ask(t)
			assert.Equal(t, c.want, found)
			assert.Empty(t, unseen)
		})
	}
}

func TestProvidersThatAreNotRegisteredAreFound(t *testing.T) {
	const register = "az provider register --namespace Microsoft.ApiManagement --subscription " + subscriptionID
	askAll(t, []wrong{
		{"not registered", func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "NotRegistered" }, []string{
			"error azure-providers: Microsoft.ApiManagement is not registered (NotRegistered): Azure refuses its resources with MissingSubscriptionRegistration; " + register}},
		{"of an Event Hub that is not wanted", func(w *world) { w.azure.providers["Microsoft.EventHub"] = "NotRegistered" }, []string{}},
		{"of an Event Hub that is wanted", func(w *world) {
			w.azure.providers["Microsoft.EventHub"] = "NotRegistered"
			w.environment.Settings.Logging.EventHub = &stacks.EventHub{RetentionDays: 1}
		}, []string{
			"error azure-providers: Microsoft.EventHub is not registered (NotRegistered): Azure refuses its resources with MissingSubscriptionRegistration; " + strings.ReplaceAll(register, "ApiManagement", "EventHub")}},
		{"being registered", func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "Registering" }, []string{
			"warning azure-providers: Microsoft.ApiManagement is still being registered: its resources are refused until that is done; wait some minutes, or see " + register + " --wait"}},
	})
}

func TestRolesThatAreMissingAreFound(t *testing.T) {
	only := func(role, scope, condition string, actions, notActions []string) func(*world) {
		return func(w *world) {
			w.azure.assignments = nil
			w.azure.assign(role, scope, condition, actions, notActions)
		}
	}
	const (
		subscription = "/subscriptions/" + subscriptionID
		noRoles      = "error azure-roles: you may not give roles: pulumi up fails after everything else is made, when the gateway gets its role on the accounts; " +
			"get Owner, User Access Administrator or Role Based Access Control Administrator on the subscription, or activate it"
		all = "Microsoft.Resources/subscriptions/resourceGroups/write, Microsoft.Resources/deploymentStacks/write, Microsoft.Network/virtualNetworks/write, " +
			"Microsoft.OperationalInsights/workspaces/write, Microsoft.Insights/components/write, Microsoft.CognitiveServices/accounts/write, Microsoft.ApiManagement/service/write"
	)
	noDeployment := func(denied string) string {
		return "error azure-roles: you may not deploy: no active role of yours allows " + denied + "; get role Contributor, or activate it: az role assignment create --assignee " + me + " --role Contributor --scope " + subscription
	}
	contributor := []string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"}
	askAll(t, []wrong{
		{"Contributor", only("Contributor", subscription, "", []string{"*"}, contributor), []string{noRoles}},
		{"Reader", only("Reader", subscription, "", []string{"*/read"}, nil), []string{noDeployment(all), noRoles}},
		{"only the network", only("Network Contributor", subscription, "", []string{"microsoft.network/*"}, nil), []string{
			noDeployment(strings.ReplaceAll(all, "Microsoft.Network/virtualNetworks/write, ", "")), noRoles}},
		{"Owner of another resource group", only("Owner", subscription+"/resourceGroups/other", "", []string{"*"}, nil), []string{noDeployment(all), noRoles}},
		{"Owner of a management group above", only("Owner", "/providers/Microsoft.Management/managementGroups/x", "", []string{"*"}, nil), []string{}},
		{"Contributor and an administrator of roles", func(w *world) {
			only("Contributor", subscription, "", []string{"*"}, contributor)(w)
			w.azure.assign("Role Based Access Control Administrator", subscription, "", []string{"Microsoft.Authorization/roleAssignments/write", "*/read"}, nil)
		}, []string{}},
		{"an administrator under a condition", func(w *world) {
			only("Contributor", subscription, "", []string{"*"}, contributor)(w)
			w.azure.assign("Role Based Access Control Administrator", subscription, "@Request[…]", []string{"Microsoft.Authorization/roleAssignments/write"}, nil)
		}, []string{"warning azure-roles: you may give roles only under a condition: whether it allows Cognitive Services OpenAI User to a service principal cannot be seen from here; " +
			`read the condition of your assignment: az role assignment list --assignee ` + me + ` --query "[].condition"`}},
		{"the same role without the condition elsewhere", func(w *world) {
			only("Owner", subscription, "@Request[…]", []string{"*"}, nil)(w)
			w.azure.assign("Owner", "/", "", []string{"*"}, nil)
		}, []string{}},
	})
}

func TestWhoIsLoggedInIsReadFromTheToken(t *testing.T) {
	for name, credential := range map[string]login{
		"no object id": loggedInAs(t, jwt.MapClaims{"sub": "x"}),
		"no token":     {"opaque"},
	} {
		t.Run(name, func(t *testing.T) {
			found, unseen := newWorld(t, func(w *world) { w.options.Credential = credential }).ask(t)
			assert.Empty(t, found)
			assert.Equal(t, []string{"Whether you may deploy: the login's token does not say who you are."}, unseen)
		})
	}
}

func TestWhatARegionDoesNotOfferIsFound(t *testing.T) {
	askAll(t, []wrong{
		{"the model", first(func(d *stacks.Deployment) { d.Model = "gpt-9" }), []string{
			"error azure-models accounts[0].deployments[0].model: swedencentral does not offer gpt-9 to this subscription; choose another model or region: az cognitiveservices model list --location swedencentral"}},
		{"the version", first(func(d *stacks.Deployment) { d.Version = "2020-01-01" }), []string{
			"error azure-models accounts[0].deployments[0].version: swedencentral does not offer version 2020-01-01 of gpt-5.1 to this subscription; it offers 2025-11-13"}},
		{"the deployment type", first(func(d *stacks.Deployment) { d.SKU = "Standard" }), []string{
			"error azure-models accounts[0].deployments[0].sku: swedencentral does not offer gpt-5.1 2025-11-13 as Standard to this subscription; it offers DataZoneStandard, ProvisionedManaged"}},
		{"for accounts of another kind only", func(w *world) { w.azure.models["swedencentral"][0].Kind = to.Ptr("AIServices") }, []string{
			"error azure-models accounts[0].deployments[0].model: swedencentral does not offer gpt-5.1 to this subscription; choose another model or region: az cognitiveservices model list --location swedencentral"}},
	})
}

func TestSizesARegionDoesNotTakeAreFound(t *testing.T) {
	sized := func(capacity int, c armcognitiveservices.CapacityConfig) func(*world) {
		return func(w *world) {
			first(func(d *stacks.Deployment) { d.Capacity = capacity })(w)
			w.azure.models["swedencentral"][0].Model.SKUs[0].Capacity = &c
		}
	}
	const at = "error azure-models accounts[0].deployments[0].capacity: gpt-5.1 2025-11-13 as DataZoneStandard takes "
	askAll(t, []wrong{
		{"just right", sized(62, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](12), Maximum: to.Ptr[int32](62), Step: to.Ptr[int32](5)}), []string{}},
		{"too small", sized(9, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](10)}), []string{at + "a capacity of at least 10, not 9; use 10 or more"}},
		{"too large", sized(61, armcognitiveservices.CapacityConfig{Maximum: to.Ptr[int32](60)}), []string{at + "a capacity of at most 60, not 61; use 60 or less, or more accounts"}},
		{"between two steps", sized(60, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](12), Step: to.Ptr[int32](5)}), []string{at + "capacities in steps of 5 from 12, not 60; use 57 or 62"}},
		{"no rule", sized(58, armcognitiveservices.CapacityConfig{}), []string{}},
	})
}

func TestAzuresOwnDateOfAnEndIsTold(t *testing.T) {
	ends := func(date string) func(*world) {
		return func(w *world) {
			w.azure.models["swedencentral"][0].Model.Deprecation = &armcognitiveservices.ModelDeprecationInfo{Inference: to.Ptr(date + "T00:00:00Z")}
		}
	}
	const at = " azure-retirement accounts[0].deployments[0].version: Azure says that gpt-5.1 2025-11-13 as DataZoneStandard "
	askAll(t, []wrong{
		{"far away", ends("2027-05-15"), []string{}},
		{"within half a year", ends("2026-12-01"), []string{"advice" + at + "ends on 2026-12-01, in 145 days; plan the move"}},
		{"soon", ends("2026-08-01"), []string{"warning" + at + "ends on 2026-08-01, in 23 days; move to a version that stays longer"}},
		{"past", ends("2026-07-08"), []string{"error" + at + "ended on 2026-07-08; deploy another model"}},
		{"of the deployment type alone", func(w *world) {
			ends("2027-05-15")(w)
			w.azure.models["swedencentral"][0].Model.SKUs[0].DeprecationDate = to.Ptr(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		}, []string{"error" + at + "ended on 2026-07-01; deploy another model"}},
		{"unreadable", ends("never"), []string{}},
	})
}

func TestQuotaThatIsNotFreeIsFound(t *testing.T) {
	const sweden = "error azure-quota accounts[0].deployments[0].capacity: Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in swedencentral: "
	const remedy = ": Azure refuses the deployment with InsufficientQuota; lower the capacity, move it to another region, or ask for more: https://aka.ms/oai/quotaincrease"
	usage := func(now, limit float64) func(*world) {
		return func(w *world) { w.azure.usages["swedencentral"][1] = used(strings.ToUpper(dataZoneUsage), now, limit) }
	}
	standing := func(capacity int32) func(*world) {
		return func(w *world) {
			w.azure.gateway = true
			names := w.environment.Settings.Names(subscriptionID, "enterprise-openai", "test")
			w.azure.accounts[names.Account("sweden")] = []*armcognitiveservices.Deployment{{
				SKU:        &armcognitiveservices.SKU{Name: to.Ptr("DataZoneStandard"), Capacity: &capacity},
				Properties: &armcognitiveservices.DeploymentProperties{Model: &armcognitiveservices.DeploymentModel{Name: to.Ptr("GPT-5.1")}},
			}, {}}
		}
	}
	both := func(changes ...func(*world)) func(*world) {
		return func(w *world) {
			for _, change := range changes {
				change(w)
			}
		}
	}
	askAll(t, []wrong{
		{"exactly enough", usage(400, 500), []string{}},
		{"one too few", usage(401, 500), []string{sweden + "100 thousand tokens per minute are needed, 99 of 500 are free" + remedy}},
		{"none at all", usage(0, 0), []string{sweden + "100 thousand tokens per minute are needed, 0 of 0 are free" + remedy}},
		{"used by this very environment", both(usage(500, 500), standing(100)), []string{}},
		{"used by this environment, and more wanted", both(usage(500, 500), standing(60)), []string{
			sweden + "100 thousand tokens per minute are needed, 60 of 500 are free, the 60 of this environment included" + remedy}},
	})
}

func TestTheReportShowsWhatTheSubscriptionHas(t *testing.T) {
	w := newWorld(t)
	got, err := Ask(context.Background(), w.environment, w.options)
	require.NoError(t, err)
	require.Len(t, got.Quota, 2)
	for _, need := range got.Quota {
		assert.Equal(t, 50, *need.Used)
		assert.Equal(t, 500, *need.Limit)
	}
	assert.Equal(t, subscriptionID, got.Subscription)
}

func TestQuotaTheSubscriptionDoesNotListIsSaidNotToBeChecked(t *testing.T) {
	w := newWorld(t, func(w *world) { w.azure.usages["francecentral"] = w.azure.usages["francecentral"][:1] })
	found, unseen := w.ask(t)
	assert.Empty(t, found)
	assert.Equal(t, []string{"Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in francecentral: the subscription lists no quota " + dataZoneUsage + " there."}, unseen)
}

func TestMachinesForProvisionedUnitsAreAskedFor(t *testing.T) {
	provisioned := first(func(d *stacks.Deployment) { d.SKU, d.TokensPerUnit = "ProvisionedManaged", 4750 })
	machines := func(available float32) func(*world) {
		return func(w *world) {
			provisioned(w)
			w.azure.machines = []*armcognitiveservices.ModelCapacityListResultValueItem{
				{Location: to.Ptr("uksouth"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: to.Ptr[float32](9000)}},
				{Location: to.Ptr("SwedenCentral"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: &available}},
			}
		}
	}
	askAll(t, []wrong{
		{"enough", machines(100), []string{}},
		{"too few", machines(50), []string{
			"warning azure-capacity accounts[0].deployments[0].capacity: at this moment swedencentral can serve 50 units of gpt-5.1 as ProvisionedManaged, not 100: quota is no promise of machines; try with fewer, in another region, or later"}},
	})
	found, unseen := newWorld(t, provisioned).ask(t)
	assert.Empty(t, found)
	assert.Equal(t, []string{"Whether swedencentral has provisioned units of gpt-5.1 at the moment: Azure does not say."}, unseen)
}

func TestNamesThatADeletionHoldsAreFound(t *testing.T) {
	purged := time.Date(2026, 7, 10, 9, 30, 0, 0, time.UTC)
	askAll(t, []wrong{
		{"the gateway's", func(w *world) {
			name := w.name(doctor.KindGateway)
			w.azure.taken[name] = "taken too, but said once"
			w.azure.deletedServices = []*armapimanagement.DeletedServiceContract{
				{Name: to.Ptr("somebody-elses"), Location: to.Ptr("swedencentral")},
				{Name: to.Ptr(strings.ToUpper(name)), Location: to.Ptr("swedencentral"), Properties: &armapimanagement.DeletedServiceContractProperties{ScheduledPurgeDate: &purged}}}
		}, []string{
			"error azure-deleted naming: a deleted API Management service still holds the name AOAI-TEST-APIM-ABC123, until 2026-07-10 09:30 UTC: Azure answers 409 ServiceAlreadyExistsInSoftDeletedState; " +
				"az apim deletedservice purge --service-name AOAI-TEST-APIM-ABC123 --location swedencentral, or set naming.suffix to another one"}},
		{"an account's", func(w *world) {
			w.azure.deletedAccounts = []*armcognitiveservices.Account{{
				Name: to.Ptr("aoai-test-oai-france-abc123"), Location: to.Ptr("francecentral"),
				ID:         to.Ptr("/subscriptions/" + subscriptionID + "/providers/Microsoft.CognitiveServices/locations/francecentral/resourceGroups/aoai-test-rg-abc123/deletedAccounts/aoai-test-oai-france-abc123"),
				Properties: &armcognitiveservices.AccountProperties{ScheduledPurgeDate: to.Ptr("2026-07-10T09:30:00Z")},
			}}
		}, []string{
			"error azure-deleted accounts[1].name: a deleted Azure OpenAI account and its subdomain still holds the name aoai-test-oai-france-abc123, until 2026-07-10T09:30:00Z: Azure answers 409 FlagMustBeSetForRestore; " +
				"az cognitiveservices account purge --name aoai-test-oai-france-abc123 --resource-group aoai-test-rg-abc123 --location francecentral, or set naming.suffix to another one"}},
	})
}

func TestNamesThatSomebodyHasAreFound(t *testing.T) {
	askAll(t, []wrong{
		{"the gateway's", func(w *world) { w.azure.taken["aoai-test-apim-abc123"] = "already exists." }, []string{
			"error azure-names naming: the name aoai-test-apim-abc123 of the API Management service is taken (already exists); set naming.suffix to another one"}},
		{"an account's", func(w *world) { w.azure.taken["aoai-test-oai-sweden-abc123"] = "" }, []string{
			"error azure-names accounts[0].name: the name aoai-test-oai-sweden-abc123 of the Azure OpenAI account and its subdomain is taken; set naming.suffix to another one"}},
		{"the address's", func(w *world) { w.azure.taken["label aoai-test-apim-abc123"] = "" }, []string{
			"error azure-names naming: the name aoai-test-apim-abc123 of the DNS label of the public address is taken; set naming.suffix to another one"}},
		{"by this very environment", func(w *world) {
			w.azure.gateway = true
			w.azure.accounts["aoai-test-oai-sweden-abc123"] = nil
			for _, name := range []string{"aoai-test-apim-abc123", "aoai-test-oai-sweden-abc123", "label aoai-test-apim-abc123"} {
				w.azure.taken[name] = "by ourselves"
			}
		}, []string{}},
	})
}

func TestACheckThatMayNotLookSaysSoAndTheOthersGoOn(t *testing.T) {
	forbidden := failure{status: http.StatusForbidden, code: "AuthorizationFailed"}
	const needs = ": the login may not look (AuthorizationFailed); it needs "
	for api, want := range map[string][]string{
		"ProvidersClient.Get":                              {"Whether Microsoft.ApiManagement is registered" + needs + "Microsoft.Resources/subscriptions/providers/read", "Whether Microsoft.CognitiveServices is registered", "Whether Microsoft.Network is registered", "Whether Microsoft.OperationalInsights is registered", "Whether Microsoft.Insights is registered"},
		"RoleAssignmentsClient.NewListForScopePager":       {"Whether you may deploy" + needs + "Microsoft.Authorization/roleAssignments/read"},
		"RoleDefinitionsClient.GetByID":                    {"Whether you may deploy" + needs},
		"ModelsClient.NewListPager":                        {"What swedencentral offers" + needs + "Microsoft.CognitiveServices/locations/models/read", "What francecentral offers"},
		"UsagesClient.NewListPager":                        {"Free quota in swedencentral" + needs + "Microsoft.CognitiveServices/locations/usages/read", "Free quota in francecentral"},
		"ServiceClient.Get":                                {"Whether the gateway is deployed already" + needs + "Microsoft.ApiManagement/service/read"},
		"AccountsClient.Get":                               {"What account sweden has deployed already" + needs + "Microsoft.CognitiveServices/accounts/deployments/read", "What account france has deployed already"},
		"DeletedServicesClient.NewListBySubscriptionPager": {"Gateways deleted in the last 48 hours" + needs + "Microsoft.ApiManagement/deletedservices/read"},
		"DeletedAccountsClient.NewListPager":               {"Accounts deleted in the last 48 hours" + needs + "Microsoft.CognitiveServices/deletedAccounts/read"},
		"ServiceClient.CheckNameAvailability":              {"Whether the name aoai-test-apim-abc123 is free" + needs + "Microsoft.ApiManagement/checkNameAvailability/action"},
		"ManagementClient.CheckDomainAvailability":         {"Whether the name aoai-test-oai-sweden-abc123 is free" + needs + "Microsoft.CognitiveServices/checkDomainAvailability/action", "Whether the name aoai-test-oai-france-abc123 is free"},
		"ManagementClient.CheckDNSNameAvailability":        {"Whether the name aoai-test-apim-abc123 is free" + needs + "Microsoft.Network/locations/CheckDnsNameAvailability/read"},
	} {
		t.Run(api, func(t *testing.T) {
			// One finding of every other check, so that going on is seen.
			w := newWorld(t, fails(api, forbidden), func(w *world) {
				w.azure.providers["Microsoft.Insights"] = "NotRegistered"
				w.azure.taken["aoai-test-oai-france-abc123"] = "x"
				w.azure.usages["francecentral"][1] = used(dataZoneUsage, 500, 500)
			})
			found, unseen := w.ask(t)
			require.Len(t, unseen, len(want))
			for i := range want {
				assert.Contains(t, unseen[i], want[i])
			}
			expected := map[string]string{"ProvidersClient.": "azure-providers", "ManagementClient.CheckDomain": "azure-names", "UsagesClient.": "azure-quota"}
			for prefix, check := range expected {
				seen := slices.ContainsFunc(found, func(line string) bool { return strings.Contains(line, check) })
				assert.Equal(t, !strings.HasPrefix(api, prefix), seen, "%s in %v", check, found)
			}
		})
	}
}

func TestOneRegionThatMayNotBeSeenDoesNotHideTheOther(t *testing.T) {
	w := newWorld(t, fails("UsagesClient.NewListPager", failure{status: http.StatusForbidden, code: "AuthorizationFailed", only: "swedencentral"}), func(w *world) {
		w.azure.usages["francecentral"][1] = used(dataZoneUsage, 500, 500)
	})
	found, unseen := w.ask(t)
	require.Len(t, unseen, 1)
	assert.Contains(t, unseen[0], "Free quota in swedencentral")
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "in francecentral: 100 thousand tokens per minute are needed, 0 of 500 are free")
}

func TestAThrottledQuestionIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fails("UsagesClient.NewListPager", failure{status: http.StatusTooManyRequests, code: "TooManyRequests", header: http.Header{"Retry-After": {"7"}}, times: 2}))
		w.options.Retry = policy.RetryOptions{}
		start := time.Now()
		found, unseen := w.ask(t)
		assert.Empty(t, found)
		assert.Empty(t, unseen)
		assert.Equal(t, 14*time.Second, time.Since(start), "as long as Azure said, twice")
	})
}

func TestThrottlingThatDoesNotEndIsSaid(t *testing.T) {
	_, unseen := newWorld(t, fails("DeletedAccountsClient.NewListPager", failure{status: http.StatusTooManyRequests, code: "TooManyRequests"})).ask(t)
	assert.Equal(t, []string{"Accounts deleted in the last 48 hours: Azure throttles, also after asking again; try again in a few minutes."}, unseen)
}

func TestAnswersThatDoNotComeEndOurPatienceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fails("DeletedAccountsClient.NewListPager", failure{hangs: true}))
		start := time.Now()
		found, unseen := w.ask(t)
		assert.Empty(t, found)
		assert.Equal(t, []string{"Accounts deleted in the last 48 hours: Azure did not answer within 30s; try again."}, unseen)
		assert.Equal(t, 30*time.Second, time.Since(start))
	})
}

func TestAzuresOtherAnswersAreToldInItsWords(t *testing.T) {
	for name, c := range map[string]struct {
		failure failure
		want    string
	}{
		"a failure":                {failure{status: http.StatusInternalServerError, code: "InternalServerError"}, "Azure answered 500 InternalServerError"},
		"an unregistered provider": {failure{status: http.StatusConflict, code: "MissingSubscriptionRegistration"}, "its resource provider is not registered"},
		"an unknown subscription":  {failure{status: http.StatusNotFound, code: "SubscriptionNotFound"}, "Azure answered 404 SubscriptionNotFound"},
		"an expired login":         {failure{status: http.StatusUnauthorized, code: "ExpiredAuthenticationToken"}, "the login may not look (ExpiredAuthenticationToken); it needs Microsoft.CognitiveServices/deletedAccounts/read, which role Contributor has"},
		"an answer without a code": {failure{status: http.StatusBadGateway}, "Azure answered 502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			_, unseen := newWorld(t, fails("DeletedAccountsClient.NewListPager", c.failure)).ask(t)
			assert.Equal(t, []string{"Accounts deleted in the last 48 hours: " + c.want + "."}, unseen)
		})
	}
}

// nobody is a machine without a login; the text is that of the SDK.
type nobody struct{}

func (nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, errors.New("DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n" +
		"\tAzureCLICredential: Please run 'az login' to set up an account\n\tAzureDeveloperCLICredential: executable not found on path")
}

func TestWithoutALoginItSaysOnceWhatToRun(t *testing.T) {
	w := newWorld(t, func(w *world) { w.options.Credential = nobody{} })
	found, unseen := w.ask(t)
	assert.Equal(t, []string{
		"error azure-login: Azure was not asked: nobody is logged in on this machine, or the login has expired (AzureCLICredential: Please run 'az login' to set up an account); " +
			"run az login, with --tenant for a directory that is not your default; a pipeline sets AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"}, found)
	assert.Empty(t, unseen)
	assert.Empty(t, w.azure.calls, "nothing is asked without a login")
}

func TestTheSubscriptionIsTheOneThatPulumiUses(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no az
	t.Setenv("ARM_SUBSCRIPTION_ID", "")
	t.Setenv("AZURE_SUBSCRIPTION_ID", "")
	_, err := Find(context.Background(), "", "")
	require.ErrorIs(t, err, ErrNoSubscription)
	for i, want := range []string{"from-azure", "from-arm", "from-the-stack", "from-the-flag"} {
		named, configured := "", ""
		switch i {
		case 0:
			t.Setenv("AZURE_SUBSCRIPTION_ID", want)
		case 1:
			t.Setenv("ARM_SUBSCRIPTION_ID", want)
		case 2:
			configured = want
		case 3:
			named, configured = want, "from-the-stack"
		}
		got, err := Find(context.Background(), named, configured)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestWithoutASubscriptionItSaysHowToChooseOne(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("ARM_SUBSCRIPTION_ID", "")
	t.Setenv("AZURE_SUBSCRIPTION_ID", "")
	got, err := ThisMachine(context.Background(), newWorld(t).environment, "")
	require.NoError(t, err)
	assert.Equal(t, []doctor.Finding{{
		Check: "azure-login", Severity: doctor.Error, Settings: []doctor.Place{{}}, Message: "Azure was not asked: no subscription is chosen",
		Remedy: "run az login; choose with --subscription ID, ARM_SUBSCRIPTION_ID, or az account set --subscription NAME",
	}}, got.Findings)
}

func TestEveryCheckIsDocumentedAndSeen(t *testing.T) {
	var documented []string
	for _, c := range Checks() {
		assert.NotEmpty(t, c.Looks, c.ID)
		assert.NotEmpty(t, c.Source, c.ID)
		documented = append(documented, c.ID)
	}
	w := newWorld(t, func(w *world) {
		w.azure.providers["Microsoft.Network"] = "NotRegistered"
		w.azure.assignments = nil
		w.azure.taken["aoai-test-apim-abc123"] = "x"
		w.azure.usages["francecentral"][1] = used(dataZoneUsage, 500, 500)
		w.azure.models["swedencentral"] = nil
		w.azure.models["francecentral"][0].Model.Deprecation = &armcognitiveservices.ModelDeprecationInfo{Inference: to.Ptr("2026-01-01T00:00:00Z")}
		w.azure.deletedAccounts = []*armcognitiveservices.Account{{Name: to.Ptr("aoai-test-oai-france-abc123")}}
		w.azure.machines = []*armcognitiveservices.ModelCapacityListResultValueItem{
			{Location: to.Ptr("swedencentral"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: to.Ptr[float32](1)}}}
	}, first(func(d *stacks.Deployment) { d.SKU, d.TokensPerUnit = "ProvisionedManaged", 4750 }))
	found, _ := w.ask(t)
	nobodys, _ := newWorld(t, func(w *world) { w.options.Credential = nobody{} }).ask(t)
	var seen []string
	for _, line := range append(nobodys, found...) {
		if check := strings.TrimSuffix(strings.Fields(line)[1], ":"); !slices.Contains(seen, check) {
			seen = append(seen, check)
		}
	}
	assert.ElementsMatch(t, documented, seen)
}
