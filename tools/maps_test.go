package tools_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mapped matches the name of a Go file, or a pattern of several, in a line of a map: "engine.go", "kinds_*.go".
var mapped = regexp.MustCompile(`[a-z0-9_*]+\.go\b`)

// TestTheMapOfAPackageHasItsFiles compares the list of files in a package's comment with the package's folder: what it names exists,
// and what exists is named.
func TestTheMapOfAPackageHasItsFiles(t *testing.T) {
	maps := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case path != ".." && strings.HasPrefix(entry.Name(), "."), entry.Name() == "testdata", path == filepath.Join("..", "sdks"):
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		require.NoError(t, err)
		patterns := mapOf(t, files)
		if len(patterns) == 0 {
			return nil
		}
		maps++
		for _, problem := range compare(patterns, files) {
			t.Errorf("%s: %s", strings.TrimPrefix(path, "../"), problem)
		}
		return nil
	}))
	assert.Greater(t, maps, 20, "package comments with a map")
}

// mapOf are the file names in the comment of the package; none when it has no map.
func mapOf(t *testing.T, files []string) (patterns []string) {
	t.Helper()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		require.NoError(t, err)
		for line := range strings.Lines(parsed.Doc.Text()) {
			if strings.HasPrefix(line, "\t") { // the map is set as code is
				patterns = append(patterns, mapped.FindAllString(line, -1)...)
			}
		}
	}
	return patterns
}

// compare gives what a map names and the folder has not, and what the folder has and the map does not name. Tests, and a file with
// nothing but the package's comment, need no line.
func compare(patterns, files []string) (problems []string) {
	named := map[string]bool{"doc.go": true}
	for _, pattern := range patterns {
		found := false
		for _, file := range files {
			if match, _ := filepath.Match(pattern, filepath.Base(file)); match {
				named[filepath.Base(file)], found = true, true
			}
		}
		if !found {
			problems = append(problems, "the map names "+pattern+", which does not exist")
		}
	}
	for _, file := range files {
		if !named[filepath.Base(file)] && !strings.HasSuffix(file, "_test.go") {
			problems = append(problems, "the map does not name "+filepath.Base(file))
		}
	}
	return problems
}
