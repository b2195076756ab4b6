package arm

import (
	"net/http"
	"regexp"
	"strings"
)

// namedValueName: Azure/bicep-types-az, displayName of a named value.
var namedValueName = regexp.MustCompile(`^[A-Za-z0-9-._]+$`)

func checkNamedValue(w *write) {
	name, value := text(w.props, "displayName"), text(w.props, "value")
	if len(name) > 256 || !namedValueName.MatchString(name) {
		w.bad("displayName", "The display name '%s' may contain only letters, digits, periods, dashes and underscores, 256 at most.", name)
	}
	if w.props["keyVault"] != nil {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "A named value from Key Vault is not supported"))
		return
	}
	if strings.TrimSpace(value) == "" || len(value) > 4096 {
		w.bad("value", "The value must have 1 to 4096 characters and be more than whitespace.")
	}
	if len(texts(w.props, "tags")) > 32 {
		w.bad("tags", "At most 32 tags are allowed.")
	}
	for _, r := range w.s.ofType(namedValueType, serviceID(w.id)) {
		if !strings.EqualFold(r.ID, w.id.text) && text(r.props(), "displayName") == name {
			w.bad("displayName", "Named value with display name '%s' already exists.", name) // [M]: text
		}
	}
	if w.prev != nil && text(w.prev.props(), "displayName") != name {
		if refused := valueUnused(&removal{s: w.s, rec: w.prev, id: w.id}); refused != nil {
			w.refuse(refused)
		}
	}
}

func fillNamedValue(w *write) {
	w.private["value"] = w.props["value"]
	if secret, _ := w.props["secret"].(bool); secret {
		delete(w.props, "value")
	}
	w.props["provisioningState"] = "Succeeded"
}

func listValue(_ *Server, r *record) (map[string]any, *Error) {
	return map[string]any{"value": r.Private["value"]}, nil
}
