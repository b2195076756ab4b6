// Package cloud replaces Pulumi's of the same path.
package cloud

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pulumi/pulumi/pkg/v3/backend/httpstate/client"
)

var errBuiltWithout = errors.New("this CLI was built for rehearsals, without Pulumi Cloud's API; install Pulumi's own")

// APIError is what `pulumi api` ends with.
type APIError struct {
	ExitCode int
	Silent   bool
}

// Error is never called: nothing here returns one.
func (e *APIError) Error() string { return errBuiltWithout.Error() }

// ResolvedContext is who is logged in to Pulumi Cloud.
type ResolvedContext struct {
	Client   *client.Client
	OrgName  string
	LoggedIn bool
}

// ResolveContext finds nobody.
func ResolveContext(context.Context) (*ResolvedContext, error) { return nil, errBuiltWithout }

// NewAPICmd is the command `pulumi api`.
func NewAPICmd() *cobra.Command {
	return &cobra.Command{Use: "api", Short: "Not part of this build", Hidden: true, RunE: func(*cobra.Command, []string) error { return errBuiltWithout }}
}
