package accounts

import "time"

// Compose exposes the answer to a prompt.
func Compose(model, prompt string, limit int) string { return compose(model, prompt, limit).text() }

// Sample exposes the value of a schema.
func Sample(schema string) (string, error) {
	parsed, err := parseJSON([]byte(schema))
	if err != nil {
		return "", err
	}
	return sample(parsed)
}

// Meter exposes the admission of a pay-as-you-go deployment.
type Meter struct{ meter meter }

// Admit reports whether a call passes, and how long it must wait otherwise.
func (m *Meter) Admit(now time.Time, d Deployment, estimate int) (bool, time.Duration) {
	v := m.meter.admit(now, d, estimate)
	return v.limit == "", v.wait
}

// Tank exposes the admission of a provisioned deployment.
type Tank struct{ tank tank }

// Admit reports how long a call must wait, 0 when it passes.
func (t *Tank) Admit(now time.Time, units int, estimate float64) time.Duration {
	return t.tank.admit(now, units, estimate)
}
