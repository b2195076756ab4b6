package drills

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/stacks"
)

// eventHubsDataSender is Azure's own role for those who send events.
const eventHubsDataSender = "2b629674-e913-4c01-ae53-ef4638d8f975"

// A role on the whole namespace lets the gateway send without the one on the hub: what is taken away is not what rows need.
func TestARowThatNeedsNothingOfWhatIsTakenAwayIsReported(t *testing.T) {
	d := deployed.New(t, deployed.With(exporting))
	gateway, there := d.Get(d.Service)
	require.True(t, there)
	d.Put(d.Namespace+"/providers/Microsoft.Authorization/roleAssignments/44444444-4444-4444-8444-444444444440",
		deployed.RoleBody(jsonpath.Text(gateway.Body, "identity", "principalId"), eventHubsDataSender))
	f := &findings{}
	named, err := tryWithout(t.Context(), siteOf(t, d), f)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"without the role on the Event Hub a call was logged all the same, in 2 rows",
		"without the role on the Event Hub nothing says that the role Azure Event Hubs Data Sender is missing, but: ",
	}, f.all())
	assert.NotContains(t, named, "the role on the Event Hub")
	assert.Len(t, named, len(absences(true))-1)
	for _, a := range absences(true) {
		if gap, ok := named[a.name]; ok {
			assert.Contains(t, gap, a.says, a.name)
		}
	}
}

func TestNothingIsTakenAwayWhereNoProductKeepsText(t *testing.T) {
	d := deployed.New(t)
	site := siteOf(t, d)
	site.Settings.Products = site.Settings.Products[1:2]
	f := &findings{}
	named, err := tryWithout(t.Context(), site, f)
	require.NoError(t, err)
	assert.Empty(t, named)
	assert.Empty(t, f.all())
}

func TestTheTablesKeepTheirRowsAsLongAsTheSettingsSay(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	for name, c := range map[string]struct {
		table stacks.Table
		want  []string
	}{
		"as deployed":             {stacks.Table{Name: logs.LLMLog, RetentionDays: 30}, nil},
		"nothing is promised":     {stacks.Table{Name: logs.LLMLog}, nil},
		"shorter than promised":   {stacks.Table{Name: logs.LLMLog, TotalRetentionDays: 400}, []string{"table ApiManagementGatewayLlmLog has totalRetentionInDays 30, where the settings say 400"}},
		"a table that is missing": {stacks.Table{Name: "Nowhere", RetentionDays: 30}, []string{"table Nowhere has retentionInDays <nil>, where the settings say 30"}},
	} {
		site.Settings.Logging.Tables = []stacks.Table{c.table}
		f := &findings{}
		tryTables(site, f)
		assert.Equal(t, c.want, f.all(), name)
	}
}

func TestThePromptOfTheLogsIsALineForEachMessage(t *testing.T) {
	v := &visit{}
	v.ask.prompt = "Hi"
	assert.Equal(t, "Hi", v.promptText())
	v.system = "Be short."
	assert.Equal(t, "Be short.\nHi", v.promptText())
	assert.Equal(t, "Be short.\nHi", promptOf(`{"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Hi"}]}`))
	assert.Equal(t, "Hi", promptOf(`{"input":"Hi"}`))
	assert.Equal(t, "no JSON", promptOf("no JSON"))
}
