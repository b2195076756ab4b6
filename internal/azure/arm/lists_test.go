package arm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const own = "?api-version=2021-04-01"

// names are those of the entries of a list, whatever pages it comes in, and how many pages it took.
func (a *azure) names(path string) (names []string, pages int) {
	a.t.Helper()
	for next := path; next != ""; pages++ {
		got := a.send(http.MethodGet, strings.TrimPrefix(next, "https://management.azure.com"), "")
		require.Equal(a.t, http.StatusOK, got.status, got.raw)
		for _, entry := range items(got.body, "value") {
			names = append(names, text(entry, "name"))
		}
		next = text(got.body, "nextLink")
		require.Less(a.t, pages, 100, "the pages come to an end")
	}
	return names, pages
}

func TestAListComesInPagesThatLeadToTheNext(t *testing.T) {
	one := world(t)
	all, pages := one.names(root + "/resources" + own)
	assert.Equal(t, 1, pages)
	require.Contains(t, all, "aoai-se")
	require.Contains(t, all, "privatelink.openai.azure.com/vnet", "nested resources with a location are listed")
	assert.NotContains(t, strings.Join(all, " "), "gpt-4o", "what has no location is not")

	small := world(t, func(o *Options) { o.PageSize = 3 })
	same, pages := small.names(root + "/resources" + own)
	assert.Equal(t, all, same)
	assert.Equal(t, (len(all)+2)/3, pages)
	two, pages := one.names(root + "/resources" + own + "&$top=2")
	assert.Equal(t, all, two, "the next link keeps $top and the API version")
	assert.Equal(t, (len(all)+1)/2, pages)

	for _, wrong := range []string{"&$top=0", "&$top=many", "&$skiptoken=-1"} {
		assert.Equal(t, "InvalidQueryParameter", one.send(http.MethodGet, root+"/resources"+own+wrong, "").code, wrong)
	}
}

func TestTypesAreListedInAGroupAndInTheSubscription(t *testing.T) {
	a := world(t)
	a.ok(root+"/resourceGroups/other", `{"location":"westeurope"}`)
	a.ok(root+"/resourceGroups/other/providers/Microsoft.OperationalInsights/workspaces/more", logsBody)
	for path, want := range map[string][]string{
		root + "/resourcegroups" + own:                 {"other", "rg"},
		root + "/resourceGroups/other/resources" + own: {"more"},
		root + "/resources" + own + "&$filter=resourceType+eq+'Microsoft.CognitiveServices/accounts'": {"aoai-se"},
		root + "/resources" + own + "&$filter=resourceGroup+eq+'other'+and+name+eq+'more'":            {"more"},
		root + "/providers/Microsoft.OperationalInsights/workspaces?api-version=2021-06-01":           {"more", "logs"},
		group + "/providers/Microsoft.OperationalInsights/workspaces?api-version=2023-09-01":          {"logs"},
		account + "/deployments?api-version=2023-05-01":                                               {"gpt-4o"},
		service + "/backends?api-version=2022-08-01":                                                  {"pool", "se"},
		root + "/locations" + own: {"swedencentral", "westeurope"},
		"/tenants" + own:          {""},
	} {
		names, _ := a.names(path)
		assert.Equal(t, want, names, path)
	}
	for path, code := range map[string]string{
		root + "/resourceGroups/none/resources" + own:                                    "ResourceGroupNotFound",
		root + "/resourceGroups/none/providers/Microsoft.OperationalInsights/workspaces": "ResourceGroupNotFound",
		account + "x/deployments":                                                        "ParentResourceNotFound",
		root + "/resources?api-version=2001-01-01":                                       "InvalidApiVersionParameter",
		root + "/resources" + own + "&$filter=startswith(name,'a')":                      "InvalidFilterInQueryString",
		"/subscriptions/99999999-1111-1111-1111-111111111111/resources" + own:            "SubscriptionNotFound",
		root + "/providers/Microsoft.OperationalInsights/workspaces/logs/tables":         "InvalidRequestUri",
	} {
		got := a.send(http.MethodGet, path, "")
		assert.Equal(t, code, got.code, "%s: %s", path, got.raw)
	}
}

func TestAProviderListsTheVersionsOfItsTypes(t *testing.T) {
	a := newAzure(t)
	versions := map[string][]string{}
	for _, entry := range items(a.get(root+"/providers/microsoft.cognitiveservices"+own), "resourceTypes") {
		versions[text(entry, "resourceType")] = texts(entry, "apiVersions")
	}
	require.Contains(t, versions, "accounts/deployments")
	assert.Contains(t, versions["accounts"], "2024-10-01")
	assert.Contains(t, versions["accounts"], "2025-06-01", "what Microsoft's Go client speaks")
	assert.Greater(t, versions["accounts"][0], versions["accounts"][1], "the newest comes first")
	assert.Equal(t, "InvalidApiVersionParameter", a.send(http.MethodGet, root+"/providers/Microsoft.Network?api-version=2001-01-01", "").code)
	names, _ := a.names(root + "/providers" + own)
	assert.Len(t, names, len(namespaces()))
}

func TestARequestIsRefusedWhenItsConditionDoesNotHold(t *testing.T) {
	a := world(t)
	send := func(method, path, body, header, value string) answer {
		a.t.Helper()
		return a.sendWith(method, path, body, http.Header{header: {value}})
	}
	for path, body := range map[string]string{service + "/backends/se": backendBody, network + "networkSecurityGroups/nsg": nsgBody} {
		tag := a.send(http.MethodGet, path, "").header.Get("ETag")
		require.NotEmpty(t, tag, path)
		for _, refused := range []answer{
			send(http.MethodPut, path, body, "If-Match", `"another"`), send(http.MethodDelete, path, "", "If-Match", `"another"`),
			send(http.MethodPut, path, body, "If-None-Match", "*"),
		} {
			assert.Equal(t, http.StatusPreconditionFailed, refused.status, path)
			assert.Equal(t, "PreconditionFailed", refused.code, path)
		}
		assert.Equal(t, http.StatusOK, send(http.MethodPut, path, body, "If-Match", tag).status, path)
		assert.Equal(t, http.StatusOK, send(http.MethodPut, path, body, "If-Match", `"x", *`).status, path)
	}
	assert.Equal(t, http.StatusPreconditionFailed, send(http.MethodPut, service+"/backends/new", backendBody, "If-Match", `"x"`).status, "there is nothing to match")
	assert.Equal(t, http.StatusCreated, send(http.MethodPut, service+"/backends/new", backendBody, "If-Match", "*").status)
	assert.Equal(t, http.StatusCreated, send(http.MethodPut, service+"/backends/newer", backendBody, "If-None-Match", "*").status)
	changed := strings.Replace(backendBody, "PT1M", "PT2M", 1)
	before := a.send(http.MethodGet, service+"/backends/new", "").header.Get("ETag")
	require.Equal(t, http.StatusOK, a.send(http.MethodPut, service+"/backends/new", changed).status)
	assert.Equal(t, http.StatusPreconditionFailed, send(http.MethodDelete, service+"/backends/new", "", "If-Match", before).status, "it was changed meanwhile")
	after := a.send(http.MethodGet, service+"/backends/new", "").header.Get("ETag")
	assert.Equal(t, http.StatusOK, send(http.MethodDelete, service+"/backends/new", "", "If-Match", after).status)
}
