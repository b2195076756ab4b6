package resourcetypes

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// declared are the types of sdks/resources.yaml, by ARM type, with the token that programs use.
func declared(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "sdks", "resources.yaml"))
	require.NoError(t, err)
	var list struct {
		Modules []struct {
			Module, Version, Provider string
			Resources                 map[string]string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &list))
	types := map[string]string{}
	for _, m := range list.Modules {
		for name, armType := range m.Resources {
			types[m.Provider+"/"+armType] = "azure-native:" + m.Module + "/" + m.Version + ":" + name
		}
	}
	return types
}

func TestEveryTypeThatIsDeclaredHasOneRow(t *testing.T) {
	types := declared(t)
	require.NotEmpty(t, types)
	rows := map[string]int{}
	for _, r := range All() {
		rows[r.Type]++
		if r.ARM.BuiltIn {
			assert.Empty(t, r.Token, "%s is Azure's own, and a program declares it", r.Type)
			continue
		}
		assert.Equal(t, types[r.Type], r.Token, "%s is not in sdks/resources.yaml: nothing can declare it", r.Type)
	}
	for armType := range types {
		assert.Equal(t, 1, rows[armType], "%s has %d rows in types.yaml", armType, rows[armType])
	}
}

// keys are those that every row has, whatever they say: a type whose duration nobody thought of must not pass for one that is over at
// once.
var keys = []string{"type", "versions", "source", "name", "location", "duration", "overlap", "arm"}

func TestEveryRowHasAllFields(t *testing.T) {
	var raw []map[string]any
	require.NoError(t, yaml.Unmarshal(text, &raw))
	require.NotEmpty(t, raw)
	for _, row := range raw {
		want := keys
		if row["token"] != nil {
			want = append(slices.Clone(keys), "path", "provider")
		}
		for _, key := range want {
			assert.Contains(t, row, key, "%s has no %s", row["type"], key)
		}
		duration, _ := row["duration"].(map[string]any)
		for _, key := range []string{"put", "delete"} {
			assert.Contains(t, duration, key, "%s: duration", row["type"])
		}
	}
}

func TestRowsReferToTypesThatHaveRows(t *testing.T) {
	shorts := map[string]bool{}
	for _, r := range All() {
		shorts[r.Short()] = true
	}
	for _, r := range All() {
		for _, used := range r.Uses {
			_, known := Of(used)
			assert.True(t, known, "%s uses %s", r.Type, used)
		}
		for _, w := range r.Waits {
			for _, before := range w.For {
				assert.True(t, shorts[before], "%s waits for %s", r.Type, before)
			}
			assert.True(t, w.On == "" || shorts[w.On], "%s waits on %s", r.Type, w.On)
		}
	}
}

func TestAPathSaysTheTypeOfItsRow(t *testing.T) {
	parameter := regexp.MustCompile(`/\{[^}]*\}`)
	for _, r := range All() {
		if r.Token == "" {
			continue
		}
		last := r.Path[strings.LastIndex(r.Path, "/providers/")+len("/providers/"):]
		switch r.Type {
		case "Microsoft.Resources/resourceGroups":
			assert.Equal(t, "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}", r.Path)
		case "Microsoft.Network/privateDnsZones/A": // the record's kind is a parameter
			assert.Equal(t, "Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}", last)
		default:
			assert.Equal(t, r.Type, parameter.ReplaceAllString(last, ""), r.Path)
		}
	}
}

func TestAChildsNameOfItsParentIsConstrainedAsTheParentsOwn(t *testing.T) {
	service, _ := Of("Microsoft.ApiManagement/service")
	api, _ := Of("Microsoft.ApiManagement/service/apis")
	link, _ := Of("microsoft.apimanagement/SERVICE/products/apis")
	assert.Equal(t, 50, service.Provider.Limits["serviceName"].Max)
	assert.Equal(t, service.Provider.Limits["serviceName"], link.Provider.Limits["serviceName"])
	assert.Equal(t, api.Provider.Limits["apiId"], link.Provider.Limits["apiId"])
	endpoint, _ := Of("Microsoft.Network/privateEndpoints")
	assert.NotContains(t, endpoint.Provider.Limits, "resourceGroupName")
}

func TestWaitsAreThoseOfEveryTypeOfThatName(t *testing.T) {
	waits := Waits("azure-native:cognitiveservices/v20241001:Deployment")
	require.Len(t, waits, 1)
	assert.Equal(t, []string{"Deployment", "RaiPolicy"}, waits[0].For)
	assert.Equal(t, "Account", waits[0].On)
	assert.Empty(t, Waits("azure-native:network/v20240501:VirtualNetwork"))
	assert.Empty(t, Waits(""))
}

// row is a complete one; changes are made to its text.
const row = `
- type: Microsoft.Network/virtualNetworks
  token: azure-native:network/v20240501:VirtualNetwork
  path: '…/Microsoft.Network/virtualNetworks/{virtualNetworkName}'
  versions: ['2024-05-01']
  source: a page
  name: {min: 2, max: 64, pattern: '^[a-z]+$'}
  location: any
  duration: {put: 10s, delete: 12s}
  overlap: network
  waits: [{for: [Subnet], because: 409}]
  arm: {style: network}
  provider: {longRunning: [put]}
`

func TestACompleteRowIsRead(t *testing.T) {
	all, err := Parse([]byte(row))
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}", all[0].Path)
	assert.Equal(t, "12s", all[0].Duration.Delete.String())
	assert.Equal(t, []string{"resourceGroupName", "virtualNetworkName"}, all[0].Params())
}

func TestAWrongRowIsRefusedByName(t *testing.T) {
	for old, c := range map[string]struct{ with, says string }{
		"type: Microsoft.Network/virtualNetworks": {"type: VirtualNetwork", "row 1 (VirtualNetwork): type is not an ARM type"},
		"versions: ['2024-05-01']":                {"versions: []", "versions is missing"},
		"source: a page":                          {"source: ''", "source is missing"},
		"location: any":                           {"location: everywhere", "location is none, any, optional or global"},
		"overlap: network":                        {"overlap: vnet", "overlap is none, account, service, api, network"},
		"style: network":                          {"style: vnet", "arm.style is arm, apim, network or cognitive"},
		"longRunning: [put]":                      {"longRunning: [post]", "provider.longRunning has put and delete alone"},
		"for: [Subnet], ":                         {"", "waits says for what"},
		"token: azure-native:network/v20240501:VirtualNetwork": {"token: ''", "token and path belong together"},
		"pattern: '^[a-z]+$'":                {"pattern: '['", "missing closing ]"},
		"put: 10s":                           {"put: soon", "into time.Duration"},
		"arm: {style: network}":              {"arms: {style: network}", "field arms not found"},
		"  provider: {longRunning: [put]}\n": {"  provider: {longRunning: [put]}\n" + row, "has a row already"},
	} {
		require.Contains(t, row, old)
		_, err := Parse([]byte(strings.Replace(row, old, c.with, 1)))
		assert.ErrorContains(t, err, c.says, old)
	}
}
