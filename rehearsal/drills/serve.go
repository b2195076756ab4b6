package drills

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure/dataplane"
)

// Served is a stack that answers on loopback.
type Served struct {
	// URL is where it listens.
	URL string
	// Host is the gateway's own name; certificates are for it as well as for the address.
	Host string
	// CAFile is the certificate to trust.
	CAFile string
	// Teams are who can call it.
	Teams []TeamAccess

	sandbox  *sandbox
	listener *dataplane.Listener
	folder   string
	board    *board
}

// TeamAccess is what a team needs for one product.
type TeamAccess struct {
	Team, Product string
	// Key is the subscription's; empty where the product takes tokens alone.
	Key string
	// TokenFile holds an Entra token of a member of the product's groups, renewed while the stack stands; empty where the product
	// takes none.
	TokenFile string
	// Path is a call that the team may make, below URL, and Body what it sends.
	Path, Body string
	// embeds is true where the call asks for an embedding.
	embeds bool
}

// Serve answers calls on a loopback address, on the machine's time, until the context ends or Close. Files for clients are
// written into a folder, for their owner alone.
func (s *Site) Serve(ctx context.Context, listen, folder string) (*Served, error) {
	g, err := s.openReal(ctx)
	if err != nil {
		return nil, err
	}
	served := &Served{Host: g.HostName, CAFile: filepath.Join(folder, "ca.pem"), sandbox: g, folder: folder, board: newBoard()}
	g.records.watch = served.note
	if served.listener, err = g.Open(ctx, placeOfCallers(s), listen, s.CA); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	served.URL = served.listener.URL
	err = os.WriteFile(served.CAFile, s.CA.PEM(), 0o600)
	if err == nil {
		err = served.list()
	}
	if err == nil {
		err = served.RenewTokens()
	}
	if err != nil {
		return nil, errors.Join(err, served.Close())
	}
	return served, nil
}

// Handler answers for the gateway's own name; nil for any other. Accounts have no public endpoint.
func (v *Served) Handler(host string) http.Handler {
	if !strings.EqualFold(host, v.Host) {
		return nil
	}
	return v.listener
}

// list collects what every team may do, and for products that take tokens alone, what their people may.
func (v *Served) list() error {
	s := v.sandbox.site.Settings
	callers, err := v.sandbox.callers()
	if err != nil {
		return err
	}
	for _, c := range callers {
		access := TeamAccess{Product: c.product.Name}
		if c.token != "" {
			access.TokenFile = filepath.Join(v.folder, c.product.Name+".token")
		}
		a := c.ask
		a.prompt = "Hello!"
		r, err := a.request(context.Background(), v.URL)
		if err != nil {
			return err
		}
		access.Path, access.Body = r.URL.RequestURI(), `{"messages":[{"role":"user","content":"Hello!"}]}`
		if access.embeds = a.embed; a.embed {
			access.Body = `{"input":"Hello!"}`
		}
		if !c.product.Authentication.TakesKeys() {
			v.Teams = append(v.Teams, access)
			continue
		}
		for _, team := range s.Teams {
			for _, product := range team.Products {
				if product != c.product.Name {
					continue
				}
				access.Team = team.Name
				if access.Key, err = v.sandbox.key(infra.SubscriptionID(team.Name, product)); err != nil {
					return err
				}
				v.Teams = append(v.Teams, access)
			}
		}
	}
	return nil
}

// RenewTokens writes the token files anew: tokens end after about an hour.
func (v *Served) RenewTokens() error {
	var problems []error
	written := map[string]bool{}
	for _, access := range v.Teams {
		if access.TokenFile == "" || written[access.TokenFile] {
			continue
		}
		written[access.TokenFile] = true
		token, err := v.token(access.Product)
		if err == nil {
			err = os.WriteFile(access.TokenFile, []byte(token), 0o600)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("token for product %s: %w", access.Product, err))
		}
	}
	return errors.Join(problems...)
}

// token is a new token of a member of a product's groups.
func (v *Served) token(product string) (string, error) {
	return v.sandbox.people.Token(dataplane.Person{Product: product})
}

// Curl is a command line that makes the team's call from any folder of this machine. Through the gateway's own name, as a
// client would.
func (v *Served) Curl(t TeamAccess) string {
	at, err := url.Parse(v.URL)
	if err != nil {
		return ""
	}
	parts := []string{
		"curl --cacert " + quote(v.CAFile), fmt.Sprintf("--resolve %s:%s:127.0.0.1", v.Host, at.Port()),
		quote("https://" + v.Host + ":" + at.Port() + t.Path), "-H 'content-type: application/json'",
	}
	if t.Key != "" {
		parts = append(parts, "-H 'api-key: "+t.Key+"'")
	}
	if t.TokenFile != "" {
		parts = append(parts, `-H "authorization: Bearer $(cat `+quote(t.TokenFile)+`)"`)
	}
	return strings.Join(append(parts, "-d "+quote(t.Body)), " ")
}

// quote makes one word of a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Close stops serving.
func (v *Served) Close() error { return errors.Join(v.listener.Close(), v.sandbox.Close()) }
