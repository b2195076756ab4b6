package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

func TestEveryRowHasADatedSource(t *testing.T) {
	k, err := Known()
	require.NoError(t, err)
	for name, s := range k.Sources {
		assert.NotEmpty(t, s.Title, name)
		assert.True(t, strings.HasPrefix(s.Page, "https://learn.microsoft.com/"), name)
		assert.Regexp(t, `@[0-9a-f]{8}$`, s.File, "%s: the commit that was read", name)
	}
}

func TestTheTablesNameOnlyWhatTheyKnow(t *testing.T) {
	k, err := Known()
	require.NoError(t, err)
	var regions []string
	for _, group := range k.Regions.Groups {
		regions = append(regions, group...)
	}
	seen := map[string]bool{}
	for _, row := range k.Regions.Rows {
		for _, region := range k.expand(row.In) {
			assert.Contains(t, regions, region, "%s %v", row.Type, row.Models)
		}
		for _, m := range row.Models {
			name, version, _ := strings.Cut(m, " ")
			_, known := k.retirement(name, version)
			assert.True(t, known, "%s has regions and no retirement", m)
			assert.False(t, seen[row.Type+m], "%s %s is there twice", row.Type, m)
			seen[row.Type+m] = true
		}
	}
	for i, r := range k.Retirements.Rows {
		assert.False(t, slices.ContainsFunc(k.Retirements.Rows[:i], func(o Retirement) bool { return o.Model == r.Model && o.Version == r.Version }), "%s %s is there twice", r.Model, r.Version)
	}
}

func TestATableThatContradictsItselfIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"retirement: {}":                                       "models.yaml: yaml: unmarshal errors:\n  line 1: field retirement not found in type doctor.Knowledge",
		"retirements: {source: nowhere}":                       `models.yaml: no source "nowhere"`,
		"sources: {a: {date: soon}}\nretirements: {source: a}": `models.yaml: source a: parsing time "soon" as "2006-01-02": cannot parse "soon" as "2006"`,
		"sources: {a: {date: 2026-01-02}}\nretirements: {source: a, rows: [{model: x, version: \"1\", retires: never}]}":                 `models.yaml: x 1: parsing time "never" as "2006-01-02": cannot parse "never" as "2006"`,
		"sources: {a: {date: 2026-01-02}}\nretirements: {source: a}\nregions: {rows: [{source: b, type: Standard, models: [x 1]}]}":      `models.yaml: no source "b"`,
		"sources: {a: {date: 2026-01-02}}\nretirements: {source: a}\nunits: [{source: c, models: [x], tokens: 1, zone: {}, region: {}}]": `models.yaml: no source "c"`,
	} {
		_, err := parseKnowledge([]byte(text))
		assert.EqualError(t, err, want)
	}
}

func TestTheDoctorSaysHowOldItsTablesAre(t *testing.T) {
	k, err := Known()
	require.NoError(t, err)
	sources := k.dated(time.Date(2026, 10, 4, 23, 0, 0, 0, time.UTC))
	assert.Equal(t, "Region availability, standard deployments", sources[0].Title)
	assert.Equal(t, 10, sources[0].AgeDays)
	assert.True(t, slices.IsSortedFunc(sources, func(a, b Source) int { return strings.Compare(b.Date, a.Date) }), "the newest first")
	again := k.dated(time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC))
	assert.Equal(t, 11, again[0].AgeDays)
}

func TestAllListsWhatTheTablesOfferAndNothingElse(t *testing.T) {
	known, err := Known()
	require.NoError(t, err)
	all := known.All()
	require.NotEmpty(t, all)
	dated, sized := 0, 0
	for _, o := range all {
		require.True(t, known.offers(o.Region, o.Model, o.Version, stacks.DeploymentSKU(o.Type)).offered, "%+v", o)
		if o.Retires != "" {
			dated++
		}
		if o.Sizes.Least > 0 {
			sized++
			require.Contains(t, o.Type, "Provisioned")
		}
	}
	assert.Positive(t, dated)
	assert.Positive(t, sized)
}
