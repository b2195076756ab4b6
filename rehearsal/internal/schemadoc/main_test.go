package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	for name := range schemas {
		want, err := page(name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "run: go generate ./rehearsal")
	}
}

// reportWith is a report with a single drill.
func reportWith(drill string) string {
	return `{"version":1,"stack":"dev","resources":{"created":1,"updated":0,"same":1,"deleted":1},
		"seconds":{"build":0,"preview":1,"up":1,"drills":1,"destroy":1},"drills":[` + drill + `]}`
}

func TestADrillMeasuresWhatItsTypeSaysAndNothingElse(t *testing.T) {
	s, err := schema()
	require.NoError(t, err)
	resolved, err := s.Resolve(nil)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		drill string
		valid bool
	}{
		"its own":              {`{"name":"clean","pass":true,"promise":"P.","failures":[],"measured":{"remaining":0}}`, true},
		"nothing":              {`{"name":"clean","pass":false,"promise":"P.","failures":["no"],"measured":{}}`, true},
		"another drill's":      {`{"name":"reach","pass":true,"promise":"P.","failures":[],"measured":{"remaining":0}}`, false},
		"a text":               {`{"name":"clean","pass":true,"promise":"P.","failures":[],"measured":{"remaining":"none"}}`, false},
		"one field more":       {`{"name":"clean","pass":true,"promise":"P.","failures":[],"measured":{"remaining":0,"more":1}}`, false},
		"null":                 {`{"name":"clean","pass":true,"promise":"P.","failures":[],"measured":null}`, false},
		"no failures":          {`{"name":"clean","pass":true,"promise":"P.","measured":{"remaining":0}}`, false},
		"an unknown drill":     {`{"name":"cleaner","pass":true,"promise":"P.","failures":[],"measured":{"remaining":0}}`, false},
		"a limit not tried":    {`{"name":"throttle","pass":true,"promise":"P.","failures":[],"measured":{"products":{"a":{"quota":5}},"notTried":["x"]}}`, true},
		"a limit of its own":   {`{"name":"throttle","pass":true,"promise":"P.","failures":[],"measured":{"products":{"a":{"quotas":5}}}}`, false},
		"a list that is null":  {`{"name":"throttle","pass":true,"promise":"P.","failures":[],"measured":{"products":{},"notTried":null}}`, false},
		"a number for its sum": {`{"name":"timing","pass":true,"promise":"P.","failures":[],"measured":{"upMinutes":1.5}}`, false},
	} {
		var value map[string]any
		require.NoError(t, json.Unmarshal([]byte(reportWith(c.drill)), &value), name)
		err := resolved.Validate(value)
		assert.Equal(t, c.valid, err == nil, "%s: %v", name, err)
	}
}
