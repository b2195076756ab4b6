package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/plan/cost"
)

// anEndpoint is a plan of one private endpoint: 730 hours at 0.01 are 7.30 a month.
func anEndpoint(w *work) {
	w.plan = func(context.Context, string, string) ([]plan.Resource, error) {
		return []plan.Resource{{URN: "urn:e", Name: "endpoint", Type: "azure-native:network/v20240501:PrivateEndpoint"}}, nil
	}
}

func TestCostPrintsTextOrJSONAlone(t *testing.T) {
	got := rehearse(t, []string{"cost", "--stack", "prod"}, anEndpoint)
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Contains(t, got.stdout, "prod: 7.30 USD a month (730 hours): 7.30 fixed, 0.00 for the assumed calls.")
	assert.Empty(t, got.stderr)

	got = rehearse(t, []string{"cost", "--json"}, anEndpoint)
	assert.Equal(t, exitOK, got.code)
	var report cost.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	assert.Equal(t, "dev", report.Stack)
	assert.InDelta(t, 7.3, float64(report.Fixed), 0.001)
	assert.Empty(t, got.stderr)
}

func TestAWrongTrafficFileEndsCostBeforeThePlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ours.yaml")
	require.NoError(t, os.WriteFile(file, []byte("calls:\n  - deploymnt: chat\n"), 0o600))
	got := rehearse(t, []string{"cost", "--traffic", file})
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, "rehearse: "+file+`:2: deploymnt: unknown key; did you mean "deployment"?`+"\n", got.stderr)
	assert.Empty(t, got.stdout)
}

func TestACostWithoutAPlanSaysWhy(t *testing.T) {
	got := rehearse(t, []string{"cost"}, func(w *work) {
		w.plan = func(context.Context, string, string) ([]plan.Resource, error) { return nil, errors.New("no such luck") }
	})
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, "rehearse: plan of dev: no such luck\n", got.stderr)
}
