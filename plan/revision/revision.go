// Package revision records the plan of a git revision. That revision's own program declares it: its command is built and run in a
// git worktree of its own, which is gone afterwards, also when the caller is interrupted.
package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"enterprise-openai/internal/gobuild"
	"enterprise-openai/internal/proc"
	"enterprise-openai/plan"
)

// UnknownError is about a name that is no revision.
type UnknownError struct{ Name string }

func (e UnknownError) Error() string {
	return fmt.Sprintf("%s is neither a file with a plan nor a git revision; a revision is a branch, a tag or a commit", e.Name)
}

// patience is how long git and the revision's program may take to end after an interrupt.
const patience = 10 * time.Second

// Find is the commit of a revision of the checkout that the project in dir belongs to.
func Find(ctx context.Context, dir, name string) (string, error) {
	out, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%s: a revision needs git, which is not installed", name)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil || out == "":
		return "", UnknownError{name}
	}
	return out, nil
}

// Plan is what the program of a commit declares for a stack. The project is in dir, which may be a folder of the checkout.
func Plan(ctx context.Context, dir, commit, stack string) (_ []plan.Resource, err error) {
	inside, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "rehearse-diff-")
	if err != nil {
		return nil, err
	}
	tree := filepath.Join(temporary, "tree")
	defer func() {
		// The context may be over: what was made is taken away all the same.
		_, gone := git(context.WithoutCancel(ctx), dir, "worktree", "remove", "--force", tree)
		if _, there := os.Stat(tree); there != nil {
			gone = nil // git never made it
		}
		err = errors.Join(err, gone, os.RemoveAll(temporary))
	}()
	if _, err := git(ctx, dir, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return nil, err
	}
	return declared(ctx, filepath.Join(tree, inside), filepath.Join(temporary, "rehearse"), commit, stack)
}

// declared builds the command of a checkout and has it print a plan.
func declared(ctx context.Context, project, binary, commit, stack string) ([]plan.Resource, error) {
	if _, err := os.Stat(filepath.Join(project, "Pulumi."+stack+".yaml")); err != nil {
		return nil, fmt.Errorf("revision %.12s has no stack %s: there is no Pulumi.%s.yaml in it", commit, stack, stack)
	}
	build := gobuild.Command(ctx, binary, "./cmd/rehearse")
	build.Dir = project
	if _, err := run(ctx, build); err != nil {
		return nil, fmt.Errorf("command of revision %.12s: %w", commit, err)
	}
	declare := exec.CommandContext(ctx, binary, "plan", "--stack", stack, "--json")
	declare.Dir = project
	out, err := run(ctx, declare)
	if err != nil {
		return nil, fmt.Errorf("plan of %s by revision %.12s: %w", stack, commit, err)
	}
	return plan.Read(bytes.NewReader(out), "revision "+commit)
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	out, err := run(ctx, cmd)
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

func run(ctx context.Context, cmd *exec.Cmd) ([]byte, error) {
	proc.Interruptible(cmd, patience)
	return proc.Output(ctx, cmd)
}
