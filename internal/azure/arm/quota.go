package arm

import (
	"net/http"
	"strings"
)

// Quota is how much of a model a subscription may deploy in a region, in thousands of tokens per minute; ok=false when nobody knows.
// It fits Options.Quota.
type Quota func(location, sku, model string) (thousands float64, ok bool)

// EnterpriseQuota is that of a subscription under an enterprise agreement (MicrosoftDocs/azure-ai-docs:
// ai-services/openai/quotas-limits, 2024-11-11). Other offers get far less: a default subscription 150 for gpt-4o Standard.
// Models that the page does not list have no known limit.
func EnterpriseQuota(_, sku, model string) (float64, bool) {
	limit, ok := enterpriseQuotas[sku][strings.ToLower(model)]
	return limit, ok
}

var enterpriseQuotas = map[string]map[string]float64{
	"Standard":         {"gpt-4o": 1_000, "gpt-4o-mini": 2_000, "o1-preview": 600, "o1-mini": 1_000},
	"DataZoneStandard": {"gpt-4o": 10_000, "gpt-4o-mini": 20_000},
	"GlobalStandard":   {"gpt-4o": 30_000, "gpt-4o-mini": 50_000, "o1-preview": 30_000, "o1-mini": 50_000, "gpt-4": 2_000},
}

// mostAccounts is how many Azure OpenAI accounts a subscription may have in a region (the same page).
const mostAccounts = 30

// checkQuota adds up what the subscription has deployed of a model and deployment type in a region.
func checkQuota(w *write) {
	account, _ := w.id.Parent()
	home := w.s.find(account.text) // its place was checked
	location, sku, model := text(home.Body, "location"), text(w.body, "sku", "name"), text(w.props, "model", "name")
	limit, known := w.s.quota(location, sku, model)
	if !known {
		return
	}
	left := limit
	for _, d := range w.s.ofType(deploymentType, "") {
		above, _ := d.id().Parent()
		other := w.s.find(above.text)
		if strings.EqualFold(d.ID, w.id.text) || other == nil || !sameRegion(text(other.Body, "location"), location) {
			continue
		}
		if text(d.Body, "sku", "name") == sku && strings.EqualFold(text(d.props(), "model", "name"), model) {
			left -= number(object(d.Body, "sku")["capacity"])
		}
	}
	if asked := number(object(w.body, "sku")["capacity"]); asked > left {
		w.refuse(refusal(http.StatusBadRequest, "InsufficientQuota", "The specified capacity '%v' of account deployment is bigger than available capacity '%v' for UsageName 'Tokens Per Minute (thousands) - %s'.", asked, max(left, 0), model))
	}
}

func (s *Server) quota(location, sku, model string) (float64, bool) {
	if s.options.Quota != nil {
		return s.options.Quota(location, sku, model)
	}
	return EnterpriseQuota(location, sku, model)
}

// checkAccountCount [M: code and text].
func checkAccountCount(w *write) {
	if w.prev != nil {
		return
	}
	location, count := text(w.body, "location"), 0
	for _, a := range w.s.ofType(accountType, "") {
		if sameRegion(text(a.Body, "location"), location) {
			count++
		}
	}
	if count >= mostAccounts {
		w.refuse(refusal(http.StatusBadRequest, "InsufficientQuota", "The subscription has %d Azure OpenAI accounts in %s already, which is all that is allowed.", count, location))
	}
}
