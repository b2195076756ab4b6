package apim

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// directory indexes who there is.
func (s *state) directory() {
	for _, g := range s.cfg.Groups {
		s.groups[g.ID] = g
	}
	for i := range s.cfg.Users {
		s.users[s.cfg.Users[i].ID] = &s.cfg.Users[i]
	}
	for i := range s.cfg.Subscriptions {
		sub := &s.cfg.Subscriptions[i]
		for _, k := range []string{sub.PrimaryKey, sub.SecondaryKey} {
			if k != "" {
				s.keys[k] = sub
			}
		}
	}
}

func (s *state) groupsOf(ids []string) []Group {
	var out []Group
	for _, id := range ids {
		if g, ok := s.groups[lastSegment(id)]; ok {
			out = append(out, g)
		}
	}
	return out
}

// resolveBackends indexes the backends and checks that pools make sense.
func (s *state) resolveBackends() error {
	var errs []error
	for i := range s.cfg.Backends {
		s.backends[s.cfg.Backends[i].ID] = &s.cfg.Backends[i]
	}
	for i := range s.cfg.Backends {
		b := &s.cfg.Backends[i]
		if len(b.Pool) == 0 {
			continue
		}
		members := make([]PoolMember, len(b.Pool))
		for j, m := range b.Pool {
			m.ID = lastSegment(m.ID)
			members[j] = m
			switch single := s.backends[m.ID]; {
			case single == nil:
				errs = append(errs, fmt.Errorf("backend pool %s: member %s does not exist", b.ID, m.ID))
			case len(single.Pool) > 0:
				errs = append(errs, fmt.Errorf("backend pool %s: member %s is a pool itself", b.ID, m.ID))
			}
		}
		b.Pool = members
	}
	return errors.Join(errs...)
}

func (s *state) compileProducts(c *compiler) {
	for i := range s.cfg.Products {
		p := &s.cfg.Products[i]
		ps := &productState{product: p, groups: s.groupsOf(p.Groups)}
		for j := range s.cfg.APIs {
			if hasID(p.APIs, s.cfg.APIs[j].ID) {
				ps.apis = append(ps.apis, &s.cfg.APIs[j])
			}
		}
		if p.Policy != nil {
			ps.policy = c.document(p.Policy, ProductScope, "product/"+p.ID)
		}
		s.products[p.ID] = ps
	}
}

func (s *state) compileAPIs(c *compiler) {
	for i := range s.cfg.APIs {
		a := &s.cfg.APIs[i]
		r := &route{api: a, segments: splitPath(a.Path)}
		r.monitor = effective(DiagnosticAzureMonitor, a.Diagnostics, s.cfg.Diagnostics)
		r.insights = effective(DiagnosticApplicationInsights, a.Diagnostics, s.cfg.Diagnostics)
		if a.Policy != nil {
			r.policy = c.document(a.Policy, APIScope, "api/"+a.ID)
		}
		for j := range a.Operations {
			op := newOperationRoute(&a.Operations[j])
			if op.op.Policy != nil {
				op.policy = c.document(op.op.Policy, OperationScope, "api/"+a.ID+"/"+op.op.ID)
			}
			r.operations = append(r.operations, op)
		}
		sort.SliceStable(r.operations, func(i, j int) bool { return r.operations[i].weight > r.operations[j].weight })
		for k := range s.cfg.Products {
			if p := &s.cfg.Products[k]; hasID(p.APIs, a.ID) {
				r.products = append(r.products, s.products[p.ID])
			}
		}
		s.routes = append(s.routes, r)
	}
	sort.SliceStable(s.routes, func(i, j int) bool { return len(s.routes[i].segments) > len(s.routes[j].segments) })
}

func hasID(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(s string) bool { return lastSegment(s) == id })
}

// effective picks the API's diagnostic over the service's
// (Microsoft Learn: api-management-howto-use-azure-monitor).
func effective(id string, lists ...[]Diagnostic) *Diagnostic {
	for _, list := range lists {
		for i := range list {
			if strings.EqualFold(list[i].ID, id) {
				return &list[i]
			}
		}
	}
	return nil
}
