package doctor

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/problem"
)

func TestWhatAzureSaysReplacesWhatTheTablesGuess(t *testing.T) {
	r := Report{
		Findings: []Finding{
			{Check: "region", Severity: Warning, Settings: []Place{{"a.sku", problem.Place{File: "f", Line: 1}}, {"b.sku", problem.Place{File: "f", Line: 2}}}, Message: "not offered"},
			{Check: "retirement", Severity: Error, Settings: []Place{{"a.version", problem.Place{File: "f", Line: 3}}}, Message: "retired"},
			{Check: "sla", Severity: Advice, Settings: []Place{{"a.sku", problem.Place{File: "f", Line: 4}}}, Message: "none"},
		},
		Quota:      []Need{{Region: "swedencentral"}},
		NotChecked: []string{onlyAzureKnows, "Networks."},
	}
	used := 3
	answer := Answer{
		Subscription: "id", NotChecked: []string{"Names."}, Quota: []Need{{Region: "swedencentral", Used: &used}},
		Findings: []Finding{{Check: "azure-models", Severity: Error, Settings: []Place{{"c.sku", problem.Place{File: "f", Line: 5}}}, Message: "no such model"}},
	}
	answer.Settle("region", "a.sku")
	answer.Settle("retirement", "a.version")
	r = r.With(answer)
	assert.Equal(t, []Finding{
		{Check: "azure-models", Severity: Error, Settings: []Place{{"c.sku", problem.Place{File: "f", Line: 5}}}, Message: "no such model"},
		{Check: "region", Severity: Warning, Settings: []Place{{"b.sku", problem.Place{File: "f", Line: 2}}}, Message: "not offered"},
		{Check: "sla", Severity: Advice, Settings: []Place{{"a.sku", problem.Place{File: "f", Line: 4}}}, Message: "none"},
	}, r.Findings)
	assert.Equal(t, []string{"Names.", "Networks."}, r.NotChecked)
	assert.Equal(t, answer.Quota, r.Quota)
	assert.Equal(t, "id", r.Subscription)
}

func TestAnAnswerWithoutQuotaLeavesTheNeedsAlone(t *testing.T) {
	r := Report{Quota: []Need{{Region: "swedencentral"}}}
	assert.Equal(t, r.Quota, r.With(Answer{}).Quota)
}
