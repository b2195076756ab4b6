package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyATriedMajorVersionOfTheCLISuits(t *testing.T) {
	for version, want := range map[string]bool{
		"v3.259.0\n": true, "3.260.1": true, "v3.258.9": false, "v4.0.0": false, "": false, "dirty": false,
	} {
		assert.Equal(t, want, suits(version), version)
	}
}

// script is a stand-in for the CLI.
func script(target string) error {
	return os.WriteFile(target, []byte("#!/bin/sh\necho v"+CLIVersion+"\n"), 0o700)
}

func TestTheCLIIsBuiltOnceEvenByTwo(t *testing.T) {
	root := t.TempDir()
	builds := 0
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			cli, err := ensureBuilt(t.Context(), root, &bytes.Buffer{}, func(_ context.Context, target string) error {
				builds++ // under the build's lock
				return script(target)
			})
			if assert.NoError(t, err) {
				assert.Equal(t, CLIVersion, cli.Version().String())
			}
		})
	}
	group.Wait()
	assert.Equal(t, 1, builds)
}

func TestAFailedBuildLeavesNothingThatLooksLikeACLI(t *testing.T) {
	root := t.TempDir()
	_, err := ensureBuilt(t.Context(), root, &bytes.Buffer{}, func(_ context.Context, target string) error {
		return errors.Join(os.WriteFile(target, []byte("half"), 0o700), errors.New("disk full"))
	})
	require.ErrorContains(t, err, "disk full")
	entries, err := os.ReadDir(filepath.Join(root, "bin"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestABuildsErrorsAreTheLastLinesOfItsOutput(t *testing.T) {
	var b buildOutput
	assert.Equal(t, "resolving modules", b.progress())
	for range 30 {
		_, _ = b.Write([]byte("some/pack"))
		_, _ = b.Write([]byte("age\n"))
	}
	_, _ = b.Write([]byte("x.go:1: broken"))
	assert.Equal(t, "30 packages", b.progress())
	lines := strings.Split(b.tail(), "\n")
	assert.Len(t, lines, keptLines+1)
	assert.Equal(t, "some/package", lines[0])
	assert.Equal(t, "x.go:1: broken", lines[keptLines])
}

func TestACopyOfTheSettingsHasItsOwnEncryption(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write(from, "Pulumi.yaml", "name: trial\n")
	write(from, "Pulumi.prod.yaml", "secretsprovider: azurekeyvault://vault/key\nencryptedkey: abc\nconfig:\n  trial:a: 1\n")
	write(to, "Pulumi.prod.yaml", "encryptionsalt: v1:salt\n")
	require.NoError(t, copySettings(t.Context(), from, to, "prod", "phrase", nil))
	data, err := os.ReadFile(filepath.Join(to, "Pulumi.prod.yaml"))
	require.NoError(t, err)
	assert.YAMLEq(t, "config:\n  trial:a: 1\nencryptionsalt: v1:salt\n", string(data))
}

func TestEncryptedSettingsAreEncryptedAnewOrLeftOut(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(from, "Pulumi.yaml"), []byte("name: trial\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(from, "Pulumi.prod.yaml"), []byte(`
encryptionsalt: v1:theirs
config:
  azure-native:clientSecret: {secure: UNKNOWN}
  trial:list:
    - plain
    - key: {secure: BBB}
`), 0o600))
	require.NoError(t, copySettings(t.Context(), from, to, "prod", "phrase", map[string]string{"BBB": "hidden text"}))
	data, err := os.ReadFile(filepath.Join(to, "Pulumi.prod.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(data), "hidden text")
	assert.NotContains(t, string(data), "BBB")
	assert.NotContains(t, string(data), "clientSecret")
	assert.Contains(t, string(data), "encryptionsalt: v1:")
	assert.Contains(t, string(data), "secure: v1:")
}

func TestAMissingStackFileIsNamed(t *testing.T) {
	from := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(from, "Pulumi.yaml"), []byte("name: trial\n"), 0o600))
	assert.ErrorContains(t, copySettings(t.Context(), from, t.TempDir(), "staging", "phrase", nil), `stack file of "staging"`)
}

func TestThePassphraseIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passphrase")
	first, err := ensurePassphrase(path)
	require.NoError(t, err)
	again, err := ensurePassphrase(path)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

const urnOfGroup = "urn:pulumi:dev::p::azure-native:resources/v20240301:ResourceGroup::group"

func TestAFailureKeepsWhatHelps(t *testing.T) {
	c := newCollector(nil)
	for _, d := range []apitype.DiagnosticEvent{
		{Severity: "error", URN: urnOfGroup, Message: "<{%fg 1%}>error: <{%reset%}>1 error occurred:\n\t* Status=409\n"},
		{Severity: "error", URN: urnOfGroup, Message: "error: 1 error occurred:\n\t* Status=409\n"},
		{Severity: "error", Message: "update failed"},
		{Severity: "info#err", Message: "progress"},
		{Severity: "error", Ephemeral: true, Message: "gone"},
		{Severity: "warning", Message: "mind the gap"},
	} {
		c.take(apitype.EngineEvent{DiagnosticEvent: &d})
	}
	c.finish()
	err := newFailure("up", errors.New("exit status 255"), c)
	assert.EqualError(t, err, "up: group (azure-native:resources/v20240301:ResourceGroup): Status=409")
	require.Len(t, c.result.Warnings, 1)
	assert.Equal(t, "mind the gap", c.result.Warnings[0].String())
}

func TestSeveralErrorsAreListed(t *testing.T) {
	c := newCollector(nil)
	c.take(apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{
		Severity: "error", Message: "an unhandled error occurred: 2 errors occurred:\n\t* one\n\t* two\n",
	}})
	c.take(apitype.EngineEvent{ResOpFailedEvent: &apitype.ResOpFailedEvent{
		Metadata: apitype.StepEventMetadata{URN: urnOfGroup, Type: "azure-native:resources/v20240301:ResourceGroup", Op: apitype.OpDelete},
	}})
	c.finish()
	err := newFailure("destroy", errors.New("exit status 255"), c)
	assert.EqualError(t, err, "destroy:\n  group (azure-native:resources/v20240301:ResourceGroup): failed, and the engine gives no reason\n  one\ntwo")
}

func TestWithoutDiagnosticsTheCauseIsTheMessage(t *testing.T) {
	c := newCollector(nil)
	c.finish()
	err := newFailure("up", context.Canceled, c)
	assert.EqualError(t, err, "up: context canceled")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAResourceIsCountedOnceAndTheStackNever(t *testing.T) {
	c := newCollector(nil)
	for _, m := range []apitype.StepEventMetadata{
		{Op: apitype.OpCreate, Type: "a:b:C", URN: "1"}, {Op: apitype.OpCreate, Type: "a:b:C", URN: "1"},
		{Op: apitype.OpCreate, Type: "pulumi:pulumi:Stack", URN: "2"}, {Op: apitype.OpCreate, Type: "pulumi:providers:azure-native", URN: "3"},
		{Op: apitype.OpUpdate, Type: "a:b:C", URN: "4"}, {Op: apitype.OpSame, Type: "a:b:C", URN: "5"}, {Op: apitype.OpDelete, Type: "a:b:C", URN: "6"},
		{Op: apitype.OpCreateReplacement, Type: "a:b:C", URN: "7"}, {Op: apitype.OpReplace, Type: "a:b:C", URN: "7"}, {Op: apitype.OpDeleteReplaced, Type: "a:b:C", URN: "7"},
	} {
		c.take(apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}})
	}
	c.finish()
	r := c.result
	assert.Equal(t, []int{1, 1, 1, 1, 1}, []int{r.Created, r.Updated, r.Same, r.Deleted, r.Replaced})
	assert.Equal(t, 4, r.Changed())
}

func TestAFailureWithoutEventsSaysWhatTheCLIComplainedAbout(t *testing.T) {
	for report, want := range map[string]string{
		"failed to run update: exit status 1\ncode: 1\nstdout: \nstderr: error: the stack is currently locked by 1 lock(s).\n": "the stack is currently locked by 1 lock(s).",
		"failed to run update: exit status 1\ncode: 1\nstdout: \nstderr: error: update failed\n":                               "failed to run update: exit status 1",
		"failed to run update: signal: killed\ncode: -1\nstdout: \nstderr: \n":                                                 "failed to run update: signal: killed",
	} {
		assert.EqualError(t, reason(errors.New(report)), want)
	}
}

func TestAnImportedResourceGoesToTheComponentItBelongsTo(t *testing.T) {
	component := func(typ, name string) resource.URN {
		return resource.URN("urn:pulumi:dev::p::p:infra:" + typ + "::" + name)
	}
	deployed := []apitype.ResourceV3{
		{URN: component("Account", "account-a")}, {URN: component("Account", "account-a-b")}, {URN: component("Policies", "policies")},
	}
	for child, want := range map[resource.URN]resource.URN{
		"urn:pulumi:dev::p::p:infra:Account$azure-native:x:Account::account-a":       component("Account", "account-a"),
		"urn:pulumi:dev::p::p:infra:Account$azure-native:x:Endpoint::account-a-b-pe": component("Account", "account-a-b"),
		"urn:pulumi:dev::p::p:infra:Account$azure-native:x:Endpoint::account-ab":     "",
		"urn:pulumi:dev::p::p:infra:Policies$azure-native:x:PolicyFragment::caller":  component("Policies", "policies"),
		"urn:pulumi:dev::p::p:infra:Nobody$azure-native:x:PolicyFragment::caller":    "",
	} {
		assert.Equal(t, want, parentOf(deployed, child), child)
	}
}

func TestTheUsersOptionsForTheCLIAreNotPassedOn(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PULUMI_OPTION_PARALLEL", "1")
	cli, err := ensureBuilt(t.Context(), root, &bytes.Buffer{}, func(_ context.Context, target string) error {
		return os.WriteFile(target, []byte("#!/bin/sh\n[ -z \"$PULUMI_OPTION_PARALLEL\" ] || exit 1\necho v"+CLIVersion+"\n"), 0o700)
	})
	require.NoError(t, err)
	_, _, _, err = cli.Run(t.Context(), root, nil, nil, nil, nil, "whoami")
	assert.NoError(t, err)
}

func TestACLIThatFailsIsQuoted(t *testing.T) {
	_, err := ensureBuilt(t.Context(), t.TempDir(), &bytes.Buffer{}, func(_ context.Context, target string) error {
		return os.WriteFile(target, []byte("#!/bin/sh\necho why it fails >&2\nexit 1\n"), 0o700)
	})
	assert.ErrorContains(t, err, "why it fails")
}
