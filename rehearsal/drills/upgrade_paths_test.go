package drills

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// after are the settings of the small environment after changes.
func after(t *testing.T, changes ...func(*stacks.Settings)) stacks.Settings {
	t.Helper()
	s := deepCopy(deployed.New(t).Settings)
	for _, change := range changes {
		change(&s)
	}
	return s
}

func TestGrowingAddsOneOfEverything(t *testing.T) {
	before, grown := after(t), after(t, grow)
	require.Len(t, grown.Accounts, len(before.Accounts)+1)
	added := grown.Accounts[len(before.Accounts)]
	assert.Equal(t, addedName, added.Name)
	assert.Equal(t, before.Accounts[0].Location, added.Location, "a region that the environment has")
	assert.Equal(t, []string{"gpt-4o", addedName}, []string{added.Deployments[0].Name, added.Deployments[1].Name})
	assert.Equal(t, addedName, grown.Products[0].Name, "in front, so that a list's order shows")
	assert.Equal(t, []string{addedName}, grown.Products[0].Deployments)
	assert.Len(t, grown.Teams, len(before.Teams)+2)
}

func TestAlteringChangesWhatCanBeChangedInPlace(t *testing.T) {
	before, altered := after(t), after(t, alter)
	for i, account := range altered.Accounts {
		for j, d := range account.Deployments {
			old := before.Accounts[i].Deployments[j]
			assert.Equal(t, 2*old.Capacity, d.Capacity, d.Name)
			assert.Equal(t, d.Name == "gpt-4o", d.Version != old.Version, "%s: the first deployment gets another version", d.Name)
		}
		assert.Equal(t, before.Accounts[i].Location, account.Location, "which Azure cannot change")
	}
	for i, p := range altered.Products {
		assert.Equal(t, before.Products[i].RequestsPerMinute+1, p.RequestsPerMinute, p.Name)
		assert.Equal(t, 2*before.Products[i].TokenQuota.Tokens, p.TokenQuota.Tokens, p.Name)
	}
	assert.Equal(t, "Renamed", altered.Teams[0].DisplayName)
	assert.Equal(t, 120, altered.Logging.RetentionDays)
	assert.NotEqual(t, before.Gateway.DeveloperPortal, altered.Gateway.DeveloperPortal)
	withoutSignIn := after(t, func(s *stacks.Settings) { s.Gateway.Portal.SignIn = nil }, alter)
	assert.NotNil(t, withoutSignIn.Gateway.Portal.SignIn)
}

func TestAGroupIsChangedWhoseMembersNobodyLooksUp(t *testing.T) {
	const changed = "00000000-0000-4000-8000-00000000abcd"
	ids := func(s stacks.Settings) map[string]string {
		all := map[string]string{}
		for _, p := range s.Products {
			for _, g := range p.Groups {
				all[p.Name+"/"+g.Name] = g.ObjectID
			}
		}
		return all
	}
	before := ids(after(t))
	got := ids(after(t, regroup))
	assert.Equal(t, changed, got["standard/standard"], "its product takes keys alone")
	assert.Equal(t, before["confidential/confidential"], got["confidential/confidential"])
	assert.Equal(t, before["assistants/assistants"], got["assistants/assistants"])
	everybody := ids(after(t, func(s *stacks.Settings) { s.Products = s.Products[1:] }, regroup))
	assert.NotContains(t, everybody, changed)
	for name, id := range everybody {
		assert.Equal(t, before[name], id, "%s: tokens name it", name)
	}
	shared := ids(after(t, func(s *stacks.Settings) { s.Products[1].Groups = s.Products[0].Groups }, regroup))
	assert.Equal(t, before["standard/standard"], shared["standard/standard"], "another product looks its members up")
}

func TestMovingLeavesAPoolWithoutAnyMemberItHad(t *testing.T) {
	accountsOf := func(s stacks.Settings) []string {
		var names []string
		for _, m := range poolOf(s, addedName).Members {
			names = append(names, m.Account.Name)
		}
		return names
	}
	grown, moved := after(t, grow), after(t, move)
	assert.Equal(t, []string{addedName}, accountsOf(grown))
	assert.Equal(t, []string{"sweden"}, accountsOf(moved))
	assert.Equal(t, "left", moved.Teams[len(moved.Teams)-1].Name, "a team of another name")
	assert.Equal(t, []int{2, 1}, []int{moved.Accounts[0].Priority, moved.Accounts[len(moved.Accounts)-1].Priority})
}

func TestShrinkingTakesAwayWhatWasAddedAndAgainBringsItBack(t *testing.T) {
	shrunk, back := after(t, shrink), after(t, again)
	for _, p := range shrunk.Products {
		assert.NotEqual(t, addedName, p.Name)
	}
	last := back.Products[len(back.Products)-1]
	assert.Equal(t, addedName, last.Name)
	assert.Equal(t, []string{"gpt-4o"}, last.Deployments, "one that stays")
	assert.Equal(t, stacks.AuthenticationKey, last.Authentication)
	assert.Equal(t, addedName, back.Teams[len(back.Teams)-1].Name)
	last.Groups[0].ObjectID = "changed"
	assert.NotEqual(t, "changed", back.Products[0].Groups[0].ObjectID, "a list of its own")
}

func TestWhoseCallFailedIsNamed(t *testing.T) {
	assert.Equal(t, "nobody's", orNobody(""))
	assert.Equal(t, "search", orNobody("search"))
}
