package diff_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/plan/diff"
)

// several is a change of many things at once.
var several = alteration{Stack: "dev", Set: map[string]any{
	"products[standard].tokensPerMinute": 4000,
	"accounts[france].location":          "germanywestcentral",
	"teams[support]":                     nil,
	"logging.retentionDays":              60,
	"tags.owner":                         "someone",
}}

func TestAnUnchangedStackIsOneLine(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		_, text := alteration{Stack: stack}.compared(t)
		assert.Regexp(t, `^no change: both plans declare the same \d+ resources\n$`, text)
	}
}

func TestTheJSONFormIsTheSchemas(t *testing.T) {
	schemaText, err := os.ReadFile(filepath.Join(root, "docs", "diff.schema.json"))
	require.NoError(t, err)
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(schemaText, &schema))
	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	for name, a := range map[string]alteration{"nothing": {Stack: "dev"}, "much": several} {
		found, _ := a.compared(t)
		var text strings.Builder
		require.NoError(t, found.WriteJSON(&text))
		var value any
		require.NoError(t, json.Unmarshal([]byte(text.String()), &value))
		assert.NoError(t, resolved.Validate(value), name)
	}
}

func TestTheGravestComesFirst(t *testing.T) {
	found, text := several.compared(t)
	assert.Equal(t, diff.Losses, found.Verdict)
	lines := strings.Split(text, "\n")
	assert.Contains(t, lines[0], "RISKS, the first: account france is REPLACED, because location changes")
	assert.Equal(t, "- account france is REPLACED, because location changes: what is in it is lost, and callers wait", lines[1])
	assert.Contains(t, lines, "- product *standard* loses 20 % of its tokens per minute (5,000 → 4,000)")
	assert.Contains(t, lines, "- team *support* is removed: its key for *standard* stops working")
	assert.Contains(t, lines, "  REPLACE Account account-france, forced by location")
	assert.Contains(t, lines, "  privacy     prompts of *standard* are kept 60 days instead of 30")
}

func TestTheSameChangeReadsTheSameEveryTime(t *testing.T) {
	_, first := several.compared(t)
	for range 3 {
		_, again := several.compared(t)
		require.Equal(t, first, again)
	}
}

func TestTheWayBackIsToldToo(t *testing.T) {
	found, err := diff.Between("base", several.altered(t), "head", base(t, "dev"), options)
	require.NoError(t, err)
	var texts []string
	for _, s := range found.People {
		texts = append(texts, s.Text)
	}
	assert.Contains(t, texts, "product *standard* gains 25 % of its tokens per minute (4,000 → 5,000)")
	assert.Contains(t, texts, "team *support* is new, with a key for *standard*")
	assert.Contains(t, texts, "prompts of *standard* are kept 30 days instead of 60")
}

func TestAPageForACommentFoldsTheResources(t *testing.T) {
	found, _ := several.compared(t)
	var text strings.Builder
	require.NoError(t, found.WriteMarkdown(&text))
	lines := strings.Split(text.String(), "\n")
	assert.Equal(t, "**"+found.Summary+"**", lines[0])
	assert.Equal(t, "- **loss:** "+found.People[0].Text, lines[2])
	assert.Contains(t, text.String(), "<details><summary>"+found.Counts.String()+"</summary>\n\n- ")
	assert.Contains(t, text.String(), "| replaced | account france is REPLACED, because location changes |\n")
}

func TestAChangeTakesAsLongAsItsLongestChain(t *testing.T) {
	// The rows of internal/azure/resourcetypes: an update of a Premium service takes 35 minutes, one of a fragment 2 seconds at most.
	units, _ := alteration{Stack: "prod", Set: map[string]any{"gateway.units": 6}}.compared(t)
	assert.Equal(t, []string{"ApiManagementService gateway"}, units.Azure.Longest)
	assert.InDelta(t, 35, units.Azure.Minutes, 0.05)
	limit, text := alteration{Stack: "prod", Set: map[string]any{"products[standard].requestsPerMinute": 300}}.compared(t)
	assert.Less(t, limit.Azure.Minutes, 1.0)
	assert.NotContains(t, text, "35 minutes")
	_, text = alteration{Stack: "prod", Set: map[string]any{"gateway.units": 6}}.compared(t)
	assert.Contains(t, text, "\nTime\n  about 35 minutes in Azure, modelled: ApiManagementService gateway\n")
}

func TestPlansThatDoNotBelongTogetherAreRefused(t *testing.T) {
	dev, prod := base(t, "dev"), base(t, "prod")
	other := base(t, "dev")
	for i := range other {
		other[i].URN = strings.ReplaceAll(other[i].URN, "enterprise-openai", "another")
	}
	for _, c := range []struct {
		head []plan.Resource
		want string
	}{
		{prod, "a is of stack dev, b of stack prod; both have to be of one stack (--stack)"},
		{other, "a is of project enterprise-openai, b of project another; both have to be of one project"},
		{nil, "b has no resources; a plan of rehearse plan --json has some"},
	} {
		_, err := diff.Between("a", dev, "b", c.head, options)
		assert.EqualError(t, err, c.want)
	}
}

func TestAPolicyThatCannotBeReadIsNamedWithItsPlace(t *testing.T) {
	a := alteration{Stack: "dev", Edit: []edit{{In: "PolicyFragment usage", Path: "value", From: "</fragment>", To: "</fragmen>"}}}
	_, err := diff.Between("base", base(t, "dev"), "head", a.altered(t), options)
	require.Error(t, err)
	assert.Regexp(t, `^head: PolicyFragment usage: usage:\d+:\d+: `, err.Error())
}
