package dataplane_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
)

// A role that was just assigned is not known to the account yet. That is nobody's fault but the platform's: the caller is told 502,
// never the account's 401, which would blame the key.
func TestARoleCountsOnlyOnceItHasSpread(t *testing.T) {
	s := site.New(t)
	s.Delete(s.Role("france")) // one account is left
	role, found := s.Get(s.Role("sweden"))
	require.True(t, found)
	created, err := time.Parse(time.RFC3339Nano, role.Body["properties"].(map[string]any)["createdOn"].(string))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		after  time.Duration
		status int
	}{
		"at once":             {0, 502},
		"a moment too early":  {arm.RoleSpread - time.Nanosecond, 502},
		"when it has spread":  {arm.RoleSpread, 200},
		"long after that too": {time.Hour, 200},
	} {
		t.Run(name, func(t *testing.T) {
			p := plane(t, s, func(o *dataplane.Options) { o.RolesAsOf = created.Add(c.after) })
			require.Equal(t, c.status, ask(p, chat, s.Key("search-standard")).Code)
			if c.status != 200 {
				assert.Equal(t, 401, p.Models.Requests()[0].Status)
			}
		})
	}
}
