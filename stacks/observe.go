package stacks

import (
	"fmt"
	"slices"

	"enterprise-openai/infra"
	"enterprise-openai/policies"
	"enterprise-openai/queries"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// declareAnswers declares the queries that run on the logs. A shared workspace is left as its owner has it: saved searches would be
// inside it.
func declareAnswers(ctx *pulumi.Context, s Settings, site infra.Site, g *base, gateway *infra.Gateway) error {
	lookups, err := s.Lookups()
	if err != nil {
		return err
	}
	if s.Logging.Workspace == "" {
		_, err = infra.NewSavedSearches(ctx, "searches", &infra.SavedSearchesArgs{
			Site: site, WorkspaceName: g.monitoring.WorkspaceName, Queries: filled(queries.All(), lookups),
		})
		if err != nil {
			return fmt.Errorf("saved searches: %w", err)
		}
	}
	if len(s.Logging.Tables) > 0 {
		_, err = infra.NewTables(ctx, "tables", &infra.TablesArgs{
			Site: site, WorkspaceName: g.monitoring.WorkspaceName, Plans: s.tablePlans(), Service: gateway.Service,
		})
		if err != nil {
			return fmt.Errorf("tables: %w", err)
		}
	}
	_, err = infra.NewWorkbook(ctx, "workbook", &infra.WorkbookArgs{Site: site, WorkspaceID: g.monitoring.WorkspaceID, Book: s.workbook(lookups)})
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if s.Alerts != nil {
		rules, err := s.rulePlans(queries.Alerts(), lookups)
		if err != nil {
			return err
		}
		_, err = infra.NewAlerts(ctx, "alerts", &infra.AlertsArgs{
			Site: site, WorkspaceID: g.monitoring.WorkspaceID, ServiceID: gateway.Service.ID,
			Emails: s.Alerts.Emails, Rules: rules, Metrics: s.metricPlans(),
		})
		if err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
	}
	return nil
}

func (s Settings) tablePlans() []infra.TablePlan {
	var plans []infra.TablePlan
	for _, t := range s.Logging.Tables {
		plans = append(plans, infra.TablePlan{Name: string(t.Name), RetentionDays: t.RetentionDays, TotalRetentionDays: t.TotalRetentionDays})
	}
	return plans
}

// workbook has a picker of the models that are deployed.
func (s Settings) workbook(l queries.Lookups) queries.Workbook {
	w := queries.Workbook{Title: "Enterprise OpenAI", Messages: s.Logging.Messages, Bodies: s.logsAllBodies(), Lookups: l}
	for _, account := range s.Accounts {
		for _, d := range account.Deployments {
			if !slices.Contains(w.Models, d.Model) {
				w.Models = append(w.Models, d.Model)
			}
		}
	}
	return w
}

func filled(all []queries.Query, l queries.Lookups) []queries.Query {
	for i := range all {
		all[i].Text = queries.Fill(all[i].Text, l)
	}
	return all
}

// Lookups are facts of the settings that no log has: who pays for a subscription, what a product's callers may use, and what
// models cost.
func (s Settings) Lookups() (queries.Lookups, error) {
	prices, err := queries.Prices()
	if err != nil {
		return queries.Lookups{}, err
	}
	l := queries.Lookups{Prices: prices.Models, Deployments: s.charged(prices), Units: s.chargedUnits(prices)}
	for _, team := range s.Teams {
		for _, product := range team.Products {
			l.Teams = append(l.Teams, queries.Team{
				SubscriptionID: infra.SubscriptionID(team.Name, product), Team: team.Name, CostCentre: team.CostCentre,
			})
		}
	}
	for _, product := range s.Products {
		l.Quotas = append(l.Quotas, queries.Quota{Product: product.Name, Tokens: int64(product.TokenQuota.Tokens), Period: string(product.TokenQuota.Period)})
	}
	for _, api := range s.apis() {
		if api.class.messages {
			l.Audited = append(l.Audited, api.id())
		}
	}
	return l, nil
}

// charged are the prices of each backend's tokens. A type without a price has no row: the queries then report that its tokens have none.
func (s Settings) charged(prices queries.PriceList) []queries.Deployment {
	var all []queries.Deployment
	for _, pool := range s.Pools() {
		for _, member := range pool.Members {
			for _, d := range member.Account.Deployments {
				t, known := prices.Type(string(d.SKU))
				if !known || d.Name != pool.Deployment {
					continue
				}
				charged := queries.Deployment{BackendID: policies.BackendID(member.Account.Name, d.Name), Type: string(d.SKU), Share: t.Share}
				if t.Hourly {
					charged.Units, charged.UnitHourPrice = d.Capacity, t.PerUnitHour
				}
				all = append(all, charged)
			}
		}
	}
	return all
}

// chargedUnits are the prices of each backend's images and characters.
func (s Settings) chargedUnits(prices queries.PriceList) []queries.UnitRate {
	var all []queries.UnitRate
	for _, account := range s.Accounts {
		for _, d := range account.Deployments {
			for _, u := range prices.Units {
				if u.Model == d.Model {
					all = append(all, queries.UnitRate{BackendID: policies.BackendID(account.Name, d.Name), Unit: u.Unit, Price: u.Price / u.PerUnits})
				}
			}
		}
	}
	return all
}
