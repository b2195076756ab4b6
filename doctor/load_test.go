package doctor

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/problem"
	"enterprise-openai/stacks"
)

const root = ".."

// checkout is a copy of the project's files with a change to one of them.
func checkout(t *testing.T, name, old, replacement string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		if file == name {
			require.Contains(t, string(text), old)
			text = bytes.Replace(text, []byte(old), []byte(replacement), 1)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
	}
	return dir
}

func TestAnEnvironmentIsReadFromACheckout(t *testing.T) {
	e, err := Load(context.Background(), root, "prod", []string{"dev", "prod"}, aDay)
	require.NoError(t, err)
	assert.Equal(t, "enterprise-openai", e.Project)
	assert.Equal(t, stacks.SKUPremium, e.Settings.Gateway.SKU)
	assert.Regexp(t, `^Pulumi\.prod\.yaml:\d+$`, e.Locate("gateway.sku").String())
	assert.Contains(t, e.Zones, "privatelink.openai.azure.com")
	assert.Len(t, e.Zones, 7, "one for the accounts, one for each host name of an internal gateway")
	require.Len(t, e.Others, 1)
	assert.Equal(t, "dev", e.Others[0].Stack)
	assert.Equal(t, stacks.SKUDeveloper, e.Others[0].Settings.Gateway.SKU)
}

func TestTheProgramMakesNoZoneThatAnswersForEverybody(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		e, err := Load(context.Background(), root, stack, nil, aDay)
		require.NoError(t, err)
		for _, f := range Examine(e).Findings {
			assert.NotEqual(t, "hijack", f.Check, "%s: %s", stack, f.Message)
		}
	}
}

// The models of dev and prod live for nine months from the day they were chosen; after that the doctor names what replaces them.
func TestTheModelsThatShipLiveForNineMonthsOrTheDoctorNamesTheirReplacement(t *testing.T) {
	retirements := func(e *Environment, today string) []string {
		e.Today = day(today)
		var found []string
		for _, f := range Examine(e).Findings {
			if f.Check == "retirement" || f.Check == "region" {
				found = append(found, f.text())
			}
		}
		return found
	}
	for _, stack := range []string{"dev", "prod"} {
		e, err := Load(context.Background(), root, stack, nil, aDay)
		require.NoError(t, err)
		assert.Empty(t, retirements(e, "2026-11-29"), stack)
		assert.Contains(t, retirements(e, "2026-12-03"), "advice retirement accounts[0].deployments[0].version: gpt-5.4 2026-03-05 retires on 2027-09-02, in 273 days: "+
			"every call to it fails from that day; plan the move; "+map[string]string{
			"dev":  "swedencentral has as DataZoneStandard: gpt-5.5 2026-04-24 (until 2027-10-26), gpt-5.4-mini 2026-03-17 (until 2027-09-21)",
			"prod": "no model that stays is known to be in swedencentral as DataZoneProvisionedManaged",
		}[stack], stack)
	}
}

func TestFindingsNameTheLineOfTheirSetting(t *testing.T) {
	dir := checkout(t, "Pulumi.dev.yaml", "retentionDays: 30", "retentionDays: 400")
	e, err := Load(context.Background(), dir, "dev", nil, aDay)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	before, _, _ := bytes.Cut(text, []byte("retentionDays: 400"))
	line := 1 + bytes.Count(before, []byte("\n"))
	for _, f := range Examine(e).Findings {
		if f.Check == "retention" {
			assert.Equal(t, []Place{{"logging.retentionDays", problem.Place{File: "Pulumi.dev.yaml", Line: line}}}, f.Settings)
			return
		}
	}
	t.Fatal("400 days were not found")
}

func TestRefusedSettingsAreToldApartFromEverythingElse(t *testing.T) {
	dir := checkout(t, "Pulumi.dev.yaml", "sku: Developer", "sku: Develper")
	_, err := Load(context.Background(), dir, "dev", nil, aDay)
	var refused RefusedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, stacks.Problems(err), 1)
	assert.Equal(t, "gateway.sku", stacks.Problems(err)[0].Path)

	_, err = Load(context.Background(), dir, "staging", nil, aDay)
	require.Error(t, err)
	assert.NotErrorAs(t, err, &refused)
}

func TestAnotherStackThatCannotBeReadIsSaidNotToBeChecked(t *testing.T) {
	dir := checkout(t, "Pulumi.prod.yaml", "sku: Premium", "sku: Premum")
	e, err := Load(context.Background(), dir, "dev", []string{"dev", "prod"}, aDay)
	require.NoError(t, err)
	assert.Empty(t, e.Others)
	assert.Equal(t, "Names, addresses and quota shared with prod: its settings cannot be read; rehearse doctor --stack prod shows why.", Examine(e).NotChecked[0])
}
