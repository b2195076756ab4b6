package doctor

import (
	"fmt"
	"slices"

	"enterprise-openai/queries"
)

var logChecks = []Check{
	{
		ID: "daily-cap", Settings: "logging.dailyCapGb",
		Looks:  "A cap on the workspace: above it, rows about who sent which prompt are lost until the next day (warning in production or when the promises exceed it, else advice)",
		Source: "Microsoft Learn: azure-monitor/logs/daily-cap", Confidence: Documented,
		run: checkDailyCap,
	},
	{
		ID: "retention", Settings: "logging.retentionDays",
		Looks:  "Days of retention that are paid for on top, and what they keep (advice)",
		Source: "Microsoft Learn: azure-monitor/logs/data-retention-configure, 31 days are in the price of ingestion", Confidence: Documented,
		run: checkRetention,
	},
	{
		ID: "bodies", Settings: "logging.bodies, products[].bodies",
		Looks:  "Logged bodies: streams arrive in groups of events, texts above 8,192 bytes are cut, entries above 32 KB lose all of them (advice)",
		Source: "Microsoft Learn: api-management/api-management-howto-use-azure-monitor; API Management release notes, March 2026", Confidence: Documented,
		run: checkBodies,
	},
	{
		ID: "shared-workspace", Settings: "logging.workspace",
		Looks:  "A shared workspace: its owner decides about retention and readers (advice)",
		Source: "infra/monitoring.go", Confidence: Derived,
		run: checkSharedWorkspace,
	},
	{
		ID: "prices", Settings: "accounts[].deployments[].model",
		Looks:  "A model without a price: cost queries show its tokens as unpriced (advice)",
		Source: "queries/prices.json", Confidence: Derived,
		run: checkPrices,
	},
}

const (
	// bytesPerToken is a rule of thumb for English, [M] unverified; it only serves a guess of a day's volume.
	bytesPerToken = 4
	minutesPerDay = 24 * 60
)

// loggedGigabytes is a guess of what a day writes when every team uses all that it is promised. It counts text only.
func loggedGigabytes(e *Environment) float64 {
	if !e.Settings.Logging.Messages {
		return 0
	}
	tokens := 0.0
	for _, p := range e.Settings.Products {
		if p.Privacy.KeepsText() {
			tokens += float64(e.teams(p.Name) * p.TokensPerMinute)
		}
	}
	return tokens * minutesPerDay * bytesPerToken / 1e9
}

func checkDailyCap(x *examination) {
	limit := x.Settings.Logging.DailyCapGB
	if limit <= 0 || x.Settings.Logging.Workspace != "" {
		return
	}
	severity, guess := x.orAdvice(), loggedGigabytes(x.Environment)
	message := fmt.Sprintf("above %g GB a day the workspace takes no rows until its daily reset: who sent which prompt in that time is lost, chargeback is short, alerts are blind", limit)
	if guess > limit {
		severity = Warning
		message += fmt.Sprintf("; teams that use all they are promised write about %.1f GB of text", guess)
	}
	x.find(severity, message, "use 0 for no cap where the log is evidence, and watch the cost with a budget", "logging.dailyCapGb")
}

// included is the retention that the price of ingestion includes.
const included = 31

func checkRetention(x *examination) {
	l := x.Settings.Logging
	if l.Workspace != "" || l.RetentionDays <= included {
		return
	}
	message := fmt.Sprintf("%d days: the first %d are in the price of ingestion, each GB is paid for in the other %d", l.RetentionDays, included, l.RetentionDays-included)
	keeps := slices.ContainsFunc(x.Settings.Products, func(p product) bool { return p.Privacy.KeepsText() })
	if l.Messages && keeps {
		message += "; prompts and answers are personal data for as long"
	}
	x.find(Advice, message, "keep no longer than your rules on evidence and privacy ask for", "logging.retentionDays")
}

func checkBodies(x *examination) {
	for i, p := range x.Settings.Products {
		if !x.Settings.LogsAnswers(p) {
			continue
		}
		path := "logging.bodies"
		if p.Bodies != "" {
			path = fmt.Sprintf("products[%d].bodies", i)
		}
		x.find(Advice, p.Name+": logging the bodies of answers delivers streams in groups of up to 8 events, cuts each body at 8,192 bytes, and loses all bodies of an entry above 32 KB",
			"use requests or none, and logging.messages, unless a query needs the answers' bodies", path)
	}
}

func checkSharedWorkspace(x *examination) {
	if x.Settings.Logging.Workspace != "" {
		x.find(Advice, "a shared workspace keeps its own retention, whatever retentionDays is, and its readers see prompts and answers",
			"agree with its owner on both", "logging.workspace")
	}
}

func checkPrices(x *examination) {
	list, err := queries.Prices()
	if err != nil {
		x.find(Warning, err.Error(), "mend the file", "")
		return
	}
	reported := map[string]bool{}
	for _, p := range list.Models {
		reported[p.Model] = true
	}
	for i, account := range x.Settings.Accounts {
		for j, d := range account.Deployments {
			if reported[d.Model] {
				continue
			}
			reported[d.Model] = true
			x.find(Advice, fmt.Sprintf("no price of %s is known: queries count its tokens as unpriced, and costs are too low by them", d.Model),
				"add it to queries/prices.json", fmt.Sprintf("accounts[%d].deployments[%d].model", i, j))
		}
	}
}
