package engine

import (
	"fmt"
	"os"
	"path/filepath"
)

// quiet keeps the CLI from writing its own log of a run, compressed and encrypted: nothing here reads it, and it takes a quarter of
// the engine's time. The CLI has no switch for it, but goes on without where it cannot make the folder: a file lies there.
func quiet(home string) error {
	path := filepath.Join(home, "logs")
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("logs of the engine: %w", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return fmt.Errorf("logs of the engine: %w", err)
	}
	return nil
}
