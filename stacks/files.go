package stacks

import (
	"cmp"
	"slices"
)

// AllowsFiles is true if callers of the product may upload files.
func (p Product) AllowsFiles() bool { return slices.Contains(p.Endpoints, EndpointFiles) }

// fileTakers are the accounts that take the files of a product, the best first; the first of them that are equally good are first many.
// A file is of use to the deployments of its account alone, so that an account with more of the product's deployments is better, and
// then one that is called before others.
func (s Settings) fileTakers(p Product) (takers []string, first int) {
	if !p.AllowsFiles() {
		return nil, 0
	}
	type taker struct {
		name                  string
		deployments, priority int
	}
	var all []taker
	for _, a := range s.Accounts {
		t := taker{name: a.Name, priority: 1}
		for _, pool := range s.Pools() {
			for _, m := range pool.Members {
				if m.Account.Name == a.Name && slices.Contains(p.Deployments, pool.Deployment) {
					t.deployments++
					t.priority = max(t.priority, m.Priority)
				}
			}
		}
		if t.deployments > 0 {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b taker) int {
		return cmp.Or(cmp.Compare(b.deployments, a.deployments), cmp.Compare(a.priority, b.priority))
	})
	for _, t := range all {
		takers = append(takers, t.name)
		if t.deployments == all[0].deployments && t.priority == all[0].priority {
			first++
		}
	}
	return takers, first
}

// fileAccounts are the accounts that take files of some product.
func (s Settings) fileAccounts() []string {
	var names []string
	for _, p := range s.Products {
		takers, _ := s.fileTakers(p)
		names = append(names, takers...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkFiles refuses products whose text would be kept all the same, and ids that open everybody's files.
func checkFiles(c *check) {
	if !slices.ContainsFunc(c.s.Products, Product.AllowsFiles) {
		return
	}
	for i, p := range c.s.Products {
		if p.AllowsFiles() && !p.Privacy.KeepsText() {
			c.add(at("products", i, "endpoints"), "allows files, and privacy metadata keeps no text: an account keeps a file until it is deleted", "leave files out, or choose privacy full")
		}
		if j := slices.Index(p.Tools.Allow, "files"); j >= 0 {
			c.add(at(at("products", i, "tools.allow"), j), "opens every file of an account by the account's own id, and the products' callers have files there", "leave it out, and allow files in the product's endpoints")
		}
	}
}
