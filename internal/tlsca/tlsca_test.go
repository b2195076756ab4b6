package tlsca_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/tlsca"
)

func TestAClientOfTheAuthorityTrustsItsServers(t *testing.T) {
	ca, err := tlsca.New()
	require.NoError(t, err)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", ca.ServerConfig("gateway.example.test"))
	require.NoError(t, err)
	srv := &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = srv.Serve(ln) }()
	defer srv.Close()
	url := "https://" + ln.Addr().String()

	res, err := ca.Client().Get(url)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusTeapot, res.StatusCode)

	_, err = (&http.Client{Transport: &http.Transport{}}).Get(url)
	assert.ErrorContains(t, err, "certificate", "a client that was not told of the authority must refuse it")
}

func TestEveryNameAskedForGetsItsOwnCertificate(t *testing.T) {
	ca, err := tlsca.New()
	require.NoError(t, err)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", ca.ServerConfig())
	require.NoError(t, err)
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	for _, name := range []string{"one.openai.azure.com", "two.azure-api.net", "localhost"} {
		c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{RootCAs: ca.Pool(), ServerName: name})
		require.NoError(t, err, name)
		assert.NoError(t, c.ConnectionState().PeerCertificates[0].VerifyHostname(name))
		_ = c.Close()
	}
}

func TestThePEMFileHoldsTheAuthorityAndNoKey(t *testing.T) {
	ca, err := tlsca.New()
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca.PEM()))
	assert.NotContains(t, string(ca.PEM()), "PRIVATE KEY")
}

func TestACertificateNeedsAName(t *testing.T) {
	ca, err := tlsca.New()
	require.NoError(t, err)
	_, err = ca.Certificate()
	require.Error(t, err)
	c, err := ca.Certificate("a.test", net.IPv4(127, 0, 0, 1).String())
	require.NoError(t, err)
	again, err := ca.Certificate("a.test")
	require.NoError(t, err)
	assert.Same(t, c, again)
}
