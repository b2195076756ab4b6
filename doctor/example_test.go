package doctor_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"enterprise-openai/doctor"
)

// What would go wrong with an environment of the checkout on a given day.
func Example() {
	today := time.Date(2026, time.November, 29, 0, 0, 0, 0, time.UTC)
	environment, err := doctor.Load(context.Background(), "..", "dev", []string{"prod"}, today)
	if err != nil {
		log.Fatal(err)
	}
	report := doctor.Examine(environment)
	for _, f := range report.Findings {
		if f.Severity == doctor.Error {
			fmt.Println(f.Check, f.Settings[0].Path)
		}
	}
	// Output: example-groups products[1].groups[0].objectId
}
