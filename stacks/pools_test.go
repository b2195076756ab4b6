package stacks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoCallIsTooLargeForAPoolWithProvisionedThroughput(t *testing.T) {
	small, large := PoolMember{Deployment: Deployment{SKU: "Standard", Capacity: 8}}, PoolMember{Deployment: Deployment{SKU: "GlobalStandard", Capacity: 10}}
	bought := PoolMember{Deployment: Deployment{SKU: "GlobalProvisionedManaged", Capacity: 15, TokensPerUnit: 2500}}
	assert.Equal(t, 10_000, Pool{Members: []PoolMember{small, large}}.LargestTokensPerMinute())
	assert.Zero(t, Pool{Members: []PoolMember{bought, large}}.LargestTokensPerMinute())
	large.Deployment.Capacity = math.MaxInt
	assert.Equal(t, math.MaxInt32, Pool{Members: []PoolMember{large}}.LargestTokensPerMinute(), "policies read it as an int")
}
