package queries

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed alerts/*.kql
var alertFiles embed.FS

// ValueColumn is what an alert's query measures, one number per row; the rule compares it with a threshold.
const ValueColumn = "Value"

// Alert is a query that Azure runs on a schedule. Its header also has Severity, Every, Window, LooksBack and Dimensions.
type Alert struct {
	Query
	// Severity is 0, critical, to 4, verbose.
	Severity int
	// Every is how often it runs, Window the time it looks at, both ISO 8601 durations.
	Every, Window string
	// LooksBack is how much of the logs the query sees, where that is more than Window; two days at most.
	LooksBack string
	// Dimensions are the columns that distinguish one alert from another.
	Dimensions []string
}

// Alerts gives every alert, in the order of their names.
func Alerts() []Alert {
	found := read(alertFiles, "alerts/*.kql")
	out := make([]Alert, 0, len(found))
	for _, q := range found {
		q.Name = strings.TrimPrefix(q.Name, "alerts/")
		a := Alert{Query: q, Severity: -1}
		for key, value := range header(q.Text) {
			switch key {
			case "Severity":
				if n, err := strconv.Atoi(value); err == nil {
					a.Severity = n
				}
			case "Every":
				a.Every = value
			case "Window":
				a.Window = value
			case "LooksBack":
				a.LooksBack = value
			case "Dimensions":
				a.Dimensions = strings.Split(value, ", ")
			}
		}
		out = append(out, a)
	}
	return out
}

// FindAlert gives the alert of a name.
func FindAlert(name string) (Alert, error) {
	var known []string
	for _, a := range Alerts() {
		if a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return Alert{}, fmt.Errorf("no alert %q; there are %s", name, strings.Join(known, ", "))
}
