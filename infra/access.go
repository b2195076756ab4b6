package infra

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// openAIUser is the definition of the role Cognitive Services OpenAI User: inference, nothing else
// (Microsoft Learn: role-based-access-control/built-in-roles/ai-machine-learning).
const openAIUser = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"

// openAIContributor is the definition of the role Cognitive Services OpenAI Contributor, on the same page: no narrower one may write files.
// It may also change deployments and content filters of the account.
const openAIContributor = "a001fd3d-188f-4b5d-821b-7da978bf7442"

// ModelAccess is the role that the gateway's identity has on accounts: one, and one more where an account takes files.
type ModelAccess struct {
	pulumi.ResourceState

	// Done are the role assignments: an account answers the gateway once its own is there.
	Done Done
}

// ModelAccessArgs is what access needs to know.
type ModelAccessArgs struct {
	Names          Names
	SubscriptionID string
	PrincipalID    pulumi.StringInput
	Accounts       []*NamedAccount
	// Files are the names of the accounts that take files.
	Files []string
}

// NamedAccount is a created account under the name that settings give it.
type NamedAccount struct {
	Name    string
	Account *ModelAccount
}

// NewModelAccess declares the role of the gateway's identity on each account.
func NewModelAccess(ctx *pulumi.Context, name string, args *ModelAccessArgs, opts ...pulumi.ResourceOption) (*ModelAccess, error) {
	m := &ModelAccess{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:ModelAccess", name, m, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(m)

	for _, account := range args.Accounts {
		assign := func(name, assignment, definition string) error {
			made, err := gatewayRole(ctx, name, &roleArgs{
				AssignmentName: assignment,
				Definition:     definition,
				SubscriptionID: args.SubscriptionID,
				Scope:          account.Account.ID,
				PrincipalID:    args.PrincipalID,
			}, child, after(account.Account.EndpointDone))
			if err != nil {
				return fmt.Errorf("role on account %s: %w", account.Name, err)
			}
			m.Done = append(m.Done, made)
			return nil
		}
		if err := assign(name+"-"+account.Name, args.Names.RoleAssignment(account.Name), openAIUser); err != nil {
			return nil, err
		}
		// An assignment of its own: one that changes its role is made anew, and nobody would be served in between.
		if slices.Contains(args.Files, account.Name) {
			if err := assign(name+"-"+account.Name+"-files", args.Names.FilesRole(account.Name), openAIContributor); err != nil {
				return nil, err
			}
		}
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{})
}
