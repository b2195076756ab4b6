package drills

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/infra"
)

func TestDrillsNameThingsAsTheProgramDoes(t *testing.T) {
	assert.Equal(t, infra.SubscriptionID("search", "standard"), subscriptionID("search", "standard"))
	assert.Equal(t, infra.PoolID("gpt-4o"), poolID("gpt-4o"))
	assert.Equal(t, infra.BackendID("sweden", "gpt-4o"), backendID("sweden", "gpt-4o"))
}
