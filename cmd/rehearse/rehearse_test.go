package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/report"
)

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// rehearse runs a command line in a project with the stacks dev and prod. Work that a case does not replace fails.
func rehearse(t *testing.T, args []string, changes ...func(*work)) outcome {
	t.Helper()
	w := work{
		dir: project(t, "dev", "prod"),
		run: func(context.Context, rehearsal.Options) (report.Report, error) {
			return report.Report{}, errors.New("run was not expected")
		},
		up: func(context.Context, rehearsal.Options, func(rehearsal.Standing)) error {
			return errors.New("up was not expected")
		},
		plan: func(context.Context, string, string) ([]plan.Resource, error) {
			return nil, errors.New("plan was not expected")
		},
		prepare: func(context.Context, rehearsal.Options) (string, error) {
			return "", errors.New("prepare was not expected")
		},
	}
	for _, change := range changes {
		change(&w)
	}
	var stdout, stderr bytes.Buffer
	code := execute(context.Background(), args, &stdout, &stderr, w)
	return outcome{code, stdout.String(), stderr.String()}
}

// project is a folder with a Pulumi.yaml and the named stacks.
func project(t *testing.T, stacks ...string) string {
	t.Helper()
	dir := t.TempDir()
	files := []string{"Pulumi.yaml"}
	for _, s := range stacks {
		files = append(files, "Pulumi."+s+".yaml")
	}
	for _, f := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), nil, 0o600))
	}
	return dir
}

// ran replaces the rehearsal by one with a given end, and keeps its options.
func ran(rep report.Report, err error, got *rehearsal.Options) func(*work) {
	return func(w *work) {
		w.run = func(_ context.Context, o rehearsal.Options) (report.Report, error) {
			if got != nil {
				*got = o
			}
			o.Progress(rehearsal.Event{Step: "up", Kind: rehearsal.Finished, Text: "7 created", Took: 1500 * time.Millisecond})
			return rep, err
		}
	}
}

var (
	passed = report.Report{Stack: "dev", Resources: report.Resources{Created: 7}, Drills: []report.Drill{{Name: "clean", Pass: true}}}
	broken = report.Report{Stack: "dev", Drills: []report.Drill{
		{Name: "clean", Promise: "Nothing remains.", Failures: []string{"still exists: /x"}},
	}}
)

func TestAMistakeOnTheCommandLineExitsWith2AndSaysWhatWouldBeRight(t *testing.T) {
	cases := map[string]struct {
		args   []string
		stderr string
	}{
		"a command that is nearly one": {[]string{"plna"}, `no command "plna"; did you mean "plan"?`},
		"a command that is none":       {[]string{"frobnicate"}, `no command "frobnicate"`},
		"an unknown flag":              {[]string{"--frob"}, "unknown flag: --frob"},
		"an unknown flag of a command": {[]string{"plan", "--drill", "x"}, "unknown flag: --drill"},
		"a flag without its value":     {[]string{"run", "--stack"}, "flag needs an argument: --stack"},
		"a stack as an argument":       {[]string{"up", "prod"}, `up takes no argument, got "prod"; a stack is named with --stack`},
		"an unknown stack, by run":     {[]string{"--stack", "tset"}, `no stack "tset": there is no Pulumi.tset.yaml; there are dev, prod`},
		"an unknown stack, by plan":    {[]string{"plan", "--stack", "tset"}, "there are dev, prod"},
		"an unknown stack, by up":      {[]string{"up", "--stack", "tset"}, "there are dev, prod"},
		"an unknown drill":             {[]string{"--drill", "clan"}, `no drill "clan"; there are idempotent,`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := rehearse(t, c.args)
			assert.Equal(t, exitUsage, got.code)
			assert.Contains(t, got.stderr, c.stderr)
			assert.Contains(t, got.stderr, "See rehearse --help.")
			assert.Empty(t, got.stdout)
		})
	}
}

func TestOutsideAProjectTheCommandSaysWhereItLooked(t *testing.T) {
	empty := t.TempDir()
	got := rehearse(t, []string{"plan"}, func(w *work) { w.dir = empty })
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "no Pulumi.yaml in "+empty+" or above")
}

func TestTheExitCodeTellsWhetherEverythingHeld(t *testing.T) {
	cases := map[string]struct {
		rep  report.Report
		err  error
		code int
	}{
		"every drill passed":       {passed, nil, exitOK},
		"a drill did not hold":     {broken, nil, exitFailed},
		"the deployment broke off": {report.Report{Stack: "dev", Error: "up: no"}, errors.New("up: no"), exitFailed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.code, rehearse(t, nil, ran(c.rep, c.err, nil)).code)
			assert.Equal(t, c.code, rehearse(t, []string{"run", "--json"}, ran(c.rep, c.err, nil)).code)
		})
	}
}

func TestJSONStandsAloneOnStandardOutput(t *testing.T) {
	for name, rep := range map[string]report.Report{"passed": passed, "failed": broken} {
		t.Run(name, func(t *testing.T) {
			got := rehearse(t, []string{"--json"}, ran(rep, nil, nil))
			var back report.Report
			require.NoError(t, json.Unmarshal([]byte(got.stdout), &back), got.stdout)
			assert.Equal(t, rep.Drills[0].Name, back.Drills[0].Name)
			assert.Contains(t, got.stderr, "7 created")
		})
	}
}

func TestAReportForPeopleNamesEveryFailure(t *testing.T) {
	got := rehearse(t, nil, ran(broken, nil, nil))
	assert.Equal(t, "\nFAIL clean: Nothing remains.\n  - still exists: /x\n"+
		"\ndev: 1 of 1 drills failed, 0 resources. The report is .rehearsal/dev/report.html\n", got.stdout)
	assert.Equal(t, "ok     up              1.5 s  7 created\n", got.stderr)

	got = rehearse(t, nil, ran(report.Report{Stack: "dev", Error: "up: gateway: no"}, errors.New("up: gateway: no"), nil))
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, "rehearse: up: gateway: no\n")
}

func TestFlagsReachTheRehearsalWithAndWithoutTheWordRun(t *testing.T) {
	flags := []string{"--stack", "prod", "--drill", "clean", "--drill", "idempotent", "--report", "out"}
	for _, args := range [][]string{flags, append([]string{"run"}, flags...)} {
		var o rehearsal.Options
		rehearse(t, args, ran(passed, nil, &o))
		assert.Equal(t, "prod", o.Stack)
		assert.Equal(t, []string{"clean", "idempotent"}, o.Drills)
		assert.Equal(t, "out", o.ReportDir)
		assert.NotEmpty(t, o.ProjectDir)
	}
}

func TestUpPrintsWhatExistsWhenItExists(t *testing.T) {
	got := rehearse(t, []string{"up"}, func(w *work) {
		w.up = func(_ context.Context, _ rehearsal.Options, ready func(rehearsal.Standing)) error {
			ready(rehearsal.Standing{Stack: "dev", Result: drills.Result{Created: 2}, Page: "http://127.0.0.1:1/token/", Outputs: map[string]any{
				"endpoint": "https://gateway.example", "portal": map[string]any{"workspace": "https://portal.example"},
			}})
			return nil
		}
	})
	assert.Equal(t, exitOK, got.code)
	assert.Equal(t, "\ndev is up.\n"+
		"  endpoint                 https://gateway.example\n"+
		"  portal workspace         https://portal.example\n"+
		"Watch its calls, send a prompt, cut a region: http://127.0.0.1:1/token/\n"+
		"Ctrl-C stops it.\n", got.stdout)
}

func planned(w *work) {
	w.plan = func(context.Context, string, string) ([]plan.Resource, error) {
		return []plan.Resource{
			{URN: "urn:net", Type: "enterprise-openai:infra:Network", Name: "network", Parent: "urn:the-stack"},
			{URN: "urn:gw", Type: "enterprise-openai:infra:Gateway", Name: "gateway"},
			{URN: "urn:vnet", Type: "azure-native:network:VirtualNetwork", Name: "network-vnet", Parent: "urn:net"},
			{URN: "urn:sub", Type: "azure-native:network:Subnet", Name: "network-gateway", Parent: "urn:vnet", Inputs: map[string]any{"a": "<b>"}},
			{URN: "urn:nsg", Type: "azure-native:network:NetworkSecurityGroup", Name: "network-guard", Parent: "urn:net"},
		}, nil
	}
}

func TestPlanPrintsEveryResourceBelowItsParent(t *testing.T) {
	got := rehearse(t, []string{"plan"}, planned)
	assert.Equal(t, exitOK, got.code)
	assert.Equal(t, ""+
		"network                enterprise-openai:infra:Network\n"+
		"├─ network-vnet        azure-native:network:VirtualNetwork\n"+
		"│  └─ network-gateway  azure-native:network:Subnet\n"+
		"└─ network-guard       azure-native:network:NetworkSecurityGroup\n"+
		"gateway                enterprise-openai:infra:Gateway\n"+
		"\n5 resources\n", got.stdout)
}

func TestPlanAsJSONIsAnArrayWithInputsAsTheyAre(t *testing.T) {
	got := rehearse(t, []string{"plan", "--json"}, planned)
	var back []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &back))
	require.Len(t, back, 5)
	assert.Equal(t, "urn:vnet", back[3]["parent"])
	assert.Contains(t, got.stdout, `"a": "<b>"`)

	got = rehearse(t, []string{"plan", "--json"}, func(w *work) {
		w.plan = func(context.Context, string, string) ([]plan.Resource, error) { return nil, nil }
	})
	assert.Equal(t, "[]\n", got.stdout)
}

func TestAPlanThatFailsSaysOfWhichStack(t *testing.T) {
	got := rehearse(t, []string{"plan", "--stack", "prod"}, func(w *work) {
		w.plan = func(context.Context, string, string) ([]plan.Resource, error) {
			return nil, errors.New(`gateway.skus: unknown setting; did you mean "sku"?`)
		}
	})
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, "rehearse: plan of prod: gateway.skus: unknown setting; did you mean \"sku\"?\n", got.stderr)
}

func TestPrepareSaysWhatItBuilds(t *testing.T) {
	got := rehearse(t, []string{"prepare"}, func(w *work) {
		w.prepare = func(_ context.Context, o rehearsal.Options) (string, error) {
			_, err := o.Log.Write([]byte("building the Pulumi CLI\n"))
			return "3.259.0", err
		}
	})
	assert.Equal(t, exitOK, got.code)
	assert.Equal(t, "Pulumi CLI v3.259.0 is ready\n", got.stdout)
	assert.Equal(t, "       building the Pulumi CLI\n", got.stderr)
}

func TestHelpShowsExamplesOfEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"run", "--help"}, {"up", "--help"}, {"plan", "--help"}} {
		got := rehearse(t, args)
		assert.Equal(t, exitOK, got.code)
		assert.Contains(t, got.stdout, "Examples:\n  rehearse")
		assert.Contains(t, got.stdout, "--stack name")
	}
}
