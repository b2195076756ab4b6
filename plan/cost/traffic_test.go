package cost_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan/cost"
)

func TestAWrongTrafficFileIsRefusedWithItsLinesAndWhatWouldBeRight(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"misspelt keys": {"each:\n  callsPrDay: 3\ncals: []\n", `t.yaml:2: callsPrDay: unknown key; did you mean "callsPerDay"?
t.yaml:3: cals: unknown key; did you mean "calls"?`},
		"a word for a number": {"each:\n  promptTokens: many\n", `t.yaml:2: "many" is not a number; write it without a unit, as in 1500`},
		"a list for a map":    {"logged: [1]\n", `t.yaml:1: this is not what the key takes; docs/cost.md has an example`},
		"values": {"each: {deployment: chat}\ncalls:\n  - deployment: chat\n    promptTokens: -3\n  - callsPerDay: 7\n    cachedShare: 30\nlogged:\n  A: -1\n",
			`t.yaml:1: each: is what every deployment gets, so that it names none; write an entry of calls
t.yaml:4: calls[0].promptTokens: is below zero; write 0 for none
t.yaml:5: calls[1]: names no deployment; add deployment: and its name
t.yaml:6: calls[1].cachedShare: is 30, and a share is at most 1; write 0.3 for 30 %
t.yaml:8: logged.A: is below zero; write 0 for none`},
		"twice":  {"calls:\n  - {deployment: chat}\n  - {deployment: chat, product: gold}\n  - {deployment: chat}\n", `t.yaml:4: calls[2]: is there twice; add the calls up in one entry`},
		"broken": {"calls: [\n", "t.yaml:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cost.ParseTraffic("t.yaml", []byte(c.text))
			require.Error(t, err)
			if strings.HasSuffix(c.want, " ") {
				assert.Contains(t, err.Error(), c.want)
				return
			}
			assert.Equal(t, c.want, err.Error())
		})
	}
}

func TestTrafficNamesWhatThePlanHas(t *testing.T) {
	traffic, err := cost.ParseTraffic("t.yaml", []byte("calls:\n  - deployment: chatt\n  - deployment: chat\n    product: glod\n"))
	require.NoError(t, err)
	_, err = cost.Of("dev", pool(), traffic, aDay)
	assert.EqualError(t, err, `t.yaml:2: calls[0].deployment: the plan has no deployment "chatt"; did you mean "chat"?
t.yaml:4: calls[1].product: the plan has no product "glod"; did you mean "gold"?`)
}

func TestAFileWithCallsSaysEveryCall(t *testing.T) {
	all := ofStack(t, "dev")
	report := priced(t, all, "calls: [{deployment: gpt-5.4, callsPerDay: 10, logged: {AppMetrics: 7}}]")
	require.Len(t, report.Assumed.Calls, 1, "a deployment that is not named has no calls")
	assert.InDelta(t, 7, report.Assumed.Calls[0].Logged["AppMetrics"], 0)
	assert.Equal(t, "ours.yaml", report.Assumed.File)
	report = priced(t, all, "each: {callsPerDay: 5}\ncalls: [{deployment: gpt-5.4, callsPerDay: 10}]")
	require.Len(t, report.Assumed.Calls, 2, "unless the file says what each has")
	assert.InDelta(t, 5, report.Assumed.Calls[1].CallsPerDay, 0)
}

func TestTheExampleInTheDocumentIsRead(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "cost.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	require.True(t, found)
	example, _, _ := strings.Cut(rest, "```")
	report := priced(t, ofStack(t, "prod"), example)
	assert.NotEmpty(t, report.Assumed.Calls)
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	_, err := cost.ReadTraffic(filepath.Join(t.TempDir(), "none.yaml"))
	assert.ErrorContains(t, err, "none.yaml")
}
