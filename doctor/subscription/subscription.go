// Package subscription queries a real Azure subscription for what the doctor cannot know without it: free quota, what its regions
// offer, names that are taken or soft-deleted, registered providers, roles of the deploying identity, what Azure Policy denies. It only reads.
//
//	subscription.go  what is queried, and with which login
//	inquiry.go       one run: what was found, what could not be seen and why
//	standing.go      what the environment itself has already deployed
//	checks.go        what is looked for, and where it is known from
//	providers.go roles.go models.go quota.go names.go policies.go   the checks
//	requests.go      calls without a client of Microsoft's: gateways, DNS labels, Azure Policy
//	login.go         who is logged in, and to which subscription
//
// A check that Azure does not permit is reported as such, and the others go on.
package subscription

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"

	"enterprise-openai/doctor"
)

// Options are the subscription and how to query it.
type Options struct {
	// ID is the subscription's.
	ID string
	// Credential signs the calls.
	Credential azcore.TokenCredential
	// Transport carries them; nil is the network.
	Transport policy.Transporter
	// Retry is how often, and after how long, Azure is called again when it throttles or fails; zero is the SDK's way.
	Retry policy.RetryOptions
	// Patience is how long one question may take with all its pages and retries; zero is half a minute.
	Patience time.Duration
}

const defaultPatience = 30 * time.Second

// Ask queries the subscription for everything about an environment. It fails if the clients cannot be made; what Azure
// does not answer is part of the answer.
func Ask(ctx context.Context, e *doctor.Environment, o Options) (doctor.Answer, error) {
	c, err := newClients(o)
	if err != nil {
		return doctor.Answer{}, fmt.Errorf("azure clients: %w", err)
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	q := newInquiry(e, c, o)
	token, ok := q.loggedIn(ctx)
	if !ok {
		return q.answer, nil
	}
	q.stand(ctx)
	q.askProviders(ctx)
	q.askRoles(ctx, token)
	q.askModels(ctx)
	q.askQuota(ctx)
	q.checkCapacity(ctx)
	q.askDeleted(ctx)
	q.checkNames(ctx)
	q.checkPolicies(ctx)
	return q.answer, nil
}

// clients are Microsoft's, one for each API, and the requests that have none.
type clients struct {
	accounts        *armcognitiveservices.AccountsClient
	deployments     *armcognitiveservices.DeploymentsClient
	models          *armcognitiveservices.ModelsClient
	usages          *armcognitiveservices.UsagesClient
	capacities      *armcognitiveservices.ModelCapacitiesClient
	deletedAccounts *armcognitiveservices.DeletedAccountsClient
	cognitive       *armcognitiveservices.ManagementClient
	providers       *armresources.ProvidersClient
	assignments     *armauthorization.RoleAssignmentsClient
	definitions     *armauthorization.RoleDefinitionsClient
	requests        requests
}

func newClients(o Options) (*clients, error) {
	options := &arm.ClientOptions{
		ClientOptions: policy.ClientOptions{Transport: o.Transport, Retry: o.Retry},
		// The SDK would register a provider by itself when a call needs it. The doctor changes nothing.
		DisableRPRegistration: true,
	}
	cognitive, err := armcognitiveservices.NewClientFactory(o.ID, o.Credential, options)
	if err != nil {
		return nil, err
	}
	providers, err := armresources.NewProvidersClient(o.ID, o.Credential, options)
	if err != nil {
		return nil, err
	}
	assignments, err := armauthorization.NewRoleAssignmentsClient(o.ID, o.Credential, options)
	if err != nil {
		return nil, err
	}
	definitions, err := armauthorization.NewRoleDefinitionsClient(o.Credential, options)
	if err != nil {
		return nil, err
	}
	others, err := arm.NewClient("enterprise-openai/doctor", "v1.0.0", o.Credential, options)
	if err != nil {
		return nil, err
	}
	return &clients{
		requests: requests{client: others, subscription: o.ID},
		accounts: cognitive.NewAccountsClient(), deployments: cognitive.NewDeploymentsClient(), models: cognitive.NewModelsClient(),
		usages: cognitive.NewUsagesClient(), capacities: cognitive.NewModelCapacitiesClient(),
		deletedAccounts: cognitive.NewDeletedAccountsClient(), cognitive: cognitive.NewManagementClient(),
		providers: providers, assignments: assignments, definitions: definitions,
	}, nil
}
