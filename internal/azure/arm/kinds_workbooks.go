package arm

import (
	"encoding/json"
	"net/http"
	"strings"
)

type savedSearchModel struct {
	Properties *struct {
		Category           *string  `json:"category,omitzero"`
		DisplayName        *string  `json:"displayName,omitzero"`
		Query              *string  `json:"query,omitzero"`
		FunctionAlias      *string  `json:"functionAlias,omitzero"`
		FunctionParameters *string  `json:"functionParameters,omitzero"`
		Version            *float64 `json:"version,omitzero"`
		// Etag is in no schema, and yet the one way to write over a saved search from a template (Azure/bicep-types-az issue 1499).
		Etag *string `json:"etag,omitzero"`
		Tags []struct {
			Name  *string `json:"name,omitzero"`
			Value *string `json:"value,omitzero"`
		} `json:"tags,omitzero"`
	} `json:"properties,omitzero"`
}

type workbookKind string

type workbookModel struct {
	Location   *string            `json:"location,omitzero"`
	Kind       *workbookKind      `json:"kind,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Identity   *identityModel     `json:"identity,omitzero"`
	Properties *struct {
		Category       *string `json:"category,omitzero"`
		Description    *string `json:"description,omitzero"`
		DisplayName    *string `json:"displayName,omitzero"`
		SerializedData *string `json:"serializedData,omitzero"`
		SourceID       *string `json:"sourceId,omitzero"`
		StorageURI     *string `json:"storageUri,omitzero"`
		Version        *string `json:"version,omitzero"`
	} `json:"properties,omitzero"`
}

func workbookKinds() []*Kind {
	return []*Kind{
		{
			Type: savedSearchType, model: model[savedSearchModel](modelOptions{}),
			checks: []func(*write){checkSavedSearch}, fill: fillSavedSearch,
		},
		{
			Type: workbookType, model: model[workbookModel](modelOptions{}), checks: []func(*write){checkWorkbook},
			fill: fillWorkbook,
		},
	}
}

// checkSavedSearch refuses to write over a saved search without its etag (MicrosoftDocs/azure-docs issue 49275,
// Azure/azure-powershell issue 10564) [M: text].
func checkSavedSearch(w *write) {
	if v, ok := w.props["version"].(float64); ok && v != 1 && v != 2 {
		w.bad("properties.version", "'%v' is not 1 or 2.", v)
	}
	if sent := text(w.props, "etag"); w.prev != nil && sent != "*" && sent != text(w.prev.Body, "etag") {
		w.refuse(refusal(http.StatusConflict, "Conflict", "The saved search '%s' already exists: its etag, or *, is needed to write over it.", w.id.Name()))
	}
}

func fillSavedSearch(w *write) {
	delete(w.props, "etag")
	w.body["etag"] = etag(w)
}

// checkWorkbook reads what the portal would have to draw.
func checkWorkbook(w *write) {
	var notebook struct {
		Version string            `json:"version"`
		Items   []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal([]byte(text(w.props, "serializedData")), &notebook); err != nil {
		w.bad("properties.serializedData", "The workbook is not valid JSON: %v.", err)
	} else if notebook.Version != "Notebook/1.0" || len(notebook.Items) == 0 {
		w.bad("properties.serializedData", "The workbook is no Notebook/1.0 with items.")
	}
	if source := text(w.props, "sourceId"); source != "" && !strings.EqualFold(source, noSource) && w.resolve(source) == nil {
		w.refuse(missing(source))
	}
}

// noSource is the sourceId of a workbook that belongs to no resource, as published templates have it. The documentation knows only the id
// of a resource (Microsoft Learn: azure-monitor/visualize/resource-manager-workbooks). [M]: that an id which leads nowhere is refused.
const noSource = "Azure Monitor"

// fillWorkbook: the source is echoed in lower case [M].
func fillWorkbook(w *write) {
	w.body["etag"] = etag(w)
	if source := text(w.props, "sourceId"); source != "" {
		w.props["sourceId"] = strings.ToLower(source)
	}
}
