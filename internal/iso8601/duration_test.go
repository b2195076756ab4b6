package iso8601

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDurationsAreReadAsAzureWritesThem(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT1M": time.Minute, "PT10S": 10 * time.Second, "PT1H30M": 90 * time.Minute, "P1D": 24 * time.Hour, "P1DT2H": 26 * time.Hour,
		"PT0S": 0, "P2D": 48 * time.Hour, "PT45M": 45 * time.Minute,
	} {
		got, err := Parse(text)
		assert.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestWhatIsNoDurationIsQuoted(t *testing.T) {
	for _, text := range []string{"", "1M", "P", "PT", "PTM", "P1", "soon", "P1M", "P1Y", "PT-1S", "PT1X", "P1DT", "PT1.5S", "pt1m", " PT1M", "PT1M30"} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, "not ISO 8601", text)
	}
	for _, text := range []string{"PT99999999999S", "P2000000000D"} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, "too long", text)
	}
}

func FuzzDurations(f *testing.F) {
	for _, seed := range []string{"PT1M", "P1DT2H", "P", "T", "PT1.5S", "P2000000000D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if err == nil && got < 0 {
			t.Errorf("%q is %s", text, got)
		}
	})
}
