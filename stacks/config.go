package stacks

//go:generate go run ./internal/settingsdoc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/internal/jsonpath"
)

// LoadSettings reads, decodes and validates the settings of the current stack. This is the only file that reads
// Pulumi config. The error lists every problem (see Problems), each with its line in the stack file where that can be
// read; what decodes wrongly is reported before what contradicts itself.
func LoadSettings(ctx *pulumi.Context) (Settings, error) {
	file, err := openStackFile(ctx)
	if err != nil {
		return Settings{}, err
	}
	locate := Locator(nowhere)
	if file != nil {
		locate = file.locate
	}
	values, secrets := configValues(ctx, file)
	var secure map[string]bool
	if file != nil {
		secure = file.secure
	}
	settings, err := decode(values, locate, secure)
	if err == nil {
		err = errors.Join(Validate(settings, ctx.Stack(), locate), plainSecrets(ctx, settings, file, locate))
	}
	if err != nil {
		return Settings{}, redact(err, secrets)
	}
	return settings, nil
}

// configValues are the values of this project's top-level keys: those that exist, and those that are set
// although they do not exist. It also lists the texts that are secrets of Pulumi.
func configValues(ctx *pulumi.Context, file *stackFile) (values map[string]string, secrets []string) {
	values = map[string]string{}
	for _, key := range append(Keys(), writtenKeys(ctx.Project(), file)...) {
		qualified := ctx.Project() + ":" + key
		// Asking again guards against a file that is not the one Pulumi used (pulumi up --config-file).
		value, ok := ctx.GetConfig(qualified)
		if !ok {
			continue
		}
		values[key] = value
		if ctx.IsConfigSecret(qualified) {
			secrets = append(secrets, secretLeaves(key, value, file)...)
		}
	}
	return values, secrets
}

// writtenKeys are this project's keys that the stack file or the environment of the process name. A Go program cannot
// list its keys; the CLI passes them in a variable, the Automation API does not.
func writtenKeys(project string, file *stackFile) []string {
	var qualified []string
	if file != nil {
		qualified = append(qualified, file.keys...)
	}
	var passed map[string]string
	if json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &passed) == nil {
		for key := range passed {
			qualified = append(qualified, key)
		}
	}
	var keys []string
	for _, key := range qualified {
		if ours, ok := strings.CutPrefix(key, project+":"); ok && !slices.Contains(keys, ours) {
			keys = append(keys, ours)
		}
	}
	return keys
}

// openStackFile reads Pulumi.<stack>.yaml beside Pulumi.yaml. Without one there are no positions, and no error: the
// settings may come from elsewhere.
func openStackFile(ctx *pulumi.Context) (*stackFile, error) {
	// A mocked run has no root directory; its working directory serves.
	path := filepath.Join(ctx.RootDirectory(), "Pulumi."+ctx.Stack()+".yaml")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is an answer, not an error
	}
	if err != nil {
		return nil, fmt.Errorf("stack file: %w", err)
	}
	return readStackFile(filepath.Base(path), text, ctx.Project())
}

// signInSecret is the one setting that is a secret.
const signInSecret = "gateway.portal.signIn.clientSecret"

// plainSecrets reports a secret that is not one of Pulumi's: it would be in plain text in the stack file and in the state.
func plainSecrets(ctx *pulumi.Context, s Settings, file *stackFile, locate Locator) error {
	const key = "gateway"
	if s.Gateway.Portal.SignIn == nil {
		return nil
	}
	hidden := ctx.IsConfigSecret(ctx.Project() + ":" + key)
	if hidden && file != nil && file.anySecure(key) {
		hidden = file.isSecure(signInSecret)
	}
	if hidden {
		return nil
	}
	problems := newProblemList(locate)
	problems.add(signInSecret, "is in plain text",
		fmt.Sprintf("run pulumi config set --secret --path '%s:%s', and make a new secret of the application", ctx.Project(), signInSecret))
	return problems.err()
}

// secretLeaves lists the texts of a secret value that are secret. Pulumi knows only that the whole value is; the stack file
// shows which part of it is encrypted.
func secretLeaves(key, value string, file *stackFile) []string {
	n, err := parseTopLevel(value)
	if err != nil {
		return []string{value}
	}
	if file == nil || !file.anySecure(key) {
		return leaves(key, n, nil)
	}
	return leaves(key, n, file.secure)
}

// Leaves lists the texts and numbers inside a value of Pulumi's configuration.
func Leaves(value string) []string {
	n, err := parseTopLevel(value)
	if err != nil {
		return []string{value}
	}
	return leaves("", n, nil)
}

// leaves lists the texts and numbers inside a value, those alone that are secure when secure is not nil.
func leaves(path string, n *node, secure map[string]bool) []string {
	if secure[path] {
		secure = nil
	}
	var all []string
	if n.text != "" && secure == nil {
		all = append(all, n.text)
	}
	for i, item := range n.items {
		all = append(all, leaves(jsonpath.Index(path, i), item, secure)...)
	}
	for _, m := range n.members {
		all = append(all, leaves(Join(path, m.key), m.value, secure)...)
	}
	return all
}

// redact removes secret texts from what the problems say.
func redact(err error, secrets []string) error {
	if len(secrets) == 0 {
		return err
	}
	// The longest first: a secret may be part of another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, "[secret]")
	}
	hide := strings.NewReplacer(pairs...)
	var all []error
	for _, p := range Problems(err) {
		p.Message, p.Hint = hide.Replace(p.Message), hide.Replace(p.Hint)
		all = append(all, p)
	}
	return errors.Join(all...)
}
