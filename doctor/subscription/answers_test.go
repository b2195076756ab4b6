package subscription

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
			found, unseen := w.check(t)
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
	found, unseen := w.check(t)
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
		found, unseen := w.check(t)
		assert.Empty(t, found)
		assert.Empty(t, unseen)
		assert.Equal(t, 14*time.Second, time.Since(start), "as long as Azure's Retry-After, twice")
	})
}

func TestThrottlingThatDoesNotEndIsSaid(t *testing.T) {
	_, unseen := newWorld(t, fails("DeletedAccountsClient.NewListPager", failure{status: http.StatusTooManyRequests, code: "TooManyRequests"})).check(t)
	assert.Equal(t, []string{"Accounts deleted in the last 48 hours: Azure throttles, also after asking again; try again in a few minutes."}, unseen)
}

func TestAnswersThatDoNotComeEndOurPatienceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fails("DeletedAccountsClient.NewListPager", failure{hangs: true}))
		start := time.Now()
		found, unseen := w.check(t)
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
			_, unseen := newWorld(t, fails("DeletedAccountsClient.NewListPager", c.failure)).check(t)
			assert.Equal(t, []string{"Accounts deleted in the last 48 hours: " + c.want + "."}, unseen)
		})
	}
}

func TestA404ThatIsNotAboutTheResourceIsNoAnswerAboutIt(t *testing.T) {
	for _, code := range []string{"InvalidResourceType", "SubscriptionNotFound"} {
		f := failure{status: http.StatusNotFound, code: code}
		_, unseen := newWorld(t, fails("ServiceClient.Get", f), fails("AccountsClient.Get", f)).check(t)
		require.Len(t, unseen, 3, code)
		assert.Equal(t, "Whether the gateway is deployed already: Azure answered 404 "+code+".", unseen[0])
	}
	_, unseen := newWorld(t, fails("ServiceClient.Get", failure{status: http.StatusNotFound, code: "ResourceGroupNotFound"})).check(t)
	assert.Empty(t, unseen, "nothing is deployed yet")
}
