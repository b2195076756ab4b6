package infra

import (
	"fmt"

	authorization "github.com/pulumi/pulumi-azure-native-sdk/authorization/v2/v20220401"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// roleArgs is one role of the gateway's identity.
type roleArgs struct {
	// AssignmentName is a GUID. The provider would make up another name at every try, and an assignment of a
	// broken-off try would answer 409 RoleAssignmentExists under an id that nobody knows.
	AssignmentName string
	// Definition is the GUID of the role's definition.
	Definition     string
	SubscriptionID string
	Scope          pulumi.StringInput
	PrincipalID    pulumi.StringInput
}

// gatewayRole declares a role assignment.
func gatewayRole(ctx *pulumi.Context, name string, args *roleArgs, options ...pulumi.ResourceOption) (pulumi.Resource, error) {
	definition := fmt.Sprintf("/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s", args.SubscriptionID, args.Definition)
	// A role assignment cannot change its role, and the provider would try (RoleAssignmentUpdateNotPermitted).
	options = append(options, pulumi.ReplaceOnChanges([]string{"roleDefinitionId"}))
	return authorization.NewRoleAssignment(ctx, name, &authorization.RoleAssignmentArgs{
		RoleAssignmentName: pulumi.String(args.AssignmentName),
		Scope:              args.Scope,
		RoleDefinitionId:   pulumi.String(definition),
		PrincipalId:        args.PrincipalID,
		// Without the type ARM looks the identity up, which Entra may not know yet: 400 PrincipalNotFound.
		PrincipalType: pulumi.String("ServicePrincipal"),
	}, options...)
}
