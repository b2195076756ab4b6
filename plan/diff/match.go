package diff

import (
	"maps"
	"slices"
)

// pair are an element before and after; one is nil where it is new or gone.
type pair struct {
	old, now *node
	// place counts elements of one name among their siblings, from 1; 0 where there is one.
	place int
	moved bool
}

// pairs matches children: the same ones first, then those of one title, in their order. What is the same and stands elsewhere has moved.
func pairs(olds, news []*node) []pair {
	old := make([]string, len(olds))
	for i, n := range olds {
		old[i] = n.String()
	}
	now := make([]string, len(news))
	for i, n := range news {
		now[i] = n.String()
	}
	matched := common(old, now) // by index in news
	used := map[int]bool{}
	for _, i := range matched {
		used[i] = true
	}
	var all []pair
	for j, n := range news {
		if _, same := matched[j]; same {
			continue
		}
		p := pair{now: n, place: place(news, j)}
		i := slices.IndexFunc(olds, func(o *node) bool { return o.String() == now[j] && !used[slices.Index(olds, o)] })
		if i >= 0 {
			p.moved = true
		} else {
			i = slices.IndexFunc(olds, func(o *node) bool { return o.title() == n.title() && !used[slices.Index(olds, o)] })
		}
		if i >= 0 {
			p.old, used[i] = olds[i], true
		}
		all = append(all, p)
	}
	for i, o := range olds {
		if !used[i] {
			all = append(all, pair{old: o, place: place(olds, i)})
		}
	}
	return all
}

// place counts an element among those of its name; 0 if it is the only one.
func place(siblings []*node, at int) int {
	n, before := 0, 0
	for i, s := range siblings {
		if s.name != siblings[at].name {
			continue
		}
		n++
		if i <= at {
			before++
		}
	}
	if n == 1 {
		return 0
	}
	return before
}

// common is a longest common subsequence: indices of b with those of a that they match.
func common(a, b []string) map[int]int {
	lengths := make([][]int, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	matched := map[int]int{}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			matched[j] = i
			i, j = i+1, j+1
		case lengths[i+1][j] >= lengths[i][j+1]:
			i++
		default:
			j++
		}
	}
	return matched
}

// sortedKeys are the keys of maps, each once.
func sortedKeys[V any](all ...map[string]V) []string {
	union := map[string]bool{}
	for _, m := range all {
		for key := range m {
			union[key] = true
		}
	}
	return slices.Sorted(maps.Keys(union))
}
