package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/queries"
)

// A query that no rule runs would look like an alert, and notify nobody.
func TestAnAlertWithoutARuleIsAnError(t *testing.T) {
	s := devSettings(func(s *Settings) { s.Alerts = &Alerts{Emails: []string{"a@example.com"}} })
	_, err := s.rulePlans(queries.Alerts(), queries.Lookups{})
	require.NoError(t, err)
	_, err = s.rulePlans([]queries.Alert{{Query: queries.Query{Name: "forgotten"}}}, queries.Lookups{})
	assert.EqualError(t, err, "alert forgotten: no setting says when it fires; add it to stacks/alerts.go, or remove queries/alerts/forgotten.kql")
}
