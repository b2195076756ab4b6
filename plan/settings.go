package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// config is a stack's configuration as the program gets it.
type config struct {
	dir, project, stack string
	values              map[string]string
	secrets             []string
	encrypted           Encrypted
}

// readConfig reads Pulumi.yaml and Pulumi.<stack>.yaml in dir. A default of the project applies where the stack has no value.
// Encrypted values are decrypted as by ReadEncrypted; those of other namespaces that nothing can decrypt are left out, because
// no plan needs them.
func readConfig(dir, stack string) (*config, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("project folder: %w", err)
	}
	project, err := workspace.LoadProject(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	sink := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	file := filepath.Join(dir, "Pulumi."+stack+".yaml")
	if _, err := os.Stat(file); err != nil { // a missing file would be read as an empty one
		return nil, fmt.Errorf("stack %s: %w%s", stack, err, others(dir))
	}
	encrypted, err := ReadEncrypted(dir, project.Name.String(), stack)
	if err != nil {
		return nil, err
	}
	settings, err := workspace.LoadProjectStack(sink, project, file)
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", stack, err)
	}

	c := &config{dir: dir, project: project.Name.String(), stack: stack, values: map[string]string{}, encrypted: encrypted}
	for key, value := range project.Config {
		text, err := defaultValue(value.Default)
		if err != nil {
			return nil, fmt.Errorf("default of %s in Pulumi.yaml: %w", key, err)
		}
		if text != "" {
			c.values[qualified(c.project, key)] = text
		}
	}
	for key, value := range settings.Config {
		decrypter := pulumiconfig.NopDecrypter
		if value.Secure() {
			decrypter = known(encrypted)
		}
		text, err := value.Value(decrypter)
		if errors.Is(err, errUnknown) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s of stack %s: %w", key, stack, err)
		}
		c.values[key.String()] = text
		if value.Secure() {
			c.secrets = append(c.secrets, key.String())
		}
	}
	slices.Sort(c.secrets)
	return c, nil
}

// defaultValue is a project default as the engine hands it to the program: text as it is, the rest as JSON.
func defaultValue(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	default:
		text, err := json.Marshal(v)
		return string(text), err
	}
}

func qualified(project, key string) string {
	if strings.Contains(key, ":") {
		return key
	}
	return project + ":" + key
}

// others lists the stacks that have a settings file.
func others(dir string) string {
	files, err := filepath.Glob(filepath.Join(dir, "Pulumi.*.yaml"))
	if err != nil || len(files) == 0 {
		return ""
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml"))
	}
	return "; stacks with settings: " + strings.Join(names, ", ")
}
