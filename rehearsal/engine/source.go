package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"enterprise-openai/internal/proc"
)

// cliModule is the module of the CLI and its engine.
const cliModule = "github.com/pulumi/pulumi/pkg/v3"

// replacedPackages of the CLI are replaced as a whole by those below tools/pulumi/without; of others, files are.
var replacedPackages = []string{"authhelpers", "secrets/cloud", "cmd/pulumi/cloud"}

// edit changes a file of the CLI. It has to match as often as it says, so that another version is not built with half of the edits.
type edit struct {
	file        string
	pattern     *regexp.Regexp
	times       int
	replacement string
}

// bucketEdits take the SDKs of three clouds out of the state's backend: their drivers of buckets, and a request of AWS's.
var bucketEdits = []edit{
	{"backend/diy/backend.go", regexp.MustCompile(`\n\t(?:_ )?"gocloud\.dev/blob/azureblob"[^\n]*`), 1, ""},
	{"backend/diy/backend.go", regexp.MustCompile(`\n\t(?:_ )?"gocloud\.dev/blob/gcsblob"[^\n]*`), 1, ""},
	{"backend/diy/backend.go", regexp.MustCompile(`\n\t(?:_ )?"gocloud\.dev/blob/s3blob"[^\n]*`), 1, ""},
	{"backend/diy/backend.go", regexp.MustCompile(`\n\tif p\.Scheme == azureblob\.Scheme \{(?s:.*?)\n\t\}\n`), 1, "\n"},
	{"backend/diy/backend.go", regexp.MustCompile(`gcsblob\.Scheme`), 1, `"gs"`},
	{"backend/diy/bucket.go", regexp.MustCompile(`\n\tawss3 "[^\n]*`), 1, ""},
	{"backend/diy/bucket.go", regexp.MustCompile(`awss3\.CopyObjectInput`), 2, "copyObjectInput"},
}

// withoutClouds copies the CLI's module to source, less what tools/pulumi/without replaces, and writes a go.mod beside it that builds with
// the copy. It returns the path of that go.mod.
func withoutClouds(ctx context.Context, module, source string) (string, error) {
	original, err := moduleDir(ctx, module)
	if err != nil {
		return "", err
	}
	if err := copyWithout(original, filepath.Join(module, "without"), source); err != nil {
		return "", fmt.Errorf("source of the Pulumi CLI: %w", err)
	}
	return writeModule(module, source)
}

// copyWithout makes source from the original and what replaces parts of it.
func copyWithout(original, replacements, source string) error {
	if err := os.RemoveAll(source); err != nil {
		return err
	}
	if err := copySource(original, source); err != nil {
		return err
	}
	for _, name := range replacedPackages {
		if err := os.RemoveAll(filepath.Join(source, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	if err := copySource(replacements, source); err != nil {
		return err
	}
	return applyEdits(source, bucketEdits)
}

// moduleDir is where Go's module cache has the CLI's module, which is downloaded when it is not there.
func moduleDir(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", cliModule)
	cmd.Dir, cmd.Env = module, append(os.Environ(), "GOWORK=off")
	out, err := proc.Output(ctx, cmd)
	var downloaded struct{ Dir, Error string } // Error is why a download failed
	if unread := json.Unmarshal(out, &downloaded); err == nil {
		err = unread
	}
	if err != nil {
		return "", fmt.Errorf("module %s: %w\n%s", cliModule, err, downloaded.Error)
	}
	return downloaded.Dir, nil
}

// copySource copies a folder without tests and their data, which are most of the module's size.
func copySource(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == "testdata":
			return fs.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			return nil
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := os.ReadFile(path) //nolint:gosec // Go's module cache and the checkout are the user's own
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

func applyEdits(source string, edits []edit) error {
	for _, e := range edits {
		file := filepath.Join(source, filepath.FromSlash(e.file))
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if n := len(e.pattern.FindAllIndex(text, -1)); n != e.times {
			return fmt.Errorf("%s: %s matches %d times instead of %d; adapt bucketEdits to this version of the CLI", e.file, e.pattern, n, e.times)
		}
		if err := os.WriteFile(file, e.pattern.ReplaceAllLiteral(text, []byte(e.replacement)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeModule writes go.mod and go.sum of tools/pulumi beside the source, with the source in the place of the module.
func writeModule(module, source string) (string, error) {
	beside := filepath.Dir(source)
	requirements, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return "", err
	}
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		return "", err
	}
	modfile := filepath.Join(beside, "build.mod")
	if err := os.WriteFile(modfile, fmt.Appendf(requirements, "\nreplace %s => %q\n", cliModule, source), 0o644); err != nil {
		return "", err
	}
	return modfile, os.WriteFile(filepath.Join(beside, "build.sum"), sums, 0o644)
}
