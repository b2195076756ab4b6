package infra

import (
	"fmt"

	"enterprise-openai/policies"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Names under which callers present a product key: what Azure's own SDKs send.
const (
	keyHeader = "api-key"
	keyQuery  = "api-key"
)

// API is one API of the gateway.
type API struct {
	pulumi.ResourceState

	// ID is the gateway's id of the API.
	ID pulumi.StringOutput
	// Done is the last of the resources written below the API; whatever else writes below it waits for this.
	Done Done
}

// APIPlan is what an API is.
type APIPlan struct {
	ID, Title, Path string
	Operations      []policies.Operation
	// Policy is the API's policy document.
	Policy string
	// KeyRequired refuses calls without a key before any policy runs.
	KeyRequired bool
	// Messages logs prompts and answers in ApiManagementGatewayLlmLog.
	Messages bool
	// RequestBodies logs RequestBody in ApiManagementGatewayLogs.
	RequestBodies bool
	// ResponseBodies logs BackendResponseBody there, for which the gateway collects the events of a stream.
	ResponseBodies bool
	// ClientIP logs the caller's address.
	ClientIP bool
}

// APIArgs is what an API needs to know.
type APIArgs struct {
	Service  Service
	Plan     APIPlan
	LoggerID pulumi.StringInput
	// DiagnosticAfter is the logger of LoggerID, and PolicyAfter what the API's policy names, fragments and pools: before they are
	// there, Azure answers ValidationError.
	DiagnosticAfter, PolicyAfter Done
}

// NewAPI declares the API, then its operations, its policy and its diagnostic one after the other: two writes below one API
// at once are answered 409 PessimisticConcurrencyConflict, which the provider does not try again.
func NewAPI(ctx *pulumi.Context, name string, args *APIArgs, opts ...pulumi.ResourceOption) (*API, error) {
	a := &API{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:API", name, a, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(a)
	service, plan := args.Service, args.Plan

	api, err := apim.NewApi(ctx, name, &apim.ApiArgs{
		ApiId:                pulumi.String(plan.ID),
		ServiceName:          service.Name,
		ResourceGroupName:    service.ResourceGroup,
		DisplayName:          pulumi.String(plan.Title),
		Path:                 pulumi.String(plan.Path),
		Protocols:            pulumi.StringArray{pulumi.String("https")},
		SubscriptionRequired: pulumi.Bool(plan.KeyRequired),
		SubscriptionKeyParameterNames: apim.SubscriptionKeyParameterNamesContractArgs{
			Header: pulumi.String(keyHeader),
			Query:  pulumi.String(keyQuery),
		},
	}, service.below(child)...)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}

	last, err := chainOperations(ctx, name, service, plan.Operations, api, child)
	if err != nil {
		return nil, err
	}
	policy, err := apim.NewApiPolicy(ctx, name, &apim.ApiPolicyArgs{
		PolicyId:          pulumi.String("policy"),
		ApiId:             api.Name,
		ServiceName:       service.Name,
		ResourceGroupName: service.ResourceGroup,
		Format:            pulumi.String(rawXML),
		Value:             pulumi.String(plan.Policy),
	}, service.below(child, after(Done{last}, args.PolicyAfter))...)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	diagnostic, err := apim.NewApiDiagnostic(ctx, name, &apim.ApiDiagnosticArgs{
		DiagnosticId:       pulumi.String(azureMonitor),
		ApiId:              api.Name,
		ServiceName:        service.Name,
		ResourceGroupName:  service.ResourceGroup,
		LoggerId:           args.LoggerID,
		AlwaysLog:          pulumi.String("allErrors"),
		Sampling:           everything(),
		LogClientIp:        pulumi.Bool(plan.ClientIP),
		Verbosity:          pulumi.String("information"),
		Frontend:           loggedRequest(plan.RequestBodies),
		Backend:            loggedAnswer(plan.ResponseBodies),
		LargeLanguageModel: loggedMessages(plan.Messages),
	}, service.below(child, after(Done{policy}, args.DiagnosticAfter))...)
	if err != nil {
		return nil, fmt.Errorf("diagnostic: %w", err)
	}

	a.ID, a.Done = api.Name, Done{diagnostic}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"id": a.ID})
}

// chainOperations declares each operation to wait for the one before and returns the last.
func chainOperations(
	ctx *pulumi.Context, name string, service Service, operations []policies.Operation, api *apim.Api, child pulumi.ResourceOption,
) (pulumi.Resource, error) {
	var last pulumi.Resource = api
	for _, o := range operations {
		parameters := apim.ParameterContractArray{}
		for _, parameter := range o.Parameters() {
			parameters = append(parameters, apim.ParameterContractArgs{
				Name: pulumi.String(parameter), Type: pulumi.String("string"), Required: pulumi.Bool(true),
			})
		}
		operation, err := apim.NewApiOperation(ctx, name+"-"+o.ID, &apim.ApiOperationArgs{
			OperationId:        pulumi.String(o.ID),
			ApiId:              api.Name,
			ServiceName:        service.Name,
			ResourceGroupName:  service.ResourceGroup,
			DisplayName:        pulumi.String(o.Title),
			Method:             pulumi.String(o.Method),
			UrlTemplate:        pulumi.String(o.Template),
			TemplateParameters: parameters,
		}, service.below(child, after(Done{last}))...)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", o.ID, err)
		}
		last = operation
	}
	return last, nil
}
