package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/v2/utilities"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// target is where a stack is deployed to: the provider's own view of the subscription and tenant it works in.
type target struct {
	SubscriptionID string `pulumi:"subscriptionId"`
	TenantID       string `pulumi:"tenantId"`
}

// currentTarget gets it from the provider, in previews too: names and role definitions need the subscription as a plain value.
// The call is written out because the official module that has it costs ten seconds of every build for this one function; the
// options are the official ones, as without a version the engine looks for the newest provider, which is another major version.
func currentTarget(ctx *pulumi.Context) (target, error) {
	var t target
	if err := ctx.Invoke("azure-native:authorization:getClientConfig", nil, &t, utilities.PkgInvokeDefaultOpts(nil)...); err != nil {
		return target{}, fmt.Errorf("azure client configuration: %w", err)
	}
	return t, nil
}
