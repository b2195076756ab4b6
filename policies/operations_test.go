package policies_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/policies"
)

func TestAnOperationsParametersAreThoseOfItsPath(t *testing.T) {
	assert.Equal(t, []string{"deployment-id"}, policies.Operation{Template: "/deployments/{deployment-id}/chat"}.Parameters())
	assert.Equal(t, []string{"a", "b"}, policies.Operation{Template: "/{a}/x/{b}"}.Parameters())
	assert.Empty(t, policies.Operation{Template: "/models"}.Parameters())
}
