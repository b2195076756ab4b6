package subscription

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/words"
)

// increase is where quota is requested, as Azure OpenAI's own 429 answers say.
const increase = "https://aka.ms/oai/quotaincrease"

// usage is what the subscription has of one quota.
type usage struct{ used, limit int }

func (q *inquiry) askQuota(ctx context.Context) {
	usages := map[string]map[string]usage{} // by region and by the quota's name in lower case
	for _, region := range q.regions() {
		got, err := q.usagesOf(ctx, region)
		if err != nil {
			q.blind("Free quota in "+region, "Microsoft.CognitiveServices/locations/usages/read", err)
			continue
		}
		usages[region] = got
	}
	for i, need := range q.answer.Quota {
		of, known := usages[need.Region]
		if !known {
			continue
		}
		name := q.usageName(need)
		u, reported := of[strings.ToLower(name)]
		if !reported {
			q.answer.NotChecked = append(q.answer.NotChecked, fmt.Sprintf("%s in %s: the subscription lists no quota %s there.", need.Quota, need.Region, name))
			continue
		}
		q.answer.Quota[i].Used, q.answer.Quota[i].Limit = &u.used, &u.limit
		q.judgeQuota(need, u)
	}
}

func (q *inquiry) usagesOf(ctx context.Context, region string) (map[string]usage, error) {
	usages := map[string]usage{}
	err := pages(ctx, q, q.usages.NewListPager(region, nil), func(page armcognitiveservices.UsagesClientListResponse) {
		for _, u := range page.Value {
			if u.Name != nil {
				usages[strings.ToLower(value(u.Name.Value))] = usage{int(value(u.CurrentValue)), int(value(u.Limit))}
			}
		}
	})
	return usages, err
}

// usageName is the quota's name in the API: that of the region's list of models, or else the form it has today, which is
// seen in public code and [M] unverified.
func (q *inquiry) usageName(need doctor.Need) string {
	for _, o := range q.offers[need.Region] {
		if o.kind == string(need.Type) && o.usage != "" && (need.Provisioned() || strings.EqualFold(o.model, need.Model)) {
			return o.usage
		}
	}
	if need.Provisioned() {
		return "OpenAI." + string(need.Type)
	}
	return "OpenAI." + string(need.Type) + "." + need.Model
}

func (q *inquiry) judgeQuota(need doctor.Need, u usage) {
	own := q.standing.capacity[quotaOf(need)]
	free := u.limit - u.used + own
	if need.Capacity <= free {
		return
	}
	unit := "thousand tokens per minute"
	if need.Provisioned() {
		unit = "units"
	}
	text := fmt.Sprintf("%s in %s: %d %s are needed, %d of %d are free", need.Quota, need.Region, need.Capacity, unit, max(free, 0), u.limit)
	if own > 0 {
		text += fmt.Sprintf(", the %d of this environment included", own)
	}
	var paths []string
	for _, s := range need.Settings {
		paths = append(paths, s.Path)
	}
	q.find(quotaCheck, doctor.Error, text+": Azure refuses the deployment with InsufficientQuota",
		"lower the capacity, move it to another region, or ask for more: "+increase, paths...)
}

// checkCapacity looks up what quota does not promise: that the region has the machines.
func (q *inquiry) checkCapacity(ctx context.Context) {
	for i, a := range q.environment.Settings.Accounts {
		for j, d := range a.Deployments {
			if !d.Provisioned() || q.standing.accounts[a.Name] {
				continue // what stands has its machines
			}
			available, reported := 0, false
			err := pages(ctx, q, q.capacities.NewListPager("OpenAI", d.Model, d.Version, nil), func(page armcognitiveservices.ModelCapacitiesClientListResponse) {
				for _, c := range page.Value {
					if c.Properties != nil && strings.EqualFold(value(c.Location), a.Location) && value(c.Properties.SKUName) == string(d.SKU) {
						available, reported = int(value(c.Properties.AvailableCapacity)), true
					}
				}
			})
			what := fmt.Sprintf("Whether %s has provisioned units of %s at the moment", a.Location, d.Model)
			switch {
			case err != nil:
				q.blind(what, "Microsoft.CognitiveServices/modelCapacities/read", err)
			case !reported:
				q.answer.NotChecked = append(q.answer.NotChecked, what+": Azure does not say.")
			case available < d.Capacity:
				q.find(capacityCheck, doctor.Warning, fmt.Sprintf("at this moment %s can serve %s of %s as %s, not %d: quota is no promise of machines", a.Location, words.Count(available, "unit"), d.Model, d.SKU, d.Capacity),
					"try with fewer, in another region, or later", fmt.Sprintf("accounts[%d].deployments[%d].capacity", i, j))
			}
		}
	}
}
