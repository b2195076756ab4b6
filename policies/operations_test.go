package policies_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies"
)

func TestAnOperationsParametersAreThoseOfItsPath(t *testing.T) {
	assert.Equal(t, []string{"deployment-id"}, policies.Operation{Template: "/deployments/{deployment-id}/chat"}.Parameters())
	assert.Equal(t, []string{"a", "b"}, policies.Operation{Template: "/{a}/x/{b}"}.Parameters())
	assert.Empty(t, policies.Operation{Template: "/models"}.Parameters())
}

// known are the operations of testdata/official.txt by surface.
func known(t *testing.T) map[policies.Surface][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "official.txt"))
	require.NoError(t, err)
	surfaces := map[string]policies.Surface{"dated": policies.Deployments, "v1": policies.V1}
	all := map[policies.Surface][]string{}
	for line := range strings.Lines(string(text)) {
		name, operation, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || name == "#" {
			continue
		}
		surface, ok := surfaces[name]
		require.True(t, ok, line)
		all[surface] = append(all[surface], unnamed(operation))
	}
	return all
}

var braces = regexp.MustCompile(`\{[^}]*\}`)

// unnamed is an operation without the names of its parameters, which specifications differ in.
func unnamed(operation string) string { return braces.ReplaceAllString(operation, "{}") }

func TestEveryKnownOperationIsServedOrRefusedWithAReason(t *testing.T) {
	for surface, operations := range known(t) {
		require.NotEmpty(t, operations)
		var listed []string
		for _, o := range surface.Operations() {
			listed = append(listed, unnamed(o.Method+" "+o.Template))
		}
		for _, u := range policies.NotServed() {
			assert.NotEmpty(t, u.Kind)
			assert.NotEmpty(t, u.Why, u.Kind)
			assert.NotEmpty(t, u.Source, u.Kind)
			for _, o := range u.Operations(surface) {
				assert.NotContains(t, listed, unnamed(o), "%s: listed twice", surface)
				listed = append(listed, unnamed(o))
			}
		}
		for _, o := range operations {
			assert.Contains(t, listed, o, "%s: neither in operations.go nor in unserved.go", surface)
		}
		for _, o := range listed {
			assert.True(t, slices.Contains(operations, o), "%s: %s is not in testdata/official.txt", surface, o)
		}
	}
}

// What the 404 of an unknown operation says is served is what operations.go serves.
func TestTheAnswerToAnUnknownOperationNamesWhatIsServed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("fragments", "refusal.xml"))
	require.NoError(t, err)
	require.Contains(t, string(text), "docs/api.md")
	_, sentence, _ := strings.Cut(string(text), "Served are ")
	sentence, _, _ = strings.Cut(sentence, ", each with")
	sentence = strings.NewReplacer("<?each files?>", "", "<?end?>", "").Replace(sentence)
	var named []string
	for part := range strings.SplitSeq(strings.ReplaceAll(sentence, " and ", ", "), ", ") {
		named = append(named, part)
	}
	serves := map[string]bool{}
	for _, o := range slices.Concat(policies.Deployments.Operations(), policies.V1.Operations()) {
		path := strings.TrimPrefix(o.Template, "/deployments/{deployment-id}")
		at := slices.IndexFunc(named, func(n string) bool { return path == "/"+n || strings.HasPrefix(path, "/"+n+"/") })
		require.GreaterOrEqual(t, at, 0, "%s is served and not named", o.Template)
		serves[named[at]] = true
	}
	assert.Len(t, serves, len(named), "%v are named, %v are served", named, serves)
}
