package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

func tried(results []policytest.Result, err error, got *[]string) func(*work) {
	return func(w *work) {
		w.policy = func(_ context.Context, paths ...string) ([]policytest.Result, error) {
			if got != nil {
				*got = paths
			}
			return results, err
		}
	}
}

var (
	goodCase = policytest.Result{File: "a.txtar", Promise: "A key is required.", Pass: true, Failures: []policytest.Failure{}}
	badCase  = policytest.Result{File: "b.txtar", Promise: "Groups are checked.", Failures: []policytest.Failure{{Line: 7, Text: "expect.status: want 403, got 200"}}}
)

func TestPolicyListsCasesAndTellsWhereOneFails(t *testing.T) {
	var paths []string
	got := rehearse(t, []string{"policy", "x", "y"}, tried([]policytest.Result{goodCase, badCase}, nil, &paths))
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, []string{"x", "y"}, paths)
	assert.Equal(t, "pass  A key is required.\nFAIL  Groups are checked.\n      b.txtar:7: expect.status: want 403, got 200\n\n1 of 2 cases hold\n", got.stdout)
	assert.Empty(t, got.stderr)
	assert.Equal(t, exitOK, rehearse(t, []string{"policy", "x"}, tried([]policytest.Result{goodCase}, nil, nil)).code)
}

func TestPolicyAsJSONIsAloneOnStandardOutput(t *testing.T) {
	got := rehearse(t, []string{"policy", "--json", "x"}, tried([]policytest.Result{goodCase, badCase}, nil, nil))
	assert.Equal(t, exitFailed, got.code)
	var results []policytest.Result
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &results))
	assert.Equal(t, []policytest.Result{goodCase, badCase}, results)
}

func TestPolicyWithoutACaseIsAMistakeAndACaseThatCannotBeReadAFailure(t *testing.T) {
	got := rehearse(t, []string{"policy"})
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "such as policies/testdata")
	got = rehearse(t, []string{"policy", "x"}, tried(nil, errors.New("x.txtar:1: the promise is missing"), nil))
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.stderr, "rehearse: x.txtar:1: the promise is missing")
}
