// Package reporttest checks reports against docs/report.schema.json, in tests.
package reporttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Valid fails the test when a report's JSON is not what the schema in the checkout at root says.
func Valid(t *testing.T, root string, report []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "report.schema.json"))
	require.NoError(t, err)
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(text, &schema))
	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(report, &value), string(report))
	assert.NoError(t, resolved.Validate(value), string(report))
}
