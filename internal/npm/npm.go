// Package npm installs packages of the npm registry as a lock file pins them.
package npm

import (
	"context"
	"fmt"
	"os/exec"

	"enterprise-openai/internal/proc"
)

// Install runs npm ci in a folder that has package.json and package-lock.json. No script of a package runs. What names the packages
// in an error, which quotes what npm has written.
func Install(ctx context.Context, dir, what string) error {
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := proc.Output(ctx, cmd); err != nil {
		return fmt.Errorf("npm ci for %s: %w\n%sOnce the registry can be reached, run the same command again", what, err, out)
	}
	return nil
}
