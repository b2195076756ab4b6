package stacks_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// azureNames are Azure's rules for the inputs that name a resource, by type and input (Microsoft Learn:
// azure-resource-manager/management/resource-name-rules, and the pages of the types under azure/templates).
var azureNames = map[string]struct {
	longest int
	shape   string
}{
	"ResourceGroup resourceGroupName": {90, `^[\w.()-]*[\w()-]$`}, "VirtualNetwork virtualNetworkName": {64, `^[a-zA-Z0-9][\w.-]*\w$`},
	"NetworkSecurityGroup networkSecurityGroupName": {80, `^[a-zA-Z0-9][\w.-]*\w$`}, "PublicIPAddress publicIpAddressName": {80, `^[a-zA-Z0-9][\w.-]*\w$`},
	"PrivateEndpoint privateEndpointName": {64, `^[a-zA-Z0-9][\w.-]*\w$`}, "VirtualNetworkLink virtualNetworkLinkName": {80, `^[a-zA-Z0-9][\w.-]*\w$`},
	"Account accountName": {64, `^[a-zA-Z0-9][\w.-]*$`}, "Deployment deploymentName": {64, `^[a-zA-Z0-9][\w.-]*$`},
	"ApiManagementService serviceName": {50, `^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`}, "Backend backendId": {80, `^[^*#&+:<>?]+$`},
	"Product productId": {256, `^[^*#&+:<>?]+$`}, "Product displayName": {300, ""}, "Group groupId": {256, `^[^*#&+:<>?]+$`},
	"Group displayName": {300, ""}, "Subscription sid": {256, `^[^*#&+:<>?]+$`}, "Subscription displayName": {100, ""},
	"NamedValue namedValueId": {256, `^[^*#&+:<>?]+$`}, "PolicyFragment id": {80, `^\w[\w-]+\w$`}, "Api apiId": {256, `^[^*#&+:<>?]+$`},
	"ApiOperation operationId": {80, `^[^*#&+:<>?]+$`}, "Workspace workspaceName": {63, `^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$`},
	"Component resourceName": {260, `^[^%&\\?/]+[^%&\\?/. ]$`}, "ActionGroup actionGroupName": {260, `^[^:<>+/&%\\?|]+[^:<>+/&%\\?|. ]$`},
	"ActionGroup groupShortName": {12, ""}, "ScheduledQueryRule ruleName": {260, `^[^*<>%{}&:\\?/#|]+[^*<>%{}&:\\?/#|. ]$`},
	"MetricAlert ruleName": {260, `^[^*#&+:<>?@%{}\\/|]+[^*#&+:<>?@%{}\\/|. ]$`}, "Namespace namespaceName": {50, `^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$`},
	"DeploymentStackAtResourceGroup deploymentStackName": {90, `^[-\w.()]+$`},
}

// longest are names as long as the settings allow, of characters that they allow.
type longest struct {
	prefix, stack, suffix, account, deployment, product, team, group string
}

func drawLongest(t *rapid.T) longest {
	const plain = "abcdefghijklmnopqrstuvwxyz0123456789"
	name := func(label, first, rest string, length int) string {
		return rapid.StringOfN(rapid.RuneFrom([]rune(first)), 1, 1, -1).Draw(t, label) +
			rapid.StringOfN(rapid.RuneFrom([]rune(rest)), length-2, length-2, -1).Draw(t, label) + "z"
	}
	return longest{
		prefix: name("prefix", "abc", plain, 10), stack: name("stack", plain, plain+"-", 23), suffix: name("suffix", plain, plain, 8),
		account: name("account", plain, plain, 16), deployment: name("deployment", plain+"ABC", plain+"AB._-", 64),
		product: name("product", plain, plain+"-", 64), team: name("team", plain, plain+"-", 64), group: name("group", plain+"AB", plain+"AB-", 64),
	}
}

// write puts a project with these names into a folder.
func (l longest) write(t require.TestingT, dir string) {
	project, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o600))
	salt, secure := encrypted(t, signInSecret)
	settings := salt + fmt.Sprintf(`config:
  enterprise-openai:location: swedencentral
  enterprise-openai:naming: {prefix: %[1]q, suffix: %[2]q}
  enterprise-openai:gateway:
    publisherName: AI
    portal: {signIn: {clientId: 00000000-0000-4000-8000-00000000000c, clientSecret: %[8]s}}
    publisherEmail: ai@example.com
    entra: {audiences: ["api://enterprise-openai"]}
  enterprise-openai:accounts:
    - name: %[3]q
      location: swedencentral
      deployments: [{name: %[4]q, model: gpt-5.4, version: "2026-03-05", sku: DataZoneStandard, capacity: 10}]
  enterprise-openai:products:
    - name: %[5]q
      groups: [{name: %[6]q, objectId: 00000000-0000-4000-8000-000000000001}]
      tokensPerMinute: 5000
      tokenQuota: {tokens: 5000000, period: Monthly}
      deployments: [%[4]q]
  enterprise-openai:teams:
    - {name: %[7]q, contact: a@example.com, costCentre: "1", products: [%[5]q]}
  enterprise-openai:logging: {eventHub: {retentionDays: 1}}
  enterprise-openai:alerts: {emails: [a@example.com]}
`, l.prefix, l.suffix, l.account, l.deployment, l.product, l.group, l.team, secure)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+l.stack+".yaml"), []byte(settings), 0o600))
}

func TestTheLongestNamesAreNamesInAzure(t *testing.T) {
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", signInPhrase)
	for seed := range 8 { // a plan takes a quarter of a second, so that these are few
		names := rapid.Custom(drawLongest).Example(seed)
		dir := t.TempDir()
		names.write(t, dir)
		made, err := plan.Of(context.Background(), dir, names.stack, plan.Update, stacks.Deploy)
		require.NoError(t, err)
		met := map[string]bool{}
		for _, r := range made.Resources {
			for input, value := range r.Inputs {
				key := r.Type[strings.LastIndex(r.Type, ":")+1:] + " " + input
				rule, known := azureNames[key]
				text, plain := value.(string)
				if !known || !plain {
					continue
				}
				met[key] = true
				assert.LessOrEqual(t, len([]rune(text)), rule.longest, "%s: %s", key, text)
				assert.Regexp(t, rule.shape, text, key)
			}
		}
		for key := range azureNames {
			assert.True(t, met[key], "nothing has a %s", key)
		}
	}
}
