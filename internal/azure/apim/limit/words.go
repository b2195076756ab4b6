package limit

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// WholeSeconds rounds up, so that who waits that long is not turned away again.
func WholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// TimeSpan writes a duration as .NET does: [d.]hh:mm:ss.
func TimeSpan(d time.Duration) string {
	s := int(math.Ceil(d.Seconds()))
	days := ""
	if s >= 86400 {
		days = fmt.Sprintf("%02d.", s/86400)
	}
	return fmt.Sprintf("%s%02d:%02d:%02d", days, s/3600%24, s/60%60, s%60)
}

// InWords writes a duration as the token quota's message does.
func InWords(d time.Duration) string {
	s := WholeSeconds(d)
	var parts []string
	for _, u := range []struct {
		n    int
		name string
	}{{s / 86400, "day"}, {s / 3600 % 24, "hour"}, {s / 60 % 60, "minute"}, {s % 60, "second"}} {
		switch {
		case u.n == 1:
			parts = append(parts, "1 "+u.name)
		case u.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", u.n, u.name))
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
