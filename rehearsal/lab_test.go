package rehearsal

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/plan/deployed"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// openTrial opens a trial of dev on the real engine, and the session that it is beside.
func openTrial(t *testing.T, pace drills.Pace) (drills.Trial, *session, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := openEmbedded(t.Context(), workspace{
		project: "..", stack: "dev", dir: dir, fresh: true, log: os.Stderr, detail: func(string) {},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.close()) })
	trial, err := s.lab.Open(t.Context(), pace)
	require.NoError(t, err)
	return trial, s, dir
}

func TestATrialIsTheSameProgramInAnAzureOfItsOwnAndLeavesNothing(t *testing.T) {
	trial, beside, dir := openTrial(t, drills.AtOnce)
	first, err := trial.Up(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, trial.Remaining())
	assert.Empty(t, beside.cloud.Remaining(), "it deployed into the Azure of the standing stack")

	// The other account stays the largest, so that no policy changes with it.
	trial.Change(func(s *stacks.Settings) { s.Accounts[0].Deployments[0].Capacity-- })
	second, err := trial.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"update Deployment account-sweden-gpt-5.4"}, second.Changed)
	assert.Equal(t, first.Created, second.Same+1)
	site, err := trial.Site()
	require.NoError(t, err)
	assert.Equal(t, 9, site.Settings.Accounts[0].Deployments[0].Capacity)

	trial.Change(func(s *stacks.Settings) { s.Accounts[0].Deployments[0].Capacity = -1 })
	_, err = trial.Preview(t.Context())
	require.ErrorContains(t, err, "accounts[0].deployments[0].capacity", "changed settings are not validated")

	require.NoError(t, trial.Close())
	left, err := os.ReadDir(filepath.Join(dir, "lab"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestTheEngineDeploysWhatIsDeployedWithoutOne compares every resource, so that what tests take from plan/deployed is what
// pulumi up makes.
func TestTheEngineDeploysWhatIsDeployedWithoutOne(t *testing.T) {
	trial, _, _ := openTrial(t, drills.AtOnce)
	defer func() { require.NoError(t, trial.Close()) }()
	_, err := trial.Up(t.Context())
	require.NoError(t, err)
	settings, err := deployed.Read(t.Context(), "..", "dev")
	require.NoError(t, err)
	stack, err := deployed.New(t.Context(), deployed.Options{Stack: "dev", Settings: settings})
	require.NoError(t, err)
	server, err := stack.Open()
	require.NoError(t, err)
	made, want := bodies(t, trial.Azure()), bodies(t, server)
	for _, id := range slices.Sorted(maps.Keys(want)) {
		assert.Equal(t, want[id], made[id], id)
		delete(made, id)
	}
	assert.Empty(t, made, "the engine made more")
}

// moments are times, and etags, which the embedded Azure makes of them.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z|"etag":"[^,]*"`)

func bodies(t *testing.T, server *arm.Server) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range server.Resources("") {
		text, err := json.Marshal(r.Body)
		require.NoError(t, err)
		all[r.ID] = moments.ReplaceAllString(string(text), "")
	}
	return all
}

func TestOperationsOfATrialLastAsOnAzureWhereTheDrillAsksForIt(t *testing.T) {
	trial, _, _ := openTrial(t, drills.AsOnAzure)
	defer func() { require.NoError(t, trial.Close()) }()
	first, err := trial.Up(t.Context())
	require.NoError(t, err)
	longest := time.Duration(0)
	for _, span := range first.Schedule.Spans {
		longest = max(longest, span.End.Sub(span.Start))
	}
	assert.Greater(t, longest, 30*time.Minute, "the gateway")

	trial.Change(func(s *stacks.Settings) { s.Accounts[0].Deployments[0].Capacity++ })
	second, err := trial.Up(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, second.Schedule.Spans, "an update lasts as well")
}

func TestAKilledEngineLeavesALockAndWhatItHadBegun(t *testing.T) {
	trial, _, _ := openTrial(t, drills.AtOnce)
	defer func() { require.NoError(t, trial.Close()) }()
	killed := ""
	var once sync.Once // the engine writes several resources at a time
	trial.Azure().OnChange(func(id string) {
		if strings.Contains(id, "/virtualNetworks/") {
			once.Do(func() {
				killed = id
				assert.NoError(t, trial.Kill())
			})
		}
	})
	_, err := trial.Up(t.Context())
	require.ErrorContains(t, err, "up: ")
	require.NotEmpty(t, killed)
	assert.EqualError(t, trial.Kill(), "no operation is in progress")

	state, err := trial.State(t.Context())
	require.NoError(t, err, "the state cannot be read")
	var network engine.Known
	for _, p := range state.Pending {
		if p.Type == "azure-native:network/v20240501:VirtualNetwork" {
			network = p
		}
	}
	assert.Equal(t, "creating", network.Doing)

	_, err = trial.Up(t.Context())
	require.ErrorContains(t, err, "the stack is currently locked by 1 lock(s)")
	require.NoError(t, trial.Cancel(t.Context()))
	_, err = trial.ClearPending(t.Context())
	require.NoError(t, err)
	state, err = trial.State(t.Context())
	require.NoError(t, err)
	assert.Empty(t, state.Pending)
	_, err = trial.Up(t.Context())
	// The network is one of them; the engine reports the first that it meets.
	require.ErrorContains(t, err, "cannot create already existing resource '/subscriptions/")

	require.NoError(t, trial.Import(t.Context(), map[string]string{network.URN: killed}))
	state, err = trial.State(t.Context())
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(state.Resources, func(k engine.Known) bool { return k.URN == network.URN && k.ID == killed }))
}
