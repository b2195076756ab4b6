package infra

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// Patterns of Azure on names (Microsoft Learn: azure-resource-manager/management/resource-name-rules).
var (
	servicePattern = regexp.MustCompile(`^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	accountPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	// Letters, digits and dashes, 6 to 50, a letter first and no dash at the end.
	namespacePattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$`)
	labelPattern     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,61}[a-z0-9]$`)
)

// text is a generator of names of a pattern, most of them as long as it allows.
func text(label, pattern string, shortest, longest int) func(*rapid.T) string {
	return func(t *rapid.T) string {
		length := longest
		if rapid.IntRange(0, 3).Draw(t, label+" is short") == 0 {
			length = rapid.IntRange(shortest, longest).Draw(t, label+" length")
		}
		return rapid.StringOfN(rapid.RuneFrom([]rune(pattern)), length, length, -1).Draw(t, label)
	}
}

const letters, lettersAndDigits = "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0123456789"

// The limits are Azure's numbers, not the program's constants: those would agree with themselves. The parts are as long as the
// settings allow (stacks/validate_names.go), the stack's name as long as Pulumi does (100) and of any characters.
func TestPhysicalNamesStayWithinAzuresLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := text("first", letters, 1, 1)(t) + text("prefix", lettersAndDigits, 0, 9)(t)
		suffix := text("suffix", lettersAndDigits, 3, 8)(t)
		stack := rapid.OneOf(
			rapid.SampledFrom([]string{"dev", "prod", "a", "Feature_Branch.42", "two--dashes__and-more", "日本", "-", strings.Repeat("long-", 20)}),
			rapid.Custom(text("stack", lettersAndDigits+"-._ABC", 1, 100)),
		).Draw(t, "stack")
		n := Names{Prefix: prefix, Stack: stack, Suffix: suffix}
		account := text("account", lettersAndDigits, 2, 16)(t)
		assert.Regexp(t, servicePattern, n.Gateway())
		assert.Regexp(t, labelPattern, n.PublicLabel())
		assert.Regexp(t, accountPattern, n.Account(account))
		assert.Regexp(t, namespacePattern, n.EventHubs())
		for name, limit := range map[string]int{
			n.Gateway(): 50, n.PublicLabel(): 63, n.Account(account): 64, n.Workspace(): 63, n.VirtualNetwork(): 64,
			n.ResourceGroup(): 90, n.DeploymentStack("searches"): 90, n.Endpoint(account): 64, n.SecurityGroup("endpoints"): 80,
			n.NetworkLink(): 80, n.PublicAddress(): 80, n.EventHubs(): 50, n.Component(): 260, n.ActionGroup(): 260,
			n.Alert("regional-failover"): 260,
		} {
			assert.LessOrEqual(t, len(name), limit, name)
			assert.NotContains(t, name, "--")
			assert.True(t, strings.HasPrefix(name, prefix+"-"), name)
			assert.True(t, strings.HasSuffix(name, "-"+suffix), name)
		}
		for _, id := range []string{n.Workbook(), n.RoleAssignment(account), n.SendingRole()} {
			assert.NoError(t, uuid.Validate(id))
		}
	})
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
