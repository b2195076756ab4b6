package dataplane

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBreakerTimesAreReadAsARMWritesThem(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "PT1M": time.Minute, "PT10S": 10 * time.Second, "PT1H30M": 90 * time.Minute, "P1D": 24 * time.Hour, "P1DT2H": 26 * time.Hour,
	} {
		got, err := isoDuration(text)
		assert.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"1M", "P", "PT", "PTM", "P1", "soon", "P1M", "PT-1S", "PT1X"} {
		_, err := isoDuration(text)
		assert.ErrorContains(t, err, "not ISO 8601", text)
	}
}

func FuzzBreakerTimes(f *testing.F) {
	for _, seed := range []string{"PT1M", "P1DT2H", "P", "T", "PT1.5S"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := isoDuration(text)
		if err == nil && got < 0 {
			t.Errorf("%q is %s", text, got)
		}
	})
}
