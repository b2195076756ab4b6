package cost

import (
	_ "embed"
	"errors"
	"fmt"

	"enterprise-openai/internal/strict"
)

//go:embed types.yaml
var typesFile []byte

// Type is what resources of a type cost; one of Priced, Free and Unknown is set.
type Type struct {
	// Type is ARM's, as templates have it.
	Type string `yaml:"type"`
	// Token is the provider's module and name, as plans have it, without the version.
	Token string `yaml:"token"`
	// Priced names the function that finds its meters.
	Priced string `yaml:"priced"`
	// Free is why it costs nothing.
	Free string `yaml:"free"`
	// Unknown is why nobody can say.
	Unknown string `yaml:"unknown"`
}

// Types gives the rows of types.yaml.
func Types() ([]Type, error) {
	var rows []Type
	if err := strict.YAML(typesFile, &rows); err != nil {
		return nil, fmt.Errorf("types.yaml: %w", err)
	}
	var problems []error
	for _, row := range rows {
		set := 0
		for _, text := range []string{row.Priced, row.Free, row.Unknown} {
			if text != "" {
				set++
			}
		}
		if set != 1 {
			problems = append(problems, fmt.Errorf("types.yaml: %s has one of priced, free and unknown", row.Type))
		}
		if _, known := meters[row.Priced]; row.Priced != "" && !known {
			problems = append(problems, fmt.Errorf("types.yaml: %s is priced by %q, which does not exist", row.Type, row.Priced))
		}
	}
	return rows, errors.Join(problems...)
}
