package hosts_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	sdkarm "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/hosts"
)

// clock is one that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func open(t *testing.T, change ...func(*hosts.Options)) (*hosts.Front, *http.Client) {
	t.Helper()
	o := hosts.Options{
		Manager:  arm.New(arm.Options{SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, PageSize: 1}),
		TenantID: azure.TenantID, ClientID: azure.ClientID, ObjectID: azure.ObjectID,
	}
	for _, c := range change {
		c(&o)
	}
	f, err := hosts.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	proxy, err := url.Parse(f.Proxy)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: f.CA.Pool(), MinVersion: tls.VersionTLS12}}}
	t.Cleanup(client.CloseIdleConnections)
	return f, client
}

func credential(t *testing.T, f *hosts.Front, secret string, client *http.Client) azcore.TokenCredential {
	t.Helper()
	c, err := azidentity.NewClientSecretCredential(f.TenantID, f.ClientID, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: policy.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: -1}},
	})
	require.NoError(t, err)
	return c
}

func groups(t *testing.T, f *hosts.Front, secret string, client *http.Client) *armresources.ResourceGroupsClient {
	t.Helper()
	c, err := armresources.NewResourceGroupsClient(azure.SubscriptionID, credential(t, f, secret, client),
		&sdkarm.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: -1}}, DisableRPRegistration: true})
	require.NoError(t, err)
	return c
}

func TestMicrosoftsClientsSignInAndWorkUnderAzuresNames(t *testing.T) {
	f, client := open(t)
	rg := groups(t, f, f.Secret, client)
	place := "swedencentral"
	for _, name := range []string{"a", "b", "c"} {
		_, err := rg.CreateOrUpdate(t.Context(), name, armresources.ResourceGroup{Location: &place}, nil)
		require.NoError(t, err)
	}
	var names []string
	for pager := rg.NewListPager(nil); pager.More(); {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		require.Len(t, page.Value, 1, "one on a page, so that the next links are followed through the proxy")
		names = append(names, *page.Value[0].Name)
	}
	assert.Equal(t, []string{"a", "b", "c"}, names)
	poller, err := rg.BeginDelete(t.Context(), "b", nil)
	require.NoError(t, err)
	_, err = poller.PollUntilDone(t.Context(), nil)
	require.NoError(t, err)
	gone, err := rg.CheckExistence(t.Context(), "b", nil)
	require.NoError(t, err)
	assert.False(t, gone.Success)
}

func TestAWrongSecretGetsNoToken(t *testing.T) {
	f, client := open(t)
	_, err := groups(t, f, "wrong", client).Get(t.Context(), "a", nil)
	assert.ErrorContains(t, err, "AADSTS7000215")
	_, err = groups(t, f, f.Secret, client).Get(t.Context(), "a", nil)
	assert.ErrorContains(t, err, "ResourceGroupNotFound", "the right one gets through to Resource Manager")
}

func TestResourceManagerWantsATokenForItself(t *testing.T) {
	time0 := &clock{time.Now()}
	f, client := open(t, func(o *hosts.Options) { o.Clock = time0 })
	ask := func(authorization string) (int, string, http.Header) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://management.azure.com/subscriptions?api-version=2022-12-01", nil)
		require.NoError(t, err)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		res, err := client.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode, string(body), res.Header
	}
	token := func(scope string) string {
		got, err := credential(t, f, f.Secret, client).GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
		require.NoError(t, err)
		return "Bearer " + got.Token
	}
	right := token("https://management.azure.com/.default")
	for _, good := range []string{right, token("https://management.core.windows.net//.default")} {
		status, body, header := ask(good)
		assert.Equal(t, http.StatusOK, status, body)
		assert.NotEmpty(t, header.Get("x-ms-request-id"))
	}
	for authorization, code := range map[string]string{
		"": "AuthenticationFailed", "Bearer nonsense": "InvalidAuthenticationToken", token("https://graph.microsoft.com/.default"): "InvalidAuthenticationToken",
		right + "x": "InvalidAuthenticationToken",
	} {
		status, body, header := ask(authorization)
		assert.Equal(t, http.StatusUnauthorized, status)
		assert.Contains(t, body, code)
		assert.Contains(t, header.Get("WWW-Authenticate"), azure.TenantID)
	}
	time0.now = time0.now.Add(2 * time.Hour)
	_, body, _ := ask(right)
	assert.Contains(t, body, "ExpiredAuthenticationToken")
}

func TestTheProxyRefusesEveryOtherNameAndSaysWhatToDo(t *testing.T) {
	_, client := open(t)
	for _, address := range []string{"https://example.com/", "https://management.azure.com:8443/", "https://evil.management.azure.com/", "http://management.azure.com/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		res, err := client.Do(r)
		var text string
		if err == nil {
			body, readErr := io.ReadAll(res.Body)
			require.NoError(t, readErr)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusForbidden, res.StatusCode)
			text = string(body)
		} else {
			text = err.Error()
		}
		assert.Contains(t, text, "the embedded Azure does not serve", address)
		assert.Contains(t, text, "NO_PROXY=", address)
	}
}

func TestACloudIsDescribedToWhoHasNoTokenYet(t *testing.T) {
	_, client := open(t)
	for version, want := range map[string]string{"2015-01-01": `"loginEndpoint":"https://login.microsoftonline.com"`, "2022-09-01": `"name":"AzureCloud"`} {
		res, err := client.Get("https://management.azure.com/metadata/endpoints?api-version=" + version)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Contains(t, string(body), want)
	}
}

func TestFurtherNamesAreAnsweredByTheirOwner(t *testing.T) {
	_, client := open(t, func(o *hosts.Options) {
		o.Others = func(host string) http.Handler {
			if host != "gw.azure-api.net" {
				return nil
			}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "gateway "+r.Host) })
		}
	})
	res, err := client.Get("https://gw.azure-api.net/")
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "gateway gw.azure-api.net", string(body))
	_, err = client.Get("https://other.azure-api.net/")
	assert.ErrorContains(t, err, "does not serve other.azure-api.net")
}

func TestNobodyElseCanReachIt(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", ":0", "example.com:1"} {
		_, err := hosts.Open(t.Context(), hosts.Options{Address: address, TenantID: azure.TenantID, ClientID: azure.ClientID, ObjectID: azure.ObjectID})
		assert.ErrorContains(t, err, "is not an address of loopback", address)
	}
}

func TestTheEndOfTheContextEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, err := hosts.Open(ctx, hosts.Options{TenantID: azure.TenantID, ClientID: azure.ClientID, ObjectID: azure.ObjectID})
	require.NoError(t, err)
	cancel()
	require.Eventually(t, func() bool {
		_, err := http.Get(f.Proxy)
		return err != nil && strings.Contains(err.Error(), "refused")
	}, 10*time.Second, 10*time.Millisecond)
}

func TestItIsClosedOnceHoweverManyCloseIt(t *testing.T) {
	f, _ := open(t)
	start := make(chan struct{})
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			<-start
			_ = f.Close() // the second Close of a listener is an error, and never a panic
		})
	}
	close(start)
	all.Wait()
	_, err := net.DialTimeout("tcp", strings.TrimPrefix(f.Proxy, "http://"), time.Second)
	require.Error(t, err)
}
