package diff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/strict"
	"enterprise-openai/plan"
	"enterprise-openai/plan/diff"
)

// alteration is one entry of the corpus: a change of a stack's settings, or of what the program declares, and what has to be said.
type alteration struct {
	Name  string `yaml:"name"`
	Stack string `yaml:"stack"`
	// Set are settings by path, products[standard].tokensPerMinute; null takes away. What a list has not is added to it.
	Set map[string]any `yaml:"set"`
	// Edit are changes of resources, made to the plan.
	Edit []edit `yaml:"edit"`
	// First is the first sentence. Says are further texts that the first five lines of the output have.
	First string   `yaml:"first"`
	Says  []string `yaml:"says"`
	// Harmless demands that nobody can lose by it.
	Harmless bool `yaml:"harmless"`
}

// edit is a change of one resource: of a text in an input, of an input, or of the whole.
type edit struct {
	In     string `yaml:"in"` // type and name
	Path   string `yaml:"path"`
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Value  any    `yaml:"value"`
	Remove bool   `yaml:"remove"`
	CopyAs string `yaml:"copyAs"`
}

// corpus are the entries of a file.
func corpus(t *testing.T, file string) []alteration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "corpus", file))
	require.NoError(t, err)
	var all []alteration
	require.NoError(t, strict.YAML(text, &all))
	names := map[string]bool{}
	for _, a := range all {
		require.False(t, names[a.Name], "%s: two entries are called %q", file, a.Name)
		names[a.Name] = true
	}
	return all
}

const root = "../.."

// bases are the plans of the stacks that ship.
var bases = struct {
	sync.Mutex
	plans  map[string][]byte
	shared map[string][]plan.Resource
}{plans: map[string][]byte{}, shared: map[string][]plan.Resource{}}

// unchanged is the plan of a stack, which nobody may change.
func unchanged(t *testing.T, stack string) []plan.Resource {
	t.Helper()
	if bases.shared[stack] == nil {
		bases.shared[stack] = base(t, stack)
	}
	return bases.shared[stack]
}

// base is the plan of a stack, a copy of its own.
func base(t *testing.T, stack string) []plan.Resource {
	t.Helper()
	bases.Lock()
	defer bases.Unlock()
	if bases.plans[stack] == nil {
		resources, err := plan.Run(t.Context(), root, stack)
		require.NoError(t, err)
		text, err := json.Marshal(resources)
		require.NoError(t, err)
		bases.plans[stack] = text
	}
	return reread(t, bases.plans[stack])
}

// reread reads a plan as the command does.
func reread(t *testing.T, text []byte) []plan.Resource {
	t.Helper()
	resources, err := plan.Read(bytes.NewReader(text), "a plan")
	require.NoError(t, err)
	return resources
}

// altered is the plan of a stack after an alteration.
func (a alteration) altered(t *testing.T) []plan.Resource {
	t.Helper()
	resources := unchanged(t, a.Stack)
	switch {
	case len(a.Edit) > 0 && len(a.Set) == 0:
		resources = base(t, a.Stack)
	case len(a.Set) > 0:
		planned, err := plan.Run(t.Context(), a.project(t), a.Stack)
		require.NoError(t, err)
		text, err := json.Marshal(planned)
		require.NoError(t, err)
		resources = reread(t, text)
	}
	for _, e := range a.Edit {
		resources = e.apply(t, resources)
	}
	return resources
}

// step is a step of a path: a key, or the name of an element in brackets.
var step = regexp.MustCompile(`\[[^\]]+\]|[^.\[\]]+`)

// project is a folder with the project and the changed settings.
func (a alteration) project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), text, 0o600))
	file := "Pulumi." + a.Stack + ".yaml"
	text, err = os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	var settings map[string]any
	require.NoError(t, yaml.Unmarshal(text, &settings))
	for _, path := range slices.Sorted(maps.Keys(a.Set)) {
		keys := step.FindAllString(path, -1)
		for i, key := range keys {
			keys[i] = strings.Trim(key, "[].")
		}
		keys[0] = "enterprise-openai:" + keys[0]
		settings["config"] = set(t, path, settings["config"], keys, a.Set[path])
	}
	text, err = yaml.Marshal(settings)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
	return dir
}

// set puts a value at a path; an element of a list is found by its name.
func set(t *testing.T, path string, in any, keys []string, value any) any {
	t.Helper()
	if len(keys) == 0 {
		return value
	}
	switch v := in.(type) {
	case nil:
		return map[string]any{keys[0]: set(t, path, nil, keys[1:], value)}
	case map[string]any:
		if value == nil && len(keys) == 1 {
			delete(v, keys[0])
		} else {
			v[keys[0]] = set(t, path, v[keys[0]], keys[1:], value)
		}
		return v
	case []any:
		for i, element := range v {
			if jsonpath.Text(element, "name") != keys[0] {
				continue
			}
			if value == nil && len(keys) == 1 {
				return slices.Delete(v, i, i+1)
			}
			v[i] = set(t, path, element, keys[1:], value)
			return v
		}
		require.NotNil(t, value, "%s: there is no %s", path, keys[0])
		return append(v, value)
	}
	require.Fail(t, path+" leads into a value that has no parts")
	return nil
}

// apply changes a plan.
func (e edit) apply(t *testing.T, resources []plan.Resource) []plan.Resource {
	t.Helper()
	kind, name, _ := strings.Cut(e.In, " ")
	i := slices.IndexFunc(resources, func(r plan.Resource) bool { return strings.HasSuffix(r.Type, ":"+kind) && r.Custom && r.Name == name })
	require.GreaterOrEqual(t, i, 0, "no resource %s", e.In)
	switch {
	case e.Remove:
		return slices.Delete(resources, i, i+1)
	case e.CopyAs != "":
		text, err := json.Marshal(resources[i])
		require.NoError(t, err)
		var made plan.Resource
		require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(text), name, e.CopyAs)), &made))
		made.Custom = true
		return append(resources, made)
	case e.From != "":
		steps := strings.FieldsFunc(e.Path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
		text := jsonpath.Text(resources[i].Inputs, steps...)
		require.Contains(t, text, e.From, "%s %s", e.In, e.Path)
		put(t, resources[i].Inputs, steps, strings.Replace(text, e.From, e.To, 1))
	default:
		put(t, resources[i].Inputs, strings.FieldsFunc(e.Path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }), e.Value)
	}
	return resources
}

func put(t *testing.T, in map[string]any, steps []string, value any) {
	t.Helper()
	last := len(steps) - 1
	switch at := jsonpath.At(in, steps[:last]...).(type) {
	case map[string]any:
		if value == nil {
			delete(at, steps[last])
		} else {
			at[steps[last]] = value
		}
	case []any:
		var i int
		_, err := fmt.Sscan(steps[last], &i)
		require.NoError(t, err)
		at[i] = value
	default:
		require.Fail(t, "no object or list at "+strings.Join(steps[:last], "."))
	}
}

// today is before the ends of the models that ship.
var today = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

var options = diff.Options{Today: today, Retires: func(model, _ string) (time.Time, bool) {
	return today.AddDate(0, 0, 60), model == "gpt-5-mini"
}}

// compared is what an alteration means, and its text.
func (a alteration) compared(t *testing.T) (diff.Diff, string) {
	t.Helper()
	found, err := diff.Between("base", unchanged(t, a.Stack), "head", a.altered(t), options)
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, found.WriteText(&text))
	return found, text.String()
}

func TestEveryBadChangeIsNamedInTheFirstFiveLines(t *testing.T) {
	all := corpus(t, "bad.yaml")
	assert.GreaterOrEqual(t, len(all), 40)
	for _, a := range all {
		t.Run(a.Name, func(t *testing.T) {
			found, text := a.compared(t)
			lines := strings.Split(text, "\n")
			top := strings.Join(lines[:min(5, len(lines))], "\n")
			assert.Contains(t, []diff.Verdict{diff.Losses, diff.Review}, found.Verdict, text)
			require.NotEmpty(t, append(a.Says, a.First), "the entry demands nothing")
			for _, want := range a.Says {
				assert.Contains(t, top, want)
			}
			if a.First != "" && assert.NotEmpty(t, found.People) {
				assert.Equal(t, a.First, found.People[0].Text)
			}
		})
	}
}

func TestEveryHarmlessChangeIsSaidToBeHarmless(t *testing.T) {
	all := corpus(t, "harmless.yaml")
	assert.GreaterOrEqual(t, len(all), 40)
	for _, a := range all {
		t.Run(a.Name, func(t *testing.T) {
			require.True(t, a.Harmless)
			found, text := a.compared(t)
			assert.Contains(t, []diff.Verdict{diff.Same, diff.Harmless}, found.Verdict, text)
			first, _, _ := strings.Cut(text, "\n")
			assert.Regexp(t, "^(no change: |nothing for anybody to lose: )", first)
			assert.Empty(t, found.Risks)
			for _, want := range a.Says {
				assert.Contains(t, text, want)
			}
			if a.First != "" && assert.NotEmpty(t, found.People) {
				assert.Equal(t, a.First, found.People[0].Text)
			}
		})
	}
}
