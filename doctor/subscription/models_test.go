package subscription

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

func TestWhatARegionDoesNotOfferIsFound(t *testing.T) {
	askAll(t, []wrong{
		{"the model", first(func(d *stacks.Deployment) { d.Model = "gpt-9" }), []string{
			"error azure-models accounts[0].deployments[0].model: swedencentral does not offer gpt-9 to this subscription; choose another model or region: az cognitiveservices model list --location swedencentral"}},
		{"the version", first(func(d *stacks.Deployment) { d.Version = "2020-01-01" }), []string{
			"error azure-models accounts[0].deployments[0].version: swedencentral does not offer version 2020-01-01 of gpt-5.1 to this subscription; it offers 2025-11-13"}},
		{"the deployment type", first(func(d *stacks.Deployment) { d.SKU = "Standard" }), []string{
			"error azure-models accounts[0].deployments[0].sku: swedencentral does not offer gpt-5.1 2025-11-13 as Standard to this subscription; it offers DataZoneStandard, ProvisionedManaged"}},
		{"for accounts of another kind only", func(w *world) { w.azure.models["swedencentral"][0].Kind = to.Ptr("AIServices") }, []string{
			"error azure-models accounts[0].deployments[0].model: swedencentral does not offer gpt-5.1 to this subscription; choose another model or region: az cognitiveservices model list --location swedencentral"}},
	})
}

func TestSizesARegionDoesNotTakeAreFound(t *testing.T) {
	sized := func(capacity int, c armcognitiveservices.CapacityConfig) func(*world) {
		return func(w *world) {
			first(func(d *stacks.Deployment) { d.Capacity = capacity })(w)
			w.azure.models["swedencentral"][0].Model.SKUs[0].Capacity = &c
		}
	}
	const at = "error azure-models accounts[0].deployments[0].capacity: gpt-5.1 2025-11-13 as DataZoneStandard takes "
	askAll(t, []wrong{
		{"just right", sized(62, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](12), Maximum: to.Ptr[int32](62), Step: to.Ptr[int32](5)}), []string{}},
		{"too small", sized(9, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](10)}), []string{at + "a capacity of at least 10, not 9; use 10 or more"}},
		{"too large", sized(61, armcognitiveservices.CapacityConfig{Maximum: to.Ptr[int32](60)}), []string{at + "a capacity of at most 60, not 61; use 60 or less, or more accounts"}},
		{"between two steps", sized(60, armcognitiveservices.CapacityConfig{Minimum: to.Ptr[int32](12), Step: to.Ptr[int32](5)}), []string{at + "capacities in steps of 5 from 12, not 60; use 57 or 62"}},
		{"no rule", sized(58, armcognitiveservices.CapacityConfig{}), []string{}},
	})
}

func TestAzuresOwnDateOfAnEndIsTold(t *testing.T) {
	ends := func(date string) func(*world) {
		return func(w *world) {
			w.azure.models["swedencentral"][0].Model.Deprecation = &armcognitiveservices.ModelDeprecationInfo{Inference: to.Ptr(date + "T00:00:00Z")}
		}
	}
	const at = " azure-retirement accounts[0].deployments[0].version: Azure says that gpt-5.1 2025-11-13 as DataZoneStandard "
	askAll(t, []wrong{
		{"far away", ends("2027-05-15"), []string{}},
		{"in nine months", ends("2027-04-08"), []string{}},
		{"a day before that", ends("2027-04-07"), []string{"advice" + at + "ends on 2027-04-07, in 272 days; plan the move"}},
		{"within half a year", ends("2026-12-01"), []string{"advice" + at + "ends on 2026-12-01, in 145 days; plan the move"}},
		{"soon", ends("2026-08-01"), []string{"warning" + at + "ends on 2026-08-01, in 23 days; move to a version that stays longer"}},
		{"past", ends("2026-07-08"), []string{"error" + at + "ended on 2026-07-08; deploy another model"}},
		{"of the deployment type alone", func(w *world) {
			ends("2027-05-15")(w)
			w.azure.models["swedencentral"][0].Model.SKUs[0].DeprecationDate = to.Ptr(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		}, []string{"error" + at + "ended on 2026-07-01; deploy another model"}},
		{"unreadable", ends("never"), []string{}},
	})
}

func TestQuotaThatIsNotFreeIsFound(t *testing.T) {
	const sweden = "error azure-quota accounts[0].deployments[0].capacity: Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in swedencentral: "
	const remedy = ": Azure refuses the deployment with InsufficientQuota; lower the capacity, move it to another region, or ask for more: https://aka.ms/oai/quotaincrease"
	usage := func(now, limit float64) func(*world) {
		return func(w *world) { w.azure.usages["swedencentral"][1] = used(strings.ToUpper(dataZoneUsage), now, limit) }
	}
	standing := func(capacity int32) func(*world) {
		return func(w *world) {
			w.azure.gateway = true
			names := w.environment.Settings.Names(subscriptionID, "enterprise-openai", "test")
			w.azure.accounts[names.Account("sweden")] = []*armcognitiveservices.Deployment{{
				SKU:        &armcognitiveservices.SKU{Name: to.Ptr("DataZoneStandard"), Capacity: &capacity},
				Properties: &armcognitiveservices.DeploymentProperties{Model: &armcognitiveservices.DeploymentModel{Name: to.Ptr("GPT-5.1")}},
			}, {}}
		}
	}
	both := func(changes ...func(*world)) func(*world) {
		return func(w *world) {
			for _, change := range changes {
				change(w)
			}
		}
	}
	askAll(t, []wrong{
		{"exactly enough", usage(400, 500), []string{}},
		{"one too few", usage(401, 500), []string{sweden + "100 thousand tokens per minute are needed, 99 of 500 are free" + remedy}},
		{"none at all", usage(0, 0), []string{sweden + "100 thousand tokens per minute are needed, 0 of 0 are free" + remedy}},
		{"used by this very environment", both(usage(500, 500), standing(100)), []string{}},
		{"used by this environment, and more wanted", both(usage(500, 500), standing(60)), []string{
			sweden + "100 thousand tokens per minute are needed, 60 of 500 are free, the 60 of this environment included" + remedy}},
	})
}

func TestTheReportShowsWhatTheSubscriptionHas(t *testing.T) {
	w := newWorld(t)
	got, err := Ask(context.Background(), w.environment, w.options)
	require.NoError(t, err)
	require.Len(t, got.Quota, 2)
	for _, need := range got.Quota {
		assert.Equal(t, 50, *need.Used)
		assert.Equal(t, 500, *need.Limit)
	}
	assert.Equal(t, subscriptionID, got.Subscription)
}

func TestQuotaTheSubscriptionDoesNotListIsSaidNotToBeChecked(t *testing.T) {
	w := newWorld(t, func(w *world) { w.azure.usages["francecentral"] = w.azure.usages["francecentral"][:1] })
	found, unseen := w.check(t)
	assert.Empty(t, found)
	assert.Equal(t, []string{"Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in francecentral: the subscription lists no quota " + dataZoneUsage + " there."}, unseen)
}

func TestMachinesForProvisionedUnitsAreAskedFor(t *testing.T) {
	provisioned := first(func(d *stacks.Deployment) { d.SKU, d.TokensPerUnit = "ProvisionedManaged", 4750 })
	machines := func(available float32) func(*world) {
		return func(w *world) {
			provisioned(w)
			w.azure.machines = []*armcognitiveservices.ModelCapacityListResultValueItem{
				{Location: to.Ptr("uksouth"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: to.Ptr[float32](9000)}},
				{Location: to.Ptr("SwedenCentral"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: &available}},
			}
		}
	}
	askAll(t, []wrong{
		{"enough", machines(100), []string{}},
		{"too few", machines(50), []string{
			"warning azure-capacity accounts[0].deployments[0].capacity: at this moment swedencentral can serve 50 units of gpt-5.1 as ProvisionedManaged, not 100: quota is no promise of machines; try with fewer, in another region, or later"}},
	})
	found, unseen := newWorld(t, provisioned).check(t)
	assert.Empty(t, found)
	assert.Equal(t, []string{"Whether swedencentral has provisioned units of gpt-5.1 at the moment: Azure does not say."}, unseen)
}
