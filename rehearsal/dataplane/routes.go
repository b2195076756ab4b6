package dataplane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/rehearsal/openai"
)

// routes is how the gateway's calls travel. A private path is looked up at every call: a link that is taken away has to be
// felt by the next one.
type routes struct{ plane *Plane }

// RoundTrip sends a call to the account its host name belongs to, over the path the network gives it.
func (r routes) RoundTrip(ctx context.Context, _ int, _ string, req *http.Request) (*http.Response, error) {
	req = req.WithContext(ctx)
	host := req.URL.Hostname()
	if isDirectory(host) {
		return r.plane.Directory.Transport().RoundTrip(req)
	}
	account, ok := r.plane.Models.ByHost(host)
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	via := openai.Public
	if private, _ := r.plane.Private(account.Name); private {
		via = openai.PrivateEndpoint
	}
	return r.plane.Models.Transport(via).RoundTrip(req)
}

func isDirectory(host string) bool {
	return strings.EqualFold(host, "login.microsoftonline.com") || strings.EqualFold(host, "sts.windows.net") || strings.EqualFold(host, "graph.microsoft.com")
}

// Private says whether the gateway reaches an account privately, and if not, what is missing.
func (p *Plane) Private(account string) (bool, string) {
	services := p.options.ARM.Resources(serviceType)
	if len(services) != 1 {
		return false, "there is no gateway"
	}
	for _, r := range p.options.ARM.Resources(accountType) {
		if strings.EqualFold(r.Name, account) {
			return privately(p.options.ARM, services[0], r.ID)
		}
	}
	return false, fmt.Sprintf("there is no account %s", account)
}

// identities gives the service's identity its tokens.
type identities struct{ plane *Plane }

// Token is a token of the service's system-assigned identity. User-assigned ones are not modelled.
func (i identities) Token(_ context.Context, clientID, resource string) (string, time.Time, error) {
	if clientID != "" {
		return "", time.Time{}, fmt.Errorf("identity %s: user-assigned identities of the gateway are not modelled", clientID)
	}
	services := i.plane.options.ARM.Resources(serviceType)
	if len(services) != 1 {
		return "", time.Time{}, fmt.Errorf("identity: there is no gateway")
	}
	principal := body(services[0]).at("identity", "principalId").text()
	if principal == "" {
		return "", time.Time{}, fmt.Errorf("the gateway has no system-assigned identity")
	}
	token, err := i.plane.Directory.ManagedIdentityToken(principal, resource)
	if err != nil {
		return "", time.Time{}, err
	}
	return token.Access, token.Expires, nil
}
