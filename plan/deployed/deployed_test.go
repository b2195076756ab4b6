package deployed

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

const root = "../.."

// shipped are the stacks of the checkout.
func shipped(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "Pulumi.*.yaml"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml"))
	}
	require.Contains(t, names, "dev")
	return names
}

func TestEveryResourceOfEveryShippedStackIsDeployed(t *testing.T) {
	for _, name := range shipped(t) {
		settings, err := Read(t.Context(), root, name)
		require.NoError(t, err)
		stack, err := New(t.Context(), Options{Stack: name, Settings: settings})
		require.NoError(t, err)
		server, err := stack.Open()
		require.NoError(t, err)
		declared, err := plan.Run(t.Context(), root, name)
		require.NoError(t, err)
		for _, r := range declared {
			if !r.Custom {
				continue
			}
			id := stack.ID(r.Type[strings.LastIndex(r.Type, ":")+1:], r.Name)
			_, there := server.Get(id)
			assert.True(t, there, "%s %s is %q in ARM", r.Type, r.Name, id)
		}
		assert.Len(t, server.Resources("Microsoft.ApiManagement/service"), 1)
	}
}

func TestTwoDeploymentsAreTheSame(t *testing.T) {
	settings, err := Read(t.Context(), root, "dev")
	require.NoError(t, err)
	o := Options{Stack: "dev", Settings: settings, TenantID: plan.TenantID}
	first, err := deploy(t.Context(), o)
	require.NoError(t, err)
	want, err := first.state()
	require.NoError(t, err)
	for range 3 {
		next, err := deploy(t.Context(), o)
		require.NoError(t, err)
		got, err := next.state()
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}

func TestWhatIsOpenedTwiceIsApart(t *testing.T) {
	settings, err := Read(t.Context(), root, "dev")
	require.NoError(t, err)
	stack, err := New(t.Context(), Options{Stack: "dev", Settings: settings})
	require.NoError(t, err)
	again, err := New(t.Context(), Options{Stack: "dev", Settings: settings})
	require.NoError(t, err)
	assert.Same(t, stack, again, "the same settings were deployed twice")
	one, err := stack.Open()
	require.NoError(t, err)
	other, err := stack.Open(func(o *arm.Options) { o.NoDefaultLogger = true })
	require.NoError(t, err)
	id := stack.ID("Workbook", "workbook")
	request := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "https://management.azure.com"+id+"?api-version=2023-06-01", nil)
	response, err := one.Transport().RoundTrip(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.NoError(t, response.Body.Close())
	_, there := one.Get(id)
	assert.False(t, there)
	_, there = other.Get(id)
	assert.True(t, there)
}

func TestWhatAzureWouldRefuseIsRefusedByName(t *testing.T) {
	settings, err := Read(t.Context(), root, "dev")
	require.NoError(t, err)
	settings.Gateway.Units = 2
	_, err = New(t.Context(), Options{Stack: "dev", Settings: settings})
	require.ErrorContains(t, err, "gateway.units", "settings are judged")
	_, err = New(t.Context(), Options{Stack: "dev", Settings: settings, Unvalidated: true})
	require.ErrorContains(t, err, "ApiManagementService gateway: ")
}

func TestSettingsOfATextAreReadAsThoseOfAFile(t *testing.T) {
	text := "config:\n  azure-native:location: x\n  enterprise-openai:location: norwayeast\n" +
		"  enterprise-openai:gateway: {publisherName: A, publisherEmail: a@example.com}\n  enterprise-openai:accounts:\n    - {name: oslo, location: norwayeast, deployments: [{name: a, model: m, version: v, capacity: 1}]}\n" +
		"  enterprise-openai:products:\n    - {name: p, deployments: [aa], tokensPerMinute: 1, tokenQuota: {tokens: 1}, groups: [{name: g, objectId: " + plan.TenantID + "}]}\n"
	settings, err := Parse([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, "norwayeast", settings.Location)
	assert.Equal(t, stacks.SKUDeveloper, settings.Gateway.SKU, "what is left out has its default")
	_, err = Parse([]byte(strings.Replace(text, "gateway:", "gatway:", 1)))
	require.ErrorContains(t, err, "gatway")
	_, err = Parse([]byte("config: ["))
	require.ErrorContains(t, err, "settings: ")
}
