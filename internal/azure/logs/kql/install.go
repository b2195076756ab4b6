package kql

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"enterprise-openai/internal/npm"
)

//go:embed *.mjs package.json package-lock.json .npmrc
var sources embed.FS

// ErrNoNode is wrapped by every error that installing Node.js would cure.
var ErrNoNode = errors.New("no Node.js 18 or newer with npm, which KQL needs; install it with: " +
	"apt-get install -y --no-install-recommends nodejs npm")

// packageFiles are what npm needs to install Microsoft's package.
var packageFiles = []string{"package.json", "package-lock.json", ".npmrc"}

// install makes sure that Microsoft's package and the evaluator are in the cache and returns the evaluator's main file.
func install(ctx context.Context, cache string, progress io.Writer) (string, error) {
	lock, err := sources.ReadFile("package-lock.json")
	if err != nil {
		return "", fmt.Errorf("package lock: %w", err)
	}
	home := filepath.Join(cache, hash(lock))
	if err := installPackage(ctx, home, progress); err != nil {
		return "", err
	}
	return installEvaluator(home)
}

func installPackage(ctx context.Context, home string, progress io.Writer) error {
	if npm.Installed(home) {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return ErrNoNode
	}
	files := map[string][]byte{}
	for _, name := range packageFiles {
		text, err := sources.ReadFile(name)
		if err != nil {
			return fmt.Errorf("embedded %s: %w", name, err)
		}
		files[name] = text
	}
	fmt.Fprintln(progress, "Installing Microsoft's KQL parser into", home)
	return npm.Make(ctx, home, "@kusto/language-service-next", files)
}

// installEvaluator puts the embedded modules below the package's folder, where node finds the package.
func installEvaluator(home string) (string, error) {
	names, err := fs.Glob(sources, "*.mjs")
	if err != nil {
		return "", fmt.Errorf("evaluator: %w", err)
	}
	var all []byte
	for _, name := range names {
		text, err := sources.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("evaluator: %w", err)
		}
		all = fmt.Appendf(all, "%s %d\n%s", name, len(text), text)
	}
	dir := filepath.Join(home, "evaluator-"+hash(all))
	main := filepath.Join(dir, "main.mjs")
	if exists(main) {
		return main, nil
	}
	work, err := os.MkdirTemp(home, "evaluator-new-")
	if err != nil {
		return "", fmt.Errorf("evaluator: %w", err)
	}
	defer os.RemoveAll(work)
	if err := write(work, names); err != nil {
		return "", err
	}
	if err := os.Rename(work, dir); err != nil && !exists(main) {
		return "", fmt.Errorf("evaluator: %w", err)
	}
	return main, nil
}

func write(dir string, names []string) error {
	for _, name := range names {
		text, err := sources.ReadFile(name)
		if err != nil {
			return fmt.Errorf("embedded %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("cached %s: %w", name, err)
		}
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// cacheFolder is where everything of this package is kept between runs.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("user cache: %w", err)
	}
	return filepath.Join(base, "enterprise-openai", "kql"), nil
}
