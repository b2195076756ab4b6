package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"go.yaml.in/yaml/v3"
)

// secretsKeys are the keys of a stack file that say how its secrets are encrypted for the real deployment. The rehearsal
// encrypts with its own passphrase and writes its own salt into the copy.
var secretsKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// copySettings copies Pulumi.yaml and Pulumi.<stack>.yaml from the checkout. The engine works on the copies because it
// writes an encryption salt into the stack file, and the checkout must stay as it was.
func copySettings(from, to, stack string) error {
	project, err := os.ReadFile(filepath.Join(from, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	if err := os.WriteFile(filepath.Join(to, "Pulumi.yaml"), project, 0o600); err != nil {
		return fmt.Errorf("copy of the project file: %w", err)
	}
	name := "Pulumi." + stack + ".yaml"
	settings, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		return fmt.Errorf("stack file of %q: %w", stack, err)
	}
	settings, err = withoutSecrets(name, settings, saltOf(filepath.Join(to, name)))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, name), settings, 0o600); err != nil {
		return fmt.Errorf("copy of the stack file: %w", err)
	}
	return nil
}

// saltOf returns the salt that the engine wrote into an earlier copy, so that secrets in the state stay readable.
func saltOf(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var file struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return ""
	}
	return file.Salt
}

// withoutSecrets replaces the keys that belong to the real deployment's encryption by the rehearsal's salt. Encrypted
// values are refused by name: nothing here could decrypt them.
func withoutSecrets(name string, data []byte, salt string) ([]byte, error) {
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if file == nil {
		file = map[string]any{}
	}
	for _, key := range secretsKeys {
		delete(file, key)
	}
	var problems []error
	for _, key := range encryptedKeys(file["config"]) {
		problems = append(problems, fmt.Errorf(
			"%s: %s is encrypted, and only the real deployment can decrypt it; a stack that is rehearsed has plain settings only",
			name, key))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if salt != "" {
		file["encryptionsalt"] = salt
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// encryptedKeys lists the paths of values written as {secure: …}.
func encryptedKeys(v any) []string {
	var found []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if _, ok := v["secure"]; ok && len(v) == 1 {
				found = append(found, path)
				return
			}
			for k, e := range v {
				p := k
				if path != "" {
					p = path + "." + k
				}
				walk(p, e)
			}
		case []any:
			for i, e := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), e)
			}
		}
	}
	walk("", v)
	sort.Strings(found)
	return found
}
