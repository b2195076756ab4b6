package dataplane

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"enterprise-openai/internal/azure/entra"
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

// Person is a user, by what the gateway decides by.
type Person struct {
	// Product names the product whose groups the person is in; empty is none. SecondProduct is another one.
	Product, SecondProduct string
	// ManyGroups is true for a member of more groups than a token can name.
	ManyGroups bool
}

// Members are the products by the Entra groups whose members may use them.
type Members struct {
	// Tenant is the tenant of the callers; empty is the plane's own. Audiences are whom their tokens are for.
	Tenant    string
	Audiences []string
	Products  []ProductMembers
}

// ProductMembers is a product and the object ids of its groups.
type ProductMembers struct {
	Name   string
	Groups []string
	// TokenOnly is true where a token alone identifies a caller, so that it may belong to several products.
	TokenOnly bool
}

// AddPeople fills the directory with the people that the products speak of.
func (p *Plane) AddPeople(m Members) (*People, error) {
	c := &People{directory: p.Directory, tenant: p.options.TenantID, audiences: m.Audiences, client: id("client")}
	if m.Tenant != "" {
		c.tenant = m.Tenant
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
	groups := map[string][]string{}
	for _, product := range m.Products {
		for _, group := range product.Groups {
			groups[product.Name] = append(groups[product.Name], strings.ToLower(group))
		}
	}
	for _, person := range m.people() {
		in := slices.Concat(groups[person.Product], groups[person.SecondProduct])
		for i := 0; person.ManyGroups && i < overageGroups; i++ {
			in = append(in, id(fmt.Sprint("further group ", i)))
		}
		user := entra.User{TenantID: c.tenant, ObjectID: person.ID(), Name: person.name(), PrincipalName: person.name() + "@example.com", Groups: in}
		problems = append(problems, p.Directory.PutUser(user))
	}
	return c, errors.Join(problems...)
}

// people are a member of every product and of every two whose callers a token alone identifies, and of none.
func (m Members) people() []Person {
	people := []Person{{}, {ManyGroups: true}}
	for _, product := range m.Products {
		people = append(people, Person{Product: product.Name}, Person{Product: product.Name, ManyGroups: true})
		for _, other := range m.Products {
			if other.Name != product.Name && product.TokenOnly && other.TokenOnly {
				people = append(people, Person{Product: product.Name, SecondProduct: other.Name})
			}
		}
	}
	return people
}

// Token is what a person sends to the gateway.
func (c *People) Token(person Person, change ...entra.Spoil) (string, error) {
	if len(c.audiences) == 0 {
		return "", errors.New("gateway.entra.audiences is empty: no token is for the gateway")
	}
	token, err := c.directory.UserToken(person.ID(), c.client, c.audiences[0], change...)
	return token.Access, err
}

// TokenFor is a person's token for another resource than the gateway.
func (c *People) TokenFor(person Person, resource string) (string, error) {
	token, err := c.directory.UserToken(person.ID(), c.client, resource)
	return token.Access, err
}

func (p Person) name() string {
	name := "nobody"
	if p.Product != "" {
		name = "member-of-" + p.Product
	}
	if p.SecondProduct != "" {
		name += "-and-" + p.SecondProduct
	}
	if p.ManyGroups {
		name += "-and-everything"
	}
	return name
}

// ID is the person's object id.
func (p Person) ID() string { return id(p.name()) }

// id is a GUID that is always the same for the same text.
func id(text string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://rehearsal.invalid/"+text)).String()
}
