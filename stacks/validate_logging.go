package stacks

import (
	"fmt"
	"regexp"
	"slices"
)

const (
	// shortestRetention and longestRetention are those of a PerGB2018 workspace (bicep-types-az: microsoft.operationalinsights).
	shortestRetention = 30
	longestRetention  = 730
	// shortestTableRetention is a table's (Microsoft Learn: azure-monitor/logs/data-retention-configure).
	shortestTableRetention = 4
	// longestEventRetention is a Standard Event Hub's.
	longestEventRetention = 7
	// throttledWindow is how many minutes the alert on refusals looks at.
	throttledWindow  = 15
	mostFailovers    = 1000
	mostServerErrors = 100_000

	mostAbandonedCalls = 100_000
	mostPercent        = 99
	// mostThroughputUnits is what a Standard namespace may have (Microsoft Learn: event-hubs/event-hubs-quotas).
	mostThroughputUnits = 40
)

// yearsKept are the totals that a table may have beyond longestRetention (the same page).
var yearsKept = []int{1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383}

var workspaceShape = regexp.MustCompile(`(?i)^/subscriptions/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/resourceGroups/[^/]{1,90}` +
	`/providers/Microsoft\.OperationalInsights/workspaces/[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$`)

func checkLogging(c *check) {
	l := c.s.Logging
	c.between("logging.retentionDays", l.RetentionDays, shortestRetention, longestRetention)
	if !(l.DailyCapGB >= 0) { // also catches NaN
		c.add("logging.dailyCapGb", "must not be negative", "use 0 for no cap")
	}
	if l.Workspace != "" {
		c.matches("logging.workspace", l.Workspace, workspaceShape,
			"the workspace's ARM id: /subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/…")
		if l.DailyCapGB > 0 {
			c.add("logging.dailyCapGb", "a shared workspace keeps its owner's cap", "remove one of dailyCapGb and workspace")
		}
	}
	if l.EventHub != nil {
		c.between("logging.eventHub.retentionDays", l.EventHub.RetentionDays, 1, longestEventRetention)
		if !l.Messages {
			c.add("logging.eventHub", "exports what logging.messages keeps out of the tables", "switch messages on, or remove the event hub")
		}
		c.between("logging.eventHub.throughputUnits", l.EventHub.ThroughputUnits, 1, mostThroughputUnits)
	}
}

func checkTables(c *check) {
	l := c.s.Logging
	if l.Workspace != "" && len(l.Tables) > 0 {
		c.add("logging.tables", "a shared workspace keeps its owner's tables", "remove one of tables and workspace")
	}
	seen := map[string]string{}
	for i, table := range l.Tables {
		path := at("logging.tables", i)
		c.unique(seen, path+".name", string(table.Name))
		days := table.RetentionDays
		if days == 0 {
			days = l.RetentionDays
		} else {
			c.between(path+".retentionDays", days, shortestTableRetention, longestRetention)
		}
		total := table.TotalRetentionDays
		switch {
		case total == 0:
		case total < days:
			c.add(path+".totalRetentionDays", fmt.Sprintf("%d is less than the %d days that queries reach back", total, days), "")
		case total > longestRetention && !slices.Contains(yearsKept, total):
			c.add(path+".totalRetentionDays", fmt.Sprintf("%d is neither up to %d days nor a number of years", total, longestRetention),
				fmt.Sprintf("use one of %v", yearsKept))
		}
	}
}

func checkAlerts(c *check) {
	if c.s.Alerts == nil {
		return
	}
	if len(c.s.Alerts.Emails) == 0 {
		c.add("alerts.emails", "must not be empty", "name who is notified")
	}
	seen := map[string]string{}
	for i, email := range c.s.Alerts.Emails {
		c.email(at("alerts.emails", i), email)
		c.unique(seen, at("alerts.emails", i), email)
	}
	c.between("alerts.failovers", c.s.Alerts.Failovers, 1, mostFailovers)
	c.between("alerts.throttledMinutes", c.s.Alerts.ThrottledMinutes, 1, throttledWindow)
	c.between("alerts.serverErrors", c.s.Alerts.ServerErrors, 1, mostServerErrors)
	c.between("alerts.quotaPercent", c.s.Alerts.QuotaPercent, 1, mostPercent)
	c.between("alerts.abandonedCalls", c.s.Alerts.AbandonedCalls, 1, mostAbandonedCalls)
	c.between("alerts.uncountedPercent", c.s.Alerts.UncountedPercent, 1, mostPercent)
	c.between("alerts.capacityPercent", c.s.Alerts.CapacityPercent, 1, mostPercent)
}
