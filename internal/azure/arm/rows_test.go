package arm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/resourcetypes"
)

// rowCase is an accepted PUT of a type, with its row.
type rowCase struct {
	row        resourcetypes.Row
	path, body string
}

// rowCases are one for every body of the fuzzer: whatever a row says is tried on a request that Azure would accept.
func rowCases(t *testing.T) []rowCase {
	t.Helper()
	var all []rowCase
	for _, b := range bodies {
		id, err := ParseID(b[0])
		require.NoError(t, err)
		row, known := resourcetypes.Of(id.Type)
		require.True(t, known, id.Type)
		all = append(all, rowCase{row, b[0], b[1]})
	}
	return all
}

// parsed is a body as a map.
func parsed(t *testing.T, body string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if body != "" {
		require.NoError(t, json.Unmarshal([]byte(body), &out), body)
	}
	return out
}

// changed is the case's body with a value at a path; nil takes it away.
func (c rowCase) changed(t *testing.T, path string, value any) string {
	t.Helper()
	body := parsed(t, c.body)
	keys := strings.Split(path, ".")
	at := body
	for _, key := range keys[:len(keys)-1] {
		next, ok := at[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[key] = next
		}
		at = next
	}
	if value == nil {
		delete(at, keys[len(keys)-1])
	} else {
		at[keys[len(keys)-1]] = value
	}
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return string(text)
}

// at is a value at a path of a body.
func at(body map[string]any, path string) any {
	keys := strings.Split(path, ".")
	return object(body, keys[:len(keys)-1]...)[keys[len(keys)-1]]
}

func TestEveryRequiredFieldIsDemanded(t *testing.T) {
	tried := 0
	for _, c := range rowCases(t) {
		for _, path := range c.row.Required {
			a := world(t)
			before := a.saved()
			got := a.send(http.MethodPut, c.path, c.changed(t, path, nil))
			require.Equal(t, http.StatusBadRequest, got.status, "%s without %s: %s", c.row.Type, path, got.raw)
			assert.Contains(t, got.raw, path[strings.LastIndexByte(path, '.')+1:], "%s without %s", c.row.Type, path)
			assert.Equal(t, before, a.saved(), "a refusal changes nothing")
			tried++
		}
	}
	assert.Greater(t, tried, 30)
}

func TestEveryImmutableFieldKeepsItsValue(t *testing.T) {
	others := map[string]any{
		"kind": "AIServices", "properties.customSubDomainName": "another", "properties.subnet.id": network + "virtualNetworks/vnet/subnets/gateway",
		"properties.virtualNetwork.id": network + "virtualNetworks/another",
	}
	tried := 0
	for _, c := range rowCases(t) {
		for _, path := range c.row.Immutable {
			require.Contains(t, others, path, "%s: give the test another value", c.row.Type)
			a := world(t)
			a.ok(c.path, c.body)
			got := a.send(http.MethodPut, c.path, c.changed(t, path, others[path]))
			assert.GreaterOrEqual(t, got.status, 400, "%s with another %s: %s", c.row.Type, path, got.raw)
			assert.Equal(t, at(parsed(t, c.body), path), at(a.get(c.path), path), c.row.Type)
			tried++
		}
	}
	assert.Equal(t, 4, tried)
}

func TestEveryNameIsAsItsRowSays(t *testing.T) {
	for _, c := range rowCases(t) {
		if c.row.ARM.Link || len(c.row.Name.Only) > 0 {
			continue // they name something that has to exist
		}
		parent := c.path[:strings.LastIndexByte(c.path, '/')+1]
		wrong := map[string]string{}
		if c.row.Name.Max > 0 {
			wrong["too long"] = strings.Repeat("a", c.row.Name.Max+1)
		}
		if c.row.Name.Min > 1 {
			wrong["too short"] = strings.Repeat("a", c.row.Name.Min-1)
		}
		if c.row.Name.Pattern != "" {
			wrong["not as its pattern"] = "a%3F%23"
		}
		for what, name := range wrong {
			a := world(t)
			got := a.send(http.MethodPut, parent+name, c.body)
			assert.Equal(t, http.StatusBadRequest, got.status, "%s: a name that is %s: %s", c.row.Type, what, got.raw)
			_, there := a.Get(parent + name)
			assert.False(t, there, c.row.Type)
		}
	}
}

func TestNamesThatAreFewAreListed(t *testing.T) {
	a := world(t)
	for path, want := range map[string]string{
		service + "/apis/openai/policies/other":       "policy",
		service + "/apis/openai/diagnostics/other":    "azuremonitor or applicationinsights or local",
		service + "/identityProviders/twitter":        "aad",
		service + "/products/gold/policies/elsewhere": "policy",
	} {
		got := a.send(http.MethodPut, path, `{"properties":{}}`)
		assert.Equal(t, http.StatusBadRequest, got.status, got.raw)
		assert.Contains(t, got.raw, "the name must be "+want, path)
	}
}

func TestEveryDefaultIsFilledInAndGivesWay(t *testing.T) {
	tried := 0
	for _, c := range rowCases(t) {
		for path, value := range c.row.Defaults {
			a := world(t)
			got := a.send(http.MethodPut, c.path, c.changed(t, path, nil))
			if got.status >= 300 {
				continue // the type demands it in this form, so that there is nothing to fill in
			}
			want, err := json.Marshal(cloneValue(value))
			require.NoError(t, err)
			have, err := json.Marshal(at(a.get(c.path), path))
			require.NoError(t, err)
			assert.JSONEq(t, string(want), string(have), "%s: %s", c.row.Type, path)
			tried++
		}
	}
	assert.Greater(t, tried, 30)

	a := world(t)
	sent := a.ok(service+"/apis/openai", strings.Replace(apiBody, `"path":"openai"`, `"path":"openai","subscriptionRequired":false`, 1))
	assert.Equal(t, false, at(sent, "properties.subscriptionRequired"), "what is sent is not replaced")
	one := a.ok(namespace+"/eventhubs/one", `{"properties":{"partitionCount":2}}`)
	assert.Equal(t, []any{"0", "1"}, at(one, "properties.partitionIds"), "what follows from a value follows from what was sent")
	two := a.ok(namespace+"/eventhubs/two", `{"properties":{}}`)
	assert.Len(t, at(two, "properties.partitionIds"), 4, "and from the default")
}

func TestADefaultIsNobodysToChange(t *testing.T) {
	a := world(t)
	first := a.ok(service+"/apis/openai/operations/one", `{"properties":{"displayName":"One","method":"GET","urlTemplate":"/one"}}`)
	parameters, _ := at(first, "properties.templateParameters").([]any)
	_ = append(parameters, "x")
	row, _ := resourcetypes.Of(apiType + "/operations")
	assert.Empty(t, row.Defaults["properties.templateParameters"])
}

func TestEveryLengthIsAsItsRowSays(t *testing.T) {
	tried := 0
	for _, c := range rowCases(t) {
		for name, limit := range c.row.Lengths {
			path := "properties." + name
			long := strings.Repeat("a", limit[1]+1)
			if name == "url" {
				long = "https://a.example.com/" + long
			}
			a := world(t)
			got := a.send(http.MethodPut, c.path, c.changed(t, path, long))
			require.Equal(t, http.StatusBadRequest, got.status, "%s: %s of %d characters: %s", c.row.Type, name, len(long), got.raw)
			assert.Contains(t, got.raw, fmt.Sprintf("The length must be %d to %d characters, it is %d.", limit[0], limit[1], len(long)), "%s: %s", c.row.Type, name)
			tried++
		}
	}
	assert.Greater(t, tried, 12)
}

func TestEveryLocationIsAsItsRowSays(t *testing.T) {
	for _, c := range rowCases(t) {
		try := func(location any) answer {
			return world(t).send(http.MethodPut, c.path, c.changed(t, "location", location))
		}
		switch c.row.Location {
		case resourcetypes.AnyRegion:
			for _, wrong := range []any{nil, "global", "not a region!"} {
				assert.Equal(t, http.StatusBadRequest, try(wrong).status, "%s in %v", c.row.Type, wrong)
			}
		case resourcetypes.GlobalOnly:
			for _, wrong := range []any{nil, "swedencentral"} {
				assert.Equal(t, "LocationNotAvailableForResourceType", try(wrong).code, "%s in %v", c.row.Type, wrong)
			}
		case resourcetypes.OptionalRegion:
			assert.Less(t, try(nil).status, 300, c.row.Type)
		case resourcetypes.NoLocation:
			if c.body != "" && !c.row.ARM.Extension && strings.Count(c.row.Type, "/") == 1 {
				assert.Equal(t, "InvalidDeployment", try("swedencentral").code, c.row.Type)
			}
		}
	}
}

func TestEveryVersionOfARowIsAnsweredAndNoOther(t *testing.T) {
	for _, c := range rowCases(t) {
		a := world(t)
		for _, version := range c.row.Versions {
			got := a.send(http.MethodGet, c.path+"?api-version="+version, "")
			assert.NotEqual(t, "InvalidResourceType", got.code, "%s %s", c.row.Type, version)
		}
		for _, version := range c.row.Reads {
			got := a.send(http.MethodGet, c.path+"?api-version="+version, "")
			assert.NotEqual(t, "InvalidResourceType", got.code, "%s is read in %s", c.row.Type, version)
		}
		unknown := a.send(http.MethodGet, c.path+"?api-version=2001-01-01", "")
		assert.Equal(t, "InvalidResourceType", unknown.code, c.row.Type)
		assert.Contains(t, unknown.message, strings.Join(newestFirst(c.row.Versions, c.row.Reads), ","), "the refusal lists what is answered")
		got := a.send(http.MethodPut, c.path+"?api-version=2001-01-01", c.body)
		assert.Equal(t, "NoRegisteredProviderFound", got.code, c.row.Type)
		assert.Contains(t, got.message, strings.Join(c.row.Versions, ", "), "the refusal lists what is answered")
	}
}

func TestEveryLongOperationLastsAsLongAsItsRowSays(t *testing.T) {
	tried := 0
	for _, c := range rowCases(t) {
		if !c.row.ARM.Async {
			continue
		}
		a := slow(t)
		a.later(time.Hour) // a workspace takes tables after a while
		got := a.send(http.MethodPut, c.path, c.body)
		require.Less(t, got.status, 300, "%s: %s", c.row.Type, got.raw)
		poll := strings.TrimPrefix(got.header.Get("Azure-AsyncOperation"), "https://management.azure.com")
		if poll == "" {
			continue // a write that changes nothing is answered at once
		}
		want := c.row.Duration.Put
		a.now = a.now.Add(want - time.Second)
		assert.Equal(t, "InProgress", a.get(poll)["status"], "%s a second before %s", c.row.Type, want)
		a.now = a.now.Add(time.Second)
		assert.NotEqual(t, "InProgress", a.get(poll)["status"], "%s after %s", c.row.Type, want)
		tried++
	}
	assert.Greater(t, tried, 12)
}

func TestTwoWritesOfOneRowsOverlapMeetAndOthersDoNot(t *testing.T) {
	a := world(t)
	id := func(path string) ID {
		parsed, err := ParseID(path)
		require.NoError(t, err)
		return parsed
	}
	for path, want := range map[string]lock{
		account:                                          lockOf(accountLock, account),
		account + "/deployments/x":                       lockOf(accountLock, account),
		account + "/raiPolicies/x":                       lockOf(accountLock, account),
		service:                                          lockOf(serviceLock, service),
		service + "/apis/openai":                         lockOf(apiLock, service+"/apis/openai"),
		service + "/apis/openai/policies/p":              lockOf(apiLock, service+"/apis/openai"),
		service + "/products/gold/apis/that":             lockOf(apiLock, service+"/apis/that"),
		network + "virtualNetworks/vnet":                 lockOf(networkLock, network+"virtualNetworks/vnet"),
		network + "virtualNetworks/vnet/subnets/gateway": lockOf(networkLock, network+"virtualNetworks/vnet"),
	} {
		assert.Equal(t, []lock{want}, a.locks(id(path).Type, id(path), nil), path)
	}
	for _, path := range []string{group, service + "/backends/se", service + "/products/gold", workspace, network + "publicIPAddresses/pip"} {
		assert.Empty(t, a.locks(id(path).Type, id(path), nil), path)
	}
	endpoint := id(network + "privateEndpoints/pe")
	assert.Equal(t, []lock{lockOf(networkLock, network+"virtualNetworks/vnet"), lockOf(accountLock, account)},
		a.locks(endpoint.Type, endpoint, parsed(t, peBody)), "an endpoint works on both ends")
}

func TestTiersOfAServiceHaveTheirDurations(t *testing.T) {
	row, _ := resourcetypes.Of(serviceType)
	require.NotEmpty(t, row.Duration.Tiers)
	for tier, want := range row.Duration.Tiers {
		body := map[string]any{"sku": map[string]any{"name": strings.ToLower(tier)}}
		assert.Equal(t, want.Put, TypicalDuration(serviceType, http.MethodPut, body), tier)
		assert.Equal(t, want.Delete, TypicalDuration(serviceType, http.MethodDelete, body), tier)
	}
	assert.Equal(t, row.Duration.Put, TypicalDuration(serviceType, http.MethodPut, map[string]any{"sku": map[string]any{"name": "Developer"}}))
	assert.Zero(t, TypicalDuration("Microsoft.Nowhere/things", http.MethodPut, nil), "what has no row is over at once")
}

func TestTheListOfDurationsNamesEveryTypeThatTakesTime(t *testing.T) {
	listed := map[string]TypeDuration{}
	for _, line := range Durations() {
		listed[line.Type] = line
	}
	for _, row := range resourcetypes.All() {
		if row.Duration.Put == 0 || len(row.Duration.Tiers) > 0 {
			continue
		}
		assert.Equal(t, TypeDuration{row.Type, row.Duration.Put, row.Duration.Delete}, listed[row.Type])
	}
	assert.Equal(t, 35*time.Minute, listed[serviceType+" (classic tiers)"].Put)
	assert.Equal(t, 3*time.Minute, listed[serviceType+" (StandardV2)"].Put)
	assert.NotContains(t, listed, workbookType, "it is over at once")
}

func TestWhatIsAskedAboutATypeIsInItsRow(t *testing.T) {
	assert.True(t, Knows("microsoft.network/VIRTUALNETWORKS"))
	assert.False(t, Knows("Microsoft.Network/natGateways"))
	assert.True(t, LongRunning(serviceType))
	assert.False(t, LongRunning(loggerType))
	assert.False(t, LongRunning("Microsoft.Network/natGateways"))
}
