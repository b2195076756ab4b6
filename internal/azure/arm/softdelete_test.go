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
	deletedAccounts = root + "/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/rg/deletedAccounts/"
	deletedServices = root + "/providers/Microsoft.ApiManagement/locations/swedencentral/deletedservices/"
)

func TestWhatIsSoftDeletedIsFoundWhereItWasAlone(t *testing.T) {
	gone := func(a *azure) { a.remove(account); a.remove(service) }
	runRules(t, nil, []rule{
		{
			name: "an account of another group", prepare: gone, method: "GET", path: strings.Replace(deletedAccounts, "/rg/", "/two/", 1) + "aoai-se?api-version=2024-10-01",
			status: 404, code: "ResourceNotFound", message: "There is no soft-deleted resource 'aoai-se'.", at: deletedAccounts + "aoai-se?api-version=2024-10-01",
		},
		{
			name: "an account of another region", prepare: gone, method: "GET",
			path:   strings.Replace(deletedAccounts, "swedencentral", "francecentral", 1) + "aoai-se?api-version=2024-10-01",
			status: 404, code: "ResourceNotFound", message: "'aoai-se'", at: deletedAccounts + "AOAI-SE?api-version=2024-10-01",
		},
		{
			name: "a service by an account's name", prepare: gone, method: "GET", path: deletedServices + "aoai-se?api-version=2024-06-01-preview",
			status: 404, code: "ResourceNotFound", message: "'aoai-se'", at: deletedServices + "gw-test?api-version=2024-06-01-preview",
		},
		{
			name: "a service without its region", prepare: gone, method: "GET",
			path:   root + "/providers/Microsoft.ApiManagement/deletedservices/gw-test?api-version=2024-06-01-preview",
			status: 404, code: "ResourceNotFound", at: deletedServices + "gw-test?api-version=2024-06-01-preview",
		},
		{
			name: "a service that was never deleted", method: "GET", path: deletedServices + "gw-test?api-version=2024-06-01-preview",
			status: 404, code: "ResourceNotFound", freed: func(a *azure) { a.remove(service) },
		},
		{
			name: "a service after two days", prepare: func(a *azure) { gone(a); a.later(keepDeleted) }, method: "GET",
			path: deletedServices + "gw-test?api-version=2024-06-01-preview", status: 404, code: "ResourceNotFound",
			never: "what was purged does not come back",
		},
	})
}

func TestANamesOwnerAfterItsDeletionIsRefusedUntilItIsPurged(t *testing.T) {
	in := func(region string) string { return with(plainService, "swedencentral", region) }
	restore := func(region string) string { return with(in(region), `"properties":{`, `"properties":{"restore":true,`) }
	gone := func(a *azure) {
		a.remove(service)
		a.ok(root+"/resourceGroups/two", `{"location":"swedencentral"}`)
	}
	elsewhere := strings.Replace(service, "/rg/", "/two/", 1)
	purge := func(a *azure) { a.remove(deletedServices + "gw-test?api-version=2024-06-01-preview") }
	runRules(t, nil, []rule{
		{
			// A service's name is a host name: for all groups (Microsoft Learn: api-management/soft-delete).
			name: "the service's name in another group", prepare: gone, path: elsewhere, body: in("swedencentral"), status: 409,
			code: "ServiceAlreadyExistsInSoftDeletedState", message: "Api service gw-test was soft-deleted.", freed: purge,
		},
		{
			name: "a service that is restored elsewhere", prepare: gone, path: service, body: restore("francecentral"), status: 409,
			code: "InvalidResourceLocation", message: "is in location 'swedencentral', not in 'francecentral'.", accepted: restore("swedencentral"),
		},
		{
			name: "a service that is restored and was not deleted", path: service + "2", body: restore("swedencentral"), status: 404,
			code: "ServiceUndeleteNotPossible", message: "There is no soft-deleted resource '" + service + "2' to restore.", accepted: in("swedencentral"),
		},
		{
			name: "an account's name in its own group", prepare: func(a *azure) { a.remove(account) }, path: account, body: accountBody, status: 409,
			code: "FlagMustBeSetForRestore", message: "you must specify 'restore' to be 'true' in the property.",
			accepted: with(accountBody, `"properties":{`, `"properties":{"restore":true,`),
		},
	})
}

func TestAnAccountsNameIsItsGroupsAlone(t *testing.T) {
	a := world(t)
	a.remove(account)
	a.ok(root+"/resourceGroups/two", `{"location":"swedencentral"}`)
	elsewhere := strings.Replace(account, "/rg/", "/two/", 1)
	a.ok(elsewhere, strings.Replace(accountBody, `"customSubDomainName":"aoai-se"`, `"customSubDomainName":"aoai-two"`, 1))
	assert.Equal(t, []string{account}, a.SoftDeleted())
}

func TestPurgingWhatIsNotThereIsFineAndListsAreByType(t *testing.T) {
	a := world(t)
	got := a.send(http.MethodDelete, deletedServices+"none?api-version=2024-06-01-preview", "")
	assert.Equal(t, http.StatusNoContent, got.status)
	a.remove(account)
	a.remove(service)
	for path, want := range map[string]string{
		root + "/providers/Microsoft.CognitiveServices/deletedAccounts?api-version=2024-10-01":     account,
		root + "/providers/Microsoft.ApiManagement/deletedservices?api-version=2024-06-01-preview": service,
	} {
		list := items(a.get(path), "value")
		require.Len(t, list, 1, path)
		assert.Equal(t, want, list[0]["id"])
		assert.Equal(t, a.now.Add(keepDeleted).Format(time.RFC3339), text(list[0], "properties", "scheduledPurgeDate"))
	}
	assert.Equal(t, "aoai-se", text(a.get(deletedAccounts+"aoai-se?api-version=2024-10-01"), "properties", "customSubDomainName"))
	posted := a.send(http.MethodPost, root+"/providers/Microsoft.ApiManagement/deletedservices?api-version=2024-06-01-preview", "")
	assert.GreaterOrEqual(t, posted.status, 400, "a list is read")
}

func TestARestoredServiceIsWhatItWasAndWhatLivedInItIsGone(t *testing.T) {
	a := world(t)
	before := a.get(service)
	a.remove(service)
	a.later(time.Hour)
	after := a.ok(service, with(plainService, `"properties":{`, `"properties":{"restore":true,`))
	for _, path := range [][]string{{"properties", "virtualNetworkType"}, {"properties", "publicIpAddressId"}, {"identity", "principalId"}} {
		assert.Equal(t, text(before, path...), text(after, path...), "%v", path)
		assert.NotEmpty(t, text(after, path...), "%v", path)
	}
	assert.NotContains(t, object(after, "properties"), "restore", "it is written and never read")
	assert.Empty(t, a.Resources(apiType))
	assert.Equal(t, http.StatusNotFound, a.send(http.MethodGet, service+"/backends/se", "").status)
}
