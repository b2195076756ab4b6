package stacks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/plan"
	"enterprise-openai/queries"
	"enterprise-openai/stacks"
)

// savedSearches are the queries of a program's template, by id.
func savedSearches(t *testing.T, p program) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, stack := range p.of(t, "DeploymentStackAtResourceGroup") {
		list, _ := at(stack, "template", "resources").([]any)
		for _, entry := range list {
			resource, _ := entry.(map[string]any)
			if resource["type"] == "Microsoft.OperationalInsights/workspaces/savedSearches" {
				found[resource["name"].(string)], _ = resource["properties"].(map[string]any)
			}
		}
	}
	require.NotEmpty(t, found, "%s saves no searches", p.env)
	return found
}

func TestEveryQueryIsASavedSearchWithItsLookupsFilled(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		saved := savedSearches(t, p)
		assert.Len(t, saved, len(queries.All()))
		titles := map[any]bool{}
		for id, properties := range saved {
			assert.Equal(t, "*", properties["etag"], "%s cannot be written over", id)
			text, _ := properties["query"].(string)
			// No shipped environment has a model that is paid by the image or the character.
			text = strings.Replace(text, "let UnitPrices = datatable(BackendId: string, Unit: string, Price: real)[];", "", 1)
			assert.NotContains(t, text, ")[];", "%s has an empty lookup", id)
			titles[properties["displayName"]] = true
		}
		assert.Len(t, titles, len(saved), "two searches have one title")
	})
}

// bound checks queries with Microsoft's parser against the workspace's tables.
func bound(t *testing.T, texts map[string]string) {
	t.Helper()
	require.NotEmpty(t, texts)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	engine := logs.NewEngine(time.Now, os.Stderr)
	defer func() { assert.NoError(t, engine.Close()) }()
	for name, text := range texts {
		found, err := engine.Check(ctx, name, text)
		require.NoError(t, err, name)
		assert.NoError(t, kql.Errors(found), name)
	}
}

func TestEveryDeployedQueryIsBoundByMicrosoftsParser(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) { bound(t, deployedQueries(t, p)) })
}

// deployedQueries are the texts that Azure would run.
func deployedQueries(t *testing.T, p program) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for id, properties := range savedSearches(t, p) {
		texts["saved search "+id], _ = properties["query"].(string)
	}
	for _, rule := range p.of(t, "ScheduledQueryRule") {
		texts["rule "+rule.Name], _ = at(rule, "criteria", "allOf", 0, "query").(string)
	}
	for _, workbook := range p.of(t, "Workbook") {
		var book map[string]any
		require.NoError(t, json.Unmarshal([]byte(at(workbook, "serializedData").(string)), &book))
		collectQueries(book, texts)
	}
	return texts
}

// collectQueries finds the queries that a workbook runs, with its pickers as the portal would replace them.
func collectQueries(value any, texts map[string]string) {
	switch v := value.(type) {
	case []any:
		for _, inner := range v {
			collectQueries(inner, texts)
		}
	case map[string]any:
		content, _ := v["content"].(map[string]any)
		if query, is := content["query"].(string); is {
			texts[fmt.Sprint("workbook ", v["name"])] = strings.NewReplacer("{Team}", "'search','support'", "{Model}", "'gpt-4o'").Replace(query)
		}
		for _, inner := range v {
			collectQueries(inner, texts)
		}
	}
}

// The workbook as it is deployed, for a reviewer. Written anew by go test ./stacks -run Golden -update.
func TestWorkbooksMatchTheGoldenOnes(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		got, _ := at(p.of(t, "Workbook")[0], "serializedData").(string)
		path := filepath.Join("testdata", "workbook."+p.env+".json")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "the workbook changed; if it should, run go test ./stacks -run Golden -update and review the difference")
	})
}

func TestTheWorkbookIsSharedUnderAStableGUID(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		workbook := p.of(t, "Workbook")[0]
		assert.Regexp(t, `^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`, at(workbook, "resourceName"))
		assert.Equal(t, at(workbook, "resourceName"), at(declare(t, p.env, plan.Preview).of(t, "Workbook")[0], "resourceName"))
		assert.Equal(t, "shared", at(workbook, "kind"))
		assert.Equal(t, "workbook", at(workbook, "category"))
		assert.Equal(t, "${Workspace monitoring.id}", at(workbook, "sourceId"))
	})
}

func TestEveryAlertTellsThePeople(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		groups := p.of(t, "ActionGroup")
		require.Len(t, groups, 1)
		assert.NotEmpty(t, at(groups[0], "emailReceivers"))
		assert.Equal(t, true, at(groups[0], "enabled"))
		notified := "${ActionGroup alerts.id}"
		for _, rule := range p.of(t, "ScheduledQueryRule") {
			assert.Equal(t, []any{notified}, at(rule, "actions", "actionGroups"), rule.Name)
			assert.Equal(t, true, at(rule, "enabled"), rule.Name)
		}
		for _, rule := range p.of(t, "MetricAlert") {
			assert.Equal(t, notified, at(rule, "actions", 0, "actionGroupId"), rule.Name)
			assert.Equal(t, true, at(rule, "enabled"), rule.Name)
		}
	})
}

func TestARuleIsKeptBeforeTheTablesItAsksAreThere(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, rule := range p.of(t, "ScheduledQueryRule") {
			assert.Equal(t, true, at(rule, "skipQueryValidation"), rule.Name)
			assert.Equal(t, "${Workspace monitoring.id}", at(rule, "scopes", 0), rule.Name)
		}
	})
}

// names are the logical names of a program's resources of a kind.
func names(t *testing.T, p program, kind string) []string {
	t.Helper()
	var all []string
	for _, r := range p.of(t, kind) {
		all = append(all, r.Name)
	}
	return all
}

func TestThereIsAnAlertForEveryCause(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		assert.ElementsMatch(t, []string{"alerts-regional-failover", "alerts-throttling", "alerts-quota", "alerts-quota-gone", "alerts-audit-gap", "alerts-new-network", "alerts-abandoned-calls", "alerts-uncounted-tokens"},
			names(t, p, "ScheduledQueryRule"))
		assert.ElementsMatch(t, []string{"alerts-server-errors", "alerts-capacity"}, names(t, p, "MetricAlert"))
	})
}

func TestNoAlertIsAboutWhatIsNotLogged(t *testing.T) {
	p := changed(t, "prod", loggingOf(t, "prod"), "  enterprise-openai:logging: {clientIp: false, messages: false, bodies: all}\n")
	rules := names(t, p, "ScheduledQueryRule")
	assert.NotContains(t, rules, "alerts-audit-gap")
	assert.NotContains(t, rules, "alerts-new-network")
}

func TestTheHeaderThatTheQuotaAlertReadsIsSentAndLogged(t *testing.T) {
	const header = "x-gateway-remaining-quota-tokens"
	alert, err := queries.FindAlert("quota")
	require.NoError(t, err)
	assert.Contains(t, alert.Text, header)
	everywhere(t, func(t *testing.T, p program) {
		sent := 0
		for _, fragment := range p.of(t, "PolicyFragment") {
			sent += strings.Count(at(fragment, "value").(string), `remaining-quota-tokens-header-name="`+header+`"`)
		}
		assert.Positive(t, sent)
		for _, diagnostic := range p.of(t, "ApiDiagnostic") {
			assert.Contains(t, at(diagnostic, "frontend", "response", "headers"), header, diagnostic.Name)
			assert.Nil(t, at(diagnostic, "frontend", "response", "body"), diagnostic.Name)
		}
	})
}

// changed is an environment with a text of its stack file replaced.
func changed(t *testing.T, env, old, with string) program {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi." + env + ".yaml"} {
		text, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		if name != "Pulumi.yaml" {
			require.Contains(t, string(text), old)
			text = []byte(strings.Replace(string(text), old, with, 1))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	declared, err := plan.Of(t.Context(), dir, env, plan.Update, stacks.Deploy)
	require.NoError(t, err)
	return program{env: env, resources: declared.Resources}
}

// loggingOf is what an environment's file says about logging.
func loggingOf(t *testing.T, env string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "Pulumi."+env+".yaml"))
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^  enterprise-openai:logging:\n(?:    .*\n)+`).FindString(string(text))
	require.NotEmpty(t, found)
	return found
}

func TestASharedWorkspaceIsLeftAsItsOwnerHasIt(t *testing.T) {
	p := changed(t, "prod", loggingOf(t, "prod"), "  enterprise-openai:logging:\n    workspace: /subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/shared\n")
	p.of(t, "Component")
	for _, r := range p.resources {
		assert.NotContains(t, r.Type, ":operationalinsights/", r.Name)
		assert.NotContains(t, r.Type, "SavedSearches", r.Name)
	}
}

func TestATableKeepsItsRowsForItsOwnTimeAndIsNeverDeleted(t *testing.T) {
	p := declare(t, "prod", plan.Update)
	var stack plan.Resource
	for _, r := range p.of(t, "DeploymentStackAtResourceGroup") {
		if r.Name == "tables" {
			stack = r
		}
	}
	require.NotEmpty(t, stack.URN, "prod has a table with a retention of its own")
	assert.Equal(t, "detach", at(stack, "actionOnUnmanage", "resources"), "Azure refuses to delete its own tables")
	assert.Equal(t, "Microsoft.OperationalInsights/workspaces/tables", at(stack, "template", "resources", 0, "type"))
	assert.Contains(t, at(stack, "template", "resources", 0, "name"), "/ApiManagementGatewayLlmLog")
	assert.EqualValues(t, 90, at(stack, "template", "resources", 0, "properties", "retentionInDays"))
	assert.EqualValues(t, 365, at(stack, "template", "resources", 0, "properties", "totalRetentionInDays"))
	assert.Equal(t, "Analytics", at(stack, "template", "resources", 0, "properties", "plan"), "a Basic table cannot be joined")
	assert.True(t, p.waits(stack, p.of(t, "ApiManagementService")[0]), "a new workspace is not active yet")
	assert.NotContains(t, names(t, declare(t, "dev", plan.Update), "DeploymentStackAtResourceGroup"), "tables", "dev's tables are like their workspace")
}
