package queries

import (
	"strconv"
	"strings"
)

// Team is who pays for a subscription of the gateway.
type Team struct {
	// SubscriptionID is the gateway's, such as red-standard.
	SubscriptionID string
	Team           string
	CostCentre     string
}

// Quota is what each of a product's callers may use in a period.
type Quota struct {
	Product string
	Tokens  int64
	// Period is Hourly, Daily, Weekly, Monthly or Yearly: a calendar period in UTC.
	Period string
}

// Deployment is what a backend's tokens are charged as.
type Deployment struct {
	// BackendID is the gateway's, such as sweden-gpt-5.4.
	BackendID string
	// Type is the deployment type, as in DataZoneStandard.
	Type string
	// Share is the part of Global Standard's rates that a token costs there: nothing where units are paid by the hour.
	Share float64
	// Units are the provisioned ones, UnitHourPrice what each costs by the hour; nil is not known.
	Units         int
	UnitHourPrice *float64
}

// UnitRate is what a unit besides tokens costs at a backend.
type UnitRate struct {
	BackendID, Unit string
	// Price is of one unit.
	Price float64
}

// Lookups are facts that no log has.
type Lookups struct {
	Units       []UnitRate
	Prices      []Price
	Deployments []Deployment
	Teams       []Team
	Quotas      []Quota
	// Audited are the ids of the APIs that keep messages.
	Audited []string
}

// The empty tables in the files, which are where the rows go. A file runs as it is, without them.
const (
	pricesTable      = "let Prices = datatable(Model: string, Long: bool, PromptPrice: real, CachedPrice: real, WritePrice: real, CompletionPrice: real)["
	deploymentsTable = "let Deployments = datatable(BackendId: string, DeploymentType: string, Share: real, Units: long, UnitHourPrice: real)["
	unitsTable       = "let UnitPrices = datatable(BackendId: string, Unit: string, Price: real)["
	teamsTable       = "let Teams = datatable(SubscriptionId: string, Team: string, CostCentre: string)["
	quotasTable      = "let Quotas = datatable(ProductId: string, TokenQuota: long, Period: string)["
	// auditedTable has no rows where messages are logged nowhere.
	auditedTable = "let Audited = datatable(ApiId: string)["
)

// Fill puts lookups into a query's text. Values are written as literals of their type, so that a team's name cannot become
// part of the query. A text without such tables stays as it is.
func Fill(text string, l Lookups) string {
	var prices, deployments, units, teams, quotas, audited []string
	for _, p := range l.Prices {
		prices = append(prices, p.rows()...)
	}
	for _, d := range l.Deployments {
		deployments = append(deployments, row(quote(d.BackendID), quote(d.Type), decimal(d.Share), strconv.Itoa(d.Units), known(d.UnitHourPrice)))
	}
	for _, u := range l.Units {
		units = append(units, row(quote(u.BackendID), quote(u.Unit), decimal(u.Price)))
	}
	for _, t := range l.Teams {
		teams = append(teams, row(quote(t.SubscriptionID), quote(t.Team), quote(t.CostCentre)))
	}
	for _, q := range l.Quotas {
		quotas = append(quotas, row(quote(q.Product), strconv.FormatInt(q.Tokens, 10), quote(q.Period)))
	}
	for _, id := range l.Audited {
		audited = append(audited, row(quote(id)))
	}
	return strings.NewReplacer(
		pricesTable+"]", pricesTable+strings.Join(prices, ",")+"]",
		deploymentsTable+"]", deploymentsTable+strings.Join(deployments, ",")+"]",
		unitsTable+"]", unitsTable+strings.Join(units, ",")+"]",
		teamsTable+"]", teamsTable+strings.Join(teams, ",")+"]",
		quotasTable+"]", quotasTable+strings.Join(quotas, ",")+"]",
		auditedTable+"]", auditedTable+strings.Join(audited, ",")+"]",
	).Replace(text)
}

func row(cells ...string) string { return "\n    " + strings.Join(cells, ", ") }

// decimal writes a real literal; without the point it would be a long.
func decimal(v float64) string { return "real(" + strconv.FormatFloat(v, 'f', -1, 64) + ")" }

// known writes a real literal that may be missing.
func known(v *float64) string {
	if v == nil {
		return "real(null)"
	}
	return decimal(*v)
}

// quote writes a string literal (Microsoft Learn: kusto/query/scalar-data-types/string).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
