// Package tools_test tries the scripts of this folder on machines that lack something, without touching this one: a
// script sees only the commands that a test puts on its PATH.
package tools_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is a folder of commands.
type machine struct {
	t   *testing.T
	bin string
}

// bare has what every Debian has, a user who is not root, and nothing to build with.
func bare(t *testing.T, changes ...func(machine)) machine {
	t.Helper()
	m := machine{t, t.TempDir()}
	for _, name := range []string{"bash", "env", "cat", "rm", "mktemp", "uname", "dirname"} {
		path, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(m.bin, name)))
	}
	m.has("id", "echo 1000")
	m.has("apt-get", `echo "apt-get $*" >> "$LOG"`)
	for _, change := range changes {
		change(m)
	}
	return m
}

// has puts a command on the machine.
func (m machine) has(name, script string) {
	m.t.Helper()
	require.NoError(m.t, os.WriteFile(filepath.Join(m.bin, name), []byte("#!/usr/bin/env bash\n"+script+"\n"), 0o700))
}

// asRoot makes the user root.
func asRoot(m machine) { m.has("id", "echo 0") }

// bootstrap runs the script and returns what it printed, what it called and its exit code.
func (m machine) bootstrap(args ...string) (printed, called string, code int) {
	m.t.Helper()
	log := filepath.Join(m.t.TempDir(), "log")
	cmd := exec.Command(filepath.Join(m.bin, "bash"), append([]string{"bootstrap.sh"}, args...)...)
	cmd.Env = []string{"PATH=" + m.bin, "LOG=" + log}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.ErrorAs(m.t, err, &exit)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		require.ErrorIs(m.t, err, os.ErrNotExist)
	}
	return out.String(), string(calls), cmd.ProcessState.ExitCode()
}

func TestNothingIsSaidWhenNothingIsMissing(t *testing.T) {
	m := bare(t, func(m machine) {
		m.has("go", "")
		m.has("npm", "")
		m.has("node", "echo 20")
	})
	printed, called, code := m.bootstrap("go", "node")
	assert.Zero(t, code)
	assert.Empty(t, printed)
	assert.Empty(t, called)
}

func TestRootInstallsWhatIsMissingAndSaysSoInOneLine(t *testing.T) {
	printed, called, code := bare(t, asRoot).bootstrap("csharp")
	assert.Zero(t, code)
	assert.Regexp(t, `^installing mono-mcs mono-runtime[^\n]*\n$`, printed)
	assert.Regexp(t, `^apt-get install -y -qq --no-install-recommends mono-mcs mono-runtime[^\n]*\n$`, called)
}

func TestAFreshMachineGetsItsPackageListsFirst(t *testing.T) {
	m := bare(t, asRoot, func(m machine) {
		m.has("apt-get", `echo "apt-get $1" >> "$LOG"; case "$1" in
			update) echo updated > "$LOG.lists" ;;
			install) test -f "$LOG.lists" ;; esac`)
	})
	_, called, code := m.bootstrap("csharp")
	assert.Zero(t, code)
	assert.Equal(t, "apt-get install\napt-get update\napt-get install\n", called)
}

func TestAnInstallationThatFailsShowsWhy(t *testing.T) {
	m := bare(t, asRoot, func(m machine) { m.has("apt-get", `echo "E: disk full"; exit 100`) })
	printed, _, code := m.bootstrap("csharp")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "E: disk full")
	assert.Contains(t, printed, "could not install mono-mcs")
}

func TestWithoutRightsTheOneCommandIsPrinted(t *testing.T) {
	cases := map[string]func(machine){
		"no sudo":                   func(machine) {},
		"a sudo that wants to talk": func(m machine) { m.has("sudo", "exit 1") },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			printed, called, code := bare(t, change).bootstrap("csharp")
			assert.Equal(t, 1, code)
			assert.Regexp(t, `run: sudo apt-get install --no-install-recommends mono-mcs mono-runtime`, printed)
			assert.Empty(t, called)
		})
	}
}

func TestASudoThatAsksNothingIsUsed(t *testing.T) {
	m := bare(t, func(m machine) { m.has("sudo", `echo sudo >> "$LOG"; [ "$1" = -n ] && shift; [ "$1" = true ] || "$@"`) })
	_, called, code := m.bootstrap("csharp")
	assert.Zero(t, code)
	assert.Regexp(t, `(?s)sudo\napt-get install .*mono-mcs`, called)
}

func TestAnotherSystemIsToldTheNames(t *testing.T) {
	m := bare(t, func(m machine) { require.NoError(m.t, os.Remove(filepath.Join(m.bin, "apt-get"))) })
	printed, _, code := m.bootstrap("csharp")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "names of Debian's packages")
}

func TestWhatNoPackageBringsIsNamedWithItsSource(t *testing.T) {
	printed, _, code := bare(t, asRoot).bootstrap("go", "node")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "missing: Go 1.26 or newer")
	assert.Contains(t, printed, "missing: Node 18 or newer with npm")

	old := bare(t, func(m machine) {
		m.has("npm", "")
		m.has("node", `[ "$1" = --version ] && echo v16.0.0 || echo 16`)
	})
	printed, _, code = old.bootstrap("node")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "this is v16.0.0")
}

func TestAMisspeltNeedIsRefused(t *testing.T) {
	printed, _, code := bare(t).bootstrap("chsarp")
	assert.Equal(t, 2, code)
	assert.Contains(t, printed, `no "chsarp"; there are go, compiler, csharp, node`)
}

func TestAnyChromiumWillDo(t *testing.T) {
	node := func(m machine) {
		m.has("npm", "")
		m.has("node", "echo 20")
	}
	_, called, code := bare(t, asRoot, node).bootstrap("browser")
	assert.Zero(t, code)
	assert.Regexp(t, `^apt-get install -y -qq --no-install-recommends chromium( fonts-dejavu-core)?\n$`, called)

	printed, called, code := bare(t, node, func(m machine) { m.has("google-chrome", "") }).bootstrap("browser")
	assert.Zero(t, code)
	assert.Empty(t, printed+called)
}
