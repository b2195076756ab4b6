package queries

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

//go:embed prices.json
var pricesFile []byte

// Price is what a million tokens of a model cost.
type Price struct {
	Model      string  `json:"model"`
	Prompt     float64 `json:"prompt"`
	Completion float64 `json:"completion"`
}

// PriceList is prices with their date and source, so that a sum of money can say what it rests on.
type PriceList struct {
	Date     string  `json:"date"`
	Source   string  `json:"source"`
	Note     string  `json:"note"`
	Currency string  `json:"currency"`
	Tokens   int     `json:"tokens"`
	Models   []Price `json:"models"`
}

// Prices gives the list that is kept beside the queries.
func Prices() (PriceList, error) {
	var list PriceList
	if err := json.Unmarshal(pricesFile, &list); err != nil {
		return PriceList{}, fmt.Errorf("prices.json: %w", err)
	}
	return list, nil
}

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

// Lookups are facts that no log has.
type Lookups struct {
	Prices []Price
	Teams  []Team
	Quotas []Quota
	// Audited are the ids of the APIs that keep messages.
	Audited []string
}

// The empty tables in the files, which are where the rows go. A file runs as it is, without them.
const (
	pricesTable = "let Prices = datatable(Model: string, PromptPrice: real, CompletionPrice: real)["
	teamsTable  = "let Teams = datatable(SubscriptionId: string, Team: string, CostCentre: string)["
	quotasTable = "let Quotas = datatable(ProductId: string, TokenQuota: long, Period: string)["
	// auditedTable has no rows where messages are kept nowhere.
	auditedTable = "let Audited = datatable(ApiId: string)["
)

// Fill puts lookups into a query's text. Values are written as literals of their type, so that a team's name cannot become
// part of the query. A text without such tables stays as it is.
func Fill(text string, l Lookups) string {
	var prices, teams, quotas, audited []string
	for _, p := range l.Prices {
		prices = append(prices, row(quote(p.Model), decimal(p.Prompt), decimal(p.Completion)))
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
		teamsTable+"]", teamsTable+strings.Join(teams, ",")+"]",
		quotasTable+"]", quotasTable+strings.Join(quotas, ",")+"]",
		auditedTable+"]", auditedTable+strings.Join(audited, ",")+"]",
	).Replace(text)
}

func row(cells ...string) string { return "\n    " + strings.Join(cells, ", ") }

// decimal writes a real literal; without the point it would be a long.
func decimal(v float64) string { return "real(" + strconv.FormatFloat(v, 'f', -1, 64) + ")" }

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
