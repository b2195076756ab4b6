package infra

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// openAIUser is the definition of the role Cognitive Services OpenAI User: inference, nothing else
// (Microsoft Learn: role-based-access-control/built-in-roles/ai-machine-learning).
const openAIUser = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"

// ModelAccess is the one role the gateway's identity has.
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
		assignment, err := gatewayRole(ctx, name+"-"+account.Name, &roleArgs{
			AssignmentName: args.Names.RoleAssignment(account.Name),
			Definition:     openAIUser,
			SubscriptionID: args.SubscriptionID,
			Scope:          account.Account.ID,
			PrincipalID:    args.PrincipalID,
		}, child, after(account.Account.EndpointDone))
		if err != nil {
			return nil, fmt.Errorf("role on account %s: %w", account.Name, err)
		}
		m.Done = append(m.Done, assignment)
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{})
}
