package logs

import (
	"context"
	"errors"
	"io"
	"time"

	"enterprise-openai/internal/azure/logs/kql"
)

// Result is what a query answers; it writes itself as a table or as JSON.
type Result = kql.Result

// NewEngine makes a KQL engine for the workspace's tables. progress gets a line when Microsoft's parser has to be installed.
func NewEngine(now func() time.Time, progress io.Writer) *kql.Engine {
	return kql.New(kql.Options{Schema: Schema(), Now: now, Progress: progress})
}

// Query runs a query on the logs of a folder that Save wrote.
func Query(ctx context.Context, dir, text string, progress io.Writer) (Result, error) {
	tables, err := Load(dir)
	if err != nil {
		return Result{}, err
	}
	engine := NewEngine(time.Now, progress)
	result, err := engine.Run(ctx, text, tables)
	return result, errors.Join(err, engine.Close())
}
