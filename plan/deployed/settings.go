package deployed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"

	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// Read reads the settings of a stack of the project in dir, as pulumi up does.
func Read(ctx context.Context, dir, stack string) (stacks.Settings, error) {
	var settings stacks.Settings
	var problem error
	_, err := plan.Of(ctx, dir, stack, plan.Preview, func(pctx *pulumi.Context) error {
		settings, problem = stacks.LoadSettings(pctx)
		return nil
	})
	return settings, errors.Join(err, problem)
}

// Parse reads the settings of a text that has the form of a stack file.
func Parse(text []byte) (stacks.Settings, error) {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return stacks.Settings{}, fmt.Errorf("settings: %w", err)
	}
	values := map[string]string{}
	for key, value := range file.Config {
		name, ours := strings.CutPrefix(key, Project+":")
		if !ours {
			continue
		}
		scalar, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			if err != nil {
				return stacks.Settings{}, fmt.Errorf("setting %s: %w", name, err)
			}
			scalar = string(encoded)
		}
		values[name] = scalar
	}
	return stacks.Decode(values, nil)
}
