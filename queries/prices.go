package queries

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed prices.json
var pricesFile []byte

// Rates are what a million tokens of each kind cost. A kind without a rate of its own is charged as any other token of a prompt.
type Rates struct {
	Prompt float64 `json:"prompt"`
	// Cached are tokens of a prompt that the account had already, Write those that it stores for the next time.
	Cached *float64 `json:"cached"`
	Write  *float64 `json:"write"`
	// Completion includes what a model thought and did not say.
	Completion float64 `json:"completion"`
}

// Price is what a model costs as Global Standard.
type Price struct {
	Model string `json:"model"`
	Rates
	// Long are the rates of calls with a prompt above LongPrompt tokens; nil is the same.
	Long   *Rates `json:"long"`
	Source string `json:"source"`
}

// LongPrompt is the prompt, in tokens, above which a call is charged at the rates for long ones, the answer included.
const LongPrompt = 272_000

// TypePrice is what a deployment type makes of a model's rates.
type TypePrice struct {
	Type string `json:"type"`
	// Share is the part of Global Standard's rates that a token costs; tokens of an hourly type cost nothing.
	Share  float64 `json:"share"`
	Hourly bool    `json:"hourly"`
	// PerUnitHour is what a provisioned unit costs by the hour; nil is not known.
	PerUnitHour *float64 `json:"perUnitHour"`
	Source      string   `json:"source"`
}

// UnitPrice is what a model costs by another unit than tokens.
type UnitPrice struct {
	Model string `json:"model"`
	// Unit is images or speechCharacters, as the gateway counts them.
	Unit string `json:"unit"`
	// Price is of so many units as PerUnits says.
	Price    float64 `json:"price"`
	PerUnits float64 `json:"perUnits"`
	Source   string  `json:"source"`
}

// PriceSource is where rows were read, and when.
type PriceSource struct {
	Page string `json:"page"`
	Date string `json:"date"`
	// Confidence is D for Microsoft's documentation, 3P for second hand, M for unverified.
	Confidence string `json:"confidence"`
	Note       string `json:"note"`
}

// PriceList is prices with their date and source, so that a sum of money can say what it rests on.
type PriceList struct {
	Currency string                 `json:"currency"`
	Tokens   int                    `json:"tokens"`
	Note     string                 `json:"note"`
	Sources  map[string]PriceSource `json:"sources"`
	Types    []TypePrice            `json:"types"`
	Models   []Price                `json:"models"`
	Meters   []Meter                `json:"meters"`
	Units    []UnitPrice            `json:"units"`
}

// Prices gives the list that is beside the queries.
func Prices() (PriceList, error) {
	var list PriceList
	if err := json.Unmarshal(pricesFile, &list); err != nil {
		return PriceList{}, fmt.Errorf("prices.json: %w", err)
	}
	return list, nil
}

// Type gives the price of a deployment type, and false when the list does not have it.
func (l PriceList) Type(name string) (TypePrice, bool) {
	for _, t := range l.Types {
		if t.Type == name {
			return t, true
		}
	}
	return TypePrice{}, false
}

// priceRows are a model's rows: one for calls of the usual length, one for longer ones.
func (p Price) rows() []string {
	long := p.Rates
	if p.Long != nil {
		long = *p.Long
	}
	return []string{p.row("false", p.Rates), p.row("true", long)}
}

func (p Price) row(isLong string, r Rates) string {
	return row(quote(p.Model), isLong, decimal(r.Prompt), orPrompt(r.Cached, r), orPrompt(r.Write, r), decimal(r.Completion))
}

func orPrompt(rate *float64, r Rates) string {
	if rate == nil {
		return decimal(r.Prompt)
	}
	return decimal(*rate)
}
