package drills

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/clock"
	"enterprise-openai/stacks"
)

// refusedPaths are what the program says of an update that Azure cannot do.
const refusedPaths = "location: a; accounts[0].location: b; network.gatewaySubnet: c; naming.suffix: d"

// becomes deploys changed settings: it replaces what exists, and then writes once, so that those who watch look.
func becomes(s *scripted) (Result, error) {
	settings := deepCopy(s.Settings)
	s.change(&settings)
	other := deployed.New(s.t, deployed.With(func(o *stacks.Settings) { *o = settings }))
	var state bytes.Buffer
	require.NoError(s.t, other.Save(&state))
	if err := s.Load(&state); err != nil {
		return Result{}, err
	}
	if _, there := s.Get(s.Service + "/products/" + addedName); !there { // the engine leaves a removed product in Azure
		s.Put(s.Service+"/products/"+addedName, map[string]any{"properties": map[string]any{"displayName": "Upgraded"}})
	}
	s.write()
	return Result{Updated: 1, Changed: []string{"update Api chat"}}, nil
}

// write is a write to Azure that changes nothing.
func (s *scripted) write() {
	r, _ := s.Get(s.Group)
	_, err := byHand(s.Server, http.MethodPut, s.Group, "2024-03-01", map[string]any{"location": r.Body["location"], "tags": r.Body["tags"]})
	require.NoError(s.t, err)
}

// upgrading is a trial whose engine does what the program declares, except for what a case changes: the deployments are the first,
// the one that is refused, grow, move, shrink and again.
func upgrading(t *testing.T, change func(*scripted)) *scripted {
	t.Helper()
	s := script(t)
	s.ups = []func(*scripted) (Result, error){nothingToDo, refusing(refusedPaths), becomes, becomes, becomes, becomes}
	if change != nil {
		change(s)
	}
	return s
}

func TestUpgradesFailNoCallToWhatStays(t *testing.T) {
	measured, failures := tried[UpgradeMeasured](t, upgrade(), upgrading(t, nil).env())
	assert.Empty(t, failures)
	assert.Equal(t, 4, measured.Paths)
	assert.Positive(t, measured.Moments)
	assert.Positive(t, measured.Calls)
	assert.Zero(t, measured.FailedCalls)
}

func TestTheUpgradeDrillSaysWhatIsBroken(t *testing.T) {
	also := func(changed string) func(*scripted) (Result, error) {
		return func(s *scripted) (Result, error) {
			res, err := becomes(s)
			res.Changed = append(res.Changed, changed)
			return res, err
		}
	}
	for name, c := range map[string]struct {
		change func(*scripted)
		says   string
	}{
		"a gateway that is replaced":  {func(s *scripted) { s.ups[2] = also("replace ApiManagementService gateway") }, "grow: replace ApiManagementService gateway"},
		"a gateway that is deleted":   {func(s *scripted) { s.ups[2] = also("delete ApiManagementService gateway") }, "grow: delete ApiManagementService gateway"},
		"an account that is deleted":  {func(s *scripted) { s.ups[3] = also("delete Account account-sweden") }, "move: delete Account account-sweden"},
		"settings that do nothing":    {func(s *scripted) { s.ups[2] = nothingToDo }, "grow changed nothing"},
		"what cannot be done is done": {func(s *scripted) { s.ups[1] = nothingToDo }, "an update to another location, subnet and name was not refused"},
		"a refusal without names": {func(s *scripted) { s.ups[1] = refusing("location: a; accounts[0].location: b; naming.suffix: d") },
			"an update that changes network.gatewaySubnet was refused without a word about it"},
		"a refusal after writes": {func(s *scripted) {
			s.ups[1] = func(s *scripted) (Result, error) { s.write(); return Result{}, errors.New(refusedPaths) }
		}, "an update that was refused wrote 1 times first"},
		"an account without its role in between": {func(s *scripted) {
			s.ups[2] = func(s *scripted) (Result, error) { s.Delete(s.Role("sweden")); return becomes(s) }
		}, "of 2 members of the pool of gpt-4o cannot answer"},
		"a gateway without policies in between": {func(s *scripted) {
			s.ups[2] = func(s *scripted) (Result, error) {
				for _, r := range s.Resources("Microsoft.ApiManagement/service/apis/operations") {
					s.Delete(r.ID)
				}
				return becomes(s)
			}
		}, "got 404"},
		"a first deployment that is refused": {func(s *scripted) { s.ups[0] = refusing("up: 403") }, "the drill could not be carried out: first up: 403"},
		"an update that is refused":          {func(s *scripted) { s.ups[3] = refusing("up: 409") }, "the drill could not be carried out: move: up: 409"},
	} {
		t.Run(name, func(t *testing.T) {
			failures := upgrade().Run(t.Context(), upgrading(t, c.change).env()).Failures
			assert.Contains(t, joined(failures), c.says)
		})
	}
}

func TestARemovedProductIsEmptyUntilAnOperatorDeletesIt(t *testing.T) {
	s := script(t)
	g, err := siteOf(t, s.Site).openLive(t.Context(), clock.NewFake(clock.Epoch))
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	w := &upgradeWatch{sandbox: g, f: &findings{}}
	assert.ErrorContains(t, w.buryShell(), "left no shell")

	shell := s.Service + "/products/" + addedName
	s.Put(shell, map[string]any{"properties": map[string]any{"displayName": "Upgraded"}})
	s.Put(s.Service+"/subscriptions/left", map[string]any{"properties": map[string]any{"displayName": "left", "scope": shell, "state": "active"}})
	require.NoError(t, w.buryShell())
	assert.Contains(t, joined(w.f.all()), "the product that was removed still has "+s.Service+"/subscriptions/left")
	_, there := s.Get(shell)
	assert.False(t, there)
}

func TestACallNeedsATeamThatStays(t *testing.T) {
	s := deployed.New(t).Settings
	g, err := siteOf(t, deployed.New(t)).openLive(t.Context(), clock.NewFake(clock.Epoch))
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	w := &upgradeWatch{sandbox: g, f: &findings{}}
	after := deepCopy(s)
	after.Teams = nil
	call, err := w.callOf(s.Products[0], s.Products[0].Deployments[0], s, after)
	require.NoError(t, err)
	assert.Nil(t, call, "nobody is left who could call")
	after.Products = nil
	assert.EqualError(t, w.stay(s, after), "nothing stays that could be called")
}

func TestACopyOfSettingsSharesNoList(t *testing.T) {
	s := deployed.New(t).Settings
	before := s.Accounts[0].Deployments[0].Capacity
	c := deepCopy(s)
	grow(&c)
	assert.Equal(t, before, s.Accounts[0].Deployments[0].Capacity)
	assert.NotEqual(t, before, c.Accounts[0].Deployments[0].Capacity)
	assert.Len(t, c.Accounts, len(s.Accounts)+1)
}
