package resourcetypes

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"enterprise-openai/internal/strict"
)

//go:embed types.yaml
var text []byte

// groupPath is what … stands for at the beginning of a path.
const groupPath = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers"

// rows are the embedded ones. A mistake in them is a mistake of this program, which its first test shows.
var rows = sync.OnceValue(func() []Row {
	all, err := Parse(text)
	if err != nil {
		panic(err) //nolint:forbidigo // a mistake of this program, which its first test shows
	}
	return all
})

// All are the rows, in the order of the file. They are everybody's: nobody may change what is in them.
func All() []Row { return rows() }

// byType finds rows by their ARM type in lower case.
var byType = sync.OnceValue(func() map[string]Row {
	out := map[string]Row{}
	for _, r := range All() {
		out[strings.ToLower(r.Type)] = r
	}
	return out
})

// Of is the row of an ARM type, in any spelling.
func Of(armType string) (Row, bool) {
	r, known := byType()[strings.ToLower(armType)]
	return r, known
}

// Waits are the orders that Azure wants of a type, by its token or the last part of it.
func Waits(token string) []Wait {
	var all []Wait
	for _, r := range All() {
		if r.Token != "" && r.Short() == short(token) {
			all = append(all, r.Waits...)
		}
	}
	return all
}

// short is the last part of a token.
func short(token string) string { return token[strings.LastIndexByte(token, ':')+1:] }

// Parse reads rows strictly and reports everything that is wrong with them at once.
func Parse(text []byte) ([]Row, error) {
	var all []Row
	if err := strict.YAML(text, &all); err != nil {
		return nil, fmt.Errorf("types of resources: %w", err)
	}
	var problems []error
	seen := map[string]bool{}
	for i := range all {
		r := &all[i]
		r.Path = strings.Replace(r.Path, "…", groupPath, 1)
		for _, problem := range r.problems() {
			problems = append(problems, fmt.Errorf("types of resources: row %d (%s): %s", i+1, r.Type, problem))
		}
		for _, key := range []string{strings.ToLower(r.Type), r.Token} {
			if key != "" && seen[key] {
				problems = append(problems, fmt.Errorf("types of resources: row %d: %s has a row already", i+1, key))
			}
			seen[key] = true
		}
	}
	inherit(all)
	inheritReads(all)
	return all, errors.Join(problems...)
}

// problems are what a row lacks or has wrong.
func (r Row) problems() []string {
	var out []string
	lacks := func(wrong bool, what string) {
		if wrong {
			out = append(out, what)
		}
	}
	lacks(strings.Count(r.Type, "/") == 0, "type is not an ARM type, such as Microsoft.Network/virtualNetworks")
	lacks(len(r.Versions) == 0, "versions is missing")
	lacks(slices.ContainsFunc(r.Reads, func(v string) bool { return slices.Contains(r.Versions, v) }), "reads repeats a version of versions")
	lacks(r.Source == "", "source is missing")
	lacks((r.Token == "") != (r.Path == ""), "token and path belong together")
	lacks(!slices.Contains([]Location{NoLocation, AnyRegion, OptionalRegion, GlobalOnly}, r.Location), "location is none, any, optional or global")
	lacks(!slices.Contains([]Overlap{NoOverlap, OnAccount, OnService, OnAPI, OnNetwork, OnNetworkAndOther}, r.Overlap),
		"overlap is none, account, service, api, network, or network and account")
	lacks(!slices.Contains([]string{"arm", "apim", "network", "cognitive"}, r.ARM.Style), "arm.style is arm, apim, network or cognitive")
	for _, word := range r.Provider.LongRunning {
		lacks(word != "put" && word != "delete", "provider.longRunning has put and delete alone")
	}
	for _, w := range r.Waits {
		lacks(len(w.For) == 0 || w.Because == "", "waits says for what, and because of what answer")
	}
	patterns := []string{r.Name.Pattern}
	for _, l := range r.Provider.Limits {
		patterns = append(patterns, l.Pattern)
	}
	for _, pattern := range patterns {
		if _, err := regexp.Compile(pattern); err != nil {
			out = append(out, err.Error())
		}
	}
	return out
}

// inherit gives every row the limits of the names in its path, which are in the rows of its parents.
func inherit(all []Row) {
	type name struct{ namespace, param string }
	names := map[name]Limit{}
	for _, r := range all {
		params := r.Params()
		if len(params) == 0 {
			continue
		}
		own := params[len(params)-1]
		if limit, limited := r.Provider.Limits[own]; limited {
			names[name{r.namespace(), own}] = limit
		}
	}
	for i := range all {
		for _, param := range all[i].Params() {
			limit, limited := names[name{all[i].namespace(), param}]
			if !limited || param == "resourceGroupName" { // which only the group's own row constrains
				continue
			}
			if all[i].Provider.Limits == nil {
				all[i].Provider.Limits = map[string]Limit{}
			}
			all[i].Provider.Limits[param] = limit
		}
	}
}

// inheritReads gives nested types the versions that their parents are read in, without those that they are written in.
func inheritReads(all []Row) {
	of := map[string][]string{}
	for i := range all {
		r := &all[i]
		if r.Reads == nil && strings.Count(r.Type, "/") > 1 {
			parent := r.Type[:strings.LastIndexByte(r.Type, '/')]
			r.Reads = slices.DeleteFunc(slices.Clone(of[parent]), func(v string) bool { return slices.Contains(r.Versions, v) })
		}
		of[r.Type] = r.Reads
	}
}

func (r Row) namespace() string {
	namespace, _, _ := strings.Cut(r.Type, "/")
	return namespace
}

// Params are the parameters of the row's path.
func (r Row) Params() []string { return PathParams(r.Path) }

// PathParams are the parameters of a path except the subscription, which the provider fills in.
func PathParams(path string) []string {
	var params []string
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if name != "subscriptionId" {
			params = append(params, name)
		}
	}
	return params
}
