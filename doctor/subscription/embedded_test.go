package subscription

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/hosts"
	"enterprise-openai/stacks"
)

// The directory of the embedded Azure, and the application that deploys.
const (
	tenantID = "22222222-2222-4222-8222-222222222222"
	clientID = "33333333-3333-4333-8333-333333333333"
)

// embedded is a world whose subscription is the embedded Azure, queried by Microsoft's clients and signed in to by Microsoft's library: over TLS, under
// Azure's names, with one entry on each page.
func embedded(t *testing.T, change ...func(*arm.Options)) (*world, *arm.Server) {
	t.Helper()
	offers := []arm.Offer{
		{Model: "gpt-5.1", Version: "2025-11-13", Units: 20, SKUs: []arm.OfferedSKU{{Name: "DataZoneStandard"}, {Name: "ProvisionedManaged", Least: 50, Step: 50}}},
		{Model: "gpt-5.4", Version: "2026-03-05", SKUs: []arm.OfferedSKU{{Name: "GlobalStandard"}}},
	}
	o := arm.Options{
		SubscriptionID: subscriptionID, TenantID: tenantID, DeployerID: me, PageSize: 1,
		Offers: map[string][]arm.Offer{"swedencentral": offers, "francecentral": offers},
		Quota:  func(string, string, string) (float64, bool) { return 500, true },
	}
	for _, c := range change {
		c(&o)
	}
	server := arm.New(o)
	f, err := hosts.Open(t.Context(), hosts.Options{Manager: server, TenantID: tenantID, ClientID: clientID, ObjectID: me})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	proxy, err := url.Parse(f.Proxy)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: f.CA.Pool(), MinVersion: tls.VersionTLS12}}}
	t.Cleanup(client.CloseIdleConnections)
	w := newWorld(t)
	w.options.Transport = client
	w.options.Credential, err = azidentity.NewClientSecretCredential(f.TenantID, f.ClientID, f.Secret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: policy.ClientOptions{Transport: client}})
	require.NoError(t, err)
	return w, server
}

func TestAHealthySubscriptionIsHealthyToMicrosoftsClients(t *testing.T) {
	w, _ := embedded(t)
	found, unseen := w.check(t)
	assert.Empty(t, found)
	assert.Empty(t, unseen)
}

// faulty are the faults of a subscription, each with the finding that it must lead to, and no other.
func TestEveryFaultOfASubscriptionIsFoundByMicrosoftsClients(t *testing.T) {
	label := func(name string) string { return name + ".swedencentral.cloudapp.azure.com" }
	for name, c := range map[string]struct {
		change func(*world, *arm.Options)
		want   []string
		unseen []string
	}{
		"a provider that is not registered": {change: func(_ *world, o *arm.Options) { o.Unregistered = []string{"Microsoft.Insights"} },
			want: []string{"error azure-providers: Microsoft.Insights is not registered (NotRegistered)"}},
		"quota that is missing in one region": {change: func(_ *world, o *arm.Options) {
			o.Quota = func(region, _, _ string) (float64, bool) {
				return map[string]float64{"swedencentral": 60, "francecentral": 500}[region], true
			}
		}, want: []string{"error azure-quota accounts[0].deployments[0].capacity: Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in swedencentral: 100 thousand tokens per minute are needed, 60 of 60 are free"}},
		"Contributor alone": {change: func(_ *world, o *arm.Options) { o.Grants = []arm.Grant{{Role: "Contributor"}} },
			want: []string{"error azure-roles: you may not give roles"}},
		"Reader": {change: func(_ *world, o *arm.Options) { o.Grants = []arm.Grant{{Role: "Reader"}} },
			want: []string{"error azure-roles: you may not deploy: no active role of yours allows Microsoft.Resources/subscriptions/resourceGroups/write", "error azure-roles: you may not give roles"}},
		"roles under a condition": {change: func(_ *world, o *arm.Options) {
			o.Grants = []arm.Grant{{Role: "Contributor"}, {Role: "Role Based Access Control Administrator", Condition: "@Request[x]"}}
		}, want: []string{"warning azure-roles: you may give roles only under a condition"}},
		"a model that one region lacks": {change: func(_ *world, o *arm.Options) { o.Offers["francecentral"] = o.Offers["francecentral"][1:] },
			want:   []string{"error azure-models accounts[1].deployments[0].model: francecentral does not offer gpt-5.1"},
			unseen: []string{"the subscription lists no quota OpenAI.DataZoneStandard.gpt-5.1 there"}},
		"a model that ends": {change: func(_ *world, o *arm.Options) {
			o.Offers["swedencentral"] = []arm.Offer{{Model: "gpt-5.1", Version: "2025-11-13", Retires: "2026-08-01T00:00:00Z", SKUs: []arm.OfferedSKU{{Name: "DataZoneStandard"}}}}
		}, want: []string{"warning azure-retirement accounts[0].deployments[0].version: Azure says that gpt-5.1 2025-11-13 as DataZoneStandard ends on 2026-08-01"}},
		"a capacity that the deployment type does not take": {change: func(_ *world, o *arm.Options) {
			o.Offers["swedencentral"] = []arm.Offer{{Model: "gpt-5.1", Version: "2025-11-13", SKUs: []arm.OfferedSKU{{Name: "DataZoneStandard", Most: 50}}}}
		}, want: []string{"error azure-models accounts[0].deployments[0].capacity: gpt-5.1 2025-11-13 as DataZoneStandard takes a capacity of at most 50, not 100"}},
		"units that the region cannot serve": {change: func(w *world, _ *arm.Options) {
			d := &w.environment.Settings.Accounts[0].Deployments[0]
			d.SKU, d.Capacity = "ProvisionedManaged", 50
		}, want: []string{"warning azure-capacity accounts[0].deployments[0].capacity: at this moment swedencentral can serve 20 units"}},
		"names that others have": {change: func(w *world, o *arm.Options) {
			o.Taken = map[string]string{"aoai-test-oai-france-abc123": "It is used.", "aoai-test-apim-abc123": "", label("aoai-test-apim-abc123"): ""}
		}, want: []string{
			"error azure-names naming: the name aoai-test-apim-abc123 of the API Management service is taken", "error azure-names accounts[1].name: the name aoai-test-oai-france-abc123 of the Azure OpenAI account and its subdomain is taken (It is used)",
			"error azure-names naming: the name aoai-test-apim-abc123 of the DNS label of the public address is taken",
		}},
		"a policy of the company": {change: func(_ *world, o *arm.Options) {
			o.Denied = func(armType, _, location string) (string, string, bool) {
				return "/x/assignments/europe", "/x/allowed-locations", armType == "Microsoft.CognitiveServices/accounts" && location == "francecentral"
			}
		}, want: []string{"error azure-policy accounts[1]: Azure Policy denies aoai-test-oai-france-abc123: assignment europe"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := newWorld(t)
			w, _ := embedded(t, func(o *arm.Options) { c.change(changed, o) })
			w.environment = changed.environment
			found, unseen := w.check(t)
			require.Len(t, unseen, len(c.unseen), "%q", unseen)
			for i := range unseen {
				assert.Contains(t, unseen[i], c.unseen[i])
			}
			require.Len(t, found, len(c.want), "%q", found)
			for _, want := range c.want {
				assert.Contains(t, strings.Join(found, "\n"), want)
			}
		})
	}
}

// put writes to Resource Manager as the deployment would.
func put(t *testing.T, server *arm.Server, path, version, body string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPut, "https://management.azure.com/subscriptions/"+subscriptionID+path+"?api-version="+version, strings.NewReader(body))
	res, err := server.Transport().RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Less(t, res.StatusCode, 300, path)
}

func TestWhatTheEnvironmentHasDeployedIsItsOwnToMicrosoftsClients(t *testing.T) {
	w, server := embedded(t, func(o *arm.Options) { o.Quota = func(string, string, string) (float64, bool) { return 100, true } })
	names := w.environment.Settings.Names(subscriptionID, w.environment.Project, w.environment.Stack)
	group := "/resourceGroups/" + names.ResourceGroup()
	account := group + "/providers/Microsoft.CognitiveServices/accounts/" + names.Account("sweden")
	put(t, server, group, "2024-03-01", `{"location":"swedencentral"}`)
	put(t, server, account, "2024-10-01", `{"location":"swedencentral","kind":"OpenAI","sku":{"name":"S0"},"properties":{"customSubDomainName":"`+names.Account("sweden")+`"}}`)
	put(t, server, account+"/deployments/chat", "2024-10-01", `{"sku":{"name":"DataZoneStandard","capacity":100},"properties":{"model":{"format":"OpenAI","name":"gpt-5.1","version":"2025-11-13"}}}`)
	found, unseen := w.check(t)
	assert.Empty(t, found, "its quota is used, and its name taken, by itself")
	assert.Empty(t, unseen)

	w.environment.Settings.Accounts[0].Deployments = append(w.environment.Settings.Accounts[0].Deployments,
		stacks.Deployment{Name: "more", Model: "gpt-5.1", Version: "2025-11-13", SKU: "DataZoneStandard", Capacity: 1})
	found, _ = w.check(t)
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "101 thousand tokens per minute are needed, 100 of 100 are free, the 100 of this environment included")
}

func TestADeletedAccountHoldsItsNameToMicrosoftsClients(t *testing.T) {
	w, server := embedded(t)
	names := w.environment.Settings.Names(subscriptionID, w.environment.Project, w.environment.Stack)
	group := "/resourceGroups/" + names.ResourceGroup()
	account := group + "/providers/Microsoft.CognitiveServices/accounts/" + names.Account("sweden")
	put(t, server, group, "2024-03-01", `{"location":"swedencentral"}`)
	put(t, server, account, "2024-10-01", `{"location":"swedencentral","kind":"OpenAI","sku":{"name":"S0"},"properties":{"customSubDomainName":"`+names.Account("sweden")+`"}}`)
	r := httptest.NewRequest(http.MethodDelete, "https://management.azure.com/subscriptions/"+subscriptionID+account+"?api-version=2024-10-01", nil)
	res, err := server.Transport().RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	found, unseen := w.check(t)
	assert.Empty(t, unseen)
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "a deleted Azure OpenAI account and its subdomain still holds the name "+names.Account("sweden"))
	assert.Contains(t, found[0], "az cognitiveservices account purge --name "+names.Account("sweden")+" --resource-group "+names.ResourceGroup()+" --location swedencentral")
}
