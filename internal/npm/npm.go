// Package npm installs packages of the npm registry as a lock file pins them.
package npm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

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

// Installed is whether a folder has its packages.
func Installed(home string) bool {
	_, err := os.Stat(filepath.Join(home, "node_modules"))
	return err == nil
}

// Make makes a folder with files and the packages that they pin. It works in a folder beside it, which gets the name when all is there:
// a broken install is never used. Another process may have made the same folder meanwhile.
func Make(ctx context.Context, home, what string, files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(home), 0o700); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(home), "install-")
	if err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o600); err != nil {
			return fmt.Errorf("cache folder: %w", err)
		}
	}
	if err := Install(ctx, work, what); err != nil {
		return err
	}
	if err := os.Rename(work, home); err != nil && !Installed(home) {
		return fmt.Errorf("installed packages of %s: %w", what, err)
	}
	return nil
}
