package apim

// pool is the pointer of a backend pool in one unit.
type pool struct {
	// credit is each member's standing in the smooth weighted round robin.
	credit map[string]int
}

// pick chooses a member: of the lowest priority number that has a member
// whose breaker is closed, by weight. A group of a higher number is used only
// when every member before it is out (Microsoft Learn: api-management/backends,
// "Load-balanced pool").
func (p *pool) pick(members []PoolMember, open func(id string) bool) (string, bool) {
	best, found := 0, false
	for _, m := range members {
		if !open(m.ID) && (!found || m.Priority < best) {
			best, found = m.Priority, true
		}
	}
	if !found {
		return "", false
	}
	var group []PoolMember
	weights := 0
	for _, m := range members {
		if m.Priority == best && !open(m.ID) {
			group = append(group, m)
			weights += m.Weight
		}
	}
	return p.turn(group, weights), true
}

// turn gives every member its share, spread out and not in runs. Members
// without any weight share alike.
func (p *pool) turn(group []PoolMember, weights int) string {
	if p.credit == nil {
		p.credit = map[string]int{}
	}
	total, chosen := 0, -1
	for i, m := range group {
		w := m.Weight
		if weights == 0 {
			w = 1
		}
		total += w
		p.credit[m.ID] += w
		if w > 0 && (chosen < 0 || p.credit[m.ID] > p.credit[group[chosen].ID]) {
			chosen = i
		}
	}
	p.credit[group[chosen].ID] -= total
	return group[chosen].ID
}
