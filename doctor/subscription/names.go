package subscription

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"

	"enterprise-openai/doctor"
)

// named are the names of the environment that others may have, without those it has itself.
func (q *inquiry) named(kind string) []doctor.Name {
	var names []doctor.Name
	e := q.environment
	own := map[string]bool{}
	all := e.Settings.Names(q.options.ID, e.Project, e.Stack)
	for name := range q.standing.accounts {
		own[all.Account(name)] = true
	}
	if q.standing.gateway {
		own[all.Gateway()] = true
	}
	for _, n := range doctor.Names(e, q.options.ID) {
		if n.Kind == kind && !own[n.Value] {
			names = append(names, n)
		}
	}
	return names
}

// orSuffix is the way out of every name that is taken.
const orSuffix = ", or set naming.suffix to another one"

// askDeleted looks for names that Azure still reserves after a deletion of the last 48 hours.
func (q *inquiry) askDeleted(ctx context.Context) {
	limited, cancel := q.limited(ctx)
	defer cancel()
	err := q.requests.deletedServices(limited, func(gone deletedService) {
		until := ""
		if gone.Properties.ScheduledPurgeDate != nil {
			until = ", until " + gone.Properties.ScheduledPurgeDate.Format("2006-01-02 15:04 MST")
		}
		q.softDeleted(doctor.KindGateway, gone.Name, until, "ServiceAlreadyExistsInSoftDeletedState",
			fmt.Sprintf("az apim deletedservice purge --service-name %s --location %s", gone.Name, gone.Location))
	})
	if err != nil {
		q.blind("Gateways deleted in the last 48 hours", "Microsoft.ApiManagement/deletedservices/read", err)
	}
	err = pages(ctx, q, q.deletedAccounts.NewListPager(nil), func(page armcognitiveservices.DeletedAccountsClientListResponse) {
		for _, gone := range page.Value {
			until := ""
			if gone.Properties != nil && value(gone.Properties.ScheduledPurgeDate) != "" {
				until = ", until " + value(gone.Properties.ScheduledPurgeDate)
			}
			q.softDeleted(doctor.KindAccount, value(gone.Name), until, "FlagMustBeSetForRestore",
				fmt.Sprintf("az cognitiveservices account purge --name %s --resource-group %s --location %s", value(gone.Name), part(value(gone.ID), "resourceGroups"), value(gone.Location)))
		}
	})
	if err != nil {
		q.blind("Accounts deleted in the last 48 hours", "Microsoft.CognitiveServices/deletedAccounts/read", err)
	}
}

// softDeleted notes that a soft-deleted thing has a name of the environment.
func (q *inquiry) softDeleted(kind, name, until, refusal, purge string) {
	for _, n := range q.named(kind) {
		if strings.EqualFold(n.Value, name) {
			q.deleted[strings.ToLower(name)] = true
			q.find(deletedCheck, doctor.Error, fmt.Sprintf("a deleted %s still holds the name %s%s: Azure answers 409 %s", n.Kind, name, until, refusal),
				purge+orSuffix, n.Setting)
		}
	}
}

// part is the segment of an ARM id that follows a name.
func part(id, name string) string {
	segments := strings.Split(id, "/")
	for i := 0; i+1 < len(segments); i++ {
		if strings.EqualFold(segments[i], name) {
			return segments[i+1]
		}
	}
	return ""
}

// checkNames looks for names that are taken, in any subscription of the world.
func (q *inquiry) checkNames(ctx context.Context) {
	for _, n := range q.named(doctor.KindGateway) {
		q.judgeName(n, "Microsoft.ApiManagement/checkNameAvailability/action", func() (bool, string, error) {
			ctx, cancel := q.limited(ctx)
			defer cancel()
			return q.requests.serviceNameFree(ctx, n.Value)
		})
	}
	for _, n := range q.named(doctor.KindAccount) {
		q.judgeName(n, "Microsoft.CognitiveServices/checkDomainAvailability/action", func() (bool, string, error) {
			got, err := once(ctx, q, func(ctx context.Context) (armcognitiveservices.ManagementClientCheckDomainAvailabilityResponse, error) {
				return q.cognitive.CheckDomainAvailability(ctx, armcognitiveservices.CheckDomainAvailabilityParameter{
					SubdomainName: &n.Value, Type: to.Ptr("Microsoft.CognitiveServices/accounts"), Kind: to.Ptr("OpenAI"),
				}, nil)
			})
			return value(got.IsSubdomainAvailable), value(got.Reason), err
		})
	}
	if q.standing.gateway {
		return // its address has the label
	}
	for _, n := range q.named(doctor.KindLabel) {
		q.judgeName(n, "Microsoft.Network/locations/CheckDnsNameAvailability/read", func() (bool, string, error) {
			ctx, cancel := q.limited(ctx)
			defer cancel()
			free, err := q.requests.labelFree(ctx, q.environment.Settings.Location, n.Value)
			return free, "", err
		})
	}
}

func (q *inquiry) judgeName(n doctor.Name, action string, available func() (free bool, reason string, err error)) {
	if q.deleted[strings.ToLower(n.Value)] {
		return // reported already, with a better remedy
	}
	free, reason, err := available()
	switch {
	case err != nil:
		q.blind("Whether the name "+n.Value+" is free", action, err)
	case !free:
		text := fmt.Sprintf("the name %s of the %s is taken", n.Value, n.Kind)
		if reason = strings.TrimSuffix(strings.TrimSpace(reason), "."); reason != "" {
			text += " (" + reason + ")"
		}
		q.find(namesCheck, doctor.Error, text, "set naming.suffix to another one", n.Setting)
	}
}
