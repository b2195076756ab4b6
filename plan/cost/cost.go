// Package cost says what a plan costs in a month: from the resources that are declared, the price list beside the queries, and calls
// that are assumed. What has no price is listed, never guessed.
//
//	cost.go       the report, and how lines are added to it
//	types.go      what each type of resource costs: a meter, nothing, or unknown (types.yaml)
//	declared.go   the plan's resources, those of templates included
//	meters.go     the types that are paid by the hour or month
//	models.go     provisioned units and tokens
//	logs.go       rows of the workspace and events of the hub
//	traffic.go    the calls that are assumed (traffic.yaml), and files that say otherwise
//	decode.go     how such a file is read
//	difference.go what costs more or less in another plan
//	print.go      the report as text
package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/plan"
	"enterprise-openai/queries"
)

// HoursPerMonth is a month as Azure's price calculator has it.
const HoursPerMonth = 730

// daysPerMonth are the same hours in days.
const daysPerMonth = HoursPerMonth / 24.0

// staleAfterMonths is the age of a price above which a report warns.
const staleAfterMonths = 6

// Kind is when something is paid.
type Kind string

// The kinds.
const (
	// Fixed is paid whether anybody calls or not.
	Fixed Kind = "fixed"
	// Use is paid by what the assumed calls use.
	Use Kind = "use"
)

// Report is what a plan costs in a month.
type Report struct {
	Version int    `json:"version"`
	Stack   string `json:"stack"`
	// Date is the day of the calculation.
	Date     string `json:"date"`
	Currency string `json:"currency"`
	Hours    int    `json:"hours"`
	Fixed    Money  `json:"fixed"`
	Use      Money  `json:"use"`
	Total    Money  `json:"total"`
	// Components are the sums of the plan's components, the dearest first.
	Components []Sum     `json:"components"`
	Lines      []Line    `json:"lines"`
	Unknown    []Unknown `json:"unknown"`
	Free       []Free    `json:"free"`
	Assumed    Assumed   `json:"assumed"`
	// Prices are where and when the prices of the lines were read.
	Prices   []Source `json:"prices"`
	Warnings []string `json:"warnings"`
}

// Money is an amount in the report's currency.
type Money float64

// Sum is what a component costs.
type Sum struct {
	Component string `json:"component"`
	Fixed     Money  `json:"fixed"`
	Use       Money  `json:"use"`
}

// Line is one meter of one component.
type Line struct {
	Component string  `json:"component"`
	Meter     string  `json:"meter"`
	Kind      Kind    `json:"kind"`
	Quantity  float64 `json:"quantity"`
	Per       string  `json:"per"`
	Price     float64 `json:"price"`
	Month     Money   `json:"month"`
	// Region is the one that the price is of; empty where a price has none.
	Region     string `json:"region"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

// Unknown is what costs something that nobody can say from here.
type Unknown struct {
	Component string `json:"component"`
	What      string `json:"what"`
	Why       string `json:"why"`
}

// Free are the resources of a type that cost nothing.
type Free struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
	Why   string `json:"why"`
}

// Source is where prices were read.
type Source struct {
	Name       string `json:"name"`
	Page       string `json:"page"`
	Date       string `json:"date"`
	Confidence string `json:"confidence"`
	Note       string `json:"note"`
}

// Of prices the resources of a stack's plan. Now is what the age of prices is measured against.
func Of(stack string, resources []plan.Resource, traffic *Traffic, now time.Time) (Report, error) {
	prices, err := queries.Prices()
	if err != nil {
		return Report{}, fmt.Errorf("prices: %w", err)
	}
	rows, err := Types()
	if err != nil {
		return Report{}, err
	}
	declared := declare(resources, rows)
	assumed, err := traffic.assume(declared)
	if err != nil {
		return Report{}, err
	}
	s := &sheet{prices: prices, declared: declared, assumed: assumed, report: Report{
		Version: 1, Stack: stack, Date: now.Format(time.DateOnly), Currency: prices.Currency, Hours: HoursPerMonth, Assumed: assumed,
		Components: []Sum{}, Lines: []Line{}, Unknown: []Unknown{}, Free: []Free{}, Prices: []Source{}, Warnings: []string{},
	}}
	for _, r := range declared.all {
		s.price(r)
	}
	s.tokens()
	s.shared()
	s.finish(now)
	return s.report, nil
}

// sheet is a report that is being written.
type sheet struct {
	prices   queries.PriceList
	declared *declared
	assumed  Assumed
	report   Report
}

// price adds what one resource costs.
func (s *sheet) price(r resource) {
	switch {
	case !r.known:
		s.unknown(r.component, r.kind, "the type has no row in plan/cost/types.yaml")
	case r.row.Free != "":
		s.free(r.row)
	case r.row.Unknown != "":
		s.unknown(r.component, r.kind, r.row.Unknown)
	default:
		meters[r.row.Priced](s, r)
	}
}

// charge adds a quantity by a meter of the price list.
func (s *sheet) charge(component string, kind Kind, meter, region string, quantity float64) {
	if quantity == 0 {
		return
	}
	m, listed := s.prices.Meter(meter)
	price, known := m.In(region)
	if !known {
		why := m.Unknown
		if !listed {
			why = "queries/prices.json has no such meter"
		}
		s.unknown(component, meter, why)
		return
	}
	s.add(Line{
		Component: component, Meter: meter, Kind: kind, Quantity: quantity, Per: m.Per,
		Price: price.Price, Region: price.Region, Source: price.Source,
	})
}

// add writes a line, or adds to the one that is the same but for its quantity.
func (s *sheet) add(l Line) {
	l.Confidence = s.prices.Sources[l.Source].Confidence
	same := func(o Line) bool {
		o.Quantity, o.Month = l.Quantity, l.Month
		return o == l
	}
	if i := slices.IndexFunc(s.report.Lines, same); i >= 0 {
		s.report.Lines[i].Quantity += l.Quantity
		return
	}
	s.report.Lines = append(s.report.Lines, l)
}

func (s *sheet) unknown(component, what, why string) {
	u := Unknown{component, what, why}
	if !slices.Contains(s.report.Unknown, u) {
		s.report.Unknown = append(s.report.Unknown, u)
	}
}

func (s *sheet) free(row Type) {
	i := slices.IndexFunc(s.report.Free, func(f Free) bool { return f.Type == row.Type })
	if i < 0 {
		s.report.Free = append(s.report.Free, Free{row.Type, 0, row.Free})
		i = len(s.report.Free) - 1
	}
	s.report.Free[i].Count++
}

// finish adds up and says how old the prices are.
func (s *sheet) finish(now time.Time) {
	r := &s.report
	sums := map[string]*Sum{}
	used := map[string]bool{}
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Month = Money(l.Quantity * l.Price)
		used[l.Source] = true
		sum := sums[l.Component]
		if sum == nil {
			sum = &Sum{Component: l.Component}
			sums[l.Component] = sum
		}
		if l.Kind == Fixed {
			sum.Fixed += l.Month
			r.Fixed += l.Month
		} else {
			sum.Use += l.Month
			r.Use += l.Month
		}
	}
	r.Total = r.Fixed + r.Use
	for _, sum := range sums {
		r.Components = append(r.Components, *sum)
	}
	slices.SortFunc(r.Components, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(b.Fixed+b.Use, a.Fixed+a.Use), cmp.Compare(a.Component, b.Component))
	})
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		place := func(l Line) int {
			return slices.IndexFunc(r.Components, func(s Sum) bool { return s.Component == l.Component })
		}
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(b.Month, a.Month))
	})
	slices.SortStableFunc(r.Free, func(a, b Free) int { return cmp.Compare(a.Type, b.Type) })
	for name := range used {
		from := s.prices.Sources[name]
		r.Prices = append(r.Prices, Source{name, from.Page, from.Date, from.Confidence, from.Note})
	}
	slices.SortFunc(r.Prices, func(a, b Source) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Name, b.Name)) })
	r.Warnings = append(r.Warnings, stale(r.Prices, now)...)
}

// stale warns of prices that are older than half a year. Days of the form 2006-01-02 are ordered as their texts are.
func stale(prices []Source, now time.Time) []string {
	limit := now.AddDate(0, -staleAfterMonths, 0).Format(time.DateOnly)
	var old []string
	for _, p := range prices {
		if p.Date < limit {
			old = append(old, fmt.Sprintf("%s (%s)", p.Name, p.Date))
		}
	}
	if len(old) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("prices older than %d months: %s; compare them with https://azure.microsoft.com/pricing and renew queries/prices.json",
		staleAfterMonths, strings.Join(old, ", "))}
}
