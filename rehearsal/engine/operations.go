package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// Preview runs the program and reports what Up would do. The error is a *Failure.
func (s *Stack) Preview(ctx context.Context) (Result, error) {
	return s.operate(ctx, "preview", func(ctx context.Context, c *collector) (auto.OutputMap, error) {
		_, err := s.stack.Preview(ctx, optpreview.EventStreams(c.stream), optpreview.Color("never"),
			optpreview.Parallel(s.options.Parallel))
		return nil, err
	})
}

// Up brings the stack to what the program declares. The error is a *Failure.
func (s *Stack) Up(ctx context.Context) (Result, error) {
	return s.operate(ctx, "up", func(ctx context.Context, c *collector) (auto.OutputMap, error) {
		r, err := s.stack.Up(ctx, optup.EventStreams(c.stream), optup.Color("never"),
			optup.Parallel(s.options.Parallel), optup.SuppressProgress())
		return r.Outputs, err
	})
}

// Refresh reads every resource back. Result.Updated counts those that had drifted, Deleted those that are gone. The
// error is a *Failure.
func (s *Stack) Refresh(ctx context.Context) (Result, error) { return s.refresh(ctx) }

func (s *Stack) refresh(ctx context.Context, more ...optrefresh.Option) (Result, error) {
	return s.operate(ctx, "refresh", func(ctx context.Context, c *collector) (auto.OutputMap, error) {
		_, err := s.stack.Refresh(ctx, append(more, optrefresh.EventStreams(c.stream), optrefresh.Color("never"),
			optrefresh.Parallel(s.options.Parallel), optrefresh.SuppressProgress())...)
		return nil, err
	})
}

// Destroy deletes every resource of the stack. The error is a *Failure.
func (s *Stack) Destroy(ctx context.Context) (Result, error) {
	return s.operate(ctx, "destroy", func(ctx context.Context, c *collector) (auto.OutputMap, error) {
		_, err := s.stack.Destroy(ctx, optdestroy.EventStreams(c.stream), optdestroy.Color("never"),
			optdestroy.Parallel(s.options.Parallel), optdestroy.SuppressProgress())
		return nil, err
	})
}

func (s *Stack) operate(
	ctx context.Context, name string, run func(context.Context, *collector) (auto.OutputMap, error),
) (Result, error) {
	start := time.Now()
	if err := room(s.options.WorkDir); err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	c := newCollector(s.options.OnEvent)
	ctx, end := whileRoom(ctx, s.options.WorkDir, s.Kill)
	defer end()
	outputs, err := run(ctx, c)
	c.finish()
	c.result.Duration = time.Since(start)
	c.result.Outputs = outputs
	if err == nil {
		return c.result, nil
	}
	cause := reason(err)
	if ctx.Err() != nil {
		cause = context.Cause(ctx)
		if !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
			return c.result, fmt.Errorf("%s: %w", name, cause)
		}
	}
	return c.result, newFailure(name, cause, c)
}
