package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// errNoPlan says what a plan looks like.
var errNoPlan = errors.New("is no plan: a plan is the array of resources that rehearse plan --json prints")

// Read reads a plan that was written as JSON before. The name is where it comes from, for errors.
func Read(r io.Reader, name string) ([]Resource, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if trimmed := strings.TrimSpace(string(text)); !strings.HasPrefix(trimmed, "[") {
		return nil, fmt.Errorf("%s %w", name, errNoPlan)
	}
	var resources []Resource
	if err := json.Unmarshal(text, &resources); err != nil {
		return nil, fmt.Errorf("%s %w: %w", name, errNoPlan, err)
	}
	var problems []error
	for i := range resources {
		r := &resources[i]
		project := projectOf(r.URN)
		if project == "" || r.Type == "" || r.Name == "" {
			problems = append(problems, fmt.Errorf("%s: resource %d has no urn, type or name, which rehearse plan --json gives to each", name, i+1))
			continue
		}
		r.Custom = !strings.HasPrefix(r.Type, project+":")
	}
	return resources, errors.Join(problems...)
}

// projectOf is the project in a URN (urn:pulumi:stack::project::types::name), and empty where the text is no URN.
func projectOf(urn string) string {
	if parts := strings.SplitN(urn, "::", 4); strings.HasPrefix(urn, "urn:pulumi:") && len(parts) == 4 {
		return parts[1]
	}
	return ""
}
