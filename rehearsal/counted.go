package rehearsal

import (
	"context"

	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/report"
)

// counted is a stack whose operations add up in the report, those of drills too.
type counted struct {
	drills.Stack
	sum *report.Resources
}

// Up counts what was created and changed; what stayed the same is that of the last deployment.
func (c counted) Up(ctx context.Context) (drills.Result, error) {
	res, err := c.Stack.Up(ctx)
	c.sum.Created += res.Created + res.Replaced
	c.sum.Updated += res.Updated
	c.sum.Same = res.Same
	c.sum.Deleted += res.Deleted + res.Replaced
	return res, err
}

// Destroy counts what was deleted.
func (c counted) Destroy(ctx context.Context) (drills.Result, error) {
	res, err := c.Stack.Destroy(ctx)
	c.sum.Deleted += res.Deleted
	return res, err
}
