package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCharactersThatNobodySeesAreRefused(t *testing.T) {
	for _, text := range []string{`a\u0000b`, `a\u0007b`, `a\u007fb`, `a\u0085b`, `a\nb`, `a\uffffb`} {
		_, err := Decode(map[string]string{
			"location": "swedencentral",
			"teams":    `[{"name":"t","contact":"a@example.com","costCentre":"` + text + `","products":["p"]}]`,
			"tags":     `{"key` + text + `":"v"}`,
		}, nil)
		assert.ErrorContains(t, err, "teams[0].costCentre: has the character U+", text)
		assert.ErrorContains(t, err, "tags[", text)
	}
}

func TestAudiencesHaveNoCharactersOfPoliciesOrExpressions(t *testing.T) {
	for _, audience := range []string{"api://a<b", "api://a&b", `api://a"b`, "api://{{b}}", "api://@(b)", "$(b)", "<?b?>", "a b", ""} {
		assert.False(t, audienceShape.MatchString(audience), audience)
	}
	for _, audience := range []string{"api://enterprise-openai", "00000000-0000-4000-8000-00000000000b", "https://a.example/b_c"} {
		assert.True(t, audienceShape.MatchString(audience), audience)
	}
}

func TestAStackFileIsOneDocumentOfFiniteNumbers(t *testing.T) {
	_, err := readStackFile("Pulumi.dev.yaml", []byte("config:\n  p:a: .nan\n  p:b:\n    c: [-.inf]\n---\nconfig: {}\n"), "p")
	problems := Problems(err)
	require.Len(t, problems, 3)
	assert.Equal(t, "Pulumi.dev.yaml:2", problems[0].Where.String())
	assert.Equal(t, "Pulumi.dev.yaml:4", problems[1].Where.String())
	assert.Regexp(t, "Pulumi.dev.yaml:[56]", problems[2].Where.String())
}

func TestWhatIsCountedFitsInto32Bits(t *testing.T) {
	c := &check{problemList: newProblemList(nil)}
	c.positive("a", mostCounted)
	require.Empty(t, c.problems)
	c.positive("a", mostCounted+1)
	assert.Len(t, c.problems, 1)
}
