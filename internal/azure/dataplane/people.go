package dataplane

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/stacks"
)

// People are who can ask Entra for tokens: members of every product's groups, and others.
type People struct {
	directory *entra.Directory
	tenant    string
	audiences []string
	client    string
}

// overageGroups is more groups than a token can name (Microsoft Learn: identity-platform/id-token-claims-reference, 200).
const overageGroups = 201

// Who is a person by what the gateway has to decide about.
type Who struct {
	// Product is whose groups the person is in; empty is nobody's. And is a second one.
	Product, And string
	// Crowded is true for a person in more groups than a token can name.
	Crowded bool
}

// Invite fills the directory with the people the settings speak of: groups exist by their object ids, so that whoever wrote
// the settings finds their own.
func (p *Plane) Invite(s stacks.Settings) (*People, error) {
	c := &People{directory: p.Directory, tenant: p.options.TenantID, audiences: s.Gateway.Entra.Audiences, client: id("client")}
	if s.Gateway.Entra.TenantID != "" {
		c.tenant = s.Gateway.Entra.TenantID
	}
	var problems []error
	if !strings.EqualFold(c.tenant, p.options.TenantID) {
		problems = append(problems, p.Directory.AddTenant(entra.Tenant{ID: c.tenant, Domain: "callers.onmicrosoft.com"}))
	}
	problems = append(problems, p.Directory.PutApplication(entra.Application{TenantID: c.tenant, ClientID: c.client, ObjectID: id("client-principal"), Name: "A client"}))
	for _, audience := range c.audiences {
		app := entra.Application{TenantID: c.tenant, ClientID: id("audience " + audience), ObjectID: id("principal " + audience), Name: "The gateway", Identifier: audience, TokenVersion: 1}
		if uuid.Validate(audience) == nil {
			app.ClientID, app.Identifier, app.TokenVersion = audience, "", 2
		}
		problems = append(problems, p.Directory.PutApplication(app))
	}
	everybody := []Who{{}, {Crowded: true}}
	groups := map[string][]string{}
	for _, product := range s.Products {
		for _, group := range product.Groups {
			groups[product.Name] = append(groups[product.Name], strings.ToLower(group.ObjectID))
		}
		everybody = append(everybody, Who{Product: product.Name}, Who{Product: product.Name, Crowded: true})
		for _, other := range s.Products {
			if other.Name != product.Name && product.Authentication == "entra" && other.Authentication == "entra" {
				everybody = append(everybody, Who{Product: product.Name, And: other.Name})
			}
		}
	}
	for _, who := range everybody {
		in := slices.Concat(groups[who.Product], groups[who.And])
		for i := 0; who.Crowded && i < overageGroups; i++ {
			in = append(in, id(fmt.Sprint("crowd ", i)))
		}
		problems = append(problems, p.Directory.PutUser(entra.User{TenantID: c.tenant, ObjectID: who.id(), Name: who.name(), PrincipalName: who.name() + "@example.com", Groups: in}))
	}
	return c, errors.Join(problems...)
}

// Token is what a person sends to the gateway.
func (c *People) Token(who Who, change ...entra.Spoil) (string, error) {
	if len(c.audiences) == 0 {
		return "", errors.New("gateway.entra.audiences is empty: no token is for the gateway")
	}
	token, err := c.directory.UserToken(who.id(), c.client, c.audiences[0], change...)
	return token.Access, err
}

// TokenFor is a person's token for another resource than the gateway.
func (c *People) TokenFor(who Who, resource string) (string, error) {
	token, err := c.directory.UserToken(who.id(), c.client, resource)
	return token.Access, err
}

func (w Who) name() string {
	name := "nobody"
	if w.Product != "" {
		name = "member-of-" + w.Product
	}
	if w.And != "" {
		name += "-and-" + w.And
	}
	if w.Crowded {
		name += "-and-everything"
	}
	return name
}

func (w Who) id() string { return id(w.name()) }

// id is a GUID that is always the same for the same text.
func id(text string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://rehearsal.invalid/"+text)).String()
}
