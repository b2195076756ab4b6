package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/internal/tlsca"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// unlimited is more resources at a time than any stack has. The engine's default follows the processors of the machine it runs
// on, which has nothing to do with Azure.
const unlimited = 4096

// openEmbedded starts the embedded Azure and opens a stack of the real engine on it. The order matters at the end too:
// the engine lets go of its state before Azure writes its own.
func openEmbedded(ctx context.Context, w workspace) (*session, error) {
	cli, err := engine.EnsureCLI(ctx, w.project, w.log)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, fmt.Errorf("work folder: %w", err)
	}
	offers, err := offered()
	if err != nil {
		return nil, err
	}
	clock := timeline.New(time.Now())
	// The cloud outlives the context: after an interruption the engine still ends its operations in order.
	deployed := &engineStack{watch: &watcher{detail: w.detail, time: clock}, time: clock}
	detached := context.WithoutCancel(ctx)
	kusto := logs.NewEngine(time.Now, w.log)
	o := azure.Options{
		ARM:       arm.Options{CheckQuery: binds(detached, kusto), Offers: offers},
		StatePath: filepath.Join(w.dir, "azure.json"), Fresh: w.fresh, Time: clock, Warn: warnTo(w.log),
	}
	if w.faults != nil {
		o.Retried = w.faults.Retried
		o.Between = func(way http.RoundTripper) http.RoundTripper { return w.faults.Transport(way, deployed.Kill) }
	}
	cloud, err := azure.Start(detached, o)
	if errors.Is(err, azure.ErrState) {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded Azure: %w", err)
	}
	declared := &settings{}
	deployed.declared = w.declared(declared)
	stack, err := engine.Open(ctx, engine.Options{
		ProjectDir:   w.project,
		Stack:        w.stack,
		WorkDir:      filepath.Join(w.dir, "engine"),
		Program:      declared.program,
		ProviderPort: cloud.ProviderPort,
		CLI:          cli,
		Plain:        w.encrypted.Plain(),
		OnEvent:      deployed.watch.take,
		Fresh:        w.fresh,
		SaveOnce:     w.fresh, // what is thrown away at the end need not survive a crash, a scripted one included
		Parallel:     unlimited,
	})
	if err != nil {
		return nil, errors.Join(err, cloud.Close())
	}
	if w.again {
		if _, err := stack.State(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %w", errUnreadable, err), stack.Close(), cloud.Close())
		}
	}
	deployed.Stack, deployed.cloud = stack, cloud
	recovery := &drills.Recovery{Stack: deployed}
	return &session{
		stack: deployed, finish: recovery.Finish,
		cloud: cloud, manager: cloud.Handler(),
		lab:   &lab{workspace: w, cli: cli},
		site:  func() (*drills.Site, error) { return openSite(w.project, cloud, declared, kusto, w.log) },
		close: func() error { return errors.Join(stack.Close(), cloud.Close(), kusto.Close()) },
	}, nil
}

// declared gives what the program declares with the settings that it reads.
func (w workspace) declared(declared *settings) func(context.Context) ([]plan.Resource, error) {
	return func(ctx context.Context) ([]plan.Resource, error) {
		all, err := plan.Of(ctx, w.project, w.stack, plan.Update, declared.program)
		if err != nil {
			return nil, err
		}
		return all.Resources, nil
	}
}

// warnTo passes on what the provider warns of.
func warnTo(log io.Writer) func(resource, message string) {
	return func(_, message string) { fmt.Fprintln(log, "warning:", message) }
}

// binds reads a query with Microsoft's parser, which is started by the first rule that has its query read.
func binds(ctx context.Context, kusto *kql.Engine) func(query string) error {
	return func(query string) error {
		found, err := kusto.Check(ctx, "query", query)
		return errors.Join(err, kql.Errors(found))
	}
}

// settings are those of the stack as the program read them: the file, with the project's defaults, as the engine hands it over.
type settings struct {
	mu     sync.Mutex
	read   *stacks.Settings
	change func(*stacks.Settings)
}

// alter changes what the program reads from its next run on; nil leaves it as it is in the file.
func (s *settings) alter(change func(*stacks.Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change = change
}

// program is the program that is deployed. It notes the settings that it reads.
func (s *settings) program(ctx *pulumi.Context) error {
	read, err := stacks.LoadSettings(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	change := s.change
	if change != nil {
		change(&read)
	}
	s.read = &read
	s.mu.Unlock()
	if change == nil {
		return stacks.Deploy(ctx)
	}
	return stacks.DeploySettings(ctx, read)
}

// openSite is what was deployed, for those who call it.
func openSite(project string, cloud *azure.Cloud, declared *settings, kusto *kql.Engine, log io.Writer) (*drills.Site, error) {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	if declared.read == nil {
		return nil, errors.New("the program has not run, so that its settings are not known")
	}
	ca, err := tlsca.New()
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	return &drills.Site{
		ARM: cloud.ARM, SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID,
		Settings: *declared.read, CA: ca, ProjectDir: project, CacheDir: cache, KQL: kusto, Log: log,
	}, nil
}

// cacheDir is the folder for what two rehearsals share, outside the checkout.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("user cache folder: %w", err)
	}
	return filepath.Join(base, "enterprise-openai"), nil
}
