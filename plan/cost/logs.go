package cost

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
)

const (
	workspaces = "Microsoft.OperationalInsights/workspaces"
	gigabyte   = 1e9
	// included are the days that the price of ingestion includes, and those of Application Insights' tables
	// (Microsoft Learn: azure-monitor/logs/data-retention-configure).
	included, includedOfApplications = 31, 90
	// inherited is how Azure writes that a table is as its workspace, or that it keeps nothing longer.
	inherited = -1
)

// workspace charges the rows that calls leave: once when they arrive, and each month that they stay longer than ingestion pays for. The sum
// is that of a workspace whose oldest rows are as old as they get.
func (s *sheet) workspace(r resource) {
	days := number(r.values, "retentionInDays")
	logged := s.assumed.logged()
	daily := 0.0
	for _, bytes := range logged {
		daily += bytes / daysPerMonth / gigabyte
	}
	kept := 1.0
	if limit := number(r.values, "workspaceCapping", "dailyQuotaGb"); limit > 0 && daily > limit {
		kept = limit / daily
		s.report.Warnings = append(s.report.Warnings,
			"the assumed calls log more than the workspace's daily cap takes: rows above it are lost, and not charged")
	}
	for _, name := range slices.Sorted(maps.Keys(logged)) {
		gb := logged[name] * kept / gigabyte
		t := s.declared.table(name, days)
		s.charge(r.component, Use, "Log ingestion, "+t.plan, r.region, gb)
		free := float64(included)
		if strings.HasPrefix(name, "App") {
			free = includedOfApplications
		}
		if t.plan == "Analytics" {
			s.charge(r.component, Use, "Log retention", r.region, gb*max(0, t.days-free)/daysPerMonth)
		}
		s.charge(r.component, Use, "Long-term log retention", r.region, gb*max(0, t.total-max(t.days, free))/daysPerMonth)
	}
}

// table is how a table keeps its rows.
type table struct {
	plan        string
	days, total float64
}

// table gives what the plan declares of a table, and the workspace's retention otherwise.
func (d *declared) table(name string, days float64) table {
	t := table{"Analytics", days, days}
	for _, r := range d.of(workspaces + "/tables") {
		if short := r.name[strings.LastIndexByte(r.name, '/')+1:]; short != name {
			continue
		}
		t.plan = cmp.Or(jsonpath.Text(r.values, "plan"), t.plan)
		if own := number(r.values, "retentionInDays"); own != 0 && own != inherited {
			t.days = own
		}
		t.total = t.days
		if total := number(r.values, "totalRetentionInDays"); total != 0 && total != inherited {
			t.total = total
		}
	}
	return t
}

// eventHubs charges the throughput units, and an event for each prompt and each answer.
func (s *sheet) eventHubs(r resource) {
	tier := jsonpath.Text(r.values, "sku", "name")
	s.charge(r.component, Fixed, "Event Hubs throughput unit, "+tier, r.region, HoursPerMonth*number(r.values, "sku", "capacity"))
	s.charge(r.component, Use, "Event Hubs events, "+tier, r.region, s.assumed.events()/million)
}
