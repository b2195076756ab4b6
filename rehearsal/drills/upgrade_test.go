package drills

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/clock"
	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
	"enterprise-openai/stacks"
)

// The drill runs on every environment, so its paths have to be valid for each, and may replace nothing.
func TestUpgradePathsSuitEveryEnvironment(t *testing.T) {
	for _, env := range []string{"dev", "prod"} {
		declared := func(alter func(*stacks.Settings)) []plan.Resource {
			p, err := plan.Of(context.Background(), "../..", env, plan.Update, func(ctx *pulumi.Context) error {
				settings, err := stacks.LoadSettings(ctx)
				if err != nil {
					return err
				}
				alter(&settings)
				return stacks.DeploySettings(ctx, settings)
			})
			require.NoError(t, err, env)
			return p.Resources
		}
		before := declared(func(*stacks.Settings) {})
		for _, step := range append(paths(), struct {
			name   string
			change func(*stacks.Settings)
		}{"again", again}) {
			after := declared(step.change)
			changes := change.Between(before, after)
			assert.NotEmpty(t, changes, "%s: %s changes nothing", env, step.name)
			for _, c := range changes {
				assert.NotEqual(t, change.Replaced, c.Kind, "%s: %s: %s", env, step.name, c)
			}
			before = after
		}
	}
}

// Moments are judged by what Azure has, not by what the calls happened to meet.
func TestAPoolMemberCountsOnlyWhenItsAccountAnswers(t *testing.T) {
	d := deployed.New(t)
	g, err := siteOf(t, d).openLive(context.Background(), clock.NewFake(clock.Epoch))
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	w := &upgradeWatch{sandbox: g, f: &findings{}}

	members, able := w.members("gpt-4o")
	require.Equal(t, 2, members)
	require.Equal(t, 2, able)

	for i, gone := range []string{d.Role("sweden"), d.ID("Deployment", "account-france-gpt-4o")} {
		d.Delete(gone)
		members, able = w.members("gpt-4o")
		assert.Equal(t, 2, members)
		assert.Equal(t, 1-i, able, gone)
		w.lookInto("gpt-4o")
	}
	assert.Equal(t, 2, w.UselessMembers)
	assert.Equal(t, 1, w.EmptyPools)
	assert.Contains(t, w.f.all(), ", after write 0: pool of gpt-4o has no member that can answer")
}
