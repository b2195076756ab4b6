package csharp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Option changes how a program is compiled or run.
type Option func(*options)

type options struct {
	limit   time.Duration
	workers int
	now     func() time.Time
	cache   string
	path    string
	sent    func(*process) // lets tests interfere while a process works

	exchanges func([]Step)
}

// DefaultLimit is how long an expression may run [M]: Microsoft documents no figure. It is long because a machine under load must not make a
// slow expression a failed one.
const DefaultLimit = 20 * time.Second

// WithLimit sets how long one expression may run before its process is ended.
func WithLimit(d time.Duration) Option { return func(o *options) { o.limit = d } }

// WithWorkers sets the number of processes; the default is one per processor, four at most.
func WithWorkers(n int) Option { return func(o *options) { o.workers = max(n, 1) } }

// WithClock sets the clock behind context.Elapsed, DateTime.UtcNow and the like.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithExchanges notes every exchange with a process: the step that was reached, and those that were evaluated ahead with it. It is
// called by many requests at once.
func WithExchanges(note func(steps []Step)) Option { return func(o *options) { o.exchanges = note } }

// WithCache sets the folder for compiled programs instead of one in the user's cache.
func WithCache(dir string) Option { return func(o *options) { o.cache = dir } }

// WithPath sets where Mono is looked for, in the form of $PATH.
func WithPath(path string) Option { return func(o *options) { o.path = path } }

// Compile compiles all expressions of a stack. Expression i is evaluated as number i. What
// API Management would refuse when a policy is saved is a *CompileError that lists every
// problem; any other error means that no C# could be run (see ErrNoMono).
func Compile(ctx context.Context, expressions []Expression, opts ...Option) (*Program, error) {
	o := options{limit: DefaultLimit, workers: min(runtime.NumCPU(), 4), now: time.Now, path: os.Getenv("PATH")}
	for _, opt := range opts {
		opt(&o)
	}
	if o.cache == "" {
		var err error
		if o.cache, err = cacheFolder(); err != nil {
			return nil, err
		}
	}
	p := &Program{expressions: append([]Expression(nil), expressions...), options: o}
	if len(expressions) == 0 {
		return p, nil
	}
	tools, err := findMono(o.path)
	if err != nil {
		return nil, err
	}
	p.tools = tools
	for _, e := range expressions {
		p.fickle = append(p.fickle, fickle(e))
	}
	if p.host, err = tools.host(ctx, o.cache); err != nil {
		return nil, fmt.Errorf("expression host: %w", err)
	}
	if err := p.compile(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// cacheFolder is where everything of this package is kept between runs.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("user cache folder: %w", err)
	}
	return filepath.Join(base, "enterprise-openai", "csharp"), nil
}

// compile fills in the assembly and starts the processes.
func (p *Program) compile(ctx context.Context) error {
	texts, bad := p.sources()
	cached := p.cachedAssembly(texts)
	var checked bool
	if len(bad) == 0 && cached != "" {
		assembly, err := os.ReadFile(cached)
		checked = err == nil
		p.assembly = assembly
	}
	if !checked {
		if err := p.assemble(ctx, texts, bad); err != nil {
			return err
		}
	}
	findings, err := p.start(!checked)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		bad = append(bad, forbiddenProblems(findings, p.expressions)...)
		p.Close()
		return &CompileError{sorted(bad)}
	}
	if !checked && cached != "" {
		return p.keep(cached)
	}
	return nil
}

// sources writes the C# of every expression that can be read at all.
func (p *Program) sources() (texts map[string]string, bad []Problem) {
	texts = make(map[string]string, len(p.expressions))
	for id, e := range p.expressions {
		text, err := csharpOf(id, e)
		if err != nil {
			bad = append(bad, scanProblem(id, e, err))
			continue
		}
		texts[sourceName(id)] = text
	}
	return texts, bad
}

func sourceName(id int) string { return fmt.Sprintf("E%d.cs", id) }

// assemble compiles in rounds: a syntax error keeps the compiler from looking for any other
// kind, so what failed is left out and the rest is compiled again until nothing fails.
func (p *Program) assemble(ctx context.Context, texts map[string]string, bad []Problem) error {
	var assembly []byte
	for len(texts) > 0 {
		made, messages, err := shared.compile(ctx, p.tools, []string{p.tools.newtonsoft, p.host}, texts)
		if err != nil {
			return err
		}
		if messages == "" {
			assembly = made
			break
		}
		found, other := problems(messages, p.expressions)
		if len(found) == 0 {
			return fmt.Errorf("C# compiler: %v", other) //nolint:staticcheck // C# is a name
		}
		for _, f := range found {
			delete(texts, sourceName(f.ID))
		}
		bad = append(bad, naming(found, p.expressions)...)
	}
	if len(bad) > 0 {
		return &CompileError{sorted(append(bad, p.forbidden(assembly)...))}
	}
	p.assembly = assembly
	return nil
}

// forbidden checks what did compile, so that one attempt reports everything.
func (p *Program) forbidden(assembly []byte) []Problem {
	if len(assembly) == 0 {
		return nil
	}
	child, err := startProcess(p.tools, p.host, p.options.limit)
	if err != nil {
		return nil // the compiler's own findings are reported all the same
	}
	defer child.Close()
	findings, err := child.load(nil, assembly, true)
	if err != nil {
		return nil
	}
	return forbiddenProblems(findings, p.expressions)
}

// cachedAssembly is where these expressions are kept once they have compiled and passed
// the check; empty for expressions with a secret in their text.
func (p *Program) cachedAssembly(texts map[string]string) string {
	_, compiler, err := compilerTexts()
	if err != nil {
		return ""
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n%s\n%s\n", p.host, p.tools.identity(), compiler)
	for id, e := range p.expressions {
		if e.Sensitive {
			return ""
		}
		text := texts[sourceName(id)]
		fmt.Fprintf(hash, "%d %d %d\n%s", id, e.Want, len(text), text)
	}
	return filepath.Join(p.options.cache, "expressions-"+hex.EncodeToString(hash.Sum(nil)[:16])+".dll")
}

// keep puts the assembly into the cache.
func (p *Program) keep(file string) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), "new-")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	_, err = temporary.Write(p.assembly)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		os.Remove(temporary.Name())
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}
