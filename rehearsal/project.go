package rehearsal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"enterprise-openai/rehearsal/report"
)

// folder holds every file that a rehearsal writes; git ignores it.
const folder = ".rehearsal"

// FindProject returns the nearest folder with a Pulumi.yaml, from dir upwards.
func FindProject(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("project folder: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		_, err := os.Stat(filepath.Join(at, "Pulumi.yaml"))
		switch {
		case err == nil:
			return at, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("project folder: %w", err)
		case at == filepath.Dir(at):
			return "", fmt.Errorf("no Pulumi.yaml in %s or above: run this inside a checkout of the project", start)
		}
	}
}

// Stacks lists the environments of a project: one for each Pulumi.<stack>.yaml.
func Stacks(project string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(project, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("stack files: %w", err)
	}
	stacks := make([]string, 0, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		stacks = append(stacks, name)
	}
	slices.Sort(stacks)
	return stacks, nil
}

// ReportFile is where the report of a stack's last run is.
func ReportFile(project, stack string) string {
	return filepath.Join(project, folder, stack, report.JSONFile)
}

// workDir makes and returns the work folder of a stack. Only its owner may read it: the state
// has the keys of the embedded gateway.
func workDir(project, stack string) (string, error) {
	dir := filepath.Join(project, folder, stack)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("work folder: %w", err)
	}
	// The Makefile may have made it for its programs, for everybody to read.
	if err := os.Chmod(filepath.Join(project, folder), 0o700); err != nil { //nolint:gosec // a folder
		return "", fmt.Errorf("work folder: %w", err)
	}
	return dir, nil
}
