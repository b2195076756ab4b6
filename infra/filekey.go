package infra

import (
	"fmt"

	"enterprise-openai/policies"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// fileKeySubscription is the gateway's id of the subscription whose primary key is the key of policies.FileKey.
const fileKeySubscription = "file-key"

// declareFileKey declares the key of the codes in ids of files, as a secret named value. API Management makes it: it is the primary key of a
// subscription that is suspended, so that it opens nothing, and that has no product, so that the policies refuse it in any case. So no setting has
// a secret, and the state keeps it encrypted. A new key makes the ids that callers have worthless.
func declareFileKey(ctx *pulumi.Context, name string, service Service, child pulumi.ResourceOrInvokeOption) (pulumi.Resource, error) {
	subscription, err := apim.NewSubscription(ctx, name+"-"+fileKeySubscription, &apim.SubscriptionArgs{
		Sid:               pulumi.String(fileKeySubscription),
		ServiceName:       service.Name,
		ResourceGroupName: service.ResourceGroup,
		DisplayName:       pulumi.String("Key of file ids: opens nothing, keep it suspended"),
		Scope:             pulumi.Sprintf("%s/apis", service.ID),
		State:             apim.SubscriptionStateEnumSuspended,
		AllowTracing:      pulumi.Bool(false),
	}, service.below(child)...)
	if err != nil {
		return nil, fmt.Errorf("subscription: %w", err)
	}
	secrets := apim.ListSubscriptionSecretsOutput(ctx, apim.ListSubscriptionSecretsOutputArgs{
		ResourceGroupName: service.ResourceGroup, ServiceName: service.Name, Sid: subscription.Name,
	}, child)
	return apim.NewNamedValue(ctx, name+"-"+policies.FileKey, &apim.NamedValueArgs{
		NamedValueId:      pulumi.String(policies.FileKey),
		DisplayName:       pulumi.String(policies.FileKey),
		ServiceName:       service.Name,
		ResourceGroupName: service.ResourceGroup,
		// The provider returns keys as plain text; marked here they never reach the state unencrypted.
		Value:  pulumi.ToSecret(secrets.PrimaryKey().Elem()).(pulumi.StringOutput),
		Secret: pulumi.Bool(true),
	}, service.below(child)...)
}
