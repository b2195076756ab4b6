package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/problem"
	"enterprise-openai/stacks"
)

// UnreadableError is about settings of a stack file that cannot be read on this machine, although pulumi up may read
// them where it has the key or the account. The wrapped error lists every one (stacks.Problems).
type UnreadableError struct{ Err error }

func (e UnreadableError) Error() string { return e.Err.Error() }
func (e UnreadableError) Unwrap() error { return e.Err }

// Encrypted are the encrypted values of a stack file in plain text.
type Encrypted struct {
	plain map[string]string // by cipher text
}

// Plain are the plain texts by their cipher texts. Values of other namespaces than the project's are missing where nothing
// could decrypt them.
func (e Encrypted) Plain() map[string]string { return e.plain }

// secret is an encrypted value of a stack file.
type secret struct {
	key, path, cipher string
}

// ReadEncrypted decrypts the encrypted values of a stack of the project in dir, with the passphrase that Pulumi itself would
// use. Settings of the project that cannot be decrypted, and settings that come from elsewhere, are an UnreadableError.
func ReadEncrypted(dir, project, stack string) (Encrypted, error) {
	none := Encrypted{plain: map[string]string{}}
	name := "Pulumi." + stack + ".yaml"
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return none, fmt.Errorf("stack %s: %w", stack, err)
	}
	locate, err := stacks.Positions(path, project)
	if err != nil {
		return none, err
	}
	var file struct {
		Salt        string    `yaml:"encryptionsalt"`
		Provider    string    `yaml:"secretsprovider"`
		Environment yaml.Node `yaml:"environment"`
		Config      yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return none, fmt.Errorf("%s: %w", name, err)
	}
	var problems []error
	if n := file.Environment; n.Line > 0 && len(n.Content) > 0 {
		problems = append(problems, stacks.Problem{
			Path: "environment", Where: problem.Place{File: name, Line: n.Line},
			Message: "imports settings from Pulumi ESC, which only Pulumi Cloud can open",
			Hint: "write what it sets into this file, or keep a stack file without environment for this command; " +
				"pulumi up with an account of Pulumi Cloud is not concerned",
		})
	}
	secrets := secretsIn(&file.Config, project)
	if len(secrets) == 0 {
		return none, unreadable(problems)
	}
	crypter, why := decrypter(file.Salt, file.Provider)
	for _, s := range secrets {
		trouble := why
		if why == nil {
			plain, err := crypter.DecryptValue(context.Background(), s.cipher)
			if err == nil {
				none.plain[s.cipher] = plain
				continue
			}
			trouble = &cannot{"is encrypted with another passphrase, or damaged", "encrypt it anew: pulumi config set --secret"}
		}
		if s.path != "" {
			problems = append(problems, stacks.Problem{Path: s.path, Where: locate(s.path), Message: trouble.message, Hint: trouble.hint})
		}
	}
	return none, unreadable(problems)
}

func unreadable(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	return UnreadableError{errors.Join(problems...)}
}

// secretsIn lists the values written as {secure: …}. Those of other namespaces have no path.
func secretsIn(config *yaml.Node, project string) []secret {
	var found []secret
	var walk func(key, path string, ours bool, n *yaml.Node)
	walk = func(key, path string, ours bool, n *yaml.Node) {
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		switch n.Kind {
		case yaml.MappingNode:
			if len(n.Content) == 2 && n.Content[0].Value == "secure" && n.Content[1].Kind == yaml.ScalarNode {
				s := secret{key: key, cipher: n.Content[1].Value}
				if ours {
					s.path = path
				}
				found = append(found, s)
				return
			}
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(key, stacks.Join(path, n.Content[i].Value), ours, n.Content[i+1])
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				walk(key, jsonpath.Index(path, i), ours, item)
			}
		}
	}
	if config.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(config.Content); i += 2 {
		key := config.Content[i].Value
		setting, ours := strings.CutPrefix(key, project+":")
		if !strings.Contains(key, ":") { // Pulumi reads a key without a namespace as the project's
			setting, ours = key, true
		}
		walk(key, setting, ours, config.Content[i+1])
	}
	return found
}
