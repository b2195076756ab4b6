package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/blang/semver"
	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"enterprise-openai/internal/gobuild"
	"enterprise-openai/internal/proc"
)

const (
	// CLIVersion is the version of the Pulumi CLI that tools/pulumi pins and that is built when none is installed.
	CLIVersion = "3.259.0"
	// cliPackage is what is built.
	cliPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
	// progressEvery is how often a running build logs its progress.
	progressEvery = 20 * time.Second
)

// EnsureCLI returns a Pulumi CLI: the one on the PATH when its version is at least CLIVersion and below 4, else the one
// that an earlier call built, else one that it builds from the module tools/pulumi of the checkout. A build takes minutes, happens once per
// machine and user, and is reported on log.
func EnsureCLI(ctx context.Context, projectDir string, log io.Writer) (auto.PulumiCommand, error) {
	if cli := installedCLI(ctx); cli != nil {
		return cli, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("folder for the Pulumi CLI: %w", err)
	}
	root := filepath.Join(cache, "enterprise-openai", "pulumi", "v"+CLIVersion)
	return ensureBuilt(ctx, root, log, func(ctx context.Context, target string) error {
		return buildCLI(ctx, filepath.Join(projectDir, "tools", "pulumi"), target, log)
	})
}

// installedCLI returns the CLI on the PATH, or nil when there is none that suits.
func installedCLI(ctx context.Context) auto.PulumiCommand {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return nil
	}
	cli, err := runs(ctx, path)
	if err != nil || !suits(cli.Version().String()) {
		return nil
	}
	return cli
}

// suits reports whether a CLI of this version can run the program: not older than what was tried, and not of the next
// major version, whose command line may differ.
func suits(version string) bool {
	v, err := semver.ParseTolerant(strings.TrimSpace(version))
	if err != nil {
		return false
	}
	least := semver.MustParse(CLIVersion)
	return v.GTE(least) && v.Major == least.Major
}

// ensureBuilt returns the CLI under root, calling build for it when it is missing. Two processes do not both build: the
// second waits for the first. The binary appears under its name only when it is complete.
func ensureBuilt(
	ctx context.Context, root string, log io.Writer, build func(ctx context.Context, target string) error,
) (auto.PulumiCommand, error) {
	binary := filepath.Join(root, "bin", executable("pulumi"))
	if !exists(binary) {
		if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
			return nil, fmt.Errorf("folder for the Pulumi CLI: %w", err)
		}
		lock := flock.New(filepath.Join(root, "build.lock"))
		if locked, err := lock.TryLock(); err != nil {
			return nil, fmt.Errorf("lock of the Pulumi CLI's build: %w", err)
		} else if !locked {
			fmt.Fprintln(log, "waiting for another process that is building the Pulumi CLI")
			if _, err := lock.TryLockContext(ctx, time.Second); err != nil {
				return nil, fmt.Errorf("lock of the Pulumi CLI's build: %w", err)
			}
		}
		defer func() { _ = lock.Unlock() }()
		if !exists(binary) {
			if err := buildAtomically(ctx, binary, build); err != nil {
				return nil, err
			}
		}
	}
	return runs(ctx, binary)
}

// runs reads the version of a CLI. The Automation API's own check hides the output of a CLI that fails.
func runs(ctx context.Context, binary string) (auto.PulumiCommand, error) {
	cmd := exec.CommandContext(ctx, binary, "version")
	cmd.Env = cleaned(os.Environ())
	out, err := proc.Output(ctx, cmd)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("the Pulumi CLI %s does not run: %w", binary, err)
	}
	version, err := semver.ParseTolerant(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, fmt.Errorf("the Pulumi CLI %s calls its version %q: %w", binary, strings.TrimSpace(string(out)), err)
	}
	return located{versioned{version: version}, binary}, nil
}

// versioned is a CLI of which only the version is known. Every run of it goes through process.
type versioned struct {
	auto.PulumiCommand
	version semver.Version
}

// Version is what `pulumi version` printed.
func (v versioned) Version() semver.Version { return v.version }

// cleaned is an environment without the user's options for the CLI: PULUMI_OPTION_ARGUMENT gives any command any flag, and a
// flag that the command does not have makes it fail or, as with `pulumi version` of 3.259.0, panic.
func cleaned(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(strings.ToUpper(v), "PULUMI_OPTION_") })
}

func buildAtomically(ctx context.Context, binary string, build func(ctx context.Context, target string) error) error {
	partial := fmt.Sprintf("%s.%d.partial", binary, os.Getpid())
	defer os.Remove(partial)
	if err := build(ctx, partial); err != nil {
		return err
	}
	if err := os.Rename(partial, binary); err != nil {
		return fmt.Errorf("the built Pulumi CLI: %w", err)
	}
	return nil
}

// buildCLI compiles the CLI. The version goes in by the linker, as in Pulumi's own releases; without it the CLI calls
// itself a development build.
func buildCLI(ctx context.Context, module, target string, log io.Writer) error {
	fmt.Fprintf(log, "building the Pulumi CLI v%s once, about two minutes on two cores; it is kept in the user cache\n", CLIVersion)
	start := time.Now()
	source := filepath.Join(filepath.Dir(filepath.Dir(target)), "source")
	defer os.RemoveAll(source)
	modfile, err := withoutClouds(ctx, module, source)
	if err != nil {
		return err
	}
	cmd := gobuild.Command(ctx, target, "-modfile", modfile, "-v",
		"-ldflags", "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v"+CLIVersion, cliPackage)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off") // a workspace of the user's must not change what is built
	output := &buildOutput{}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("build of the Pulumi CLI: %w (Go must be installed)", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("build of the Pulumi CLI: %w\n%s", errors.Join(ctx.Err(), err), output.tail())
			}
			fmt.Fprintf(log, "built the Pulumi CLI in %s\n", time.Since(start).Round(time.Second))
			return nil
		case <-tick.C:
			fmt.Fprintf(log, "building the Pulumi CLI: %s, %s\n", output.progress(), time.Since(start).Round(time.Second))
		}
	}
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// withoutHistory is a CLI that is not started for the history of a stack, which nothing here uses: the Automation API reads it after
// every update, which takes as long as the update of a small stack.
type withoutHistory struct{ auto.PulumiCommand }

// Run starts the CLI, except for a stack's history, which is always empty.
func (b withoutHistory) Run(
	ctx context.Context, workdir string, stdin io.Reader, out, errout []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	if len(args) > 1 && args[0] == "stack" && args[1] == "history" {
		return "[]", "", 0, nil
	}
	return b.PulumiCommand.Run(ctx, workdir, stdin, out, errout, env, args...)
}
