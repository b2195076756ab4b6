package arm

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/resourcetypes"
)

// RoleSpread is how long a role assignment takes to reach the service that asks for it: up to ten minutes (Microsoft Learn:
// role-based-access-control/troubleshooting); calls are answered 401 PermissionDenied until then. The typical value [M].
const RoleSpread = 5 * time.Minute

// TypicalDuration is how long Azure typically takes for an operation. It fits Options.Duration. A type without a row is over at once.
func TypicalDuration(armType, method string, body map[string]any) time.Duration {
	row, _ := resourcetypes.Of(armType)
	d := row.Duration
	for tier, other := range d.Tiers {
		if strings.EqualFold(tier, text(body, "sku", "name")) {
			d = other
		}
	}
	if method == http.MethodDelete {
		return d.Delete
	}
	return d.Put
}

// TypeDuration is how long operations on a type take.
type TypeDuration struct {
	// Type is an ARM type; for API Management services with the tier.
	Type string
	// Put is for creating and updating.
	Put, Delete time.Duration
}

// Durations lists what TypicalDuration knows and is not over at once, ordered by type.
func Durations() []TypeDuration {
	var out []TypeDuration
	for _, row := range resourcetypes.All() {
		name := row.Type
		if len(row.Duration.Tiers) > 0 {
			name += " (classic tiers)"
		}
		for tier, d := range row.Duration.Tiers {
			out = append(out, TypeDuration{row.Type + " (" + tier + ")", d.Put, d.Delete})
		}
		if row.Duration.Put > 0 || row.Duration.Delete > 0 {
			out = append(out, TypeDuration{name, row.Duration.Put, row.Duration.Delete})
		}
	}
	slices.SortFunc(out, func(a, b TypeDuration) int { return cmp.Compare(a.Type, b.Type) })
	return out
}
