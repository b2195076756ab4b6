package drills

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/stacks"
)

// access tries every combination of credentials and deployments and compares the answer with what the settings promise. The
// promise is worked out here once more, from the settings alone, so that it does not share a mistake with the policies.
func access() Drill {
	return Drill{
		Name:    "access",
		Promise: "Every combination of key, token, group, product and deployment gets exactly what the settings allow: a model, or a refusal with its reason.",
		When:    Standing,
		Work:    with(aSandbox, tryAccess),
	}
}

// badge is a key or a token with what it proves.
type badge struct {
	name  string
	value string
	// product is whose key it is, or whose member the token shows; second is another one.
	product, second string
	// valid is false for what proves nothing.
	valid bool
}

// AccessMeasured counts calls.
type AccessMeasured struct {
	Combinations int `json:"combinations"`
	AsPromised   int `json:"asPromised"`
	// ByStatus are calls by the status of their answer.
	ByStatus map[string]int `json:"byStatus"`
}

func tryAccess(ctx context.Context, g *sandbox, f *findings) (*AccessMeasured, error) {
	keys, err := keyBadges(g)
	if err != nil {
		return nil, err
	}
	tokens, err := tokenBadges(g)
	if err != nil {
		return nil, err
	}
	s := g.site.Settings
	names := []string{"no-such-deployment"}
	for _, pool := range s.Pools() {
		names = append(names, pool.Deployment)
	}
	m := &AccessMeasured{ByStatus: map[string]int{}}
	for _, base := range basePaths(s) {
		for _, on := range []surface{dated, v1} {
			for _, key := range keys {
				for _, token := range tokens {
					for _, name := range names {
						if ctx.Err() != nil {
							return nil, ctx.Err()
						}
						a := ask{base: base, surface: on, deployment: name, embed: embeds(s, name), key: key.value, token: token.value}
						want := expected(s, a, key, token)
						// Every call on a minute of its own: limits are another drill's business.
						g.clock.Advance(time.Minute)
						got := g.ask(ctx, a)
						m.Combinations++
						m.ByStatus[fmt.Sprint(got.status)]++
						code, message := got.failure()
						switch {
						case got.status != want:
							f.add("%s with %s and %s: %s, where %d was promised", a.path()+modelOf(a), key.name, token.name, got, want)
						case want != 200 && (code == "" || message == ""):
							f.add("%s with %s and %s: the refusal %d has no code and message that a client shows", a.path()+modelOf(a), key.name, token.name, got.status)
						default:
							m.AsPromised++
						}
					}
				}
			}
		}
	}
	return m, nil
}

func modelOf(a ask) string {
	if a.surface == v1 {
		return " (" + a.deployment + ")"
	}
	return ""
}

// basePaths are what the paths of some product begin with.
func basePaths(s stacks.Settings) []string {
	var paths []string
	for _, p := range s.Products {
		if base := s.BasePath(p); !slices.Contains(paths, base) {
			paths = append(paths, base)
		}
	}
	return paths
}

func keyBadges(g *sandbox) ([]badge, error) {
	badges := []badge{{name: "no key"}, {name: "an invented key", value: strings.Repeat("0123456789abcdef", 2)}}
	master, err := g.key("master")
	if err != nil {
		return nil, err
	}
	badges = append(badges, badge{name: "the all-access key", value: master})
	for _, api := range g.arm.Resources("Microsoft.ApiManagement/service/apis") {
		key, err := g.subscribe("access-drill-"+api.Name, "/apis/"+api.Name)
		if err != nil {
			return nil, err
		}
		badges = append(badges, badge{name: "a key of the API " + api.Name, value: key})
	}
	for _, p := range g.site.Settings.Products {
		key, err := g.teamKey("", p.Name)
		if err != nil {
			return nil, err
		}
		badges = append(badges, badge{name: "a key of " + p.Name, value: key, product: p.Name, valid: true})
	}
	return badges, nil
}

// otherTenant is a directory that the company has nothing to do with.
const otherTenant = "5ec0ffee-0000-4000-8000-0000000000ff"

func tokenBadges(g *sandbox) ([]badge, error) {
	badges := []badge{{name: "no token"}}
	if len(g.site.Settings.Gateway.Entra.Audiences) == 0 {
		return badges, nil
	}
	var problem error
	add := func(b badge, person dataplane.Person, change ...entra.Spoil) {
		value, err := g.people.Token(person, change...)
		if err != nil && problem == nil {
			problem = fmt.Errorf("%s: %w", b.name, err)
		}
		b.value = value
		badges = append(badges, b)
	}
	long := g.longLived()
	add(badge{name: "the token of somebody in no group", valid: true}, dataplane.Person{}, long)
	for _, p := range g.site.Settings.Products {
		add(badge{name: "the token of a member of " + p.Name, product: p.Name, valid: true}, dataplane.Person{Product: p.Name}, long)
	}
	for _, first := range keyless(g.site.Settings.Products) {
		for _, second := range keyless(g.site.Settings.Products) {
			if s := g.site.Settings; s.BasePath(first) > s.BasePath(second) {
				add(badge{name: "the token of a member of " + first.Name + " and " + second.Name, product: first.Name, second: second.Name, valid: true},
					dataplane.Person{Product: first.Name, SecondProduct: second.Name}, long)
			}
		}
	}
	someone := dataplane.Person{Product: g.site.Settings.Products[len(g.site.Settings.Products)-1].Name}
	add(badge{name: "the token of somebody in more groups than it can name", valid: true}, dataplane.Person{Product: someone.Product, ManyGroups: true}, long)
	add(badge{name: "an expired token"}, someone, entra.Expired(time.Hour))
	add(badge{name: "a token signed by somebody else"}, someone, long, entra.WrongKey())
	add(badge{name: "an unsigned token"}, someone, long, entra.Unsigned())
	add(badge{name: "a token for another audience"}, someone, long, entra.WithAudience("https://cognitiveservices.azure.com"))
	add(badge{name: "a token of another tenant"}, someone, long, entra.WithTenant(otherTenant))
	return badges, problem
}

// expected is the status that the settings promise.
func expected(s stacks.Settings, a ask, key, token badge) int {
	product, status := admitted(s, a, key, token)
	if status != 200 {
		return status
	}
	known := slices.ContainsFunc(s.Pools(), func(p stacks.Pool) bool { return p.Deployment == a.deployment })
	switch {
	case !known:
		return 404
	case !slices.Contains(product.Deployments, a.deployment):
		return 403
	}
	return 200
}

// admitted is the product in whose name a call runs, or the refusal.
func admitted(s stacks.Settings, a ask, key, token badge) (stacks.Product, int) {
	here := slices.DeleteFunc(slices.Clone(s.Products), func(p stacks.Product) bool { return s.BasePath(p) != a.base })
	if key.value != "" {
		i := slices.IndexFunc(here, func(p stacks.Product) bool { return key.valid && p.Name == key.product })
		switch {
		case i < 0:
			return stacks.Product{}, 401
		case !here[i].Authentication.TakesTokens():
			return here[i], 200
		case !token.valid:
			return stacks.Product{}, 401
		case !token.reaches(s, here[i]):
			return stacks.Product{}, 403
		}
		return here[i], 200
	}
	if len(keyless(here)) == 0 || !token.valid {
		return stacks.Product{}, 401
	}
	reached := slices.DeleteFunc(keyless(s.Products), func(p stacks.Product) bool { return !token.reaches(s, p) })
	for _, p := range reached {
		if !slices.Contains(p.Deployments, a.deployment) {
			continue
		}
		if s.BasePath(p) != a.base {
			// The groups say what is logged, not the path.
			return stacks.Product{}, 403
		}
		return p, 200
	}
	for _, p := range reached {
		if s.BasePath(p) == a.base {
			return p, 200
		}
	}
	return stacks.Product{}, 403
}

// keyless are the products that take tokens alone.
func keyless(products []stacks.Product) []stacks.Product {
	return slices.DeleteFunc(slices.Clone(products), func(p stacks.Product) bool { return p.Authentication.TakesKeys() })
}

func (b badge) reaches(s stacks.Settings, p stacks.Product) bool {
	return shares(s, b.product, p) || shares(s, b.second, p)
}

// shares says whether the members of a product's groups are in a group of another product.
func shares(s stacks.Settings, member string, p stacks.Product) bool {
	for _, of := range s.Products {
		if of.Name != member {
			continue
		}
		for _, group := range of.Groups {
			if slices.ContainsFunc(p.Groups, func(g stacks.Group) bool { return strings.EqualFold(g.ObjectID, group.ObjectID) }) {
				return true
			}
		}
	}
	return false
}
