package stacks

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrong is one change to valid settings and every problem it must cause, word for word.
type wrong struct {
	name   string
	change func(*Settings)
	want   []string
}

// judge tries each case, and that the settings without the change are valid.
func judge(t *testing.T, cases []wrong) {
	t.Helper()
	require.NoError(t, Validate(devSettings(), "dev", nil))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, messages(Validate(devSettings(c.change), "dev", nil)))
		})
	}
}

func TestStackNameFitsPhysicalNames(t *testing.T) {
	for stack, valid := range map[string]bool{
		"dev": true, "pr-123": true, "x": true, strings.Repeat("a", 23): true,
		"": false, "Dev": false, "a_b": false, "dev-": false, "feature/x": false, strings.Repeat("a", 24): false,
	} {
		assert.Equal(t, valid, Validate(devSettings(), stack, nil) == nil, stack)
	}
	assert.EqualError(t, Validate(devSettings(), "My.Stack", nil),
		`stack: "My.Stack" is not allowed; use a stack name of lower-case letters, digits and dashes, at most 23: physical names contain it`)
}

// TestLongestNameNeedsNoShortening holds the arithmetic of the limits against Azure's own.
func TestLongestNameNeedsNoShortening(t *testing.T) {
	account := longestPrefix + 1 + longestStack + len("-oai-") + longestAccount + 1 + longestSuffix
	service := longestPrefix + 1 + longestStack + len("-apim-") + longestSuffix
	assert.LessOrEqual(t, account, 64)
	assert.LessOrEqual(t, service, 50)
}

func TestNamingIsLimited(t *testing.T) {
	judge(t, []wrong{
		{"prefix too long", func(s *Settings) { s.Naming.Prefix = "abcdefghijk" }, []string{
			`naming.prefix: "abcdefghijk" is not allowed; use lower-case letters and digits, starting with a letter, at most 10`}},
		{"prefix starts with a digit", func(s *Settings) { s.Naming.Prefix = "1a" }, []string{
			`naming.prefix: "1a" is not allowed; use lower-case letters and digits, starting with a letter, at most 10`}},
		{"suffix with a dash", func(s *Settings) { s.Naming.Suffix = "a-b" }, []string{
			`naming.suffix: "a-b" is not allowed; use 3 to 8 lower-case letters and digits, or leave it out`}},
		{"suffix too long", func(s *Settings) { s.Naming.Suffix = "abcdefghi" }, []string{
			`naming.suffix: "abcdefghi" is not allowed; use 3 to 8 lower-case letters and digits, or leave it out`}},
	})
}

func TestTagsStayWithinAzuresLimits(t *testing.T) {
	judge(t, []wrong{
		{"too many for a private DNS zone", func(s *Settings) {
			s.Tags = map[string]string{}
			for i := range 16 {
				s.Tags[fmt.Sprint("t", i)] = ""
			}
		}, []string{"tags: 16 tags, at most 15 are allowed: private DNS zones take no more; remove some, or put several values into one"}},
		{"long name and value", func(s *Settings) {
			s.Tags = map[string]string{"a": strings.Repeat("é", 257), strings.Repeat("b", 513): "x"}
		}, []string{
			"tags.a: has 257 characters, at most 256 are allowed; shorten it",
			"tags." + strings.Repeat("b", 513) + ": has 513 characters, at most 512 are allowed; shorten it",
		}},
		{"forbidden character", func(s *Settings) { s.Tags = map[string]string{"a/b": "x"} }, []string{
			`tags["a/b"]: the tag's name is empty or has one of <>%&\?/; rename it`}},
		{"empty name", func(s *Settings) { s.Tags = map[string]string{"": "x"} }, []string{
			`tags[""]: the tag's name is empty or has one of <>%&\?/; rename it`}},
		{"reserved beginning", func(s *Settings) { s.Tags = map[string]string{"AzureOwner": "x"} }, []string{
			"tags.AzureOwner: the tag's name begins with microsoft, azure or windows, which Azure keeps to itself; rename it"}},
		{"two spellings", func(s *Settings) { s.Tags = map[string]string{"Env": "a", "env": "b"} }, []string{
			`tags.env: "env" is also at tags.Env; give each its own, or remove one`}},
	})
}

func TestRegionsAreWrittenAsTheAPIWritesThem(t *testing.T) {
	judge(t, []wrong{
		{"with a space", func(s *Settings) { s.Location = "Sweden Central" }, []string{
			`location: "Sweden Central" is not the name of a region; did you mean swedencentral?`}},
		{"nothing like it", func(s *Settings) { s.Accounts[1].Location = "EU!" }, []string{
			`accounts[1].location: "EU!" is not the name of a region; use the name of the API, such as swedencentral (az account list-locations)`}},
	})
	for _, region := range []string{"uksouth", "eastus2", "eastus2euap", "germanywestcentral", "westus3"} {
		assert.NoError(t, Validate(devSettings(func(s *Settings) { s.Location = region }), "dev", nil), region)
	}
}

func TestSubnetsFitTheAddressSpace(t *testing.T) {
	network := func(space, gateway, endpoints string) func(*Settings) {
		return func(s *Settings) {
			s.Network.AddressSpace = netip.MustParsePrefix(space)
			s.Network.GatewaySubnet = netip.MustParsePrefix(gateway)
			s.Network.EndpointSubnet = netip.MustParsePrefix(endpoints)
		}
	}
	judge(t, []wrong{
		{"outside", network("10.20.0.0/22", "10.21.0.0/26", "10.20.1.0/26"), []string{
			"network.gatewaySubnet: 10.21.0.0/26 is not inside the address space 10.20.0.0/22; choose a range inside it, or enlarge network.addressSpace"}},
		{"larger than the network", network("10.20.0.0/26", "10.20.0.0/25", "10.20.0.0/28"), []string{
			"network.endpointSubnet: 10.20.0.0/28 overlaps the gateway's subnet 10.20.0.0/25; choose ranges that share no address",
			"network.gatewaySubnet: 10.20.0.0/25 is not inside the address space 10.20.0.0/26; choose a range inside it, or enlarge network.addressSpace"}},
		{"overlapping", network("10.20.0.0/22", "10.20.0.0/26", "10.20.0.32/27"), []string{
			"network.endpointSubnet: 10.20.0.32/27 overlaps the gateway's subnet 10.20.0.0/26; choose ranges that share no address"}},
		{"an address for a range", network("10.20.0.0/22", "10.20.0.5/26", "10.20.1.0/26"), []string{
			"network.gatewaySubnet: 10.20.0.5/26 is an address inside a range, not the range; did you mean 10.20.0.0/26?"}},
		{"too small for anything", network("10.20.0.0/22", "10.20.0.0/30", "10.20.1.0/26"), []string{
			"network.gatewaySubnet: /30 is outside /8 to /29",
			"network.gatewaySubnet: 10.20.0.0/30 has 4 addresses, 6 are needed: 5 are Azure's, 1 per unit, 0 for the internal load balancer; use at least /29"}},
		{"IPv6", network("10.20.0.0/22", "fd00::/64", "10.20.1.0/26"), []string{
			"network.gatewaySubnet: is not an IPv4 range; use a CIDR such as 10.20.0.0/22",
			"network.gatewaySubnet: fd00::/64 is not inside the address space 10.20.0.0/22; choose a range inside it, or enlarge network.addressSpace"}},
		{"Azure's own", network("169.254.0.0/16", "169.254.0.0/26", "169.254.1.0/26"), []string{
			"network.addressSpace: 169.254.0.0/16 overlaps 169.254.0.0/16, which Azure keeps for itself; use a private range such as 10.20.0.0/22",
			"network.endpointSubnet: 169.254.1.0/26 overlaps 169.254.0.0/16, which Azure keeps for itself; use a private range such as 10.20.0.0/22",
			"network.gatewaySubnet: 169.254.0.0/26 overlaps 169.254.0.0/16, which Azure keeps for itself; use a private range such as 10.20.0.0/22"}},
		{"none", func(s *Settings) { s.Network.EndpointSubnet = netip.Prefix{} }, []string{
			"network.endpointSubnet: is not an IPv4 range; use a CIDR such as 10.20.0.0/22"}},
	})
}

func TestSubnetsHaveAnAddressForEverythingInThem(t *testing.T) {
	premium := func(units int, mode NetworkMode, subnet string) func(*Settings) {
		return func(s *Settings) {
			s.Gateway.SKU, s.Gateway.Units, s.Gateway.Mode = "Premium", units, mode
			s.Network.GatewaySubnet = netip.MustParsePrefix(subnet)
		}
	}
	judge(t, []wrong{
		{"Premium units take two each", premium(2, "external", "10.20.0.0/29"), []string{
			"network.gatewaySubnet: 10.20.0.0/29 has 8 addresses, 9 are needed: 5 are Azure's, 2 per unit, 0 for the internal load balancer; use at least /28"}},
		{"internal mode takes one more", premium(5, "internal", "10.20.0.0/29"), []string{
			"network.gatewaySubnet: 10.20.0.0/29 has 8 addresses, 16 are needed: 5 are Azure's, 2 per unit, 1 for the internal load balancer; use at least /28"}},
		{"each account takes one", func(s *Settings) {
			s.Network.EndpointSubnet = netip.MustParsePrefix("10.20.1.0/29")
			for _, name := range []string{"a1", "a2"} {
				another := s.Accounts[0]
				another.Name = name
				s.Accounts = append(s.Accounts, another)
			}
		}, []string{"network.endpointSubnet: 10.20.1.0/29 has 8 addresses, 9 are needed: 5 are Azure's, one per account; use at least /28"}},
	})
	for _, enough := range []func(*Settings){premium(1, "internal", "10.20.0.0/29"), premium(5, "internal", "10.20.0.0/28")} {
		assert.NoError(t, Validate(devSettings(enough), "dev", nil))
	}
}

func TestGatewayCanReachThePrivateAccounts(t *testing.T) {
	gateway := func(sku GatewaySKU, mode NetworkMode) func(*Settings) {
		return func(s *Settings) { s.Gateway.SKU, s.Gateway.Mode = sku, mode }
	}
	judge(t, []wrong{
		{"mode none", gateway("Developer", "none"), []string{
			"gateway.mode: none leaves the gateway without a way to the accounts, which are private; use external or internal"}},
		{"Basic cannot be injected", gateway("Basic", "external"), []string{
			"gateway.sku: Basic cannot be injected into a virtual network, so it cannot reach the private accounts; use Developer or Premium"}},
		{"Standard cannot be injected", gateway("Standard", "internal"), []string{
			"gateway.sku: Standard cannot be injected into a virtual network, so it cannot reach the private accounts; use Developer or Premium"}},
		{"BasicV2 never joins a network", gateway("BasicV2", "none"), []string{
			"gateway.sku: BasicV2 cannot be injected into a virtual network, so it cannot reach the private accounts; use Developer or Premium"}},
		{"Consumption", gateway("Consumption", "none"), []string{
			"gateway.sku: Consumption has no token limits, no resource logs and no way into a network; use Developer or Premium"}},
		{"unknown", gateway("Premum", "external"), []string{`gateway.sku: unknown value "Premum"; did you mean "Premium"?`}},
		{"unknown mode", gateway("Developer", "open"), []string{
			`gateway.mode: "open" is not possible with Developer; use external or internal`}},
	})
}

func TestUnitsAndZonesFitTheSKU(t *testing.T) {
	premium := func(units int, zones ...string) func(*Settings) {
		return func(s *Settings) { s.Gateway.SKU, s.Gateway.Units, s.Gateway.Zones = "Premium", units, zones }
	}
	judge(t, []wrong{
		{"two Developer units", func(s *Settings) { s.Gateway.Units = 2 }, []string{"gateway.units: Developer has exactly 1 unit, got 2; use 1, or Premium"}},
		{"no unit", premium(0), []string{"gateway.units: 0 is outside 1 to 31"}},
		{"too many", premium(32), []string{
			"gateway.units: 32 is outside 1 to 31",
			"network.gatewaySubnet: 10.20.0.0/26 has 64 addresses, 69 are needed: 5 are Azure's, 2 per unit, 0 for the internal load balancer; use at least /25"}},
		{"zones do not divide the units", premium(4, "1", "2", "3"), []string{"gateway.units: 4 units do not divide among 3 zones; use 6 or 9 units"}},
		{"a zone twice", premium(2, "1", "1"), []string{`gateway.zones[1]: "1" is also at gateway.zones[0]; give each its own, or remove one`}},
		{"no such zone", premium(1, "4"), []string{`gateway.zones[0]: "4" is not a zone; use "1", "2" or "3"`}},
		{"Developer has none", func(s *Settings) { s.Gateway.Zones = []string{"1"} }, []string{"gateway.zones: Developer has no availability zones; remove them, or use Premium"}},
	})
	assert.NoError(t, Validate(devSettings(premium(6, "1", "2", "3")), "dev", nil))
}

func TestPublisherEntraAndFailoverAreInRange(t *testing.T) {
	judge(t, []wrong{
		{"no publisher", func(s *Settings) { s.Gateway.PublisherName = "" }, []string{"gateway.publisherName: must not be empty"}},
		{"long publisher", func(s *Settings) { s.Gateway.PublisherName = strings.Repeat("a", 101) }, []string{
			"gateway.publisherName: has 101 characters, at most 100 are allowed; shorten it"}},
		{"long address", func(s *Settings) { s.Gateway.PublisherEmail = strings.Repeat("a", 100) + "@example.com" }, []string{
			"gateway.publisherEmail: has 112 characters, at most 100 are allowed; shorten it"}},
		{"not an address", func(s *Settings) { s.Gateway.PublisherEmail = "ai.example.com" }, []string{
			`gateway.publisherEmail: "ai.example.com" is not allowed; use an email address such as someone@example.com`}},
		{"any tenant", func(s *Settings) { s.Gateway.Entra.TenantID = "common" }, []string{
			`gateway.entra.tenantId: "common" is not allowed; use the tenant's id, a GUID`}},
		{"keyless products of two privacies for the same people", func(s *Settings) {
			s.Products[0].Authentication, s.Products[1].Authentication = "entra", "entra"
		}, []string{
			`products[1].deployments[0]: "gpt-4o" is never used with privacy metadata: all its groups get it from products[0] first, with privacy full and bodies none; ` +
				"put the narrower product first, or give it groups of its own; a caller with two products must not choose by the path what is logged"}},
		{"tokens without audience", func(s *Settings) { s.Gateway.Entra.Audiences = nil }, []string{
			`products[1].authentication: "both" needs an audience to compare tokens with; fill gateway.entra.audiences`}},
		{"empty audience", func(s *Settings) { s.Gateway.Entra.Audiences = []string{""} }, []string{
			"gateway.entra.audiences[0]: an audience is a URI or an application id of letters, digits and :/._~%+=-, without spaces; such as api://enterprise-openai"}},
		{"Microsoft's audience", func(s *Settings) { s.Gateway.Entra.Audiences = []string{"https://cognitiveservices.azure.com/"} }, []string{
			`gateway.entra.audiences[0]: "https://cognitiveservices.azure.com/" is Microsoft's own: its tokens carry no groups, and every caller would be refused; ` +
				"register an application that emits groups, and name its URI or id"}},
		{"audience twice", func(s *Settings) { s.Gateway.Entra.Audiences = []string{"api://a", "api://a"} }, []string{
			`gateway.entra.audiences[1]: "api://a" is also at gateway.entra.audiences[0]; give each its own, or remove one`}},
		{"no attempt", func(s *Settings) { s.Gateway.Failover.MaxAttempts = 0 }, []string{"gateway.failover.maxAttempts: 0 is outside 1 to 10"}},
		{"beyond the network path", func(s *Settings) { s.Gateway.Failover.DeadlineSeconds = 241 }, []string{"gateway.failover.deadlineSeconds: 241 is outside 1 to 240"}},
		{"no wait", func(s *Settings) { s.Gateway.Failover.RetryAfterCapSeconds = 0 }, []string{"gateway.failover.retryAfterCapSeconds: 0 is outside 1 to 86400"}},
	})
}

func TestTwoPrivaciesForTokensAloneAreAllowedWhereEachHasItsPeople(t *testing.T) {
	keyless := func(change func(*Settings)) Settings {
		return devSettings(func(s *Settings) { s.Products[0].Authentication, s.Products[1].Authentication = "entra", "entra" }, change)
	}
	for name, s := range map[string]Settings{
		"groups of its own":    keyless(func(s *Settings) { s.Products[1].Groups = []Group{{"counsel", anotherID}} }),
		"one group of its own": keyless(func(s *Settings) { s.Products[1].Groups = append(s.Products[1].Groups, Group{"counsel", anotherID}) }),
		"the wider comes later": keyless(func(s *Settings) {
			s.Products[0].Groups = append(s.Products[0].Groups, Group{"everyone", anotherID})
			s.Products[0], s.Products[1] = s.Products[1], s.Products[0]
		}),
	} {
		assert.NoError(t, Validate(s, "dev", nil), name)
	}
}

func TestLoggingStaysWithinTheWorkspace(t *testing.T) {
	workspace := "/subscriptions/" + groupID + "/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/shared-logs"
	judge(t, []wrong{
		{"too short", func(s *Settings) { s.Logging.RetentionDays = 29 }, []string{"logging.retentionDays: 29 is outside 30 to 730"}},
		{"too long", func(s *Settings) { s.Logging.RetentionDays = 731 }, []string{"logging.retentionDays: 731 is outside 30 to 730"}},
		{"negative cap", func(s *Settings) { s.Logging.DailyCapGB = -1 }, []string{"logging.dailyCapGb: must not be negative; use 0 for no cap"}},
		{"not a number", func(s *Settings) { s.Logging.DailyCapGB = math.NaN() }, []string{"logging.dailyCapGb: must not be negative; use 0 for no cap"}},
		{"a name for an id", func(s *Settings) { s.Logging.Workspace = "shared-logs" }, []string{
			`logging.workspace: "shared-logs" is not allowed; use the workspace's ARM id: /subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/…`}},
		{"a cap on a shared workspace", func(s *Settings) { s.Logging.Workspace, s.Logging.DailyCapGB = workspace, 1 }, []string{
			"logging.dailyCapGb: a shared workspace keeps its owner's cap; remove one of dailyCapGb and workspace"}},
		{"bodies of a product without text", func(s *Settings) { s.Products[0].Privacy, s.Products[0].Bodies = "metadata", "requests" }, []string{
			"products[0].bodies: requests, but privacy metadata keeps no text anywhere; remove it, or set privacy: full"}},
		{"text promised, none logged", func(s *Settings) { s.Logging.Messages = false }, []string{
			"products[0].privacy: full, but logging keeps neither messages nor bodies; set logging.messages: true, or privacy: metadata"}},
	})
	assert.NoError(t, Validate(devSettings(func(s *Settings) { s.Logging.Workspace = workspace }), "dev", nil))
	assert.NoError(t, Validate(devSettings(func(s *Settings) { s.Logging.Messages, s.Products[0].Bodies = false, "requests" }), "dev", nil))
}

func TestWhatIsNotBuiltIsRefusedByName(t *testing.T) {
	judge(t, []wrong{
		{"edge", func(s *Settings) { s.Edge = &Edge{} }, []string{"edge: is not available yet; remove it"}},
		{"egress", func(s *Settings) { s.Egress = &Egress{} }, []string{"egress: is not available yet; remove it"}},
		{"own network", func(s *Settings) { s.Network.Existing = &ExistingNetwork{} }, []string{
			"network.existing: is not available yet; remove it; a virtual network is created"}},
		{"more regions", func(s *Settings) { s.Gateway.Regions = []GatewayRegion{{Location: "x"}} }, []string{
			"gateway.regions: is not available yet; remove it; accounts may be in any region"}},
		{"integrated", func(s *Settings) { s.Gateway.Mode = "integrated" }, []string{"gateway.mode: is not available yet; use external or internal"}},
		{"v2", func(s *Settings) { s.Gateway.SKU, s.Gateway.Mode = "StandardV2", "integrated" }, []string{
			"gateway.mode: is not available yet; use external or internal", "gateway.sku: is not available yet; use Developer or Premium"}},
	})
}

func TestAlertsNameMailboxesAndThresholdsThatCanBeReached(t *testing.T) {
	alerts := func(change func(*Alerts)) func(*Settings) {
		return func(s *Settings) {
			s.Alerts = &Alerts{Emails: []string{"a@example.com"}, Failovers: 3, ThrottledMinutes: 5, ServerErrors: 5, QuotaPercent: 80, AbandonedCalls: 20, UncountedPercent: 5, CapacityPercent: 80}
			change(s.Alerts)
		}
	}
	judge(t, []wrong{
		{"nobody", alerts(func(a *Alerts) { a.Emails = nil }), []string{"alerts.emails: must not be empty; name who is notified"}},
		{"no mailbox", alerts(func(a *Alerts) { a.Emails = []string{"a@example.com", "nobody"} }), []string{
			`alerts.emails[1]: "nobody" is not allowed; use an email address such as someone@example.com`}},
		{"one mailbox twice", alerts(func(a *Alerts) { a.Emails = []string{"a@example.com", "A@example.com"} }), []string{
			`alerts.emails[1]: "A@example.com" is also at alerts.emails[0]; give each its own, or remove one`}},
		{"thresholds", alerts(func(a *Alerts) {
			*a = Alerts{Emails: a.Emails, ThrottledMinutes: 16, QuotaPercent: 100, UncountedPercent: 100, CapacityPercent: 100}
		}), []string{
			"alerts.abandonedCalls: 0 is outside 1 to 100000", "alerts.capacityPercent: 100 is outside 1 to 99", "alerts.failovers: 0 is outside 1 to 1000", "alerts.quotaPercent: 100 is outside 1 to 99",
			"alerts.serverErrors: 0 is outside 1 to 100000", "alerts.throttledMinutes: 16 is outside 1 to 15",
			"alerts.uncountedPercent: 100 is outside 1 to 99"}},
	})
	assert.NoError(t, Validate(devSettings(alerts(func(*Alerts) {})), "dev", nil))
	decoded, err := Decode(decodable(map[string]string{"alerts": `{"emails": ["a@example.com"]}`}), nil)
	assert.NoError(t, err)
	assert.Equal(t, &Alerts{Emails: []string{"a@example.com"}, Failovers: 3, ThrottledMinutes: 5, ServerErrors: 5, QuotaPercent: 80, AbandonedCalls: 20, UncountedPercent: 5, CapacityPercent: 80}, decoded.Alerts)
}

func TestEmailAddresses(t *testing.T) {
	for address, valid := range map[string]bool{
		"a@example.com": true, "first.last+tag@sub.example.co.uk": true, "ü@example.com": true,
		"": false, "a": false, "a@b": false, "a@@example.com": false, "a b@example.com": false, "a@-example.com": false, "a@example.com\n": false,
	} {
		assert.Equal(t, valid, emailShape.MatchString(address), address)
	}
}

func TestAnEventHubStaysWithinItsTierAndWithinWhatIsLogged(t *testing.T) {
	hub := func(days, units int) func(*Settings) {
		return func(s *Settings) { s.Logging.EventHub = &EventHub{RetentionDays: days, ThroughputUnits: units} }
	}
	judge(t, []wrong{
		{"too long", hub(8, 1), []string{"logging.eventHub.retentionDays: 8 is outside 1 to 7"}},
		{"too many units", hub(1, 41), []string{"logging.eventHub.throughputUnits: 41 is outside 1 to 40"}},
		{"text that is not logged", func(s *Settings) { hub(1, 1)(s); s.Logging.Messages = false }, []string{
			"logging.eventHub: exports what logging.messages keeps out of the tables; switch messages on, or remove the event hub",
			"products[0].privacy: full, but logging keeps neither messages nor bodies; set logging.messages: true, or privacy: metadata"}},
		{"it takes an address", func(s *Settings) {
			hub(1, 1)(s)
			another := s.Accounts[0]
			another.Name = "a1"
			s.Accounts = append(s.Accounts, another)
			s.Network.EndpointSubnet = netip.MustParsePrefix("10.20.1.0/29")
		}, []string{"network.endpointSubnet: 10.20.1.0/29 has 8 addresses, 9 are needed: 5 are Azure's, one per account, one for the event hub; use at least /28"}},
	})
	assert.NoError(t, Validate(devSettings(hub(7, 40)), "dev", nil))
}

func TestASignInNamesAnApplicationAndTenants(t *testing.T) {
	in := func(change func(*SignIn)) func(*Settings) {
		return func(s *Settings) {
			s.Gateway.Portal.SignIn = &SignIn{ClientID: groupID, ClientSecret: "s"}
			change(s.Gateway.Portal.SignIn)
		}
	}
	judge(t, []wrong{
		{"no application's id", in(func(i *SignIn) { i.ClientID = "portal" }), []string{
			`gateway.portal.signIn.clientId: "portal" is not allowed; use the application's id, a GUID (az ad app list --display-name NAME --query [].appId)`}},
		{"any tenant", in(func(i *SignIn) { i.AllowedTenants = []string{"common"} }), []string{
			`gateway.portal.signIn.allowedTenants[0]: "common" is not allowed; use the tenant's id, a GUID`}},
		{"a tenant twice", in(func(i *SignIn) { i.AllowedTenants = []string{groupID, groupID} }), []string{
			`gateway.portal.signIn.allowedTenants[1]: "` + groupID + `" is also at gateway.portal.signIn.allowedTenants[0]; give each its own, or remove one`}},
		{"too many tenants", in(func(i *SignIn) {
			for n := range 33 {
				i.AllowedTenants = append(i.AllowedTenants, fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", n))
			}
		}), []string{"gateway.portal.signIn.allowedTenants: 33 tenants, at most 32 are allowed; remove some"}},
	})
}
