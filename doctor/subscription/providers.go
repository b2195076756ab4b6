package subscription

import (
	"context"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"

	"enterprise-openai/doctor"
	"enterprise-openai/stacks"
)

// namespaces are the resource providers of what the program declares. Microsoft.Resources and Microsoft.Authorization are
// registered in every subscription.
var namespaces = []string{
	"Microsoft.ApiManagement", "Microsoft.CognitiveServices", "Microsoft.Network", "Microsoft.OperationalInsights", "Microsoft.Insights",
}

// needed adds what only some environments have.
func needed(s stacks.Settings) []string {
	if s.Logging.EventHub != nil {
		return append(slices.Clone(namespaces), "Microsoft.EventHub")
	}
	return namespaces
}

func (q *inquiry) askProviders(ctx context.Context) {
	for _, namespace := range needed(q.environment.Settings) {
		got, err := once(ctx, q, func(ctx context.Context) (armresources.ProvidersClientGetResponse, error) {
			return q.providers.Get(ctx, namespace, nil)
		})
		if err != nil {
			q.blind("Whether "+namespace+" is registered", "Microsoft.Resources/subscriptions/providers/read", err)
			continue
		}
		remedy := "az provider register --namespace " + namespace + " --subscription " + q.options.ID
		switch state := value(got.RegistrationState); state {
		case "Registered":
		case "Registering":
			q.find(providersCheck, doctor.Warning, namespace+" is still being registered: its resources are refused until that is done", "wait some minutes, or see "+remedy+" --wait", "")
		default:
			q.find(providersCheck, doctor.Error, namespace+" is not registered ("+state+"): Azure refuses its resources with MissingSubscriptionRegistration", remedy, "")
		}
	}
}
