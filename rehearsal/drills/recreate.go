package drills

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/stacks"
)

// recreate destroys an environment and deploys it again while Azure still keeps what was deleted.
func recreate() Drill {
	return Drill{
		Name: "recreate",
		Promise: "An environment that was destroyed comes back within 48 hours under another naming.suffix; under its old names Azure refuses " +
			"it, in words that docs/operations.md explains, until they are purged.",
		When: Standing,
		Work: with(inLab(AsOnAzure), tryRecreate),
	}
}

// otherSuffix is what an operator sets to come back.
const otherSuffix = "again1"

// RecreateMeasured is what came back.
type RecreateMeasured struct {
	// SoftDeleted counts what Azure keeps of the destroyed environment, Created what was made under another suffix.
	SoftDeleted int     `json:"softDeleted"`
	Created     int     `json:"created"`
	Seconds     float64 `json:"seconds"`
}

func tryRecreate(ctx context.Context, t *ownStack, f *findings) (*RecreateMeasured, error) {
	t.Change(oneProduct)
	if _, err := t.Up(ctx); err != nil {
		return nil, err
	}
	if _, err := t.Destroy(ctx); err != nil {
		return nil, err
	}
	deleted := t.Azure().SoftDeleted()
	refused(ctx, t, f, "FlagMustBeSetForRestore")
	if err := purgeAccounts(t.Azure(), deleted); err != nil {
		return nil, err
	}
	refused(ctx, t, f, "ServiceAlreadyExistsInSoftDeletedState")

	t.Change(func(s *stacks.Settings) {
		oneProduct(s)
		s.Naming.Suffix = otherSuffix
	})
	res, err := t.Up(ctx)
	if err != nil {
		f.add("under another suffix: %v", err)
	}
	for _, id := range t.Remaining() {
		if group := strings.SplitN(id, "/", 6)[4]; !strings.HasSuffix(group, "-"+otherSuffix) {
			f.add("left of the old names: %s", id)
		}
	}
	return &RecreateMeasured{SoftDeleted: len(deleted), Created: res.Created + res.Replaced, Seconds: res.Duration.Seconds()}, nil
}

// oneProduct leaves one product and its teams: the names in question are those of accounts and the gateway.
func oneProduct(s *stacks.Settings) {
	s.Products = s.Products[:1]
	var teams []stacks.Team
	for _, team := range s.Teams {
		for _, product := range team.Products {
			if product == s.Products[0].Name {
				team.Products = []string{product}
				teams = append(teams, team)
			}
		}
	}
	s.Teams = teams
}

// refused deploys and wants a refusal.
func refused(ctx context.Context, t Trial, f *findings, code string) {
	_, err := t.Up(ctx)
	if err == nil {
		f.add("%s was expected, and the deployment went through", code)
		return
	}
	if !strings.Contains(err.Error(), code) {
		f.add("%s was expected, not %v", code, err)
	}
}

// purgeAccounts deletes soft-deleted accounts for good, as `az cognitiveservices account purge` does.
func purgeAccounts(server *arm.Server, deleted []string) error {
	const version = "2024-10-01"
	for _, text := range deleted {
		id, err := arm.ParseID(text)
		if err != nil {
			return err
		}
		if !strings.EqualFold(id.Type, accountType) {
			continue
		}
		provider := "/subscriptions/" + id.Subscription + "/providers/Microsoft.CognitiveServices"
		listed, err := byHand(server, http.MethodGet, provider+"/deletedAccounts", version, nil)
		if err != nil {
			return err
		}
		for _, account := range jsonpath.Objects(listed, "value") {
			at := fmt.Sprintf("%s/locations/%s/resourceGroups/%s/deletedAccounts/%s", provider, account["location"], id.Group, account["name"])
			if _, err := byHand(server, http.MethodDelete, at, version, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}
