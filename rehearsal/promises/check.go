package promises

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	// casesFolder holds the policy cases, one file each.
	casesFolder = "policies/testdata"
	caseSuffix  = ".txtar"
	// fragmentsFolder holds the decisions of the gateway. Each is there for a promise.
	fragmentsFolder = "policies/fragments"
)

// Repository is what promises are compared with.
type Repository struct {
	// Files is the root of the repository.
	Files fs.FS
	// Drills are the names of all drills.
	Drills []string
}

// Check reports everything that is wrong at once: a promise without a proof, a proof that does not exist, and a policy case, a
// drill or a fragment that no promise names.
func (l List) Check(r Repository) error {
	cases, err := caseNames(r.Files)
	if err != nil {
		return err
	}
	problems := l.ids()
	named := map[string]bool{}
	for _, p := range l.All() {
		for _, problem := range l.proofs(p, r, cases, named) {
			problems = append(problems, fmt.Errorf("promise %s: %w", p.ID, problem))
		}
	}
	fragments, err := fs.Glob(r.Files, path.Join(fragmentsFolder, "*.xml"))
	if err != nil {
		return fmt.Errorf("fragments: %w", err)
	}
	for kind, all := range map[string][]string{"policy case": cases, "drill": r.Drills, "fragment": fragments} {
		for _, name := range all {
			if !named[kind+" "+name] {
				problems = append(problems, fmt.Errorf("no promise names the %s %s: add it to rehearsal/promises/promises.yaml", kind, name))
			}
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// ids are the mistakes in what promises and controls are called.
func (l List) ids() []error {
	var problems []error
	seen := map[string]bool{}
	for _, p := range l.All() {
		if p.ID == "" || p.Text == "" {
			problems = append(problems, fmt.Errorf("a promise needs an id and a text: id %q, text %q", p.ID, p.Text))
		}
		if seen[p.ID] {
			problems = append(problems, fmt.Errorf("two promises have the id %s", p.ID))
		}
		seen[p.ID] = true
	}
	used := map[string]bool{}
	for _, p := range l.All() {
		for _, id := range p.Controls {
			used[id] = true
		}
	}
	for _, c := range l.Controls {
		if !used[c.ID] {
			problems = append(problems, fmt.Errorf("no promise is evidence for the control %s", c.ID))
		}
	}
	return problems
}

// proofs are the mistakes in what a promise names; what it names rightly is added to named.
func (l List) proofs(p Promise, r Repository, cases []string, named map[string]bool) []error {
	var problems []error
	missing := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if len(p.Cases)+len(p.Drills)+len(p.Tests) == 0 {
		missing("nothing proves it: name a policy case, a drill or a test")
	}
	if len(p.Kept) == 0 {
		missing("kept names no file that decides it")
	}
	for _, file := range p.Kept {
		if _, err := fs.Stat(r.Files, file); err != nil {
			missing("kept: there is no file %s", file)
		}
		named["fragment "+file] = true
	}
	for _, pattern := range p.Cases {
		found := matching(cases, pattern)
		if len(found) == 0 {
			missing("no policy case is called %s", pattern)
		}
		for _, name := range found {
			named["policy case "+name] = true
		}
	}
	for _, name := range p.Drills {
		if !slices.Contains(r.Drills, name) {
			missing("there is no drill %s", name)
		}
		named["drill "+name] = true
	}
	for _, name := range p.Tests {
		if !hasTest(r.Files, name) {
			missing("there is no test %s", name)
		}
	}
	for _, id := range p.Controls {
		if !slices.ContainsFunc(l.Controls, func(c Control) bool { return c.ID == id }) {
			missing("the list of controls has no %s", id)
		}
	}
	return problems
}

// matching are the cases that a pattern names. A pattern that is none matches nothing.
func matching(cases []string, pattern string) []string {
	return slices.DeleteFunc(slices.Clone(cases), func(name string) bool {
		matched, err := path.Match(pattern, name)
		return err != nil || !matched
	})
}

func caseNames(files fs.FS) ([]string, error) {
	found, err := fs.Glob(files, path.Join(casesFolder, "*", "*"+caseSuffix))
	if err != nil {
		return nil, fmt.Errorf("policy cases: %w", err)
	}
	for i, name := range found {
		found[i] = strings.TrimSuffix(strings.TrimPrefix(name, casesFolder+"/"), caseSuffix)
	}
	return found, nil
}

// hasTest reports whether a package of the repository has the test: "stacks.TestX" is a function of a test file in stacks.
func hasTest(files fs.FS, name string) bool {
	folder, test, ok := strings.Cut(name, ".")
	if !ok {
		return false
	}
	declared := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(`)
	tests, err := fs.Glob(files, path.Join(folder, "*_test.go"))
	return err == nil && slices.ContainsFunc(tests, func(file string) bool {
		text, err := fs.ReadFile(files, file)
		return err == nil && declared.Match(text)
	})
}
