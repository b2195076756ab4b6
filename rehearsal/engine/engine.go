// Package engine drives the real Pulumi engine: the CLI runs an in-process program against a local file backend and
// talks to a resource provider that is already listening on this machine.
//
//	cli.go         finds a suitable Pulumi CLI, or builds the pinned one once (buildoutput.go); source.go: its source without other clouds
//	engine.go      Open: one stack of one checkout, with everything it writes under one work directory
//	project.go     the copies of Pulumi.yaml and Pulumi.<stack>.yaml that the engine may write to
//	operations.go  Preview, Up, Refresh, Destroy
//	space.go       the end of an operation on a full disk
//	process.go     the running CLI, which Kill ends; process_*.go: its process group, by operating system
//	quiet.go       keeps the CLI from writing a log of its own
//	recovery.go    what an operator does after an operation that broke off: Cancel, ClearPending; and State
//	import.go      Import, which the Automation API cannot do for a program in this process
//	events.go      what the engine reports while it runs, and the counts at the end
//	failure.go     a failed operation, resource by resource
//
// Nothing is written into the checkout, no plugin is downloaded, and no account, token or update check is needed.
package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Options are the options of Open.
type Options struct {
	// ProjectDir is the checkout: it holds Pulumi.yaml and Pulumi.<Stack>.yaml. It is only read.
	ProjectDir string
	// Stack is the stack's name; Pulumi.<Stack>.yaml must exist.
	Stack string
	// WorkDir takes everything the engine writes: state, passphrase, copies of the settings, Pulumi's home.
	WorkDir string
	// Program is the program, run in this process.
	Program pulumi.RunFunc
	// ProviderPort is where the azure-native provider listens on 127.0.0.1.
	ProviderPort int
	// CLI is the Pulumi CLI, as EnsureCLI returns it.
	CLI auto.PulumiCommand
	// Parallel is how many resources are worked on at a time; 0 leaves it to the engine.
	Parallel int
	// Plain are the plain texts of what the stack file encrypts, by cipher text. Encrypted values that are not in it are left out.
	Plain map[string]string
	// OnEvent, when set, is called for every event, one at a time.
	OnEvent func(Event)
	// Fresh forgets the state that an earlier run left in WorkDir.
	Fresh bool
	// SaveOnce writes the state at the end of an operation instead of around every step, which halves the time of a stack.
	// An operation that is killed then leaves nothing to go on from; one that is interrupted still saves.
	SaveOnce bool
}

// Stack is an open stack. It is used by one goroutine at a time and closed after use.
type Stack struct {
	options Options
	stack   auto.Stack
	lock    *flock.Flock
	env     map[string]string // what the CLI is started with
	process *process          // the running CLI; nil when the path of the CLI is not known
}

// ErrInUse is returned by Open when another process works in the same work directory.
var ErrInUse = errors.New("work directory is in use by another rehearsal")

// Open prepares the work directory and selects the stack in it, creating it when it is new.
//
// The work directory belongs to one process at a time (ErrInUse otherwise), so that a lock which an interrupted engine
// left in the state is known to be stale and is removed.
func Open(ctx context.Context, o Options) (*Stack, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var err error
	if o.WorkDir, err = filepath.Abs(o.WorkDir); err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	if err := os.MkdirAll(o.WorkDir, 0o700); err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	lock := flock.New(filepath.Join(o.WorkDir, "lock"), flock.SetPermissions(0o600))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock of the work directory: %w", err)
	case !locked:
		return nil, fmt.Errorf("%s: %w", o.WorkDir, ErrInUse)
	}
	s := &Stack{options: o, lock: lock}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close releases the work directory.
func (s *Stack) Close() error {
	if err := s.lock.Unlock(); err != nil {
		return fmt.Errorf("lock of the work directory: %w", err)
	}
	return nil
}

func (o Options) check() error {
	var problems []error
	need := func(ok bool, what string) {
		if !ok {
			problems = append(problems, errors.New("engine options: "+what))
		}
	}
	need(o.ProjectDir != "", "ProjectDir is empty, it names the folder with Pulumi.yaml")
	need(o.Stack != "", "Stack is empty, it names the environment, for example dev")
	need(o.WorkDir != "", "WorkDir is empty, it names the folder the engine may write to")
	need(o.Program != nil, "Program is nil")
	need(o.ProviderPort > 0, "ProviderPort is 0, a provider must be listening")
	need(o.CLI != nil, "CLI is nil, EnsureCLI returns one")
	return errors.Join(problems...)
}

func (s *Stack) open(ctx context.Context) error {
	o := s.options
	state := filepath.Join(o.WorkDir, "state")
	if o.Fresh {
		if err := os.RemoveAll(state); err != nil {
			return fmt.Errorf("state of an earlier run: %w", err)
		}
	}
	// The processes that took these locks have ended: this one has the lock of the work directory.
	if err := os.RemoveAll(filepath.Join(state, ".pulumi", "locks")); err != nil {
		return fmt.Errorf("stale lock: %w", err)
	}
	home := filepath.Join(o.WorkDir, "home")
	project := filepath.Join(o.WorkDir, "project")
	for _, dir := range []string{state, home, project} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("work directory: %w", err)
		}
	}
	if err := quiet(home); err != nil {
		return err
	}
	passphrase, err := ensurePassphrase(filepath.Join(o.WorkDir, "passphrase"))
	if err != nil {
		return err
	}
	if err := copySettings(ctx, o.ProjectDir, project, o.Stack, passphrase, o.Plain); err != nil {
		return err
	}
	cli := o.CLI
	if at, ok := cli.(located); ok {
		s.process = &process{located: at}
		cli = s.process
	}
	s.env = environment(state, passphrase, o)
	s.stack, err = auto.UpsertStackLocalSource(ctx, o.Stack, project,
		auto.Pulumi(withoutHistory{cli}),
		auto.PulumiHome(home),
		auto.Program(o.Program),
		auto.EnvVars(s.env))
	if err != nil {
		return fmt.Errorf("stack %s: %w", o.Stack, firstLine(err))
	}
	return nil
}

// environment is what the CLI is started with, over what this process has. Values that a developer exports for their own
// Pulumi account must not leak in: the backend, the passphrase and the provider are always the rehearsal's.
func environment(state, passphrase string, o Options) map[string]string {
	return map[string]string{
		// Without metadata=skip every state file has a second one beside it that is not replaced as a whole: a CLI that is killed while
		// it writes that one leaves a stack that cannot be loaded ("failed to load checkpoint: EOF").
		"PULUMI_BACKEND_URL":            "file://" + filepath.ToSlash(state) + "?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE":      passphrase,
		"PULUMI_CONFIG_PASSPHRASE_FILE": "",
		"PULUMI_SKIP_UPDATE_CHECK":      "true",
		"PULUMI_SKIP_CONFIRMATIONS":     "true",
		"PULUMI_DEBUG_PROVIDERS":        fmt.Sprintf("azure-native:%d", o.ProviderPort),
		"PULUMI_STACK":                  "",
		"PULUMI_ACCESS_TOKEN":           "",
		// A provider that is not attached is an error here, not a download.
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		// The state is one file per stack and worthless after the run: no backups of it.
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
		"PULUMI_SKIP_CHECKPOINTS":                       strconv.FormatBool(o.SaveOnce),
	}
}

// ensurePassphrase returns the passphrase of the work directory, made on first use. It protects nothing but imitated
// secrets, and is random all the same, so that it is not reused for real ones.
func ensurePassphrase(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err == nil && strings.TrimSpace(string(data)) != "" {
		return strings.TrimSpace(string(data)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("passphrase of the work directory: %w", err)
	}
	passphrase := rand.Text()
	if err := os.WriteFile(path, []byte(passphrase+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("passphrase of the work directory: %w", err)
	}
	return passphrase, nil
}

// firstLine shortens the CLI's reports, which repeat the whole output, to their first line.
func firstLine(err error) error {
	if err == nil {
		return nil
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
