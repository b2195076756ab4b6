package drills

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"enterprise-openai/stacks"
)

// upgrade changes a stack of its own in every way that its settings can change, and calls it all the while.
func upgrade() Drill {
	return Drill{
		Name: "upgrade",
		Promise: "Adding, moving, changing and removing regions, deployments, products and teams replaces neither the gateway nor an account, " +
			"and fails no call to what stays; what Azure cannot change is refused before anything is touched.",
		When: Standing,
		Work: with(inLab(AsOnAzure), tryUpgrade),
	}
}

// addedName is what is added on the way, and removed again: an account, a deployment, a product and a team of that name.
const addedName = "upgraded"

// paths are the changes, each on top of the one before.
func paths() []struct {
	name   string
	change func(*stacks.Settings)
} {
	return []struct {
		name   string
		change func(*stacks.Settings)
	}{{"grow", grow}, {"move", move}, {"shrink", shrink}}
}

// UpgradeMeasured counts what was looked at during the updates.
type UpgradeMeasured struct {
	Paths int `json:"paths"`
	// Moments are the writes to Azure after each of which every call that stays was made.
	Moments     int `json:"moments"`
	Calls       int `json:"calls"`
	FailedCalls int `json:"failedCalls"`
	// EmptyPools and UselessMembers count the moments at which a pool had no member, or one, that could not answer.
	EmptyPools     int `json:"momentsWithoutMember"`
	UselessMembers int `json:"momentsWithUselessMember"`
}

func tryUpgrade(ctx context.Context, t *ownStack, f *findings) (*UpgradeMeasured, error) {
	if _, err := t.Up(ctx); err != nil {
		return nil, fmt.Errorf("first %w", err)
	}
	w, err := watchUpgrades(ctx, t, f)
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.Close() }()

	w.refused(ctx, t)
	for _, path := range paths() {
		if err := w.upgrade(ctx, t, path.name, path.change); err != nil {
			return w.measured(), err
		}
	}
	if err := w.buryShell(); err != nil {
		return w.measured(), err
	}
	err = w.upgrade(ctx, t, "again", again)
	return w.measured(), err
}

// refused wants everything at once that Azure cannot change: each has to be named, and nothing may be written.
func (w *upgradeWatch) refused(ctx context.Context, t Trial) {
	w.begin(nil)
	t.Change(func(s *stacks.Settings) {
		s.Location, s.Accounts[0].Location = "norwayeast", "norwayeast"
		s.Network.GatewaySubnet = netip.PrefixFrom(s.Network.GatewaySubnet.Addr(), s.Network.GatewaySubnet.Bits()-1).Masked()
		s.Naming.Suffix = "another"
	})
	_, err := t.Up(ctx)
	if err == nil {
		w.f.add("an update to another location, subnet and name was not refused")
		return
	}
	for _, path := range []string{"location:", "accounts[0].location:", "network.gatewaySubnet:", "naming.suffix:"} {
		if !strings.Contains(err.Error(), path) {
			w.f.add("an update that changes %s was refused without a word about it: %v", strings.TrimSuffix(path, ":"), err)
		}
	}
	if w.writes > 0 {
		w.f.add("an update that was refused wrote %d times first", w.writes)
	}
}

// upgrade goes one path.
func (w *upgradeWatch) upgrade(ctx context.Context, t Trial, name string, change func(*stacks.Settings)) error {
	wanted := w.original()
	change(&wanted)
	if err := w.stay(w.settings, wanted); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.path = name
	t.Change(change)
	result, err := t.Up(ctx)
	w.end()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.settings = wanted
	for _, changed := range result.Changed {
		if strings.HasPrefix(changed, "replace ") || strings.HasPrefix(changed, "delete ApiManagementService") ||
			strings.HasPrefix(changed, "delete Account ") && !strings.HasSuffix(changed, "-"+addedName) {
			w.f.add("%s: %s", name, changed)
		}
	}
	if result.Changes() == 0 {
		w.f.add("%s changed nothing", name)
	}
	return nil
}

// grow adds a region, a deployment, a product and teams, and changes whatever is a number or a name.
func grow(s *stacks.Settings) {
	first := s.Accounts[0].Deployments[0]
	added := first
	added.Name, added.Priority, added.Weight = addedName, 0, 0
	s.Accounts = append(s.Accounts, stacks.Account{
		Name: addedName, Location: s.Accounts[0].Location, Priority: s.Accounts[0].Priority, Weight: 1,
		Deployments: []stacks.Deployment{first, added},
	})
	s.Products = append([]stacks.Product{newProduct(s, addedName)}, s.Products...)
	s.Teams = append(s.Teams, newTeam(addedName), newTeam("leaving"))
	alter(s)
}

// alter changes what can be changed in place.
func alter(s *stacks.Settings) {
	name := s.Accounts[0].Deployments[0].Name
	for i := range s.Accounts {
		for j := range s.Accounts[i].Deployments {
			d := &s.Accounts[i].Deployments[j]
			d.Capacity *= 2
			if d.Name == name {
				d.Version += "-next"
			}
		}
	}
	s.Accounts[0].Weight = 70
	for i := range s.Products {
		s.Products[i].RequestsPerMinute++
		s.Products[i].TokenQuota.Tokens *= 2
	}
	if len(s.Teams) > 0 {
		s.Teams[0].DisplayName = "Renamed"
	}
	regroup(s)
	s.Gateway.DeveloperPortal = !s.Gateway.DeveloperPortal
	if s.Gateway.Portal.SignIn == nil { // declares the groups and their links, which callers must not notice
		s.Gateway.Portal.SignIn = &stacks.SignIn{ClientID: "00000000-0000-4000-8000-00000000abce", ClientSecret: "made up for the drill"}
	}
	s.Logging.RetentionDays = 120
}

// regroup gives one group another object id: one whose members are not looked up, because its products take keys alone.
func regroup(s *stacks.Settings) {
	lookedUp := map[string]bool{}
	for _, p := range s.Products {
		for _, g := range p.Groups {
			lookedUp[g.Name] = lookedUp[g.Name] || p.Authentication.TakesTokens()
		}
	}
	chosen := ""
	for i := range s.Products {
		for j := range s.Products[i].Groups {
			g := &s.Products[i].Groups[j]
			if chosen == "" && !lookedUp[g.Name] {
				chosen = g.Name
			}
			if g.Name == chosen {
				g.ObjectID = "00000000-0000-4000-8000-00000000abcd"
			}
		}
	}
}

// move takes the new deployment to another account, which leaves its pool without any member it had, and a team to another name.
func move(s *stacks.Settings) {
	grow(s)
	last := &s.Accounts[len(s.Accounts)-1]
	s.Accounts[0].Deployments = append([]stacks.Deployment{last.Deployments[1]}, s.Accounts[0].Deployments...)
	last.Deployments = last.Deployments[:1]
	s.Accounts[0].Priority, last.Priority = 2, 1
	s.Teams[len(s.Teams)-1] = newTeam("left")
}

// shrink removes everything that was added.
func shrink(s *stacks.Settings) { alter(s) }

// again adds the product once more under the name that was removed.
func again(s *stacks.Settings) {
	shrink(s)
	p := newProduct(s, s.Accounts[0].Deployments[0].Name)
	s.Products = append(s.Products, p)
	s.Teams = append(s.Teams, newTeam(addedName))
}

// newProduct is like the first product, for one deployment and with a key.
func newProduct(s *stacks.Settings, deployment string) stacks.Product {
	p := s.Products[0]
	p.Name, p.DisplayName, p.Authentication, p.Overcommit = addedName, "Upgraded", stacks.AuthenticationKey, true
	p.Deployments, p.Groups = []string{deployment}, slices.Clone(p.Groups)
	return p
}

func newTeam(name string) stacks.Team {
	return stacks.Team{Name: name, DisplayName: name, Contact: "team@example.com", CostCentre: "1", Products: []string{addedName}}
}
