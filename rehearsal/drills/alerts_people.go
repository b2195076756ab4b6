package drills

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
)

// notified are the addresses that every rule reaches; a rule that reaches others is a finding.
func (t *alertTrial) notified() []string {
	want := slices.Sorted(slices.Values(t.site.Settings.Alerts.Emails))
	wrong := map[string][]string{} // rules by the addresses that they notify
	for _, kind := range []string{queryRuleType, metricRuleType} {
		for _, r := range t.site.ARM.Resources(kind) {
			p := properties(r.Body)
			if on, _ := p["enabled"].(bool); !on {
				t.add("rule %s is switched off", alertName(r.Name))
			}
			if got := t.reached(p); !slices.Equal(got, want) {
				wrong[people(got)] = append(wrong[people(got)], alertName(r.Name))
			}
		}
	}
	for _, got := range slices.Sorted(maps.Keys(wrong)) {
		t.add("%s: the alerts go to %s, where the settings name %s", strings.Join(wrong[got], ", "), got, people(want))
	}
	return want
}

func people(addresses []string) string {
	if len(addresses) == 0 {
		return "nobody"
	}
	return strings.Join(addresses, ", ")
}

// reached are the addresses behind a rule's actions.
func (t *alertTrial) reached(rule map[string]any) []string {
	var ids []string
	switch actions := rule["actions"].(type) {
	case map[string]any:
		groups, _ := actions["actionGroups"].([]any)
		for _, id := range groups {
			ids = append(ids, fmt.Sprint(id))
		}
	case []any:
		for _, action := range actions {
			a, _ := action.(map[string]any)
			ids = append(ids, fmt.Sprint(a["actionGroupId"]))
		}
	}
	var found []string
	for _, group := range t.site.ARM.Resources(groupOfPeople) {
		p := properties(group.Body)
		on, _ := p["enabled"].(bool)
		if !on || !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, group.ID) }) {
			continue
		}
		for _, receiver := range jsonpath.Objects(p, "emailReceivers") {
			found = append(found, jsonpath.Text(receiver, "emailAddress"))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
