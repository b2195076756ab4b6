package drills

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// putBack writes a resource of the destroyed environment back under its old name, and gives Azure's refusal.
func putBack(id, version string, body map[string]any) func(*scripted) (Result, error) {
	return func(s *scripted) (Result, error) {
		if _, err := byHand(s.Server, http.MethodPut, s.Group, "2024-03-01", map[string]any{"location": "swedencentral"}); err != nil {
			return Result{}, err
		}
		_, err := byHand(s.Server, http.MethodPut, id, version, body)
		return Result{}, err
	}
}

// recreating is a trial that is destroyed and comes back under another suffix. Azure's refusals are those of the embedded one.
func recreating(t *testing.T, change func(*scripted)) *scripted {
	t.Helper()
	s := script(t, deployed.With(oneProduct))
	account, service := s.Account("sweden"), s.Service
	s.destroyed = func(s *scripted) error {
		_, err := byHand(s.Server, http.MethodDelete, s.Group, "2024-03-01", nil)
		return err
	}
	s.ups = []func(*scripted) (Result, error){
		nothingToDo,
		putBack(account, "2024-10-01", map[string]any{
			"location": "swedencentral", "kind": "OpenAI", "sku": map[string]any{"name": "S0"},
			"properties": map[string]any{"customSubDomainName": s.AccountName("sweden")},
		}),
		putBack(service, "2024-06-01-preview", map[string]any{
			"location": "swedencentral", "sku": map[string]any{"name": "Developer", "capacity": 1},
			"properties": map[string]any{"publisherName": "A", "publisherEmail": "a@example.com"},
		}),
		func(s *scripted) (Result, error) {
			other := s.Settings
			s.change(&other)
			s.remaining = script(s.t, deployed.With(func(o *stacks.Settings) { o.Naming.Suffix = other.Naming.Suffix })).ids()
			return Result{Created: len(s.remaining)}, nil
		},
	}
	if change != nil {
		change(s)
	}
	return s
}

func TestAnEnvironmentComesBackUnderAnotherSuffix(t *testing.T) {
	s := recreating(t, nil)
	measured, failures := tried[RecreateMeasured](t, recreate(), s.env())
	assert.Empty(t, failures)
	assert.Equal(t, 3, measured.SoftDeleted, "two accounts and the gateway")
	assert.Positive(t, measured.Created)
}

func TestTheRecreateDrillSaysWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scripted)
		says   string
	}{
		"accounts that come back as if never deleted": {func(s *scripted) { s.ups[1] = nothingToDo },
			"FlagMustBeSetForRestore was expected, and the deployment went through"},
		"a refusal of accounts in other words": {func(s *scripted) { s.ups[1] = refusing("up: 409 CustomDomainInUse") },
			"FlagMustBeSetForRestore was expected, not up: 409 CustomDomainInUse"},
		"a gateway that comes back as if never deleted": {func(s *scripted) { s.ups[2] = nothingToDo },
			"ServiceAlreadyExistsInSoftDeletedState was expected, and the deployment went through"},
		"another suffix that is refused": {func(s *scripted) { s.ups[3] = refusing("up: 409 Conflict") },
			"under another suffix: up: 409 Conflict"},
		"names that do not follow the suffix": {func(s *scripted) {
			old := s.ids()
			s.ups[3] = func(s *scripted) (Result, error) { s.remaining = old; return Result{}, nil }
		}, "left of the old names: /subscriptions/"},
		"a destruction that is refused": {func(s *scripted) {
			s.destroyed = func(*scripted) error { return fmt.Errorf("destroy: 409 Conflict") }
		}, "the drill could not be carried out: destroy: 409 Conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			failures := recreate().Run(t.Context(), recreating(t, c.change).env()).Failures
			assert.Contains(t, joined(failures), c.says)
		})
	}
}

func TestPurgedAccountsAreGoneForGood(t *testing.T) {
	s := recreating(t, nil)
	require.NoError(t, s.destroyed(s))
	before := s.SoftDeleted()
	require.NoError(t, purgeAccounts(s.Server, before))
	after := s.SoftDeleted()
	assert.Len(t, after, 1, "the gateway is not purged")
	assert.Contains(t, strings.ToLower(after[0]), "/microsoft.apimanagement/service/")
	assert.Error(t, purgeAccounts(s.Server, []string{"not an id"}))
}

func TestOneProductLeavesOnlyTheTeamsThatHaveIt(t *testing.T) {
	s := deployed.New(t).Settings
	first := s.Products[0].Name
	oneProduct(&s)
	require.Len(t, s.Products, 1)
	require.NotEmpty(t, s.Teams)
	for _, team := range s.Teams {
		assert.Equal(t, []string{first}, team.Products, team.Name)
	}
}
