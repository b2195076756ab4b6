// Package iso8601 reads the durations of Azure's APIs.
package iso8601

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// form is the part of ISO 8601 that Azure's services take: whole days, hours, minutes and seconds. Months and years have no length,
// and libraries that read them would accept what Azure refuses.
var form = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// units are those of the form's groups.
var units = []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}

// Parse reads a duration such as PT1M, PT1H30M or P2D. The error quotes the text.
func Parse(text string) (time.Duration, error) {
	groups := form.FindStringSubmatch(text)
	if groups == nil || text[len(text)-1] == 'P' || text[len(text)-1] == 'T' {
		return 0, fmt.Errorf("duration %q is not ISO 8601, such as PT1M", text)
	}
	var total time.Duration
	for i, unit := range units {
		if groups[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(groups[i+1], 10, 32)
		if err != nil {
			return 0, fmt.Errorf("duration %q is too long", text)
		}
		total += time.Duration(n) * unit
		if total < 0 {
			return 0, fmt.Errorf("duration %q is too long", text)
		}
	}
	return total, nil
}
