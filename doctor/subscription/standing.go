package subscription

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"

	"enterprise-openai/doctor"
)

// standing is what the environment has deployed before: its names are taken by itself, and its capacity is part of what the
// subscription calls used.
type standing struct {
	gateway  bool
	accounts map[string]bool // by the name in the settings
	// capacity is by region, deployment type and model; provisioned units are under no model.
	capacity map[quota]int
}

type quota struct{ region, kind, model string }

func quotaOf(n doctor.Need) quota { return quota{n.Region, string(n.Type), strings.ToLower(n.Model)} }

func (q *inquiry) stand(ctx context.Context) {
	e := q.environment
	names := e.Settings.Names(q.options.ID, e.Project, e.Stack)
	q.standing = standing{accounts: map[string]bool{}, capacity: map[quota]int{}}
	limited, cancel := q.limited(ctx)
	defer cancel()
	err := q.requests.service(limited, names.ResourceGroup(), names.Gateway())
	switch {
	case err == nil:
		q.standing.gateway = true
	case !missing(err):
		q.blind("Whether the gateway is deployed already", "Microsoft.ApiManagement/service/read", err)
	}
	for _, a := range e.Settings.Accounts {
		_, err := once(ctx, q, func(ctx context.Context) (armcognitiveservices.AccountsClientGetResponse, error) {
			return q.accounts.Get(ctx, names.ResourceGroup(), names.Account(a.Name), nil)
		})
		if err == nil {
			q.standing.accounts[a.Name] = true
			err = q.deployed(ctx, a.Location, names.ResourceGroup(), names.Account(a.Name))
		}
		if err != nil && !missing(err) {
			q.blind("What account "+a.Name+" has deployed already", "Microsoft.CognitiveServices/accounts/deployments/read", err)
		}
	}
}

// deployed adds up the capacity of an account.
func (q *inquiry) deployed(ctx context.Context, region, group, account string) error {
	return pages(ctx, q, q.deployments.NewListPager(group, account, nil), func(page armcognitiveservices.DeploymentsClientListResponse) {
		for _, d := range page.Value {
			if d.SKU == nil || d.Properties == nil || d.Properties.Model == nil {
				continue
			}
			key := quota{region, value(d.SKU.Name), strings.ToLower(value(d.Properties.Model.Name))}
			if strings.HasSuffix(key.kind, "ProvisionedManaged") {
				key.model = ""
			}
			q.standing.capacity[key] += int(value(d.SKU.Capacity))
		}
	})
}
