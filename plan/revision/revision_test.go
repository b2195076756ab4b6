package revision

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program of a revision here prints its plan, and waits if it is asked to, so that nothing of this project is compiled.
const program = `package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if file := os.Getenv("BEGUN"); file != "" {
		here, _ := os.Getwd()
		os.WriteFile(file+".new", []byte(here), 0o600)
		os.Rename(file+".new", file)
		time.Sleep(time.Minute)
	}
	settings, _ := filepath.Glob("Pulumi.*.yaml")
	text, _ := os.ReadFile(settings[0])
	fmt.Printf("[{\"urn\": \"urn:pulumi:%s::p::a:b:C::%s\", \"type\": \"a:b:C\", \"name\": %q}]", os.Args[3], text, text)
}
`

// checkout is a repository with a project below its top, at two revisions: the tag first, and the branch it is on.
func checkout(t *testing.T) (project string) {
	t.Helper()
	top := t.TempDir()
	project = filepath.Join(top, "below")
	write := func(name, text string) {
		path := filepath.Join(project, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	in := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		cmd.Dir = top
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	in("init", "-q")
	write("go.mod", "module p\n\ngo 1.24\n")
	write("cmd/rehearse/main.go", program)
	write("Pulumi.dev.yaml", "old")
	in("add", "-A")
	in("commit", "-q", "-m", "first")
	in("tag", "first")
	write("Pulumi.dev.yaml", "new")
	in("commit", "-q", "-a", "-m", "second")
	return project
}

// trees are the worktrees of a repository.
func trees(t *testing.T, dir string) int {
	t.Helper()
	out, err := git(t.Context(), dir, "worktree", "list", "--porcelain")
	require.NoError(t, err)
	return strings.Count(out, "worktree ")
}

func TestAPlanOfARevisionIsThatOfItsOwnProgram(t *testing.T) {
	project := checkout(t)
	for name, want := range map[string]string{"first": "old", "HEAD": "new"} {
		commit, err := Find(t.Context(), project, name)
		require.NoError(t, err)
		resources, err := Plan(t.Context(), project, commit, "dev")
		require.NoError(t, err)
		require.Len(t, resources, 1)
		assert.Equal(t, want, resources[0].Name)
		assert.True(t, resources[0].Custom)
	}
	assert.Equal(t, 1, trees(t, project), "a worktree was left behind")
}

func TestWhatIsNoRevisionIsNamed(t *testing.T) {
	project := checkout(t)
	for _, name := range []string{"nowhere", "--all", ""} {
		_, err := Find(t.Context(), project, name)
		assert.ErrorAs(t, err, &UnknownError{}, name)
	}
	commit, err := Find(t.Context(), project, "first")
	require.NoError(t, err)
	_, err = Plan(t.Context(), project, commit, "prod")
	assert.ErrorContains(t, err, "has no stack prod: there is no Pulumi.prod.yaml in it")
	assert.Equal(t, 1, trees(t, project))
}

func TestAnInterruptedPlanLeavesNoWorktree(t *testing.T) {
	project := checkout(t)
	begun := filepath.Join(t.TempDir(), "begun")
	t.Setenv("BEGUN", begun)
	commit, err := Find(t.Context(), project, "first")
	require.NoError(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := Plan(ctx, project, commit, "dev")
		ended <- err
	}()
	var where []byte
	require.Eventually(t, func() bool {
		where, err = os.ReadFile(begun)
		return err == nil
	}, time.Minute, 10*time.Millisecond)
	interrupt()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.NoDirExists(t, string(where))
	assert.Equal(t, 1, trees(t, project))
}
