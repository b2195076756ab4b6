//go:build published

package published_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/internal/azure/models"
	"enterprise-openai/internal/azure/models/published"
)

func TestTheSchemaIsThatOfThePublishedModels(t *testing.T) {
	schema, err := published.Schema()
	require.NoError(t, err)
	assert.Empty(t, schema.Undescribed())
	text, err := json.MarshalIndent(schema, "", " ")
	require.NoError(t, err)
	committed, err := os.ReadFile("../models.json")
	require.NoError(t, err)
	if string(committed) != string(text)+"\n" {
		t.Fatal("models.json is stale; run: go generate -tags published ./internal/azure/models")
	}
}

// TestABodyFitsTheSchemaWhenItSurvivesTheModel: a body is unmarshalled into Microsoft's type and marshalled again; what is lost is what
// Azure does not know.
func TestABodyFitsTheSchemaWhenItSurvivesTheModel(t *testing.T) {
	schema := models.Published()
	for _, root := range published.Roots {
		t.Run(root.String(), func(t *testing.T) {
			fitting, refused := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				g := generator{t: t, schema: schema}
				body, _ := g.value(root.String(), 4).(map[string]any)
				survives := survives(root, body)
				problems := schema.Check(root.String(), body)
				if survives != (len(problems) == 0) {
					text, _ := json.Marshal(body)
					t.Fatalf("survives: %v, problems: %v\n%s", survives, problems, text)
				}
				if survives {
					fitting++
				} else {
					refused++
				}
			})
			assert.Positive(t, fitting, "every body was refused")
			assert.Positive(t, refused, "no body was refused")
		})
	}
}

// survives reports whether nothing of a body is lost in Microsoft's type.
func survives(model reflect.Type, body map[string]any) bool {
	text, err := json.Marshal(body)
	if err != nil {
		return false
	}
	value := reflect.New(model)
	if json.Unmarshal(text, value.Interface()) != nil {
		return false
	}
	back, err := json.Marshal(value.Interface())
	if err != nil {
		return false
	}
	var survived any
	return json.Unmarshal(back, &survived) == nil && within(body, survived)
}

// within reports whether everything of sent is in got. Null and an empty object say nothing, and models drop them.
func within(sent, got any) bool {
	switch sent := sent.(type) {
	case map[string]any:
		if len(sent) == 0 {
			return true
		}
		got, _ := got.(map[string]any)
		for key, value := range sent {
			m, isObject := value.(map[string]any)
			if value == nil || isObject && len(m) == 0 {
				continue
			}
			if back, ok := got[key]; !ok || !within(value, back) {
				return false
			}
		}
	case []any:
		got, _ := got.([]any)
		return len(got) == len(sent) && !slices.ContainsFunc(indices(sent), func(i int) bool { return !within(sent[i], got[i]) })
	}
	return true
}

func indices(list []any) []int {
	all := make([]int, len(list))
	for i := range all {
		all[i] = i
	}
	return all
}

// generator makes bodies that mostly fit a schema. Enums take their values only: Go's models take any text.
type generator struct {
	t      *rapid.T
	schema *models.Schema
}

// odd is true rarely.
func (g generator) odd() bool { return rapid.IntRange(0, 60).Draw(g.t, "odd") == 0 }

func (g generator) value(kind string, depth int) any {
	if g.odd() && kind != "any" && !strings.HasPrefix(kind, "arm") {
		return rapid.SampledFrom([]any{true, "text", 1.5, float64(1 << 40), []any{"text"}, nil}).Draw(g.t, "unfitting")
	}
	if element, ok := strings.CutPrefix(kind, "[]"); ok {
		items := []any{}
		for range rapid.IntRange(0, 2).Draw(g.t, "items") {
			items = append(items, g.value(element, depth-1))
		}
		return items
	}
	if element, ok := strings.CutPrefix(kind, "map[string]"); ok {
		return map[string]any{"free name": g.value(element, depth-1)}
	}
	if values := g.schema.Enums[kind]; len(values) > 0 {
		return rapid.SampledFrom(values).Draw(g.t, "enum")
	}
	if fields, ok := g.schema.Types[kind]; ok {
		return g.object(fields, depth)
	}
	return g.scalar(kind)
}

func (g generator) object(fields map[string]string, depth int) map[string]any {
	m := map[string]any{}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	if depth > 0 && len(names) > 0 {
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, min(4, len(names)), rapid.ID).Draw(g.t, "fields") {
			written := name
			if g.odd() {
				written = rapid.SampledFrom([]string{strings.ToUpper(name), name + "X"}).Draw(g.t, "spelling")
			}
			m[written] = g.value(fields[name], depth-1)
		}
	}
	return m
}

func (g generator) scalar(kind string) any {
	switch kind {
	case "boolean":
		return rapid.Bool().Draw(g.t, kind)
	case "date":
		return rapid.SampledFrom([]string{"2026-11-29T00:00:00Z", "2026-11-29T01:02:03.5+01:00", "yesterday"}).Draw(g.t, kind)
	case "int32", "int64":
		return float64(rapid.SampledFrom([]int64{0, 7, -1, 1 << 31, -1 << 31, 1 << 40}).Draw(g.t, kind))
	case "float32", "float64":
		return rapid.SampledFrom([]float64{0, 0.5, 100}).Draw(g.t, kind)
	case "any":
		return rapid.SampledFrom([]any{"text", true, map[string]any{"free": []any{1.0}}}).Draw(g.t, kind)
	}
	return rapid.SampledFrom([]string{"", "text", "Über"}).Draw(g.t, kind)
}
