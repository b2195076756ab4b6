package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTablesOfTheLog(t *testing.T) {
	tables := func(list ...Table) func(*Settings) {
		return func(s *Settings) { s.Logging.Tables = list }
	}
	const table = "AppMetrics"
	judge(t, []wrong{
		{"too short", tables(Table{Name: table, RetentionDays: 3}), []string{"logging.tables[0].retentionDays: 3 is outside 4 to 730"}},
		{"too long", tables(Table{Name: table, RetentionDays: 731, TotalRetentionDays: 1095}), []string{"logging.tables[0].retentionDays: 731 is outside 4 to 730"}},
		{"gone before it is gone", tables(Table{Name: table, RetentionDays: 60, TotalRetentionDays: 59}), []string{
			"logging.tables[0].totalRetentionDays: 59 is less than the 60 days that queries reach back"}},
		{"gone before the workspace's", func(s *Settings) {
			s.Logging.RetentionDays, s.Logging.Tables = 90, []Table{{Name: table, TotalRetentionDays: 60}}
		}, []string{"logging.tables[0].totalRetentionDays: 60 is less than the 90 days that queries reach back"}},
		{"no number of years", tables(Table{Name: table, TotalRetentionDays: 1000}), []string{
			"logging.tables[0].totalRetentionDays: 1000 is neither up to 730 days nor a number of years; use one of [1095 1460 1826 2191 2556 2922 3288 3653 4018 4383]"}},
		{"twice", tables(Table{Name: table}, Table{Name: table}), []string{
			"logging.tables[1].name: \"AppMetrics\" is also at logging.tables[0].name; give each its own, or remove one"}},
		{"shared workspace", func(s *Settings) {
			s.Logging.Workspace = "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/shared"
			s.Logging.Tables = []Table{{Name: table}}
		}, []string{"logging.tables: a shared workspace keeps its owner's tables; remove one of tables and workspace"}},
	})
	for _, good := range []Table{{Name: table}, {Name: table, RetentionDays: 4, TotalRetentionDays: 4383}, {Name: table, RetentionDays: 730, TotalRetentionDays: 730}} {
		assert.NoError(t, Validate(devSettings(tables(good)), "dev", nil), good)
	}
}
