package infra

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Patterns of Azure on names (Microsoft Learn: azure-resource-manager/management/resource-name-rules).
var (
	servicePattern = regexp.MustCompile(`^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	accountPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	labelPattern   = regexp.MustCompile(`^[a-z][a-z0-9-]{1,61}[a-z0-9]$`)
)

func TestPhysicalNamesStayWithinAzuresLimits(t *testing.T) {
	for _, stack := range []string{"dev", "prod", "a", "Feature_Branch.42", strings.Repeat("long-", 30), "日本"} {
		for _, prefix := range []string{"ai", "aoaiplatfo"} {
			n := Names{Prefix: prefix, Stack: stack, Suffix: "a1b2c3"}
			account := strings.Repeat("a", 16)
			assert.Regexp(t, servicePattern, n.Gateway())
			assert.Regexp(t, labelPattern, n.PublicLabel())
			assert.Regexp(t, accountPattern, n.Account(account))
			for name, limit := range map[string]int{
				n.Gateway(): maxService, n.PublicLabel(): maxDNSLabel, n.Account(account): maxAccount, n.Workspace(): maxWorkspace,
				n.VirtualNetwork(): maxVirtualNet, n.ResourceGroup(): maxResourceGroup, n.Endpoint(account): maxNetworkName,
				n.SecurityGroup("endpoints"): maxNetworkName,
			} {
				assert.LessOrEqual(t, len(name), limit, name)
				assert.NotContains(t, name, "--")
				assert.True(t, strings.HasPrefix(name, prefix+"-"), name)
				assert.True(t, strings.HasSuffix(name, "-a1b2c3"), name)
			}
		}
	}
}

func TestTwoStacksNeverShareAName(t *testing.T) {
	long := strings.Repeat("x", 100)
	one := Names{Prefix: "aoai", Stack: long + "1", Suffix: "s"}
	other := Names{Prefix: "aoai", Stack: long + "2", Suffix: "s"}
	assert.NotEqual(t, one.Gateway(), other.Gateway())
	assert.NotEqual(t, DeriveSuffix("sub", "project", "dev"), DeriveSuffix("sub", "project", "prod"))
	assert.NotEqual(t, DeriveSuffix("sub-1", "project", "dev"), DeriveSuffix("sub-2", "project", "dev"))
}

func TestAStackKeepsItsNames(t *testing.T) {
	assert.Equal(t, DeriveSuffix("ABC", "project", "dev"), DeriveSuffix("abc", "project", "dev"), "Azure writes ids in either case")
	n := Names{Prefix: "aoai", Stack: "dev", Suffix: "a1b2c3"}
	assert.Equal(t, "aoai-dev-apim-a1b2c3", n.Gateway())
	assert.Equal(t, "aoai-dev-oai-sweden-a1b2c3", n.Account("sweden"))
}

func TestABackendsIDIsWhatThePoliciesBuild(t *testing.T) {
	// fragments/failover.xml joins account and deployment with a dash and puts pool- before a deployment.
	assert.Equal(t, "sweden-gpt-4o", BackendID("sweden", "gpt-4o"))
	assert.Equal(t, "pool-gpt-4o", PoolID("gpt-4o"))
	longest := BackendID(strings.Repeat("a", 16), strings.Repeat("d", 63))
	assert.Len(t, longest, maxBackend)
	assert.True(t, strings.HasSuffix(longest, "d"), "shortened, the policies would ask for a backend that does not exist")
}

func TestAnOperationsParametersAreThoseOfItsPath(t *testing.T) {
	assert.Equal(t, []string{"deployment-id"}, Operation{Template: "/deployments/{deployment-id}/chat"}.parameters())
	assert.Equal(t, []string{"a", "b"}, Operation{Template: "/{a}/x/{b}"}.parameters())
	assert.Empty(t, Operation{Template: "/models"}.parameters())
}
