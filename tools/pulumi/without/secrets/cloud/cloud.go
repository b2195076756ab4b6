// Package cloud replaces Pulumi's of the same path.
package cloud

import (
	"encoding/json"
	"errors"

	"github.com/pulumi/pulumi/pkg/v3/secrets"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// Type is the name of these secrets in a state.
const Type = "cloud"

var errBuiltWithout = errors.New("this CLI was built for rehearsals, without the key services of clouds; install Pulumi's own")

// EditProjectStack changes nothing.
func EditProjectStack(*workspace.ProjectStack, json.RawMessage) error { return errBuiltWithout }

// NewCloudSecretsManagerFromState opens nothing.
func NewCloudSecretsManagerFromState(json.RawMessage) (secrets.Manager, error) {
	return nil, errBuiltWithout
}

// NewCloudSecretsManager opens nothing.
func NewCloudSecretsManager(*workspace.ProjectStack, string, bool) (secrets.Manager, error) {
	return nil, errBuiltWithout
}
