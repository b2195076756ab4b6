package drills

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// reasoningModels gives every chat a model that reasons, on two accounts that share the load.
var reasoningModels = deployed.With(func(s *stacks.Settings) {
	for i := range s.Accounts {
		s.Accounts[i].Priority = 1
		s.Accounts[i].Deployments[0].Model, s.Accounts[i].Deployments[0].Version = "gpt-5-mini", "2025-08-07"
	}
})

func TestConversationsStayWithTheAccountThatCanReadThem(t *testing.T) {
	for name, c := range map[string]struct {
		option []deployed.Option
		says   string
	}{
		"as deployed": {nil, ""},
		"foreign reasoning is the caller's fault": {[]deployed.Option{replaced("failover", `{ return "foreign"; }`, `{ return ""; }`)}, "a turn of a conversation was answered 400 invalid_encrypted_content"},
		"an account that is out is any account":   {[]deployed.Option{replaced("answer", `GetValueOrDefault<string>("encrypted", "")`, `GetValueOrDefault<string>("nothing", "")`)}, "where ConversationUnavailable with Retry-After was promised"},
	} {
		t.Run(name, func(t *testing.T) {
			d := deployed.New(t, append(c.option, reasoningModels)...)
			o := byName(t, "conversations").Run(context.Background(), &Env{Site: siteOf(t, d)})
			if c.says == "" {
				assert.Empty(t, o.Failures)
				shaped(t, byName(t, "conversations"), o.Measured)
				measured := o.Measured.(*ConversationsMeasured)
				assert.Positive(t, measured.Interrupted)
				assert.Greater(t, measured.Attempts, measured.Turns, "the pool chose the other account now and then")
				return
			}
			assert.Contains(t, strings.Join(o.Failures, "\n"), c.says)
		})
	}
}
