package rehearsal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
)

// outsider is another program: all that it has is how Azure is reached.
type outsider struct {
	t      *testing.T
	client *http.Client
	reach  Reach
}

func newOutsider(t *testing.T, r Reach) *outsider {
	t.Helper()
	ca, err := os.ReadFile(r.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	proxy, err := url.Parse(r.Proxy)
	require.NoError(t, err)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &outsider{t: t, client: &http.Client{Transport: transport}, reach: r}
}

// send signs in and sends one request to Resource Manager.
func (o *outsider) send(method, path, body string) (int, string) {
	o.t.Helper()
	res, err := o.client.PostForm("https://login.microsoftonline.com/"+o.reach.TenantID+"/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {o.reach.ClientID}, "client_secret": {o.reach.Secret}, "scope": {"https://management.azure.com/.default"}})
	require.NoError(o.t, err)
	var token struct {
		Access string `json:"access_token"`
	}
	require.NoError(o.t, json.NewDecoder(res.Body).Decode(&token))
	require.NoError(o.t, res.Body.Close())
	r, err := http.NewRequestWithContext(o.t.Context(), method, "https://management.azure.com/subscriptions/"+o.reach.SubscriptionID+path, strings.NewReader(body))
	require.NoError(o.t, err)
	r.Header.Set("Authorization", "Bearer "+token.Access)
	return o.read(o.client.Do(r))
}

func (o *outsider) read(res *http.Response, err error) (int, string) {
	o.t.Helper()
	require.NoError(o.t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(o.t, err)
	require.NoError(o.t, res.Body.Close())
	return res.StatusCode, string(text)
}

// served runs Azure until end is called, which gives its error.
func served(t *testing.T, o Options) (reach Reach, end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan Reach, 1), make(chan error, 1)
	go func() { ended <- Azure(ctx, o, func(r Reach) { ready <- r }) }()
	select {
	case reach = <-ready:
	case err := <-ended:
		cancel()
		require.NoError(t, err)
	case <-time.After(time.Minute):
		cancel()
		t.Fatal("it was never served")
	}
	return reach, func() error { cancel(); return <-ended }
}

const (
	aGroup = "/resourcegroups/rg?api-version=2024-03-01"
	aGate  = "/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw?api-version=2024-05-01"
)

func TestAzureIsServedUntilTheContextEndsAndLeavesOnlyItsState(t *testing.T) {
	o := Options{ProjectDir: t.TempDir(), Stack: "dev"}
	_, err := Reached(t.Context(), o.ProjectDir, o.Stack)
	require.ErrorIs(t, err, ErrNotServed)
	reach, end := served(t, o)
	found, err := Reached(t.Context(), o.ProjectDir, o.Stack)
	require.NoError(t, err)
	assert.Equal(t, reach.Proxy, found.Proxy)
	assert.Equal(t, reach.Secret, found.Secret)
	for _, file := range []string{reach.CAFile, filepath.Join(filepath.Dir(reach.CAFile), reachFile)} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
	}
	other := newOutsider(t, reach)
	status, text := other.send(http.MethodPut, aGroup, `{"location":"swedencentral"}`)
	require.Equal(t, http.StatusCreated, status, text)
	status, text = other.send(http.MethodPut, aGate,
		`{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`)
	require.Less(t, status, 300, text)
	_, text = other.send(http.MethodGet, aGate, "")
	assert.Contains(t, text, `"provisioningState":"Succeeded"`, "what takes Azure half an hour is over")
	_, text = other.send(http.MethodGet, "/providers/Microsoft.CognitiveServices/locations/swedencentral/models?api-version=2025-06-01", "")
	assert.Contains(t, text, `"name":"gpt-5"`, "models are those of the doctor's tables")
	assert.ErrorContains(t, Azure(t.Context(), o, nil), `the Azure of stack "dev" is served already`)

	require.NoError(t, os.MkdirAll(reach.LoginFolder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(reach.LoginFolder, "login"), nil, 0o600))
	require.NoError(t, end())
	_, err = http.Get(reach.Proxy)
	require.Error(t, err, "it still listens")
	_, err = Reached(t.Context(), o.ProjectDir, o.Stack)
	require.ErrorIs(t, err, ErrNotServed)
	left, err := filepath.Glob(filepath.Join(o.ProjectDir, folder, "dev", "served*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	again, end := served(t, o)
	assert.NotEqual(t, reach.Secret, again.Secret, "a secret ends with the process")
	status, _ = newOutsider(t, again).send(http.MethodGet, aGroup, "")
	assert.Equal(t, http.StatusOK, status, "the state stays")
	assert.Positive(t, again.Resources)
	require.NoError(t, end())
}

func TestAFileThatAKilledProcessLeftIsNoServedAzure(t *testing.T) {
	project := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(project, folder, "dev"), 0o700))
	file := filepath.Join(project, folder, "dev", reachFile)
	require.NoError(t, os.WriteFile(file, []byte(`{"proxy":"http://127.0.0.1:1"}`), 0o600))
	_, err := Reached(t.Context(), project, "dev")
	require.ErrorIs(t, err, ErrNotServed)
	require.NoError(t, os.WriteFile(file, []byte(`{"proxy":`), 0o600))
	_, err = Reached(t.Context(), project, "dev")
	require.ErrorContains(t, err, "how the embedded Azure of dev is reached")
}

func TestUpServesItsAzureAndItsGatewayUnderTheirNames(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := standing(t, "127.0.0.1:0")
	open := o.open
	manager := deployed.New(t).Server
	o.open = func(ctx context.Context, w workspace) (*session, error) {
		s, err := open(ctx, w)
		if err == nil {
			s.manager = manager
		}
		return s, err
	}
	ready, ended := make(chan Standing, 1), make(chan error, 1)
	go func() { ended <- Up(ctx, o, func(s Standing) { ready <- s }) }()
	var s Standing
	select {
	case s = <-ready:
	case err := <-ended:
		require.NoError(t, err)
	}
	require.NotNil(t, s.Reach)
	other := newOutsider(t, *s.Reach)
	status, text := other.send(http.MethodGet, "/resources?api-version=2021-04-01", "")
	require.Equal(t, http.StatusOK, status, text)
	assert.Contains(t, text, "Microsoft.ApiManagement/service")
	with := s.Served.Teams[0]
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.Served.Host+with.Path, strings.NewReader(with.Body))
	require.NoError(t, err)
	r.Header.Set("api-key", with.Key)
	status, text = other.read(other.client.Do(r))
	assert.Equal(t, http.StatusOK, status, text)
	cancel()
	require.NoError(t, <-ended)
	_, err = os.Stat(s.Reach.CAFile)
	assert.ErrorIs(t, err, os.ErrNotExist)
}
