package plan

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
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

// The variables that give Pulumi the passphrase of a stack (pulumi/pkg/v3/secrets/passphrase reads them in this order).
const (
	passphraseVariable     = "PULUMI_CONFIG_PASSPHRASE"      //nolint:gosec // the name of a variable, not its value
	passphraseFileVariable = "PULUMI_CONFIG_PASSPHRASE_FILE" //nolint:gosec // the name of a variable, not its value
)

// Encrypted are the encrypted values of a stack file in plain text.
type Encrypted struct {
	plain map[string]string // by cipher text
}

// Plain are the plain texts by their cipher texts. Values of other namespaces than the project's are missing where nothing
// could decrypt them.
func (e Encrypted) Plain() map[string]string { return e.plain }

// shortestHidden is the length from which a secret is removed from texts. Pulumi does not hide shorter ones either
// (sdk/go/common/util/logging, CreateFilter): they would make every text unreadable and hide nothing.
const shortestHidden = 3

// Hider replaces every plain text, whole or inside of JSON, by [secret].
func (e Encrypted) Hider() *strings.Replacer {
	var texts []string
	for _, plain := range e.plain {
		for _, text := range stacks.Leaves(plain) {
			for _, form := range []string{text, quoted(text)} {
				if len(form) >= shortestHidden && !slices.Contains(texts, form) {
					texts = append(texts, form)
				}
			}
		}
	}
	// The longest first: a secret may be part of another.
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, Secret)
	}
	return strings.NewReplacer(pairs...)
}

// quoted is a text as it is inside of a JSON string or a quoted one.
func quoted(text string) string {
	q := strconv.Quote(text)
	return q[1 : len(q)-1]
}

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

// cannot is why values cannot be decrypted, and what to do.
type cannot struct{ message, hint string }

// decrypter is what decrypts the values of a stack file with this salt and provider.
func decrypter(salt, provider string) (pulumiconfig.Decrypter, *cannot) {
	const plainly = "or write a value that is not secret for this command"
	if provider != "" && provider != "passphrase" && provider != "default" {
		scheme, _, _ := strings.Cut(provider, ":")
		return nil, &cannot{"is encrypted with " + scheme + ", which this command does not ask",
			"change the stack to a passphrase (pulumi stack change-secrets-provider passphrase), " + plainly}
	}
	if salt == "" {
		return nil, &cannot{"is encrypted, and the file has no encryptionsalt, so that only the account that encrypted it can decrypt it",
			"change the stack to a passphrase (pulumi stack change-secrets-provider passphrase), " + plainly}
	}
	phrase, given, err := passphrase()
	switch {
	case err != nil:
		return nil, &cannot{"is encrypted, and the passphrase cannot be read: " + err.Error(), "correct " + passphraseFileVariable}
	case !given:
		return nil, &cannot{"is encrypted", "set " + passphraseVariable + " or " + passphraseFileVariable + ", " + plainly}
	}
	// v1:<salt>:<a text that only the right passphrase decrypts> (pulumi/pkg/v3/secrets/passphrase/manager.go).
	version, rest, _ := strings.Cut(salt, ":")
	encoded, test, ok := strings.Cut(rest, ":")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if version != "v1" || !ok || err != nil {
		return nil, &cannot{"is encrypted, and the file's encryptionsalt is not one of Pulumi's", "restore that line of the file"}
	}
	crypter := pulumiconfig.NewSymmetricCrypterFromPassphrase(phrase, raw)
	if known, err := crypter.DecryptValue(context.Background(), test); err != nil || known != "pulumi" {
		return nil, &cannot{"is encrypted, and the passphrase is not the one of this stack", "correct " + passphraseVariable + " or " + passphraseFileVariable}
	}
	return crypter, nil
}

// passphrase is the one that Pulumi would use. An empty one counts, as it does there.
func passphrase() (phrase string, given bool, err error) {
	if phrase, ok := os.LookupEnv(passphraseVariable); ok {
		return phrase, true, nil
	}
	file := os.Getenv(passphraseFileVariable)
	if file == "" {
		return "", false, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false, err
	}
	return strings.TrimSpace(string(text)), true, nil
}

// known reads encrypted values that were decrypted before.
type known struct{ plain map[string]string }

var errUnknown = errors.New("the value is encrypted")

func (k known) DecryptValue(_ context.Context, cipher string) (string, error) {
	if plain, ok := k.plain[cipher]; ok {
		return plain, nil
	}
	return "", errUnknown
}

func (k known) BatchDecrypt(ctx context.Context, ciphers []string) ([]string, error) {
	return pulumiconfig.DefaultBatchDecrypt(ctx, k, ciphers)
}

// hide replaces plain texts in everything that a plan shows.
func (e Encrypted) hide(resources []Resource) []Resource {
	if len(e.plain) == 0 {
		return resources
	}
	hider := e.Hider()
	all := func(texts []string) {
		for i, text := range texts {
			texts[i] = hider.Replace(text)
		}
	}
	for i := range resources {
		r := &resources[i]
		r.URN, r.Name, r.Parent, r.DeletedWith = hider.Replace(r.URN), hider.Replace(r.Name), hider.Replace(r.Parent), hider.Replace(r.DeletedWith)
		all(r.DependsOn)
		all(r.Uses)
		if inputs, ok := Hide(hider, r.Inputs).(map[string]any); ok {
			r.Inputs = inputs
		}
	}
	return resources
}

// Hide replaces plain texts in a value of maps, lists and scalars.
func Hide(hider *strings.Replacer, value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[hider.Replace(key)] = Hide(hider, inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = Hide(hider, inner)
		}
		return out
	case string:
		return hider.Replace(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); hider.Replace(text) == Secret {
			return Secret
		}
	}
	return value
}

// Redacted is a value that JSON describes wholly, without the plain texts. Its numbers stay.
func Redacted[T any](e Encrypted, value T) T {
	if len(e.plain) == 0 {
		return value
	}
	var tree any
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err == nil {
		text, err = json.Marshal(hideTexts(e.Hider(), tree))
	}
	var out T
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil { // what cannot be searched for secrets is not shown
		var none T
		return none
	}
	return out
}

func hideTexts(hider *strings.Replacer, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = hideTexts(hider, inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = hideTexts(hider, inner)
		}
	case string:
		return hider.Replace(v)
	}
	return value
}

// HideError is an error without the plain texts. What errors.Is and errors.As find in it stays.
func (e Encrypted) HideError(err error) error {
	if err == nil || len(e.plain) == 0 {
		return err
	}
	text := e.Hider().Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return hiddenError{text, err}
}

type hiddenError struct {
	text string
	err  error
}

func (h hiddenError) Error() string { return h.text }
func (h hiddenError) Unwrap() error { return h.err }
