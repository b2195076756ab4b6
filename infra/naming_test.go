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

// The limits are Azure's numbers, not the program's constants: those would agree with themselves.
func TestPhysicalNamesStayWithinAzuresLimits(t *testing.T) {
	for _, stack := range []string{"dev", "prod", "a", "Feature_Branch.42", "two--dashes__and-more", strings.Repeat("long-", 60), "日本"} {
		for _, prefix := range []string{"ai", "aoaiplatfo"} {
			n := Names{Prefix: prefix, Stack: stack, Suffix: "a1b2c3"}
			account := strings.Repeat("a", 16)
			assert.Regexp(t, servicePattern, n.Gateway())
			assert.Regexp(t, labelPattern, n.PublicLabel())
			assert.Regexp(t, accountPattern, n.Account(account))
			for name, limit := range map[string]int{
				n.Gateway(): 50, n.PublicLabel(): 63, n.Account(account): 64, n.Workspace(): 63, n.VirtualNetwork(): 64,
				n.ResourceGroup(): 90, n.DeploymentStack("searches"): 90, n.Endpoint(account): 80, n.SecurityGroup("endpoints"): 80,
				n.NetworkLink(): 80, n.PublicAddress(): 80, n.EventHubs(): 50, n.Component(): 260, n.ActionGroup(): 260,
				n.Alert("regional-failover"): 260,
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
	// What is made of a hash stays what it was, too: another suffix would replace every resource of a stack that stands.
	assert.Equal(t, "rc7y4n", DeriveSuffix("00000000-0000-4000-8000-000000000001", "enterprise-openai", "dev"))
	assert.Equal(t, "f01007e1-4e4f-58f9-90c2-661c4c0c8e7b", n.RoleAssignment("sweden"))
	assert.Equal(t, "a7913307-fd9a-5f44-b893-60f166ebed87", n.SendingRole())
	assert.Equal(t, "f9f2da05-33cd-55f7-8874-cf2422f3b768", n.Workbook())
}

func TestABackendsIDIsWhatThePoliciesBuild(t *testing.T) {
	// fragments/failover.xml joins account and deployment with a dash and puts pool- before a deployment.
	assert.Equal(t, "sweden-gpt-4o", BackendID("sweden", "gpt-4o"))
	assert.Equal(t, "pool-gpt-4o", PoolID("gpt-4o"))
	longest := BackendID(strings.Repeat("a", 16), strings.Repeat("d", 63))
	assert.Len(t, longest, maxBackend)
	assert.True(t, strings.HasSuffix(longest, "d"), "shortened, the policies would ask for a backend that does not exist")
}
