package policies_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

// TestFailoverHoldsWhateverAResponseIsAfterABrokenConnection runs the cases with failing accounts again: Microsoft does not
// document whether context.Response is null after a connection that failed, or a response of the gateway's own.
func TestFailoverHoldsWhateverAResponseIsAfterABrokenConnection(t *testing.T) {
	engine := newHunter(t).engine
	files, err := policytest.Find("testdata/failover", "testdata/responses")
	require.NoError(t, err)
	for _, status := range []int{500, 503} {
		engine.BrokenStatus = status
		for _, file := range files {
			c, err := policytest.Read(file)
			if !assert.NoError(t, err) {
				continue
			}
			t.Run(strconv.Itoa(status)+" "+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				hold(t, engine, c)
			})
		}
	}
}
