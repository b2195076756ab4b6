package infra

import (
	"fmt"

	"enterprise-openai/policies"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Backends is where the gateway sends calls: one backend per account and deployment, so that a breaker that opens for one
// model does not take another away, and one pool per deployment.
type Backends struct {
	pulumi.ResourceState

	// Done are the pools.
	Done Done
}

// PoolPlan is one deployment and the accounts that serve it.
type PoolPlan struct {
	Deployment string
	Members    []MemberPlan
}

// MemberPlan is one account in a pool.
type MemberPlan struct {
	Account string
	// Priority 1 is called first.
	Priority int
	// Weight is the share among members of the same priority.
	Weight int
}

// BackendsArgs is what backends need to know.
type BackendsArgs struct {
	Site    Site
	Service Service
	Pools   []PoolPlan
	// AccountURLs are the accounts' addresses by account name.
	AccountURLs map[string]pulumi.StringInput
	// PoolsAfter is what makes every account answer the gateway: its deployments, its endpoint and the gateway's role. A pool that
	// gets a member before sends calls to where nothing answers, and one whose only member moves is down for as long.
	PoolsAfter Done
}

// NewBackends declares the backends, then the pools they form. Pools go through a template: the provider's Backend demands
// url and protocol, which ARM refuses on a pool ("Url is not supported for backend pool.").
func NewBackends(ctx *pulumi.Context, name string, args *BackendsArgs, opts ...pulumi.ResourceOption) (*Backends, error) {
	b := &Backends{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Backends", name, b, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(b)

	var pools []templateResource
	for _, plan := range args.Pools {
		members := pulumi.Array{}
		for _, member := range plan.Members {
			backend, err := memberBackend(ctx, name, args, plan.Deployment, member.Account, child)
			if err != nil {
				return nil, fmt.Errorf("backend of %s on %s: %w", plan.Deployment, member.Account, err)
			}
			members = append(members, pulumi.Map{
				"id":       backend.ID(),
				"priority": pulumi.Int(member.Priority),
				"weight":   pulumi.Int(member.Weight),
			})
		}
		pools = append(pools, templateResource{
			kind: "backends",
			name: pulumi.Sprintf("%s/%s", args.Service.Name, policies.PoolID(plan.Deployment)),
			properties: pulumi.Map{
				"type":        pulumi.String("Pool"),
				"description": pulumi.String(fmt.Sprintf("Accounts that serve %s", plan.Deployment)),
				"pool":        pulumi.Map{"services": members},
			},
		})
	}
	stack, err := deploymentStack(ctx, name+"-pools", args.Site.Names.DeploymentStack("pools"), args.Site, pools, deleted,
		args.Service.below(child, after(args.PoolsAfter))...)
	if err != nil {
		return nil, fmt.Errorf("pools: %w", err)
	}

	b.Done = Done{stack}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// memberBackend declares one account's backend for one deployment.
func memberBackend(
	ctx *pulumi.Context, name string, args *BackendsArgs, deployment, account string, child pulumi.ResourceOption,
) (*apim.Backend, error) {
	id := policies.BackendID(account, deployment)
	return apim.NewBackend(ctx, name+"-"+account+"-"+deployment, &apim.BackendArgs{
		BackendId:         pulumi.String(id),
		ServiceName:       args.Service.Name,
		ResourceGroupName: args.Service.ResourceGroup,
		Type:              pulumi.String("Single"),
		Protocol:          pulumi.String("http"),
		Url:               args.AccountURLs[account],
		Description:       pulumi.String(fmt.Sprintf("%s on account %s", deployment, account)),
		Tls:               apim.BackendTlsPropertiesArgs{ValidateCertificateChain: pulumi.Bool(true), ValidateCertificateName: pulumi.Bool(true)},
		CircuitBreaker:    breaker(),
	}, args.Service.below(child)...)
}

// breakerPause is how long a backend that failed is left alone when its answer names no Retry-After of its own.
const breakerPause = "PT10S"

// breakerStatuses are the answers after which another backend is chosen: no caller can cause them alone. A prompt can cause 500
// (model_error) and 408, a client that hangs up 499, and then every team would lose the account; failover.xml tries those elsewhere by name. 404 is not among them:
// a caller who makes up an api-version gets one, and would close the backend for everybody.
var breakerStatuses = [][2]int{{401, 401}, {403, 403}, {429, 429}, {502, 504}}

// breaker opens on the first failure, because a pool only moves on to a lower priority when every higher breaker is open,
// and the call that failed is tried again at once. Azure accepts one rule (Microsoft Learn: api-management/backends).
func breaker() apim.BackendCircuitBreakerArgs {
	ranges := apim.FailureStatusCodeRangeArray{}
	for _, r := range breakerStatuses {
		ranges = append(ranges, apim.FailureStatusCodeRangeArgs{Min: pulumi.Int(r[0]), Max: pulumi.Int(r[1])})
	}
	return apim.BackendCircuitBreakerArgs{
		Rules: apim.CircuitBreakerRuleArray{
			apim.CircuitBreakerRuleArgs{
				Name:             pulumi.String("unavailable"),
				AcceptRetryAfter: pulumi.Bool(true),
				TripDuration:     pulumi.String(breakerPause),
				FailureCondition: apim.CircuitBreakerFailureConditionArgs{
					Count:            pulumi.Float64(1),
					Interval:         pulumi.String("PT1M"),
					StatusCodeRanges: ranges,
				},
			},
		},
	}
}
