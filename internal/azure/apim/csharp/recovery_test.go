package csharp

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const hangs = `@{ while (true) { } return 1; }`

// recovery is a program of one process, with an expression that ends it.
func recovery(t *testing.T, limit time.Duration, opts ...Option) *Program {
	t.Helper()
	return program(t, []Expression{
		expression(t, hangs, WantAny),
		expression(t, `@(context.Variables.GetValueOrDefault("v", "none") + context.Request.Body.As<string>(context.Tracing))`, WantString),
		expression(t, `@(new JObject())`, WantAny),
	}, append(opts, WithLimit(limit))...)
}

func TestAHungExpressionIsAnErrorAndTheProcessRecovers(t *testing.T) {
	p := recovery(t, time.Second)
	checkRecovery(t, p, ErrTimeout, "System.TimeoutException")
}

func TestACrashedExpressionIsAnErrorAndTheProcessRecovers(t *testing.T) {
	var crash atomic.Bool
	p := recovery(t, 20*time.Second, func(o *options) {
		o.sent = func(p *process) {
			if crash.Load() {
				p.Interrupt()
			}
		}
	})
	ctx := context.Background()
	crash.Store(true)
	_, _, err := p.Eval(ctx, 1, &Context{})
	require.ErrorIs(t, err, ErrCrashed)
	var failure *ExpressionError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "System.ExecutionEngineException", failure.Type)
	crash.Store(false)
	_, _, err = p.Eval(ctx, 2, &Context{})
	require.NoError(t, err)
}

func TestAProcessThatDiedWhileIdleIsReplacedUnnoticed(t *testing.T) {
	p := recovery(t, 20*time.Second)
	s := session(t, p, &Context{Variables: map[string]any{"v": "kept"}, Request: &Request{Body: &Body{Bytes: []byte("+body")}}})
	for range 2 {
		_, _, err := s.Eval(context.Background(), 2)
		require.NoError(t, err)
		p.slots[0].process.Interrupt()
	}
	v, _, err := s.Eval(context.Background(), 1)
	require.NoError(t, err)
	assert.Equal(t, "kept+body", v.String())
}

func TestExhaustedMemoryAndEndlessRecursionAreExceptions(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@{ var hoard = new List<byte[]>(); while (true) { hoard.Add(new byte[60000]); } return hoard.Count; }`, WantAny),
		expression(t, `@{ Func<int, int> f = null; f = x => f(x + 1) + 1; return f(0); }`, WantAny),
		expression(t, `@(1)`, WantAny),
	})
	for id, kind := range []string{"System.OutOfMemoryException", "System.StackOverflowException"} {
		_, _, err := p.Eval(context.Background(), id, &Context{})
		var failure *ExpressionError
		require.ErrorAs(t, err, &failure)
		if !errors.Is(failure.Cause, ErrCrashed) { // Mono may also give up; then another process takes over
			assert.Equal(t, kind, failure.Type)
		}
		_, _, err = p.Eval(context.Background(), 2, &Context{})
		require.NoError(t, err)
	}
}

// checkRecovery ends the only process from one session and looks at the others.
func checkRecovery(t *testing.T, p *Program, cause error, kind string) {
	t.Helper()
	ctx := context.Background()
	plain := session(t, p, &Context{Variables: map[string]any{"v": "kept"}, Request: &Request{Body: &Body{Bytes: []byte("+body")}}})
	holder := session(t, p, &Context{Request: &Request{Body: &Body{Bytes: []byte("+other")}}})
	v, _, err := plain.Eval(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, "kept+body", v.String())
	object, _, err := holder.Eval(ctx, 2)
	require.NoError(t, err)
	require.NoError(t, holder.SetVariable("o", object))

	_, _, err = p.Eval(ctx, 0, &Context{})
	var failure *ExpressionError
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, cause)
	assert.Equal(t, kind, failure.Type)
	assert.Equal(t, "policy.xml", failure.File)

	v, _, err = plain.Eval(ctx, 1)
	require.NoError(t, err, "a session of plain values does not notice")
	assert.Equal(t, "kept", v.String(), "and its consumed body stays consumed")
	_, _, err = holder.Eval(ctx, 1)
	require.ErrorIs(t, err, ErrLost, "a session whose object is gone is told so")
	v, _, err = holder.Eval(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, "none+other", v.String(), "and can still run its on-error section")
	require.ErrorIs(t, holder.SetVariable("o", object), ErrLost)
}

func TestAnExpressionAheadThatEndsTheProcessHarmsNoOther(t *testing.T) {
	p := recovery(t, time.Second)
	s := session(t, p, &Context{Request: &Request{Body: &Body{Bytes: []byte("+body")}}})
	results, _, err := s.Evaluate(context.Background(), Step{ID: 1}, Ahead{Steps: []Step{{ID: 0}, {ID: 1}}})
	require.NoError(t, err)
	require.Len(t, results, 3)
	assert.NoError(t, results[0].Err)
	assert.Equal(t, "none+body", results[0].Value.String())
	assert.True(t, results[1].TooEarly)
	assert.True(t, results[2].TooEarly)
}

func TestManyRequestsAtOnceKeepToThemselves(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@{ context.Trace((string)context.Variables["v"]); return context.Variables["v"] + context.Request.Body.As<string>(true); }`, WantString),
		expression(t, hangs, WantAny),
	}, WithWorkers(2), WithLimit(3*time.Second))
	var all sync.WaitGroup
	for i := range 24 {
		all.Add(1)
		go func() {
			defer all.Done()
			name := strconv.Itoa(i)
			s, err := p.NewSession(&Context{Variables: map[string]any{"v": name}, Request: &Request{Body: &Body{Bytes: []byte("-" + name)}}})
			if !assert.NoError(t, err) {
				return
			}
			defer s.Close()
			if i == 7 {
				_, _, err := s.Eval(context.Background(), 1)
				assert.ErrorIs(t, err, ErrTimeout)
			}
			for range 20 {
				v, effects, err := s.Eval(context.Background(), 0)
				if assert.NoError(t, err) {
					assert.Equal(t, name+"-"+name, v.String())
					assert.Equal(t, []string{name}, effects.Traces)
				}
			}
		}()
	}
	all.Wait()
}

func TestWaitingForAProcessEndsWithTheRequest(t *testing.T) {
	p := recovery(t, 20*time.Second)
	p.slots[0].token <- struct{}{}
	defer p.slots[0].release()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := p.Eval(ctx, 1, &Context{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestClosingAProgramLeavesNoProcess(t *testing.T) {
	p := program(t, []Expression{expression(t, `@(1)`, WantAny)}, WithWorkers(2))
	p.warming.Wait()
	var pids []int
	for _, s := range p.slots {
		pids = append(pids, s.process.PID())
	}
	p.Close()
	p.Close()
	for _, pid := range pids {
		assert.NoFileExists(t, filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	}
	_, _, err := p.Eval(context.Background(), 0, &Context{})
	require.ErrorIs(t, err, ErrClosed)
}

func TestAChildEndsItselfWhenItsInputIsClosed(t *testing.T) {
	p := program(t, []Expression{expression(t, `@(1)`, WantAny)})
	child := p.slots[0].process
	require.NoError(t, child.In.Close())
	child.Wait()
	assert.True(t, child.State().Exited() && child.State().ExitCode() == 0, child.State().String())
}

func TestAHungChildWithoutAParentEndsItself(t *testing.T) {
	p := recovery(t, time.Millisecond) // it allows itself about a second
	child := p.slots[0].process
	s := session(t, p, &Context{})
	frame, err := s.frame(exchange{step: Step{ID: 0}})
	require.NoError(t, err)
	require.NoError(t, child.send(frame)) // nobody waits for the answer, nobody kills
	child.Wait()
	assert.False(t, child.State().Success())
}

func TestAnExpressionSeesNothingOfThisMachinesEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_GATEWAY", "x")
	for _, v := range hostEnvironment(toolchain{mono: "/usr/bin/mono"}) {
		assert.NotContains(t, v, "SECRET")
	}
}

func TestAProgramThatWasCompiledBeforeComesFromTheCache(t *testing.T) {
	cache := t.TempDir()
	e := []Expression{expression(t, `@("from the cache")`, WantString)}
	program(t, e, WithCache(cache))
	kept, err := filepath.Glob(filepath.Join(cache, "expressions-*.dll"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
	before, err := os.Stat(kept[0])
	require.NoError(t, err)
	v, _, err := program(t, e, WithCache(cache)).Eval(context.Background(), 0, &Context{})
	require.NoError(t, err)
	assert.Equal(t, "from the cache", v.String())
	after, err := os.Stat(kept[0])
	require.NoError(t, err)
	assert.Equal(t, before.ModTime(), after.ModTime())

	e[0].Want = WantAny
	program(t, e, WithCache(cache))
	kept, err = filepath.Glob(filepath.Join(cache, "expressions-*.dll"))
	require.NoError(t, err)
	assert.Len(t, kept, 2, "another type wanted is another program")
}

func TestASecretIsNeverKept(t *testing.T) {
	cache, temporary := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temporary)
	e := expression(t, `@("s3cret-marker")`, WantString)
	e.Sensitive = true
	v, _, err := program(t, []Expression{e}, WithCache(cache)).Eval(context.Background(), 0, &Context{})
	require.NoError(t, err)
	assert.Equal(t, "s3cret-marker", v.String())
	kept, err := filepath.Glob(filepath.Join(cache, "expressions-*"))
	require.NoError(t, err)
	assert.Empty(t, kept)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "the compiler's work folder is gone")
}

func TestAMissingMonoNamesTheCommandThatInstallsIt(t *testing.T) {
	_, err := Compile(context.Background(), []Expression{expression(t, `@(1)`, WantAny)}, WithPath(t.TempDir()))
	require.ErrorIs(t, err, ErrNoMono)
	assert.ErrorContains(t, err, "mcs and mono not found")
	assert.ErrorContains(t, err, "apt-get install -y --no-install-recommends mono-mcs mono-runtime")

	half := filepath.Join(t.TempDir(), "bin")
	require.NoError(t, os.MkdirAll(half, 0o700))
	for _, name := range []string{"mono", "mcs"} {
		require.NoError(t, os.WriteFile(filepath.Join(half, name), nil, 0o700))
	}
	_, err = Compile(context.Background(), []Expression{expression(t, `@(1)`, WantAny)}, WithPath(half))
	assert.ErrorContains(t, err, "Newtonsoft.Json.dll not found")
}

func TestAStackWithoutExpressionsNeedsNoMono(t *testing.T) {
	p, err := Compile(context.Background(), nil, WithPath(t.TempDir()))
	require.NoError(t, err)
	p.Close()
}

func TestACompilerThatEndedWhileIdleIsReplacedUnnoticed(t *testing.T) {
	program(t, []Expression{expression(t, `@("before")`, WantString)}, WithCache(t.TempDir()))
	shared.mu.Lock()
	require.NotNil(t, shared.process)
	shared.process.Interrupt()
	shared.mu.Unlock()
	v, _, err := program(t, []Expression{expression(t, `@("after")`, WantString)}, WithCache(t.TempDir())).Eval(context.Background(), 0, &Context{})
	require.NoError(t, err)
	assert.Equal(t, "after", v.String())
}

func TestACompilerThatIsInstalledInVainSaysWhyAndLeavesNothingBehind(t *testing.T) {
	path, bin, home := os.Getenv("PATH"), t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("PATH", bin)
	one := []Expression{expression(t, `@(1)`, WantAny)}
	_, err := Compile(context.Background(), one, WithPath(path))
	require.ErrorIs(t, err, ErrNoNode)
	assert.ErrorContains(t, err, "apt-get install -y --no-install-recommends nodejs npm")

	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\necho registry unreachable\nexit 1\n"), 0o700))
	_, err = Compile(context.Background(), one, WithPath(path))
	require.ErrorContains(t, err, "registry unreachable")
	assert.ErrorContains(t, err, "npm ci for Microsoft's C# compiler")
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+path)
	var log strings.Builder
	require.ErrorContains(t, Install(context.Background(), &log), "registry unreachable")
	assert.Regexp(t, "^Installing Microsoft's C# compiler, once, into "+regexp.QuoteMeta(home)+".*\n$", log.String())
	var left []string
	require.NoError(t, filepath.WalkDir(home, func(file string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Base(file) != "host.exe" {
			left = append(left, file)
		}
		return err
	}))
	assert.Empty(t, left)
}

func TestCompilingEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Compile(ctx, []Expression{expression(t, `@("cancelled")`, WantString)}, WithCache(t.TempDir()))
	require.ErrorIs(t, err, context.Canceled)
}
