package arm

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const tableBody = `{"properties":{"plan":"Analytics","retentionInDays":90,"totalRetentionInDays":4383}}`

func TestATableKeepsItsRowsForATimeOfItsOwn(t *testing.T) {
	a := world(t)
	const table = workspace + "/tables/ApiManagementGatewayLlmLog"
	assert.EqualValues(t, 30, number(object(a.get(table), "properties")["retentionInDays"]), "the workspace's until it has its own")
	a.ok(table, tableBody)
	assert.EqualValues(t, 90, number(object(a.get(table), "properties")["retentionInDays"]))
	assert.EqualValues(t, 4383, number(object(a.get(table), "properties")["totalRetentionInDays"]))
	a.ok(table, `{"properties":{"retentionInDays":-1}}`)
	assert.EqualValues(t, 30, number(object(a.get(table), "properties")["totalRetentionInDays"]), "-1 is the workspace's again")
	a.ok(workspace+"/tables/Own_CL", tableBody)
}

func TestTablesAreRefusedAsAzureDoes(t *testing.T) {
	table := workspace + "/tables/AppMetrics"
	runRules(t, map[string]string{table: tableBody}, []rule{
		{name: "table that no workspace has", path: workspace + "/tables/Invented", body: tableBody, status: 404, code: "ResourceNotFound", message: "The specified table: 'Invented' was not found.", at: workspace + "/tables/Invented_CL"},
		{name: "plan that does not exist", path: table, body: `{"properties":{"plan":"Cheap"}}`, status: 400, code: "InvalidRequestContent"},
		{name: "too short", path: table, body: `{"properties":{"retentionInDays":3}}`, status: 400, code: "InvalidParameter", message: "4 to 730"},
		{name: "too long", path: table, body: `{"properties":{"retentionInDays":731}}`, status: 400, code: "InvalidParameter"},
		{name: "total below", path: table, body: `{"properties":{"retentionInDays":30,"totalRetentionInDays":29}}`, status: 400, code: "InvalidParameter", message: "totalRetentionInDays", accepted: `{"properties":{"retentionInDays":30,"totalRetentionInDays":30}}`},
		{name: "total that is no year", path: table, body: `{"properties":{"totalRetentionInDays":1000}}`, status: 400, code: "InvalidParameter", message: "1095", accepted: `{"properties":{"totalRetentionInDays":1095}}`},
	})
}

func TestAWorkspaceThatHasSettledTakesTables(t *testing.T) {
	a := slow(t)
	a.ok(workspace+"2", logsBody)
	a.later(workspaceSettles)
	a.ok(workspace+"2/tables/AppMetrics", tableBody)
}
