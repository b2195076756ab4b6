package timeline

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// urn is a resource's identity in a made-up stack.
func urn(kind, name string) string {
	return "urn:pulumi:dev::p::azure-native:m/v1:" + kind + "::" + name
}

// declared is a resource that uses some and waits for others without using them.
func declared(kind, name string, uses []string, waits ...string) Resource {
	return Resource{URN: urn(kind, name), Type: "azure-native:m/v1:" + kind, Name: name, Custom: true,
		Uses: uses, DependsOn: append(append([]string{}, uses...), waits...)}
}

func small() []Resource {
	account := urn("Account", "a")
	return []Resource{
		declared("Account", "a", nil),
		declared("Deployment", "one", []string{account}),
		declared("Deployment", "two", []string{account}, urn("Deployment", "one")),
		declared("PrivateEndpoint", "a", []string{account}, urn("Deployment", "two")),
	}
}

func TestAnOrderThatAzureAsksForIsNeeded(t *testing.T) {
	needed, needless := Needed(small())
	assert.Empty(t, needless)
	assert.Equal(t, []string{urn("Account", "a"), urn("Deployment", "one")}, needed[2].DependsOn)
}

func TestAnOrderWithoutAReasonIsTold(t *testing.T) {
	resources := append(small(), declared("Workspace", "logs", nil, urn("PrivateEndpoint", "a")))
	needed, needless := Needed(resources)
	assert.Equal(t, []string{"Workspace logs waits for PrivateEndpoint a: no output is used and Azure does not ask for it"}, needless)
	assert.Empty(t, needed[4].DependsOn)
}

func TestAReasonHoldsOnlyOnTheSameAccount(t *testing.T) {
	resources := append(small(), declared("Account", "b", nil),
		declared("Deployment", "elsewhere", []string{urn("Account", "b")}, urn("Deployment", "two")))
	_, needless := Needed(resources)
	assert.Len(t, needless, 1)
}

func TestTheEngineDeletesInRounds(t *testing.T) {
	resources := small()
	resources[1].DeletedWith = urn("Account", "a")
	resources[2].DeletedWith = urn("Account", "a")
	// The zone group uses something near the ground after something high above it: the longest chain counts, not the last.
	resources = append(resources, declared("Workspace", "logs", nil),
		declared("PrivateDnsZoneGroup", "a", []string{urn("PrivateEndpoint", "a"), urn("Account", "a")}))
	order := Destruction(resources)
	assert.Empty(t, order[urn("PrivateDnsZoneGroup", "a")], "the longest chain goes first")
	assert.Equal(t, []string{urn("PrivateDnsZoneGroup", "a")}, order[urn("PrivateEndpoint", "a")])
	assert.NotContains(t, order, urn("Deployment", "one"), "it goes with the account")
	assert.Equal(t, []string{urn("PrivateEndpoint", "a")}, order[urn("Account", "a")])
	assert.Equal(t, []string{urn("PrivateEndpoint", "a")}, order[urn("Workspace", "logs")], "as short a chain as the account's")
}
