// Command golang makes calls with the OpenAI libraries of Go. It is a program of its own, because compiling the libraries takes
// a fifth of the time that compiling the command takes, and only the clients drill needs them.
//
// It reads a clients.Batch as JSON from standard input and writes the answers as a JSON array, in the order of the calls.
//
//	main.go       reading, dialling, writing
//	libraries.go  one call with each library
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"

	"enterprise-openai/rehearsal/clients"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "golang: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	var batch clients.Batch
	if err := json.NewDecoder(in).Decode(&batch); err != nil {
		return fmt.Errorf("calls: %w", err)
	}
	client, err := httpClient(batch.Endpoint)
	if err != nil {
		return err
	}
	answers := make([]clients.Answer, len(batch.Calls))
	for i, c := range batch.Calls {
		answers[i] = call(ctx, client, batch.Endpoint.Host, c)
	}
	if err := json.NewEncoder(out).Encode(answers); err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	return nil
}

// httpClient reaches the gateway's host name on loopback and trusts the rehearsal's certificate authority alone.
func httpClient(at clients.Endpoint) (*http.Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(at.CA) {
		return nil, errors.New("the endpoint's CA is no PEM certificate")
	}
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", at.Port))
		},
	}}, nil
}
