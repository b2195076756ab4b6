package drills

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/tlsca"
	"enterprise-openai/stacks"
)

// kusto runs the queries of all tests in one process.
var kusto = logs.NewEngine(time.Now, os.Stderr)

func TestMain(m *testing.M) {
	m.Run()
	_ = kusto.Close() // nothing is left to fail
}

// siteOf is a deployment without an engine, as drills meet it.
func siteOf(t testing.TB, d *deployed.Site) *Site {
	t.Helper()
	ca, err := tlsca.New()
	require.NoError(t, err)
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	return &Site{ARM: d.Server, SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, Settings: d.Settings, CA: ca, KQL: kusto,
		ProjectDir: "../..", CacheDir: filepath.Join(cache, "enterprise-openai")}
}

// byName are the drills that call what was deployed.
func byName(t testing.TB, name string) Drill {
	t.Helper()
	chosen, err := Select([]string{name})
	require.NoError(t, err)
	return chosen[0]
}

// servedDrills are those that need more than the engine.
var servedDrills = []string{"isolation", "access", "failover", "throttle", "neighbours", "reach", "clients", "overload", "streaming", "secrets"}

func TestEveryDrillHoldsOnAHealthyDeployment(t *testing.T) {
	for _, mode := range []string{deployed.External, deployed.Internal} {
		d := deployed.New(t, deployed.Mode(mode))
		for _, name := range servedDrills {
			if mode == deployed.Internal && name != "isolation" && name != "clients" {
				continue // the network makes no difference to it
			}
			t.Run(mode+"/"+name, func(t *testing.T) {
				o := byName(t, name).Run(context.Background(), &Env{Site: siteOf(t, d)})
				assert.Empty(t, o.Failures)
				assert.NotEmpty(t, o.Measured)
				shaped(t, byName(t, name), o.Measured)
			})
		}
	}
}

// replaced is a change of a document that the fixture refuses to make when it finds nothing.
func replaced(name, old, with string) deployed.Option {
	return deployed.Policy(name, func(text string) string { return strings.ReplaceAll(text, old, with) })
}

// TestEveryDrillSaysWhatIsBroken breaks one thing at a time.
func TestEveryDrillSaysWhatIsBroken(t *testing.T) {
	open := func(p map[string]any) {
		p["publicNetworkAccess"], p["disableLocalAuth"], p["networkAcls"] = "Enabled", false, map[string]any{"defaultAction": "Allow"}
	}
	for name, c := range map[string]struct {
		drill   string
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"an account open to the internet": {"isolation", nil, func(s *deployed.Site) {
			s.Change(s.Account("sweden"), open)
		}, "account aoai-test-oai-sweden-site answered a call from outside the network with the account's own key: 200"},
		"an account with key authentication": {"isolation", nil, func(s *deployed.Site) {
			s.Change(s.Account("sweden"), func(p map[string]any) { p["disableLocalAuth"] = false })
		}, "account aoai-test-oai-sweden-site answered a call from inside the network with the account's own key: 200"},
		"a role for somebody else": {"isolation", nil, func(s *deployed.Site) {
			s.Put(s.Account("france")+"/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333330",
				deployed.RoleBody("99999999-9999-4999-8999-999999999999", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"))
		}, "principal 99999999-9999-4999-8999-999999999999 holds a role on account aoai-test-oai-france-site, which only the gateway may"},
		"a gateway that the internet cannot find": {"isolation", []deployed.Option{deployed.Mode(deployed.Internal)}, func(s *deployed.Site) { s.Settings.Gateway.Mode = "external" },
			"the gateway cannot be reached from outside"},
		"no group check": {"access", []deployed.Option{replaced("caller", `if (!rules["groups"].Values<string>().Any(group => groups.Contains(group))) { continue; }`, "")}, nil,
			"the token of somebody in no group: 200, where 403 was promised"},
		"a token that opens both privacies": {"access", []deployed.Option{twoPrivacies, replaced("caller", "paths.Contains(context.Api.Path) ? \"\" :", "true ? \"\" :")}, nil,
			"the token of a member of confidential and assistants: 200, where 403 was promised"},
		"a path that says what is logged": {"access", []deployed.Option{twoPrivacies, replaced("caller", "Contains(wanted)) {", `Contains(wanted) && rules["paths"].Values<string>().Contains(context.Api.Path)) {`)}, nil,
			"/openai/deployments/gpt-4o/chat/completions with no key and the token of a member of confidential and assistants: 200, where 403 was promised"},
		"keys without a product": {"access", []deployed.Option{replaced("caller", "context.Subscription != null && context.Product == null", "false")}, nil,
			"with the all-access key and the token of a member of assistants: 200, where 401 was promised"},
		"a breaker that is missing": {"failover", nil, withoutBreakers, "swedencentral lost (status 401): embed answered 502 BackendRefused although other regions are well"},
		"a silent account that every call waits for": {"failover", []deployed.Option{replaced("failover", `if (silent == "" && `, `if (`)}, nil,
			"6 of 6 streams waited for the silent account: it was not asked last after the first"},
		"a status that is not retried": {"failover", []deployed.Option{replaced("failover", "500, 502, 503, 504", "500, 502, 504")}, nil,
			"swedencentral lost (status 503): gpt-4o answered 503"},
		"no role on the second account": {"failover", nil, func(s *deployed.Site) { s.Delete(s.Role("france")) },
			"although other regions are well"},
		"a refusal that blames the caller": {"failover", []deployed.Option{replaced("answer", `"refused" ? 502`, `"refused" ? 401`)}, nil,
			"every region lost (status 401): gpt-4o answered 401 BackendRefused, where 502 was promised"},
		"a wait beyond the cap": {"failover", []deployed.Option{replaced("answer",
			`Math.Min(context.Variables.GetValueOrDefault<int>("retry-after", 10), int.Parse("{{retry-after-cap-seconds}}"))`, `(3000)`)}, nil,
			`with Retry-After "3000", not between 1 and`},
		"a web search in every chat": {"reach", []deployed.Option{replaced("reach", `if (value("web_search_options") != "") { problems.Add(kind("web_search")); }`, "")}, nil,
			"a web search in a chat on product"},
		"messages of everybody in the records": {"secrets", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				all := map[string]any{"messages": "all", "maxSizeInBytes": 262144}
				p["largeLanguageModel"] = map[string]any{"logs": "enabled", "requests": all, "responses": all}
			})
		}, "product confidential keeps no text, but the prompt is in the log record of"},
		"a key in the answer": {"secrets", []deployed.Option{replaced("answer", `"No account that serves this deployment is available. Wait as Retry-After says."`,
			`"Your key is " + context.Subscription.Key`)}, nil, "the client's key is in an answer of product standard"},
		"an operation that is missing": {"clients", nil, func(s *deployed.Site) {
			s.Delete(s.Service + "/apis/openai-v1/operations/createEmbedding")
		}, "OpenAI, embedding on product standard with a key: failed with 404"},
		"no breakers under load":                         {"overload", nil, withoutBreakers, "tokens were served"},
		"a limit that callers meet before the accounts'": {"overload", []deployed.Option{replaced("requests", `calls="20"`, `calls="1"`)}, nil, "retryWithoutBreaker served 200000 tokens, more than our "},
		"every tool": {"reach", []deployed.Option{replaced("reach", `kinds.Contains(name) ? "" :`, `true ? "" :`)}, nil,
			"a web search on product standard: 200 after 1 attempts, where 403 and none were promised"},
		"every host": {"reach", []deployed.Option{replaced("reach", "allowed == host ||", "true ||"),
			deployed.With(func(s *stacks.Settings) { s.Products[0].Tools.Hosts = []string{"tools.example.com"} })}, nil,
			"a picture by its address on product standard: 200 after 1 attempts"},
		"calls of any size": {"neighbours", []deployed.Option{replaced("admission", "capacity > 0 && prompt + each * answers > capacity;", "false;"), reservingNothing}, nil,
			"after the model's largest answer on gpt-4o by one team, another team's call was answered 429"},
		"batches of any size": {"neighbours", []deployed.Option{replaced("admission", "capacity > 0 && prompt + each * answers > capacity;", "each * answers > capacity;"), reservingNothing}, nil,
			"after a batch of a million tokens on embed by one team, another team's call was answered 429"},
		"a model's error that opens breakers": {"neighbours", nil, func(s *deployed.Site) {
			for _, b := range s.Resources("Microsoft.ApiManagement/service/backends") {
				properties := b.Body["properties"].(map[string]any)
				if breaker, ok := properties["circuitBreaker"].(map[string]any); ok {
					rule := breaker["rules"].([]any)[0].(map[string]any)
					rule["failureCondition"] = map[string]any{"count": 1, "interval": "PT1M", "statusCodeRanges": []any{map[string]any{"min": 500, "max": 500}}}
					s.Put(b.ID, map[string]any{"properties": properties})
				}
			}
		}, "after a prompt that makes the model fail on gpt-4o by one team"},
		"a buffered answer": {"streaming", []deployed.Option{replaced("failover", `buffer-response="false"`, `buffer-response="true"`)}, nil,
			"the account had sent 1 events, and 2s later its caller had got none of them"},
		"a key that is passed on": {"secrets", []deployed.Option{replaced("identity", `<set-header name="api-key" exists-action="delete" />`, "")}, nil,
			"the client's key of product standard reached account"},
		"a refusal that names an account": {"secrets", []deployed.Option{replaced("answer", "No account that serves this deployment is available.", "aoai-test-oai-france-site is not available.")}, nil,
			"names account aoai-test-oai-france-site"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, c.options...)
			if c.then != nil {
				c.then(d)
			}
			failures := failuresOf(t, c.drill, &Env{Site: siteOf(t, d)})
			assert.Contains(t, strings.Join(failures, "\n"), c.says)
		})
	}
}

// reservingNothing leaves accounts as the only ones that refuse a large call.
var reservingNothing = deployed.With(func(s *stacks.Settings) {
	for i := range s.Products {
		s.Products[i].ReservedTokensPerMinute = 0
	}
})

// twoPrivacies lets tokens alone open both paths.
var twoPrivacies = deployed.With(func(s *stacks.Settings) { s.Products[1].Authentication = "entra" })

func TestTokensAloneGetWhatTheirGroupsSayOnEitherPath(t *testing.T) {
	order := func(s *stacks.Settings) { s.Products[1], s.Products[2] = s.Products[2], s.Products[1] }
	for name, options := range map[string][]deployed.Option{"metadata first": {twoPrivacies}, "full first": {twoPrivacies, deployed.With(order)}} {
		t.Run(name, func(t *testing.T) {
			measured, failures := tried[AccessMeasured](t, access(), &Env{Site: siteOf(t, deployed.New(t, options...))})
			assert.Empty(t, failures)
			assert.Equal(t, measured.Combinations, measured.AsPromised)
			assert.Positive(t, measured.Combinations)
		})
	}
}

// withoutBreakers leaves the accounts to the pool alone.
func withoutBreakers(s *deployed.Site) {
	for _, b := range s.Resources("Microsoft.ApiManagement/service/backends") {
		properties := b.Body["properties"].(map[string]any)
		if properties["circuitBreaker"] != nil {
			delete(properties, "circuitBreaker")
			s.Put(b.ID, map[string]any{"properties": properties})
		}
	}
}

// drawing lets the first product have images and speech, within limits.
var drawing = deployed.With(func(s *stacks.Settings) {
	d := s.Accounts[0].Deployments[0]
	for _, model := range []string{"dall-e-3", "tts"} {
		d.Name, d.Model, d.Version = model, model, "1"
		s.Accounts[0].Deployments = append(slices.Clone(s.Accounts[0].Deployments), d)
	}
	p := &s.Products[0]
	p.Deployments = append(slices.Clone(p.Deployments), "dall-e-3", "tts")
	p.ImagesPerMinute, p.SpeechCharactersPerMinute, p.AudioMegabytesPerMinute = 3, 400, 5
})

func TestImagesAndSpeechStayWithinTheirLimits(t *testing.T) {
	try := func(options ...deployed.Option) (*LimitsMeasured, string) {
		site := siteOf(t, deployed.New(t, append(options, drawing)...))
		trial := &throttleTrial{site: site, findings: &findings{}, ThrottleMeasured: ThrottleMeasured{Products: map[string]*LimitsMeasured{"standard": {}}}}
		require.NoError(t, trial.units(context.Background(), site.Settings.Products[0]))
		assert.Len(t, trial.NotTried, 1, "uploads")
		return trial.Products["standard"], strings.Join(trial.list, "\n")
	}
	measured, failures := try()
	assert.Empty(t, failures)
	assert.Equal(t, &UnitsMeasured{3, 3}, measured.ImagesPerMinute)
	assert.Equal(t, &UnitsMeasured{4, 4}, measured.SpeechCharactersPerMinute)

	_, failures = try(replaced("units", `renewal-period="60"`, `renewal-period="60" increment-condition="@(true)"`))
	assert.Contains(t, failures, "standard, images/generations at once: accounts served 6 of one minute, where 3 may pass")
}

func TestLimitsHoldOverSeveralUnits(t *testing.T) {
	d := deployed.New(t, deployed.With(func(s *stacks.Settings) { s.Gateway.SKU, s.Gateway.Units = "Premium", 3 }))
	failures := failuresOf(t, "throttle", &Env{Site: siteOf(t, d)})
	assert.Empty(t, failures)
}

func TestADrillLeavesNothingBehind(t *testing.T) {
	d := deployed.New(t)
	before := len(d.Resources(""))
	for _, name := range []string{"access", "overload"} {
		byName(t, name).Run(context.Background(), &Env{Site: siteOf(t, d)})
	}
	assert.Len(t, d.Resources(""), before, "subscriptions of a drill are still there")
}

func TestWithoutASiteADrillSaysThatItWasNotTried(t *testing.T) {
	for _, name := range servedDrills {
		failures := failuresOf(t, name, &Env{})
		assert.Equal(t, []string{"nothing serves the stack: the drill could not be tried"}, failures, name)
	}
}

func TestManyFailuresOfOneKindAreCounted(t *testing.T) {
	f := &findings{}
	for i := range mostFailures + 5 {
		f.add("call %d failed", i)
	}
	assert.Len(t, f.all(), mostFailures+1)
	assert.Equal(t, "and 5 more like these", f.all()[mostFailures])
}

// shaped fails unless what a drill measured has the form that docs/report.schema.json gives to it.
func shaped(t *testing.T, d Drill, measured any) {
	t.Helper()
	schema, err := jsonschema.ForType(d.Measures(), nil)
	require.NoError(t, err)
	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	text, err := json.Marshal(measured)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "null", "%s: the report has no null", d.Name)
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	assert.NoError(t, resolved.Validate(value), "%s measured %s", d.Name, text)
}
