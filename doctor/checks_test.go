package doctor

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

func TestAHealthyEnvironmentIsLeftAlone(t *testing.T) {
	assert.Empty(t, findings(healthy(t)))
}

// ill is one fault in the settings, and every finding about it. The paths of findings are in the texts.
type ill struct {
	name    string
	changes []func(*Environment)
	want    []string
}

func examineAll(t *testing.T, cases []ill) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, findings(healthy(t, c.changes...))) })
	}
}

type changes = []func(*Environment)

const both = "accounts[0].deployments[0].version accounts[1].deployments[0].version"

// inEach is a finding about a version on each account; what stays differs by region.
func inEach(severity Severity, text, stays string) []string {
	var lines []string
	for i, region := range []string{"swedencentral", "francecentral"} {
		lines = append(lines, fmt.Sprintf("%s retirement accounts[%d].deployments[0].version: %s; %s", severity, i, text, strings.ReplaceAll(stays, "REGION", region)))
	}
	return lines
}

const (
	noneStays = "no model that stays is known to be in REGION as DataZoneStandard"
	someStay  = "REGION has as DataZoneStandard: gpt-5.5 2026-04-24 (until 2027-10-26), gpt-5.4-mini 2026-03-17 (until 2027-09-21), gpt-5.4 2026-03-05 (until 2027-09-02)"
)

func TestTheEndOfAModelIsReportedInTimeWithWhatReplacesIt(t *testing.T) {
	const (
		ends = "gpt-5.1 2025-11-13 retires on 2027-05-15, in "
		move = "move to a version that stays longer; "
	)
	examineAll(t, []ill{
		{"nine months before: nothing", changes{on("2026-08-15")}, []string{}},
		{"a day later", changes{on("2026-08-16")}, inEach(Advice, ends+"272 days: every call to it fails from that day", "plan the move; "+someStay)},
		{"91 days before", changes{on("2027-02-13")}, inEach(Advice, ends+"91 days: every call to it fails from that day", "plan the move; "+someStay)},
		{"90 days before", changes{on("2027-02-14")}, inEach(Warning, ends+"90 days: every call to it fails from that day", move+someStay)},
		{"upgraded by Azure", changes{on("2027-02-14"), everywhere(func(d *stacks.Deployment) { d.Upgrade = "OnceCurrentVersionExpired" })}, inEach(Warning,
			ends+"90 days: Azure upgrades it by itself, to a version that nobody here has tested", move+someStay)},
		{"on the day before", changes{on("2027-05-14")}, inEach(Warning, ends+"1 day: every call to it fails from that day", move+someStay)},
		{"on the day", changes{on("2027-05-15")}, inEach(Error,
			"gpt-5.1 2025-11-13 was retired on 2027-05-15: Azure makes no new deployment of it, and existing ones answer every call with an error", "deploy another model; "+someStay)},
		{"when nothing that the tables know stays longer", changes{on("2027-08-01"), everywhere(model("gpt-5.5", "2026-04-24"))}, inEach(Warning,
			"gpt-5.5 2026-04-24 retires on 2027-10-26, in 86 days: every call to it fails from that day", move+noneStays)},
		{"long ago, with a successor", changes{everywhere(model("gpt-5-chat", "2025-08-07"))}, inEach(Error,
			"gpt-5-chat 2025-08-07 was retired on 2026-06-29: Azure makes no new deployment of it, and existing ones answer every call with an error",
			"deploy another model; Microsoft names gpt-chat-latest; "+someStay)},
		{"closed to newcomers", changes{on("2026-07-02"), everywhere(model("gpt-4o", "2024-08-06"))}, append(inEach(Warning,
			"gpt-4o 2024-08-06 is deprecated: a subscription that never deployed it cannot, and it retires on 2027-04-14",
			move+"Microsoft names gpt-5.1; "+someStay),
			"advice region accounts[0].deployments[0].sku: whether swedencentral offers gpt-4o 2024-08-06 as DataZoneStandard is not in the tables this doctor knows; ask the region: rehearse doctor --azure",
			"advice region accounts[1].deployments[0].sku: whether francecentral offers gpt-4o 2024-08-06 as DataZoneStandard is not in the tables this doctor knows; ask the region: rehearse doctor --azure",
		)},
		{"embeddings are not scheduled to retire", changes{on("2027-11-10"), everywhere(model("text-embedding-3-large", "1"))}, []string{}},
		{"until their promise nears its end", changes{on("2027-11-11"), everywhere(model("text-embedding-3-large", "1"))}, []string{
			"advice retirement " + both + ": text-embedding-3-large 1 may retire from 2028-02-09, in 90 days; no date is known; watch its retirement date"}},
		{"and is over", changes{on("2028-02-09"), everywhere(model("text-embedding-3-large", "1"))}, []string{
			"warning retirement " + both + ": text-embedding-3-large 1 was promised until 2028-02-09: it may be retired by now; look its retirement date up"}},
	})
}

func TestAModelNobodyKnowsIsSaidToBeUnknown(t *testing.T) {
	examineAll(t, []ill{{"gpt-9", changes{firstly(model("gpt-9", "1"))}, []string{
		"advice retirement accounts[0].deployments[0].version: gpt-9 1 is not in the retirement schedule this doctor knows; look its retirement date up: https://learn.microsoft.com/azure/foundry/openai/concepts/model-retirement-schedule",
		"advice region accounts[0].deployments[0].sku: whether swedencentral offers gpt-9 1 as DataZoneStandard is not in the tables this doctor knows; ask the region: rehearse doctor --azure",
		"advice prices accounts[0].deployments[0].model: no price of gpt-9 is known: queries count its tokens as unpriced, and costs are too low by them; add it to queries/prices.json",
	}}})
}

func TestARegionWithoutTheModelIsFound(t *testing.T) {
	elsewhere := func(e *Environment) { e.Settings.Accounts[1].Location = "germanywestcentral" }
	examineAll(t, []ill{
		{"the region has it as another type", changes{elsewhere}, []string{
			"warning region accounts[1].deployments[0].sku: germanywestcentral did not offer gpt-5.1 2025-11-13 as DataZoneStandard on 2026-06-11: Azure would refuse the deployment; " +
				"germanywestcentral had it as GlobalStandard, GlobalProvisionedManaged, DataZoneProvisionedManaged; " +
				"DataZoneStandard was in centralus, eastus, eastus2, northcentralus, southcentralus, westus, westus3, francecentral, swedencentral"}},
		{"no region has it so", changes{firstly(func(d *stacks.Deployment) { d.Model, d.Version, d.SKU = "gpt-5.4", "2026-03-05", "Standard" })}, []string{
			"warning region accounts[0].deployments[0].sku: swedencentral did not offer gpt-5.4 2026-03-05 as Standard on 2026-06-11: Azure would refuse the deployment; " +
				"swedencentral had it as GlobalStandard, DataZoneStandard, GlobalProvisionedManaged, DataZoneProvisionedManaged"}},
		{"a region that a row of some regions does not name", changes{everywhere(model("gpt-5.4-mini", "2026-03-17")), func(e *Environment) { e.Settings.Accounts[1].Location = "polandcentral" }}, []string{
			"advice region accounts[1].deployments[0].sku: whether polandcentral offers gpt-5.4-mini 2026-03-17 as DataZoneStandard is not in the tables this doctor knows; ask the region: rehearse doctor --azure"}},
		{"a region that no table has", changes{func(e *Environment) { e.Settings.Accounts[1].Location = "marsnorth" }}, []string{
			"advice region accounts[1].deployments[0].sku: whether marsnorth offers gpt-5.1 2025-11-13 as DataZoneStandard is not in the tables this doctor knows; ask the region: rehearse doctor --azure"}},
	})
}

func TestPromptsThatLeaveTheirZoneAreTold(t *testing.T) {
	global := firstly(func(d *stacks.Deployment) { d.SKU = "GlobalStandard" })
	const text = " residency accounts[0].deployments[0].sku: GlobalStandard may process a prompt in any region of the world, whatever the account's region is; where data must stay in its zone, use a DataZone or regional type"
	examineAll(t, []ill{
		{"while trying", changes{global}, []string{"advice" + text}},
		{"in production", changes{production, global}, []string{"warning" + text, oneGateway}},
	})
}

const oneGateway = "advice one-gateway location: the models are in 2 regions, the gateway is in swedencentral alone: when that region fails, nobody gets an answer; " +
	"know it; a second gateway region is not available in this program yet, a second stack elsewhere is a way out"

// units makes the first account's deployment a provisioned one.
func units(kind stacks.DeploymentSKU, capacity, tokens int) func(*Environment) {
	return firstly(func(d *stacks.Deployment) { d.SKU, d.Capacity, d.TokensPerUnit = kind, capacity, tokens })
}

func TestProvisionedUnitsHaveTheSizesTheirModelComesIn(t *testing.T) {
	examineAll(t, []ill{
		{"as it should be", changes{units("ProvisionedManaged", 100, 4750)}, []string{}},
		{"too few", changes{units("ProvisionedManaged", 20, 4750)}, []string{
			"warning unit-size accounts[0].deployments[0].capacity: 20 units are fewer than gpt-5.1 takes as ProvisionedManaged: 50; use at least 50"}},
		{"enough for a data zone", changes{units("DataZoneProvisionedManaged", 20, 4750)}, []string{}},
		{"between two steps", changes{units("ProvisionedManaged", 120, 4750)}, []string{
			"warning unit-size accounts[0].deployments[0].capacity: gpt-5.1 as ProvisionedManaged comes in steps of 50 from 50, 120 is between them; use 100 or 150"}},
		{"worth less than set", changes{units("ProvisionedManaged", 100, 5000)}, []string{
			"warning unit-worth accounts[0].deployments[0].tokensPerUnit: a unit of gpt-5.1 serves 4,750 input tokens per minute, not 5,000: products are promised tokens that do not exist; use 4750"}},
		{"worth more than set", changes{units("ProvisionedManaged", 100, 2500)}, []string{
			"advice unit-worth accounts[0].deployments[0].tokensPerUnit: a unit of gpt-5.1 serves 4,750 input tokens per minute, not 2,500: the pool is thought smaller than it is; use 4750"}},
	})
}

// product adds a product with a team.
func product2(name string, authentication stacks.Authentication, tokens int) func(*Environment) {
	return func(e *Environment) {
		p := e.Settings.Products[0]
		p.Name, p.Authentication, p.TokensPerMinute = name, authentication, tokens
		e.Settings.Products = append(e.Settings.Products, p)
		e.Settings.Teams = append(e.Settings.Teams, stacks.Team{Name: name, Contact: "a@contoso.com", Products: []string{name}})
	}
}

func TestPromisesAreAddedUp(t *testing.T) {
	examineAll(t, []ill{
		{"together too much", changes{product2("second", "key", 190_001)}, []string{
			"warning promises products[0].tokensPerMinute products[1].tokensPerMinute: together the products promise 200,001 tokens per minute of chat, its pool serves 200,000: the last callers of a minute get 429; " +
				"lower the limits, add capacity, or accept it with overcommit: true on one of them"}},
		{"overcommitted on purpose", changes{product2("second", "key", 190_001), func(e *Environment) { e.Settings.Products[1].Overcommit = true }}, []string{}},
		{"enough, unless a region is lost", changes{product2("second", "key", 90_001)}, []string{
			"advice region-lost accounts[0].deployments[0].capacity accounts[1].deployments[0].capacity: without francecentral the pool of chat serves 100,000 of the 100,001 tokens per minute that are promised; add capacity elsewhere, or accept a slower day"}},
		{"the same in production", changes{production, product2("second", "key", 90_001)}, []string{
			"warning region-lost accounts[0].deployments[0].capacity accounts[1].deployments[0].capacity: without francecentral the pool of chat serves 100,000 of the 100,001 tokens per minute that are promised; add capacity elsewhere, or accept a slower day",
			oneGateway}},
		{"people are not teams", changes{product2("second", "entra", 50_000)}, []string{
			"advice people products[1].tokensPerMinute: 4 people at their limit of 50,000 tokens per minute use up the whole pool of chat, which other products share; keep the groups small enough, or give these people a deployment of their own"}},
	})
}

func TestQuotaIsSharedWithTheOtherEnvironments(t *testing.T) {
	e := healthy(t, beside("other", func(o *Environment) {
		o.Settings.Network.AddressSpace = netip.MustParsePrefix("10.60.0.0/22")
		o.Settings.Accounts = o.Settings.Accounts[:1]
	}))
	assert.Equal(t, []string{
		"advice quota-shared accounts[0].deployments[0].capacity: Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard in swedencentral is needed by other environments of this checkout too: 100 here, 200 in all; if they live in one subscription, it must have both",
	}, findings(e))
}

func TestNeedsAddUpWhatCountsAgainstOneQuota(t *testing.T) {
	e := healthy(t, units("ProvisionedManaged", 100, 4750), func(e *Environment) {
		a := e.Settings.Accounts[0]
		other := a.Deployments[0]
		other.Name, other.Model, other.Version, other.Capacity = "small", "gpt-5-mini", "2025-08-07", 25
		a.Name, a.Deployments = "second", []stacks.Deployment{other}
		e.Settings.Accounts = append(e.Settings.Accounts, a)
	})
	type need struct {
		region, model, kind, quota string
		capacity, settings         int
	}
	var got []need
	for _, n := range Needs(e) {
		got = append(got, need{n.Region, n.Model, string(n.Type), n.Quota, n.Capacity, len(n.Settings)})
	}
	assert.Equal(t, []need{
		{"francecentral", "gpt-5.1", "DataZoneStandard", "Tokens Per Minute (thousands) - gpt-5.1 - DataZoneStandard", 100, 1},
		{"swedencentral", "", "ProvisionedManaged", "Regional Provisioned Throughput Unit", 125, 2},
	}, got, "units are for any model, tokens for one")
}

func TestAPoolHasSomewhereToFailOverTo(t *testing.T) {
	alone := func(e *Environment) { e.Settings.Accounts = e.Settings.Accounts[:1] }
	neighbours := func(e *Environment) { e.Settings.Accounts[1].Location = "swedencentral" }
	examineAll(t, []ill{
		{"alone", changes{alone}, []string{
			"warning failover accounts[0].deployments[0].name: only sweden has chat: when it is throttled or down, every call fails; add the deployment to an account in another region"}},
		{"in one region", changes{neighbours}, []string{
			"warning failover accounts[0].deployments[0].name accounts[1].deployments[0].name: every account with chat is in swedencentral: a failure of the region stops it; add the deployment to an account in another region"}},
		{"with too few attempts", changes{gateway(func(g *stacks.Gateway) { g.Failover.MaxAttempts = 1 })}, []string{
			"warning attempts gateway.failover.maxAttempts: one call makes at most 1 attempt, and chat has 1 member before its last priority: a call that meets them all down never reaches it; use at least 2"}},
		{"of one priority, attempts are enough", changes{gateway(func(g *stacks.Gateway) { g.Failover.MaxAttempts = 1 }), func(e *Environment) { e.Settings.Accounts[1].Priority = 1 }}, []string{}},
	})
}

func TestBoughtThroughputIsUsedFirstAndOverflows(t *testing.T) {
	provisioned := func(d *stacks.Deployment) { d.SKU, d.TokensPerUnit = "DataZoneProvisionedManaged", 4750 }
	examineAll(t, []ill{
		{"no overflow", changes{everywhere(provisioned)}, []string{
			"warning overflow accounts[0].deployments[0].sku accounts[1].deployments[0].sku: chat has provisioned units alone: what they cannot serve is refused with 429; add a pay-as-you-go member with a higher priority number as overflow"}},
		{"called last", changes{func(e *Environment) { provisioned(&e.Settings.Accounts[1].Deployments[0]) }}, []string{
			"warning idle-units accounts[1].deployments[0].sku: the provisioned units of chat on france are paid by the hour and not called before pay-as-you-go; give it a priority below 1, and the others a higher one"}},
		{"called first", changes{firstly(provisioned)}, []string{}},
	})
}

func TestWeightsFollowCapacity(t *testing.T) {
	same := func(e *Environment) { e.Settings.Accounts[1].Priority = 1 }
	examineAll(t, []ill{
		{"equal", changes{same}, []string{}},
		{"lopsided", changes{same, func(e *Environment) { e.Settings.Accounts[0].Weight = 4 }}, []string{
			"advice weights accounts[0].deployments[0].weight accounts[1].deployments[0].weight: with these weights a member of chat is throttled at 125,000 of the 200,000 tokens per minute that its priority serves; weigh the members in proportion to their capacity"}},
	})
}

func TestDeploymentsNobodyMayCallAreFound(t *testing.T) {
	nobody := func(e *Environment) { e.Settings.Products[0].Deployments = nil }
	examineAll(t, []ill{
		{"for quota", changes{nobody}, []string{
			"advice unused accounts[0].deployments[0].name accounts[1].deployments[0].name: no product allows chat: nobody can call it, and it takes quota for nothing; add it to a product, or remove it"}},
		{"for money", changes{nobody, units("ProvisionedManaged", 100, 4750)}, []string{
			"warning unused accounts[0].deployments[0].name accounts[1].deployments[0].name: no product allows chat: nobody can call it, and its units are paid by the hour; add it to a product, or remove it"}},
	})
}

func TestTheGatewaysConsequencesAreTold(t *testing.T) {
	const (
		developer = " sla gateway.sku: Developer has no service level agreement, one unit that cannot be added to, and is down while it is changed; use Premium where people depend on it"
		external  = " public gateway.mode: external opens port 443 of the gateway to the internet: a leaked key works from anywhere; use internal where callers have a way in through peering, VPN or ExpressRoute"
	)
	sku := gateway(func(g *stacks.Gateway) { g.SKU, g.Units, g.Zones = "Developer", 1, nil })
	mode := gateway(func(g *stacks.Gateway) { g.Mode = "external" })
	examineAll(t, []ill{
		{"Developer, while trying", changes{sku}, []string{"advice" + developer}},
		{"Developer, in production", changes{sku, production}, []string{"warning" + developer, oneGateway}},
		{"public, while trying", changes{mode}, []string{"advice" + external}},
		{"public, in production", changes{mode, production}, []string{"warning" + external, oneGateway}},
		{"production by the stack's name", changes{mode, func(e *Environment) { e.Stack = "eu-prod" }}, []string{"warning" + external, oneGateway}},
		{"one unit", changes{gateway(func(g *stacks.Gateway) { g.Units, g.Zones = 1, nil })}, []string{
			`advice zones gateway.units: one unit is in one datacentre: when that fails, so does every call; use zones ["1", "2", "3"] and 3 units`}},
		{"no zones", changes{gateway(func(g *stacks.Gateway) { g.Zones = nil })}, []string{
			`advice zones gateway.zones: without zones Azure spreads the 3 units as well as it can, and promises nothing; use zones ["1", "2", "3"] and a multiple of 3 units`}},
		{"one zone", changes{gateway(func(g *stacks.Gateway) { g.Zones = []string{"2"} })}, []string{
			`advice zones gateway.zones: all units are in zone 2: when its datacentre fails, so does every call; use zones ["1", "2", "3"] and a multiple of 3 units`}},
		{"names in no public DNS", changes{func(e *Environment) { e.Zones = []string{"x.azure-api.net", "x.portal.azure-api.net"} }}, []string{
			`advice hosts gateway.mode: internal: the gateway's 2 host names are in private zones that only the environment's own network sees; a caller elsewhere gets "no such host"; ` +
				"after pulumi up, link those zones to the callers' network, or let their DNS server forward to this one"}},
	})
}

func TestSubnetsHaveRoomToGrow(t *testing.T) {
	examineAll(t, []ill{{"both are tight", changes{func(e *Environment) {
		e.Settings.Network.GatewaySubnet = netip.MustParsePrefix("10.20.0.0/28")
		e.Settings.Network.EndpointSubnet = netip.MustParsePrefix("10.20.1.0/29")
	}}, []string{
		"advice room network.gatewaySubnet: 10.20.0.0/28 has 16 addresses, 6 units would need 18; a subnet in use cannot be resized; make it larger now, while nothing is in it",
		"advice room network.endpointSubnet: 10.20.1.0/29 has 8 addresses, 5 accounts would need 10; a subnet in use cannot be resized; make it larger now, while nothing is in it",
	}}})
}

func TestNetworksLeaveRoomForOthers(t *testing.T) {
	noQuota := func(o *Environment) { o.Settings.Accounts = nil }
	examineAll(t, []ill{
		{"environments overlap", changes{beside("other", noQuota, func(o *Environment) { o.Settings.Network.AddressSpace = netip.MustParsePrefix("10.20.2.0/23") })}, []string{
			"warning overlap network.addressSpace: 10.20.0.0/22 overlaps 10.20.2.0/23 of other: the two networks can never be peered, nor both be reached from one hub; give every environment a range of its own, before anything is deployed: a network in use cannot move"}},
		{"environments lie side by side", changes{beside("other", noQuota, func(o *Environment) { o.Settings.Network.AddressSpace = netip.MustParsePrefix("10.20.4.0/22") })}, []string{}},
		{"addresses of another owner", changes{func(e *Environment) { e.Settings.Network.AddressSpace = netip.MustParsePrefix("20.0.0.0/22") }}, []string{
			"warning public-range network.addressSpace: 20.0.0.0/22 is not a private range: the owner of those addresses cannot be reached from inside; use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"}},
		{"a zone that answers for everybody", changes{func(e *Environment) { e.Zones = []string{"openai.azure.com"} }}, []string{
			`error hijack gateway.mode: the private zone openai.azure.com answers for every service of that name in the world: calls from this network to a colleague's end in "no such host"; make a zone for each host name of your own instead`}},
		{"a zone a hub may have too", changes{func(e *Environment) { e.Zones = foundryZones }}, []string{
			"advice hub-zone network: the environment's network gets its own zone privatelink.openai.azure.com: accounts that others gave a private endpoint elsewhere are not found from inside, and a hub's zone does not know these accounts; nothing to do while the network stands alone; ask the owner of the hub's DNS before peering"}},
	})
}

func TestNamesAreJudgedAsAzureWould(t *testing.T) {
	long := strings.Repeat("x", 61)
	alone := func(e *Environment) { e.Settings.Accounts = e.Settings.Accounts[:1] }
	e := healthy(t, alone, beside("other", func(o *Environment) { o.Settings.Accounts = nil }))
	x := &examination{Environment: e, check: "names"}
	gateway := Name{Kind: KindGateway, Value: long, Setting: "naming", longest: 50, shape: serviceShape}
	spaced := Name{Kind: KindGateway, Value: "1-x", Setting: "naming", longest: 50, shape: serviceShape}
	same := Name{Kind: KindAccount, Value: "aoai-x", Setting: "accounts[0].name", longest: 64, shape: subdomainShape}
	judgeNames(x, []Name{gateway, spaced, same}, func(*Environment) []Name {
		return []Name{{Kind: KindAccount, Value: "AOAI-X"}, {Kind: KindGateway, Value: "aoai-x"}}
	})
	var got []string
	for _, f := range x.found {
		got = append(got, f.text())
	}
	assert.Equal(t, []string{
		"error names naming: the API Management service would be called " + long + ": 61 characters, Azure allows 50; shorten the prefix, the stack's name or the account's",
		"error names naming: the API Management service would be called 1-x, which Azure does not allow; use letters, digits and dashes",
		"error names accounts[0].name: other has the same Azure OpenAI account and its subdomain: aoai-x; give one of them another naming.prefix",
	}, got)
}

func TestNamesAreThoseThatTheProgramGives(t *testing.T) {
	long := strings.Repeat("a", 43)
	found := findings(healthy(t, func(e *Environment) { e.Settings.Naming.Prefix = long }))
	require.Len(t, found, 1)
	assert.Regexp(t, "^error names naming: the API Management service would be called "+long+"-[a-z0-9]-apim-[a-z0-9]{6}: 57 characters, Azure allows 50;", found[0])
}

func TestASuffixWrittenDownIsTold(t *testing.T) {
	examineAll(t, []ill{{"fixed", changes{func(e *Environment) { e.Settings.Naming.Suffix = "x7" }}, []string{
		"advice fixed-suffix naming.suffix: the suffix x7 is written down: a copy of this file in another subscription claims the same gateway and account names, which are unique in the world; " +
			"remove it once the 48 hours that Azure keeps deleted names are over, unless something depends on the host names; removing it recreates the environment"}}})
}

func TestExamplesThatNobodyReplacedAreFound(t *testing.T) {
	example := func(authentication stacks.Authentication, id string) func(*Environment) {
		return func(e *Environment) {
			e.Settings.Products[0].Authentication = authentication
			e.Settings.Products[0].Groups[0].ObjectID = id
		}
	}
	const group = "use the id of a group of yours: az ad group show --group NAME --query id"
	examineAll(t, []ill{
		{"a group, where tokens are taken", changes{example("both", "00000000-0000-4000-8000-000000000002")}, []string{
			"error example-groups products[0].groups[0].objectId: an example's object id: no directory has the group, and every caller of the product is refused; " + group}},
		{"a group, where keys are taken", changes{example("key", "00000000-0000-0000-0000-000000000000")}, []string{
			"warning example-groups products[0].groups[0].objectId: an example's object id: no directory has the group; its absence shows only when people sign in to the portal; " + group}},
		{"a group, where people sign in", changes{example("key", "00000000-0000-4000-8000-000000000002"), gateway(func(g *stacks.Gateway) { g.Portal.SignIn = &stacks.SignIn{} })}, []string{
			"error example-groups products[0].groups[0].objectId: an example's object id: API Management looks the group up in the directory, and the update fails there; " + group}},
		{"the audience", changes{example("both", "7d3c1f0e-52a1-4a39-8f0e-6b8c0d9a1e55"), gateway(func(g *stacks.Gateway) { g.Entra.Audiences = []string{"API://enterprise-openai"} })}, []string{
			"warning example-audience gateway.entra.audiences[0]: API://enterprise-openai is the example's audience: unless your directory has an application with this URI, every token is refused; " +
				"register an application that emits groups, and name its URI: az ad app create, az ad app update --set groupMembershipClaims=SecurityGroup"}},
		{"the audience, where no token is taken", changes{gateway(func(g *stacks.Gateway) { g.Entra.Audiences = []string{"api://enterprise-openai"} })}, []string{}},
		{"addresses", changes{gateway(func(g *stacks.Gateway) { g.PublisherEmail = "ai@mail.Example.com" }), func(e *Environment) { e.Settings.Teams[0].Contact = "x@contoso.test" }}, []string{
			"warning example-addresses gateway.publisherEmail: an example's address: Azure's notices about the gateway, its retirements and certificates go to nobody; use an address that people read",
			"warning example-addresses teams[0].contact: an example's address: nobody is there to write to when the team's calls fail; use an address that people read"}},
		{"who is notified of trouble", changes{func(e *Environment) {
			e.Settings.Alerts = &stacks.Alerts{Emails: []string{"a@contoso.com", "b@example.com"}}
		}}, []string{
			"warning example-addresses alerts.emails[1]: an example's address: alerts go to nobody; use an address that people read"}},
		{"an address that only looks like one", changes{gateway(func(g *stacks.Gateway) { g.PublisherEmail = "ai@notexample.com" })}, []string{}},
	})
}

func TestAProductNobodyHasAKeyForIsFound(t *testing.T) {
	examineAll(t, []ill{
		{"with a key", changes{func(e *Environment) { e.Settings.Teams = nil }}, []string{
			"warning no-team products[0].name: standard needs a key, and no team has one: nobody can use it; add it to a team's products, or remove it"}},
		{"with a token alone", changes{func(e *Environment) { e.Settings.Teams, e.Settings.Products[0].Authentication = nil, "entra" }}, []string{
			"advice people products[0].tokensPerMinute: 20 people at their limit of 10,000 tokens per minute use up the whole pool of chat, which other products share; keep the groups small enough, or give these people a deployment of their own"}},
	})
}

func TestWhatTheLogLosesAndCostsIsTold(t *testing.T) {
	logging := func(change func(*stacks.Logging)) func(*Environment) {
		return func(e *Environment) { change(&e.Settings.Logging) }
	}
	const (
		capped = "above 0.1 GB a day the workspace takes no rows until its daily reset: who sent which prompt in that time is lost, chargeback is short, alerts are blind"
		remedy = "; use 0 for no cap where the log is evidence, and watch the cost with a budget"
	)
	limit := logging(func(l *stacks.Logging) { l.DailyCapGB = 0.1 })
	examineAll(t, []ill{
		{"a cap, while trying", changes{limit}, []string{"advice daily-cap logging.dailyCapGb: " + capped + remedy}},
		{"a cap, in production", changes{limit, production}, []string{"warning daily-cap logging.dailyCapGb: " + capped + remedy, oneGateway}},
		{"a cap below what is promised", changes{limit, func(e *Environment) { e.Settings.Products[0].TokensPerMinute = 50_000 }}, []string{
			"warning daily-cap logging.dailyCapGb: " + capped + "; teams that use all they are promised write about 0.3 GB of text" + remedy}},
		{"no text, no guess", changes{limit, func(e *Environment) { e.Settings.Products[0].TokensPerMinute = 50_000 }, logging(func(l *stacks.Logging) { l.Messages = false })}, []string{
			"advice daily-cap logging.dailyCapGb: " + capped + remedy}},
		{"retention", changes{logging(func(l *stacks.Logging) { l.RetentionDays = 365 })}, []string{
			"advice retention logging.retentionDays: 365 days: the first 31 are in the price of ingestion, each GB is paid for in the other 334; prompts and answers are personal data for as long; keep no longer than your rules on evidence and privacy ask for"}},
		{"bodies", changes{logging(func(l *stacks.Logging) { l.Bodies = "all" })}, []string{
			"advice bodies logging.bodies: standard: logging the bodies of answers delivers streams in groups of up to 8 events, cuts each body at 8,192 bytes, and loses all bodies of an entry above 32 KB; use requests or none, and logging.messages, unless a query needs the answers' bodies"}},
		{"a shared workspace", changes{logging(func(l *stacks.Logging) { l.Workspace, l.RetentionDays = "/subscriptions/x", 365 })}, []string{
			"advice shared-workspace logging.workspace: a shared workspace keeps its own retention, whatever retentionDays is, and its readers see prompts and answers; agree with its owner on both"}},
	})
}
