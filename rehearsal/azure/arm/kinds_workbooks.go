package arm

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

type savedSearchModel struct {
	Properties *struct {
		Category           *string  `json:"category,omitempty"`
		DisplayName        *string  `json:"displayName,omitempty"`
		Query              *string  `json:"query,omitempty"`
		FunctionAlias      *string  `json:"functionAlias,omitempty"`
		FunctionParameters *string  `json:"functionParameters,omitempty"`
		Version            *float64 `json:"version,omitempty"`
		// Etag is in no schema, and yet the one way to write over a saved search from a template (Azure/bicep-types-az issue 1499).
		Etag *string `json:"etag,omitempty"`
		Tags []struct {
			Name  *string `json:"name,omitempty"`
			Value *string `json:"value,omitempty"`
		} `json:"tags,omitempty"`
	} `json:"properties,omitempty"`
}

type workbookKind string

type workbookModel struct {
	Location   *string            `json:"location,omitempty"`
	Kind       *workbookKind      `json:"kind,omitempty"`
	Tags       map[string]*string `json:"tags,omitempty"`
	Identity   *identityModel     `json:"identity,omitempty"`
	Properties *struct {
		Category       *string `json:"category,omitempty"`
		Description    *string `json:"description,omitempty"`
		DisplayName    *string `json:"displayName,omitempty"`
		SerializedData *string `json:"serializedData,omitempty"`
		SourceID       *string `json:"sourceId,omitempty"`
		StorageURI     *string `json:"storageUri,omitempty"`
		Version        *string `json:"version,omitempty"`
	} `json:"properties,omitempty"`
}

func workbookKinds() []*Kind {
	return []*Kind{
		{
			Type: savedSearchType, Versions: []string{"2023-09-01", "2020-08-01"},
			Source: "Azure/bicep-types-az microsoft.operationalinsights/2023-09-01; MicrosoftDocs/azure-docs issue 49275, Azure/bicep-types-az issue 1499",
			Partly: "queries are kept, not run",
			model:  model[savedSearchModel](modelOptions{}), style: armStyle, name: nameRule{min: 1, max: 260, pattern: regexp.MustCompile(`^[^*&%/\\?#]+$`)},
			required: []string{"properties.category", "properties.displayName", "properties.query"},
			checks:   []func(*write){checkSavedSearch}, fill: fillSavedSearch,
		},
		{
			Type: workbookType, Versions: []string{"2023-06-01", "2022-04-01"}, Source: "Azure/bicep-types-az microsoft.insights/2023-06-01 (workbooks)",
			Partly: "a workbook is kept, not drawn",
			model:  model[workbookModel](modelOptions{}), style: armStyle, location: anyRegion,
			name:     nameRule{min: 36, max: 36, pattern: regexp.MustCompile(`(?i)^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`)},
			required: []string{"kind", "properties.category", "properties.displayName", "properties.serializedData"},
			checks:   []func(*write){checkWorkbook}, fill: fillWorkbook,
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
	setDefault(w.props, "version", 2)
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
	if source := text(w.props, "sourceId"); source != "" && w.resolve(source) == nil {
		w.refuse(missing(source))
	}
}

// fillWorkbook: the source is echoed in lower case [M].
func fillWorkbook(w *write) {
	w.body["etag"] = etag(w)
	if source := text(w.props, "sourceId"); source != "" {
		w.props["sourceId"] = strings.ToLower(source)
	}
	setDefault(w.props, "version", "Notebook/1.0")
}
