package dataplane

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/entra"
)

// routes is how the gateway's calls travel. The path is looked up at every call: a link that is taken away has to be felt by
// the next one.
type routes struct{ plane *Plane }

// RoundTrip sends a call to the account its host name belongs to, over the path the network gives it.
func (r routes) RoundTrip(ctx context.Context, _ int, _ string, req *http.Request) (*http.Response, error) {
	req = req.WithContext(ctx)
	host := strings.ToLower(req.URL.Hostname())
	if isDirectory(host) {
		return r.plane.Directory.Transport().RoundTrip(req)
	}
	to, err := r.plane.reach(Inside, host)
	if err != nil {
		return nil, err
	}
	if to.account == "" {
		return nil, fmt.Errorf("the gateway calls itself under %s: such loops are not modelled", host)
	}
	return r.plane.Models.Transport(to.via).RoundTrip(req)
}

func isDirectory(host string) bool {
	return host == entra.LoginHost || host == "sts.windows.net" || host == entra.GraphHost
}

// Arrival is how the gateway reaches an account, or why it does not.
func (p *Plane) Arrival(account string) (accounts.Arrival, error) {
	a, ok := p.Models.Account(account)
	if !ok {
		return accounts.Public, fmt.Errorf("there is no account %s", account)
	}
	to, err := p.reach(Inside, a.Host())
	return to.via, err
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

// GatewayToken is a token of the gateway's identity, for drills that ask what it would be worth in other hands.
func (p *Plane) GatewayToken(resource string) (string, error) {
	token, _, err := identities{p}.Token(context.Background(), "", resource)
	return token, err
}
