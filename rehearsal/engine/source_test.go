package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheCLIIsBuiltWithoutClouds: SDKs of clouds and an OpenAPI library are two fifths of what the CLI takes to compile.
func TestTheCLIIsBuiltWithoutClouds(t *testing.T) {
	module, err := filepath.Abs(filepath.Join("..", "..", "tools", "pulumi"))
	require.NoError(t, err)
	modfile, err := withoutClouds(t.Context(), module, filepath.Join(t.TempDir(), "source"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-C", module, "-modfile", modfile, "-deps", cliPackage)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	packages := strings.Fields(string(out))
	for _, needed := range []string{"/engine", "/resource/deploy", "/backend/diy", "/secrets/passphrase", "/cmd/pulumi/operations", "/cmd/pulumi/state"} {
		assert.Contains(t, packages, cliModule+needed)
	}
	for _, p := range packages {
		for _, cloud := range []string{
			"github.com/aws/", "cloud.google.com/", "github.com/Azure/azure-sdk-for-go/sdk/storage/",
			"github.com/envoyproxy/", "github.com/pb33f/libopenapi",
		} {
			assert.False(t, strings.HasPrefix(p, cloud), "%s is compiled into the CLI", p)
		}
	}
}

func TestAnotherVersionOfTheCLIIsNotBuiltWithHalfOfTheEdits(t *testing.T) {
	source := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(source, "backend", "diy"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(source, "backend", "diy", "backend.go"), []byte("package diy\n\nimport (\n\t\"gocloud.dev/blob/azureblob\"\n)\n"), 0o600))
	require.ErrorContains(t, applyEdits(source, bucketEdits), "gcsblob\"[^\\n]* matches 0 times instead of 1; adapt bucketEdits to this version of the CLI")
}
