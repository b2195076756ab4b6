// Package browser opens pages in Chromium and gives facts of what a person would see: problems that the browser reports, what does
// not fit, what lies on each other, what a keyboard does not reach, and what axe-core finds.
//
//	browser.go   Open and Look
//	visits.go    what is visited, and what was seen
//	skip.go      tests on a machine without a browser
//	main.mjs     drives Chromium with playwright-core
//	facts.mjs    runs in the page
//
// Chromium is Debian's. It opens files and loopback only, and no page of anybody else.
package browser

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"enterprise-openai/internal/npm"
	"enterprise-openai/internal/proc"
)

//go:embed main.mjs facts.mjs package.json package-lock.json .npmrc
var sources embed.FS

// ErrMissing is wrapped by the error of a machine that lacks a browser, or Node.js.
var ErrMissing = errors.New("run: tools/bootstrap.sh browser")

// Browser can look at pages.
type Browser struct{ node, chromium, home string }

// limit is how long all visits together may take.
const limit = 10 * time.Minute

// names are what Chromium is called, by Debian and by others.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Open finds Chromium and Node.js. What drives Chromium is installed by npm below the user's cache the first time, which is logged.
func Open(ctx context.Context, log io.Writer) (*Browser, error) {
	b := &Browser{}
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			b.chromium = found
			break
		}
	}
	if b.chromium == "" {
		return nil, fmt.Errorf("no Chromium on this machine; %w", ErrMissing)
	}
	var err error
	if b.node, err = exec.LookPath("node"); err != nil {
		return nil, fmt.Errorf("no Node.js 20 on this machine; %w", ErrMissing)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, fmt.Errorf("no npm on this machine; %w", ErrMissing)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	return b, b.install(ctx, cache, log)
}

func (b *Browser) install(ctx context.Context, cache string, log io.Writer) error {
	entries, err := sources.ReadDir(".")
	if err != nil {
		return fmt.Errorf("embedded files: %w", err)
	}
	files, identity := map[string][]byte{}, sha256.New()
	for _, entry := range entries {
		text, err := sources.ReadFile(entry.Name())
		if err != nil {
			return fmt.Errorf("embedded files: %w", err)
		}
		files[entry.Name()] = text
		fmt.Fprintf(identity, "%s %d\n%s", entry.Name(), len(text), text)
	}
	b.home = filepath.Join(cache, "enterprise-openai", "browser", hex.EncodeToString(identity.Sum(nil)[:8]))
	if npm.Installed(b.home) {
		return nil
	}
	_, _ = fmt.Fprintln(log, "Installing what drives Chromium, once, into", b.home)
	return npm.Make(ctx, b.home, "playwright-core and axe-core", files)
}

// Look makes visits, one after the other, in one Chromium.
func (b *Browser) Look(ctx context.Context, visits ...Visit) ([]Seen, error) {
	input, err := json.Marshal(map[string]any{"executable": b.chromium, "visits": visits})
	if err != nil {
		return nil, fmt.Errorf("visits: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.node, "main.mjs")
	cmd.Dir, cmd.Stdin = b.home, bytes.NewReader(input)
	// Nothing of the surroundings: a proxy would answer in place of loopback.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.home}
	out, err := proc.Output(ctx, cmd)
	if err != nil {
		return nil, fmt.Errorf("Chromium: %w", err) //nolint:staticcheck // a name
	}
	var seen []Seen
	if err := json.Unmarshal(out, &seen); err != nil {
		return nil, fmt.Errorf("what Chromium saw: %w", err)
	}
	if len(seen) != len(visits) {
		return nil, fmt.Errorf("%d answers to %d visits", len(seen), len(visits))
	}
	return seen, nil
}
