package infra

import (
	"fmt"

	"enterprise-openai/policies"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rawXML is the policy format in which expressions may hold quotes and angle brackets as they are.
const rawXML = "rawxml"

// Policies is what the APIs' policy documents name: values and fragments.
type Policies struct {
	pulumi.ResourceState

	// Done are the fragments; a policy that names one before it exists is refused with ValidationError.
	Done Done
}

// PoliciesArgs is what the shared policies need to know.
type PoliciesArgs struct {
	Service Service
	// Facts are what the policies decide by.
	Facts policies.Facts
	// LoggerAfter is the logger that fragments may need; nil where there is none.
	LoggerAfter Done
}

// NewPolicies declares the named values, then the fragments that use them.
func NewPolicies(ctx *pulumi.Context, name string, args *PoliciesArgs, opts ...pulumi.ResourceOption) (*Policies, error) {
	p := &Policies{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Policies", name, p, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(p)
	service := args.Service

	values, err := args.Facts.NamedValues()
	if err != nil {
		return nil, fmt.Errorf("named values: %w", err)
	}
	var declared Done
	for _, value := range values {
		namedValue, err := apim.NewNamedValue(ctx, name+"-"+value.Name, &apim.NamedValueArgs{
			NamedValueId:      pulumi.String(value.Name),
			DisplayName:       pulumi.String(value.Name), // policies look values up by it
			ServiceName:       service.Name,
			ResourceGroupName: service.ResourceGroup,
			Value:             pulumi.String(value.Value),
			Secret:            pulumi.Bool(false),
		}, service.below(child)...)
		if err != nil {
			return nil, fmt.Errorf("named value %s: %w", value.Name, err)
		}
		declared = append(declared, namedValue)
	}

	if args.Facts.NeedFileKey() {
		key, err := declareFileKey(ctx, name, service, child)
		if err != nil {
			return nil, fmt.Errorf("key of file ids: %w", err)
		}
		declared = append(declared, key)
	}

	fragments, err := args.Facts.Fragments()
	if err != nil {
		return nil, fmt.Errorf("policy fragments: %w", err)
	}
	for _, fragment := range fragments {
		var logger Done
		if fragment.NeedsLogger {
			logger = args.LoggerAfter
		}
		made, err := apim.NewPolicyFragment(ctx, fragment.Name, &apim.PolicyFragmentArgs{
			Id:                pulumi.String(fragment.Name),
			ServiceName:       service.Name,
			ResourceGroupName: service.ResourceGroup,
			Description:       pulumi.String(fragment.Purpose),
			Format:            pulumi.String(rawXML),
			Value:             pulumi.String(fragment.Document),
		}, service.below(child, after(declared, logger))...)
		if err != nil {
			return nil, fmt.Errorf("policy fragment %s: %w", fragment.Name, err)
		}
		p.Done = append(p.Done, made)
	}
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{})
}
