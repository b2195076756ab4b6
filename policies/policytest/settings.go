package policytest

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"enterprise-openai/plan/deployed"
	"enterprise-openai/stacks"
)

//go:embed fixture.yaml
var fixtureText []byte

// fixture is the environment of cases that change nothing. Groups are called by their names there, as in cases.
var fixture = sync.OnceValues(func() (stacks.Settings, error) {
	s, err := deployed.Parse(fixtureText)
	for _, product := range s.Products {
		for i := range product.Groups {
			product.Groups[i].ObjectID = groupID(product.Groups[i].Name)
		}
	}
	return s, err
})

// settings are the fixture with what a case changes.
func (f Facts) settings() (stacks.Settings, error) {
	s, err := fixture()
	if err != nil {
		return s, fmt.Errorf("fixture.yaml: %w", err)
	}
	if f.Products != nil {
		template := s.Products[0]
		s.Products = nil
		for _, p := range f.Products {
			s.Products = append(s.Products, p.settings(template))
		}
	}
	if f.Pools != nil {
		if s.Accounts, err = accountsOf(f.Pools, s.Accounts[0]); err != nil {
			return s, err
		}
	}
	s.Teams = f.teams(s)
	failover := &s.Gateway.Failover
	failover.MaxAttempts = or(f.MaxAttempts, failover.MaxAttempts)
	failover.DeadlineSeconds = or(f.DeadlineSeconds, failover.DeadlineSeconds)
	failover.StreamSeconds = or(f.StreamSeconds, failover.StreamSeconds)
	failover.AttemptSeconds = or(f.AttemptSeconds, failover.AttemptSeconds)
	failover.RetryAfterCapSeconds = or(f.RetryAfterCapSeconds, failover.RetryAfterCapSeconds)
	s.Logging.Person = or(f.Person, s.Logging.Person)
	if f.Export {
		s.Logging.EventHub = &stacks.EventHub{RetentionDays: 1, ThroughputUnits: 1}
	}
	return s, nil
}

// settings are a product of a case: the fixture's first with other words.
func (p Product) settings(s stacks.Product) stacks.Product {
	s.Name, s.DisplayName, s.Deployments = p.Name, p.Name, p.Deployments
	s.Authentication, s.Privacy, s.LimitsPer = or(p.Authentication, stacks.AuthenticationKey), or(p.Privacy, stacks.PrivacyFull), or(p.LimitsPer, s.LimitsPer)
	if p.Endpoints != nil {
		s.Endpoints = p.Endpoints
	}
	s.Tools = stacks.Tools{Allow: p.Tools, Hosts: p.Hosts}
	s.RequestsPerMinute, s.TokensPerMinute = or(p.RequestsPerMinute, s.RequestsPerMinute), or(p.TokensPerMinute, s.TokensPerMinute)
	s.ReservedTokensPerMinute, s.OpenAnswerTokens = p.Reserved, or(p.OpenAnswer, s.OpenAnswerTokens)
	s.ImagesPerMinute, s.SpeechCharactersPerMinute, s.AudioMegabytesPerMinute = p.Images, p.SpeechCharacters, p.AudioMegabytes
	s.TokenQuota = stacks.TokenQuota{Tokens: or(p.TokenQuota, s.TokenQuota.Tokens), Period: or(p.TokenQuotaPeriod, s.TokenQuota.Period)}
	s.Groups = nil
	for _, g := range p.Groups {
		s.Groups = append(s.Groups, stacks.Group{Name: g, ObjectID: groupID(g)})
	}
	return s
}

// teams are those of the case, or else the fixture's on products that there are.
func (f Facts) teams(s stacks.Settings) []stacks.Team {
	var teams []stacks.Team
	if f.Teams == nil {
		for _, team := range s.Teams {
			if slices.ContainsFunc(s.Products, func(p stacks.Product) bool { return p.Name == team.Products[0] }) {
				teams = append(teams, team)
			}
		}
		return teams
	}
	for _, name := range sortedKeys(f.Teams) {
		team := s.Teams[0]
		team.Name, team.DisplayName, team.Products = name, name, []string{f.Teams[name]}
		teams = append(teams, team)
	}
	return teams
}

// tokensPerUnit is what a unit of capacity is worth.
const tokensPerUnit = 1000

// accountsOf are the accounts that serve the pools of a case, in an order that agrees with every pool's list: the gateway calls the
// accounts of a pool in the order of the settings.
func accountsOf(pools map[string][]Member, template stacks.Account) ([]stacks.Account, error) {
	names, err := order(pools)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("pools have no account, and an environment has at least one")
	}
	all := make([]stacks.Account, 0, len(names))
	for _, name := range names {
		account := template
		account.Name, account.Deployments = name, nil
		for _, pool := range sortedKeys(pools) {
			for _, m := range pools[pool] {
				if m.Account == name {
					account.Deployments = append(account.Deployments, m.settings(pool, template.Deployments[0]))
				}
			}
		}
		all = append(all, account)
	}
	return all, nil
}

// settings are the deployment of a member.
func (m Member) settings(pool string, d stacks.Deployment) stacks.Deployment {
	d.Name, d.Priority, d.Weight = pool, m.Priority, m.Weight
	if m.TokensPerMinute > 0 {
		d.SKU, d.Capacity, d.TokensPerUnit = stacks.DeploymentStandard, (m.TokensPerMinute+tokensPerUnit-1)/tokensPerUnit, 0
	}
	return d
}

// order is a list of all accounts in which those of every pool come in the pool's order.
func order(pools map[string][]Member) ([]string, error) {
	left := map[string][]Member{}
	for name, members := range pools {
		left[name] = members
	}
	var names []string
	for {
		next := ""
		for _, pool := range sortedKeys(left) {
			if len(left[pool]) == 0 {
				continue
			}
			first := left[pool][0].Account
			if next == "" {
				next = first // unless another one has to wait for it, see below
			}
			if !waits(first, left) {
				next = first
				break
			}
		}
		if next == "" {
			return names, nil
		}
		if waits(next, left) {
			return nil, fmt.Errorf("pools list %s in different orders; an environment has one order of its accounts", next)
		}
		names = append(names, next)
		for pool, members := range left {
			if len(members) > 0 && members[0].Account == next {
				left[pool] = members[1:]
			}
		}
	}
}

// waits says whether an account comes after another one in some list.
func waits(account string, left map[string][]Member) bool {
	for _, members := range left {
		if i := slices.IndexFunc(members, func(m Member) bool { return m.Account == account }); i > 0 {
			return true
		}
	}
	return false
}
