package queries_test

import (
	"fmt"
	"log"
	"strings"

	"enterprise-openai/queries"
)

// A query is deployed with what no log has: here, the quota of a product.
func ExampleFill() {
	query, err := queries.Find("quota-burn-down")
	if err != nil {
		log.Fatal(err)
	}
	text := queries.Fill(query.Text, queries.Lookups{Quotas: []queries.Quota{{Product: "standard", Tokens: 50_000, Period: "Daily"}}})
	_, table, _ := strings.Cut(text, "let Quotas = ")
	table, _, _ = strings.Cut(table, ";")
	fmt.Println(table)
	// Output:
	// datatable(ProductId: string, TokenQuota: long, Period: string)[
	//     "standard", 50000, "Daily"]
}

// Every alert is a query with the time between two runs and what one run looks at.
func ExampleFindAlert() {
	alert, err := queries.FindAlert("throttling")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: every %s, over %s\n", alert.Title, alert.Every, alert.Window)
	// Output: Calls are refused for minutes: every PT5M, over PT15M
}
