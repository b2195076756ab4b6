package subscription

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/words"
	"enterprise-openai/stacks"
)

// offer is a model as one deployment type, as a region offers it to the subscription.
type offer struct {
	model, version, kind string
	// usage is the name of the quota it counts against.
	usage    string
	capacity *armcognitiveservices.CapacityConfig
	// end is when it retires; zero when Azure does not say.
	end time.Time
}

func (o offer) is(d stacks.Deployment) bool {
	return strings.EqualFold(o.model, d.Model) && o.version == d.Version
}

func (q *inquiry) askModels(ctx context.Context) {
	for _, region := range q.regions() {
		offers, err := q.offered(ctx, region)
		if err != nil {
			q.blind("What "+region+" offers", "Microsoft.CognitiveServices/locations/models/read", err)
			continue
		}
		q.offers[region] = offers
	}
	for i, a := range q.environment.Settings.Accounts {
		offers, known := q.offers[a.Location]
		if !known {
			continue
		}
		for j, d := range a.Deployments {
			q.judgeModel(fmt.Sprintf("accounts[%d].deployments[%d]", i, j), a.Location, d, offers)
		}
	}
}

// regions are those of the accounts, each once, in the order of the settings.
func (q *inquiry) regions() []string {
	var regions []string
	for _, a := range q.environment.Settings.Accounts {
		if !slices.Contains(regions, a.Location) {
			regions = append(regions, a.Location)
		}
	}
	return regions
}

func (q *inquiry) offered(ctx context.Context, region string) ([]offer, error) {
	var offers []offer
	err := pages(ctx, q, q.models.NewListPager(region, nil), func(page armcognitiveservices.ModelsClientListResponse) {
		for _, m := range page.Value {
			if value(m.Kind) != "OpenAI" || m.Model == nil {
				continue
			}
			for _, sku := range m.Model.SKUs {
				offers = append(offers, offer{
					model: value(m.Model.Name), version: value(m.Model.Version), kind: value(sku.Name),
					usage: value(sku.UsageName), capacity: sku.Capacity, end: end(m.Model, sku),
				})
			}
		}
	})
	return offers, err
}

// end is the earlier of the two dates that Azure gives: the version's, and that of the deployment type.
func end(m *armcognitiveservices.AccountModel, sku *armcognitiveservices.ModelSKU) time.Time {
	var dates []time.Time
	if m.Deprecation != nil {
		if t, err := time.Parse(time.RFC3339, value(m.Deprecation.Inference)); err == nil {
			dates = append(dates, t)
		}
	}
	if sku.DeprecationDate != nil {
		dates = append(dates, *sku.DeprecationDate)
	}
	if len(dates) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(dates, time.Time.Compare)
}

func (q *inquiry) judgeModel(path, region string, d stacks.Deployment, offers []offer) {
	q.answer.Settle("region", path+".sku")
	var versions, kinds []string
	for _, o := range offers {
		if strings.EqualFold(o.model, d.Model) && !slices.Contains(versions, o.version) {
			versions = append(versions, o.version)
		}
		if o.is(d) {
			kinds = append(kinds, o.kind)
		}
	}
	switch {
	case len(versions) == 0:
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s does not offer %s to this subscription", region, d.Model),
			"choose another model or region: az cognitiveservices model list --location "+region, path+".model")
		return
	case len(kinds) == 0:
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s does not offer version %s of %s to this subscription", region, d.Version, d.Model),
			"it offers "+strings.Join(versions, ", "), path+".version")
		return
	case !slices.Contains(kinds, string(d.SKU)):
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s does not offer %s %s as %s to this subscription", region, d.Model, d.Version, d.SKU),
			"it offers "+strings.Join(kinds, ", "), path+".sku")
		return
	}
	for _, o := range offers {
		if o.is(d) && o.kind == string(d.SKU) {
			q.judgeSize(path, d, o.capacity)
			q.judgeEnd(path, d, o.end)
		}
	}
}

// judgeSize compares a capacity with what the deployment type takes.
func (q *inquiry) judgeSize(path string, d stacks.Deployment, c *armcognitiveservices.CapacityConfig) {
	if c == nil {
		return
	}
	q.answer.Settle("unit-size", path+".capacity")
	least, most, step := int(value(c.Minimum)), int(value(c.Maximum)), int(value(c.Step))
	name := fmt.Sprintf("%s %s as %s", d.Model, d.Version, d.SKU)
	switch {
	case least > 0 && d.Capacity < least:
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s takes a capacity of at least %d, not %d", name, least, d.Capacity), fmt.Sprintf("use %d or more", least), path+".capacity")
	case most > 0 && d.Capacity > most:
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s takes a capacity of at most %d, not %d", name, most, d.Capacity), fmt.Sprintf("use %d or less, or more accounts", most), path+".capacity")
	case step > 1 && (d.Capacity-least)%step != 0:
		q.find(modelsCheck, doctor.Error, fmt.Sprintf("%s takes capacities in steps of %d from %d, not %d", name, step, least, d.Capacity),
			fmt.Sprintf("use %d or %d", d.Capacity-(d.Capacity-least)%step, d.Capacity-(d.Capacity-least)%step+step), path+".capacity")
	}
}

// judgeEnd speaks of Azure's own date, which is newer than any table.
func (q *inquiry) judgeEnd(path string, d stacks.Deployment, end time.Time) {
	if end.IsZero() {
		return
	}
	q.answer.Settle("retirement", path+".version")
	left := int(end.Sub(q.environment.Today).Hours() / 24)
	name, date := d.Model+" "+d.Version+" as "+string(d.SKU), end.Format(time.DateOnly)
	switch {
	case !end.After(q.environment.Today):
		q.find(retirementCheck, doctor.Error, fmt.Sprintf("Azure says that %s ended on %s", name, date), "deploy another model", path+".version")
	case left <= doctor.SoonDays:
		q.find(retirementCheck, doctor.Warning, fmt.Sprintf("Azure says that %s ends on %s, in %s", name, date, words.Count(left, "day")),
			"move to a version that stays longer", path+".version")
	case doctor.Planned(q.environment.Today, end):
		q.find(retirementCheck, doctor.Advice, fmt.Sprintf("Azure says that %s ends on %s, in %s", name, date, words.Count(left, "day")), "plan the move", path+".version")
	}
}
