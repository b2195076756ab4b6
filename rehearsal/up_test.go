package rehearsal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/tlsca"
	"enterprise-openai/rehearsal/drills"
)

// standing is a world that serves what was deployed without an engine.
func standing(t *testing.T, listen string) Options {
	t.Helper()
	d := deployed.New(t)
	ca, err := tlsca.New()
	require.NoError(t, err)
	o := healthy().options(t)
	open := o.open
	o.Listen = listen
	o.open = func(ctx context.Context, w workspace) (*session, error) {
		s, err := open(ctx, w)
		if err != nil {
			return nil, err
		}
		s.site = func() (*drills.Site, error) {
			return &drills.Site{ARM: d.Server, SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, Settings: d.Settings, CA: ca}, os.MkdirAll(w.dir, 0o700)
		}
		return s, nil
	}
	return o
}

func TestUpServesEveryTeamUntilTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ready, ended := make(chan Standing, 1), make(chan error, 1)
	o := standing(t, "127.0.0.1:0")
	go func() { ended <- Up(ctx, o, func(s Standing) { ready <- s }) }()
	var v *drills.Served
	var page string
	select {
	case s := <-ready:
		v, page = s.Served, s.Page
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(30 * time.Second):
		t.Fatal("up was never ready")
	}
	require.Len(t, v.Teams, 4, "search and support on standard, legal on confidential, and the people of assistants")
	for _, team := range v.Teams {
		assert.Equal(t, http.StatusOK, callTeam(t, v, team), "%s on %s", team.Team, team.Product)
	}
	for _, file := range []string{v.CAFile, v.Teams[2].TokenFile} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
	}
	assert.Equal(t, http.StatusOK, statusOf(t, page), "the live page")
	again := standing(t, strings.TrimPrefix(v.URL, "https://"))
	assert.ErrorContains(t, Up(ctx, again, func(Standing) {}), "is in use by another program; choose another address")

	cancel()
	require.NoError(t, <-ended)
	_, err := net.Dial("tcp", strings.TrimPrefix(v.URL, "https://"))
	assert.Error(t, err, "it still listens")
	at, err := url.Parse(page)
	require.NoError(t, err)
	_, err = net.Dial("tcp", at.Host)
	assert.Error(t, err, "the live page still listens")
}

// statusOf is the status of a page.
func statusOf(t *testing.T, address string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	got, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, got.Body.Close())
	return got.StatusCode
}

// callTeam makes a team's call with what Up left in files.
func callTeam(t *testing.T, v *drills.Served, team drills.TeamAccess) int {
	t.Helper()
	ca, err := os.ReadFile(v.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	r, err := http.NewRequest(http.MethodPost, v.URL+team.Path, strings.NewReader(team.Body))
	require.NoError(t, err)
	if team.Key != "" {
		r.Header.Set("api-key", team.Key)
	}
	if team.TokenFile != "" {
		token, err := os.ReadFile(team.TokenFile)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+string(token))
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	res, err := client.Do(r)
	require.NoError(t, err)
	_ = res.Body.Close()
	return res.StatusCode
}

func TestThePrintedCommandWorksWhenPasted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := standing(t, "").open(ctx, workspace{dir: t.TempDir()})
	require.NoError(t, err)
	site, err := s.site()
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "a folder with 'quotes'")
	require.NoError(t, os.Mkdir(folder, 0o700))
	v, err := site.Serve(ctx, "127.0.0.1:0", folder)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	// A curl that prints its arguments as the shell has read them.
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "curl"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\n"), 0o700))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for _, team := range v.Teams {
		out, err := exec.Command("sh", "-c", v.Curl(team)).CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, http.StatusOK, asCurl(t, strings.Split(strings.TrimSpace(string(out)), "\n")), "%s on %s", team.Team, team.Product)
	}
}

// asCurl does what curl does with the words.
func asCurl(t *testing.T, words []string) int {
	t.Helper()
	var address, resolve, body string
	pool, header := x509.NewCertPool(), http.Header{}
	for i := 0; i < len(words); i++ {
		if !strings.HasPrefix(words[i], "-") {
			address = words[i]
			continue
		}
		i++
		switch words[i-1] {
		case "--cacert":
			ca, err := os.ReadFile(words[i])
			require.NoError(t, err)
			require.True(t, pool.AppendCertsFromPEM(ca))
		case "--resolve":
			resolve = words[i]
		case "-H":
			name, value, _ := strings.Cut(words[i], ": ")
			header.Set(name, value)
		case "-d":
			body = words[i]
		default:
			t.Fatalf("curl has no %s here", words[i-1])
		}
	}
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	r.Header = header
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			ip, known := strings.CutPrefix(resolve, target+":")
			require.True(t, known, "%s does not say where %s leads", resolve, target)
			_, port, _ := net.SplitHostPort(target)
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(ip, port))
		},
	}}
	res, err := client.Do(r)
	require.NoError(t, err)
	_ = res.Body.Close()
	return res.StatusCode
}
