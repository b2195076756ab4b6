package policies

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func someFacts(changes ...func(*Facts)) Facts {
	facts := Facts{
		TenantID:  "11111111-2222-4333-8444-555555555555",
		Audiences: []string{"https://cognitiveservices.azure.com", "api://gateway"},
		Products: []Product{
			{Name: "standard", Authentication: "key", Groups: []string{"g1", "g2"}, Endpoints: []string{"chat", "models"}, Deployments: []string{"gpt-4o", "small"}, Paths: []string{"openai", "openai/v1"},
				RequestsPerMinute: 60, TokensPerMinute: 1000, TokenQuota: 50000, TokenQuotaPeriod: "Daily", Tools: []string{"web_search", "mcp"}, Hosts: []string{"tools.example.com"}},
			{Name: "open", Authentication: "entra", Groups: []string{"g3"}, Deployments: []string{"small"}, Paths: []string{"metadata/openai"},
				RequestsPerMinute: 6, TokensPerMinute: 100, TokenQuota: 5000, TokenQuotaPeriod: "Monthly"},
		},
		Pools:       []Pool{{Deployment: "gpt-4o", Accounts: []string{"sweden", "france"}, LargestTokensPerMinute: 30000}, {Deployment: "small", Accounts: []string{"sweden"}}},
		MaxAttempts: 4, DeadlineSeconds: 240, StreamSeconds: 20, AttemptSeconds: 240, RetryAfterCapSeconds: 60,
	}
	for _, change := range changes {
		change(&facts)
	}
	return facts
}

func document(t *testing.T, facts Facts, name string) string {
	t.Helper()
	made, err := facts.Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		if fragment.Name == name {
			return fragment.Document
		}
	}
	require.Fail(t, "no fragment "+name)
	return ""
}

func TestEachProductsLimitsAreInTheDocument(t *testing.T) {
	requests := document(t, someFacts(), "requests")
	assert.Equal(t, 2, strings.Count(requests, "<rate-limit-by-key"))
	assert.Regexp(t, `(?s)"standard".*?calls="60"`, requests)
	assert.Regexp(t, `(?s)"open".*?calls="6"`, requests)
	limits := document(t, someFacts(), "limits")
	assert.Equal(t, 2, strings.Count(limits, "<llm-token-limit"))
	assert.Regexp(t, `(?s)"standard".*?tokens-per-minute="1000" token-quota="50000" token-quota-period="Daily"`, limits)
	assert.Regexp(t, `(?s)"open".*?tokens-per-minute="100" token-quota="5000" token-quota-period="Monthly"`, limits)
}

// tables are the JSON objects of a document.
func tables(t *testing.T, document string) []string {
	t.Helper()
	var all []string
	for _, match := range regexp.MustCompile(`JObject\.Parse\(("(?:[^"\\]|\\.)*")\)`).FindAllStringSubmatch(document, -1) {
		object, err := strconv.Unquote(match[1]) // these strings of C# are strings of Go
		require.NoError(t, err)
		all = append(all, object)
	}
	return all
}

func TestFactsAreJSONThatExpressionsReadByName(t *testing.T) {
	products := `{
		"standard": {"authentication": "key", "groups": ["g1", "g2"], "deployments": ["gpt-4o", "small"], "paths": ["openai", "openai/v1"], "endpoints": ["chat", "models"],
			"tools": ["web_search", "mcp"], "hosts": ["tools.example.com"], "keepsText": false, "limitsPerPerson": false, "reservedUnits": 0, "openAnswerTokens": 0, "images": 0, "speechCharacters": 0, "audioMegabytes": 0},
		"open": {"authentication": "entra", "groups": ["g3"], "deployments": ["small"], "paths": ["metadata/openai"], "endpoints": [],
			"tools": [], "hosts": [], "keepsText": false, "limitsPerPerson": false, "reservedUnits": 0, "openAnswerTokens": 0, "images": 0, "speechCharacters": 0, "audioMegabytes": 0}}`
	pools := `{"gpt-4o": {"tokensPerMinute": 30000, "accounts": ["sweden", "france"]}, "small": {"tokensPerMinute": 0, "accounts": ["sweden"]}}`
	facts := someFacts(func(f *Facts) { f.Hosts = map[string]string{"sweden": "a.openai.azure.com"} })
	for fragment, want := range map[string][]string{
		"caller": {products, products}, "deployment": {pools, pools}, "response": {`{"sweden": "a.openai.azure.com"}`}, "failover": {`{}`},
	} {
		got := tables(t, document(t, facts, fragment))
		require.Len(t, got, len(want), fragment)
		for i := range want {
			assert.JSONEq(t, want[i], got[i], fragment)
		}
	}
	caller := tables(t, document(t, facts, "caller"))[0]
	assert.Less(t, strings.Index(caller, "standard"), strings.Index(caller, "open"), "the order of the settings")
}

// API Management reads {{name}} as a named value, and refuses a document that names one that it does not have.
func TestFactsNeverLookLikeANamedValue(t *testing.T) {
	for name, nested := range map[string]table{
		"empty": {}, "nested": {{"a", table{{"b", table{}}}}}, "at the end": {{"a", table{{"b", 1}}}}, "products": someFacts().products(), "pools": someFacts().pools(),
	} {
		filled, err := nested.fill()
		require.NoError(t, err, name)
		assert.NotContains(t, filled, "{{", name)
		assert.NotContains(t, filled, "}}", name)
	}
}

func TestEachAudienceIsInTheDocument(t *testing.T) {
	assert.Equal(t, 2, strings.Count(document(t, someFacts(), "caller"), "<audience>"))
}

func TestWithoutAudiencesNoTokenIsForAnybody(t *testing.T) {
	caller := document(t, someFacts(func(f *Facts) { f.Audiences = nil }), "caller")
	assert.Contains(t, caller, "<audience>"+unusedAudience+"</audience>")
}

func TestNothingIsLeftToPutIn(t *testing.T) {
	made, err := someFacts(exporting).Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		assert.NotContains(t, fragment.Document, "$(", fragment.Name)
		assert.NotContains(t, fragment.Document, "<?", fragment.Name)
		assert.NotContains(t, fragment.Document, "\r", fragment.Name)
	}
	for _, surface := range []Surface{Deployments, V1} {
		text, err := someFacts(exporting, filing).API(surface)
		require.NoError(t, err)
		assert.NotContains(t, text, "$(", surface)
		assert.NotContains(t, text, "<?", surface)
	}
}

// exporting are facts of an environment with an Event Hub; one of the two products keeps no text.
func exporting(f *Facts) { f.ExportLogger, f.Products[0].KeepsText = "eventhub", true }

// filing are facts of an environment with a product that allows files.
func filing(f *Facts) { f.Products[0].Endpoints = append(f.Products[0].Endpoints, string(Files)) }

// reserving are facts of an environment with a product that limits what calls may reserve.
func reserving(f *Facts) {
	f.Products[0].ReservedTokensPerMinute, f.Products[0].OpenAnswerTokens = 1000, 200
}

func TestWhatACallReservesIsALiteral(t *testing.T) {
	made := document(t, someFacts(reserving), "reservation")
	var steps []string
	for _, match := range regexp.MustCompile(`increment-count="([^"]*)"`).FindAllStringSubmatch(made, -1) {
		steps = append(steps, match[1])
	}
	assert.Equal(t, []string{"1", "2", "3", "4", "6", "8", "10"}, steps, "in hundreds of tokens, up to the limit itself")
	assert.Contains(t, tables(t, document(t, someFacts(reserving), "caller"))[0], `"reservedUnits": 10, "openAnswerTokens": 200`)
	made = document(t, someFacts(reserving, func(f *Facts) { f.Products[1].ReservedTokensPerMinute = 400 }), "reservation")
	assert.Equal(t, 7, strings.Count(made, `increment-count="`), "a limit that is a step is there once")
}

func TestWithoutALimitNothingIsReserved(t *testing.T) {
	made, err := someFacts().Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		if fragment.Name != "units" { // which counts nothing where a limit is 0: units/without-a-limit
			assert.NotContains(t, fragment.Document, "increment-count", fragment.Name)
		}
	}
	text, err := someFacts().API(V1)
	require.NoError(t, err)
	assert.NotContains(t, text, `"reservation"`)
}

func TestWithoutAHubNothingNamesIt(t *testing.T) {
	made, err := someFacts().Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		assert.NotContains(t, fragment.Document, "log-to-eventhub", fragment.Name)
	}
	for _, surface := range []Surface{Deployments, V1} {
		text, err := someFacts().API(surface)
		require.NoError(t, err)
		assert.NotContains(t, text, "export", surface)
	}
}

// Azure refuses a fragment that names a logger before it is there, and a logger is waited for by what says that it needs it.
func TestAFragmentThatNamesALoggerSaysThatItNeedsOne(t *testing.T) {
	made, err := someFacts(exporting).Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		assert.Equal(t, strings.Contains(fragment.Document, "logger-id="), fragment.NeedsLogger, fragment.Name)
	}
}

func TestTheExportNamesItsLogger(t *testing.T) {
	assert.Contains(t, document(t, someFacts(exporting), "export"), `logger-id="eventhub"`)
}

func TestEveryFragmentIsListedAndIncluded(t *testing.T) {
	files, err := documents.ReadDir("fragments")
	require.NoError(t, err)
	assert.Len(t, fragments, len(files), "a file that no list names is never deployed")
	for _, surface := range []Surface{Deployments, V1} {
		text, err := someFacts(exporting, reserving, filing).API(surface)
		require.NoError(t, err)
		for _, fragment := range fragments {
			assert.Contains(t, text, `fragment-id="`+fragment.Name+`"`, surface)
		}
	}
}

func TestNamedValuesAreExactlyThoseTheDocumentsUse(t *testing.T) {
	values, err := someFacts().NamedValues()
	require.NoError(t, err)
	declared := map[string]bool{}
	for _, value := range values {
		declared[value.Name] = true
	}
	used := map[string]bool{}
	made, err := someFacts().Fragments()
	require.NoError(t, err)
	for _, fragment := range made {
		for _, match := range regexp.MustCompile(`\{\{([^}"]+)\}\}`).FindAllStringSubmatch(fragment.Document, -1) {
			used[match[1]] = true
		}
	}
	assert.Equal(t, declared, used)
}

func TestNumbersThatMakeNoSenseAreReportedTogether(t *testing.T) {
	_, err := someFacts(func(f *Facts) { f.MaxAttempts, f.DeadlineSeconds = 0, -1 }).NamedValues()
	require.Error(t, err)
	assert.Contains(t, err.Error(), "max-attempts is 0")
	assert.Contains(t, err.Error(), "deadline-seconds is -1")
}

func TestAValueThatWouldChangeTheDocumentIsRefused(t *testing.T) {
	for _, value := range []string{`a"b`, "a<b", "a&b", "a\nb", "a\\b", "a{b}", "@(1)"} {
		_, err := someFacts(func(f *Facts) { f.Products[0].Name = value }).Fragments()
		assert.ErrorContains(t, err, "characters a policy document cannot hold", value)
	}
}

func TestRenderReportsEverythingItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct{ document, want, err string }{
		"value":                   {"a $(x) b", "a 1 b", ""},
		"list":                    {"[<?each item?>$(n)$(x);<?end?>]", "[a1;b1;]", ""},
		"an entry goes first":     {"<?each item?>$(n)<?end?>", "ab", ""},
		"unknown value":           {"$(y)", "$(y)", "nothing is known as $(y)"},
		"unknown list":            {"<?each other?>x<?end?>", "", "no list is known as other"},
		"no end":                  {"<?each item?>x", "<?each item?>x", "<?each item?> has no counterpart"},
		"no beginning":            {"x<?end?>", "x<?end?>", "<?end?> has no counterpart"},
		"an entry outside a list": {"$(n)", "$(n)", "nothing is known as $(n)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := render(c.document, fields{"x": text("1")}, map[string][]fields{"item": {{"n": text("a")}, {"n": text("b")}}})
			assert.Equal(t, c.want, got)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
			}
		})
	}
}

func FuzzRender(f *testing.F) {
	f.Add("<?each item?>$(n)<?end?>", "x")
	f.Add("$(x)<?end?><?each", `"`)
	f.Fuzz(func(t *testing.T, document, value string) {
		got, err := render(document, fields{"x": text(value)}, map[string][]fields{"item": {{"n": text(value)}}})
		if err == nil && !plain.MatchString(value) && got != document {
			t.Errorf("%q came into the document", value)
		}
	})
}

// An increment-count that is an expression is counted when the call is over, see TestOnlyALiteralIncrementHoldsCallsInParallel.
func TestUnitsAreCountedByLiterals(t *testing.T) {
	limited := someFacts(func(f *Facts) {
		f.Products[0].ImagesPerMinute, f.Products[0].SpeechCharactersPerMinute, f.Products[1].AudioMegabytesPerMinute = 7, 2600, 29
	})
	steps := limited.unitSteps()
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "15", "18", "22", "26", "27", "29"}, steps)
	fragment := document(t, limited, "units")
	for _, step := range steps {
		assert.Contains(t, fragment, `increment-count="`+step+`"`)
	}
	assert.Equal(t, len(steps), strings.Count(fragment, "<rate-limit-by-key"))
	assert.Equal(t, []string{"1"}, someFacts().unitSteps(), "a choose has a when")
}
