package queries

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// The format that the portal draws (microsoft/Application-Insights-Workbooks: schema/workbook.json and Documentation). What
// the numbers of items and parameters mean is written nowhere else than in its templates.
type notebook struct {
	Version   string   `json:"version"`
	Items     []any    `json:"items"`
	Resources []string `json:"fallbackResourceIds"`
	Schema    string   `json:"$schema"`
}

// Types of items.
const (
	itemText       = 1
	itemQuery      = 3
	itemParameters = 9
	itemLinks      = 11
	itemGroup      = 12
)

// Types of parameters.
const (
	parameterDropDown = 2
	parameterTime     = 4
)

type item struct {
	Type       int         `json:"type"`
	Content    any         `json:"content"`
	Visibility *visibility `json:"conditionalVisibility,omitempty"`
	Name       string      `json:"name"`
}

type visibility struct {
	Parameter  string `json:"parameterName"`
	Comparison string `json:"comparison"`
	Value      string `json:"value"`
}

type queryContent struct {
	Version       string         `json:"version"`
	Query         string         `json:"query"`
	Size          int            `json:"size"`
	Title         string         `json:"title"`
	NoData        string         `json:"noDataMessage"`
	TimeContext   map[string]int `json:"timeContext,omitempty"`
	TimeParameter string         `json:"timeContextFromParameter,omitempty"`
	QueryType     int            `json:"queryType"`
	ResourceType  string         `json:"resourceType"`
	Visualization string         `json:"visualization"`
}

type parameter struct {
	ID           string         `json:"id"`
	Version      string         `json:"version"`
	Name         string         `json:"name"`
	Label        string         `json:"label"`
	Type         int            `json:"type"`
	Required     bool           `json:"isRequired"`
	Multi        bool           `json:"multiSelect,omitempty"`
	Quote        string         `json:"quote,omitempty"`
	Delimiter    string         `json:"delimiter,omitempty"`
	TypeSettings map[string]any `json:"typeSettings"`
	JSONData     string         `json:"jsonData,omitempty"`
	Value        any            `json:"value"`
}

const (
	parameterVersion = "KqlParameterItem/1.0"
	logs             = "microsoft.operationalinsights/workspaces"
	tabParameter     = "Tab"
	day              = 24 * 60 * 60 * 1000 // milliseconds
)

func heading(name, markdown string) item {
	return item{Type: itemText, Name: name, Content: map[string]string{"json": markdown}}
}

// stableID is the same for the same name, so that a workbook changes only when its description does.
func stableID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("enterprise-openai/workbook/"+name)).String()
}

// pickers are time, team and model.
func (w Workbook) pickers() item {
	ranges := []map[string]int{}
	for _, hours := range []int{1, 4, 24, 7 * 24, 30 * 24, 90 * 24} {
		ranges = append(ranges, map[string]int{"durationMs": hours * day / 24})
	}
	times := parameter{
		ID: stableID("TimeRange"), Version: parameterVersion, Name: "TimeRange", Label: "Time", Type: parameterTime, Required: true,
		TypeSettings: map[string]any{"selectableValues": ranges, "allowCustom": true}, Value: map[string]int{"durationMs": 7 * day},
	}
	return item{Type: itemParameters, Name: "pickers", Content: map[string]any{
		"version": parameterVersion, "style": "pills", "queryType": 0, "resourceType": logs,
		"parameters": []parameter{times, choice("Team", w.teams()), choice("Model", w.Models)},
	}}
}

// choice is a picker of some or all: {Name} becomes 'a','b', or '*'.
func choice(name string, values []string) parameter {
	if values == nil {
		values = []string{}
	}
	data, err := json.Marshal(values)
	if err != nil {
		data = []byte("[]") // texts can be marshalled
	}
	return parameter{
		ID: stableID(name), Version: parameterVersion, Name: name, Label: name, Type: parameterDropDown, Required: true,
		Multi: true, Quote: "'", Delimiter: ",", JSONData: string(data), Value: []string{"value::all"},
		TypeSettings: map[string]any{"additionalResourceOptions": []string{"value::all"}, "selectAllValue": "*", "showDefault": false},
	}
}

// links are the tabs; the portal opens the first one.
func links() item {
	var all []map[string]string
	for _, t := range tabs {
		all = append(all, map[string]string{
			"id": stableID("tab/" + t.name), "cellValue": tabParameter, "linkTarget": "parameter", "linkLabel": t.title, "subTarget": t.name, "style": "link",
		})
	}
	return item{Type: itemLinks, Name: "tabs", Content: map[string]any{"version": "LinkItem/1.0", "style": "tabs", "links": all}}
}

// group is one tab: every panel with what it answers above it.
func (w Workbook) group(t tab) (item, error) {
	items := []any{}
	for i, p := range t.panels {
		q, there, err := w.pick(p)
		if err != nil {
			return item{}, err
		}
		if !there {
			continue
		}
		name := fmt.Sprintf("%s-%d-%s", t.name, i+1, q.Name)
		content := queryContent{
			Version: "KqlItem/1.0", Query: w.text(p, q), Title: p.title, NoData: "Nothing in this time.",
			ResourceType: logs, Visualization: p.chart, TimeParameter: "TimeRange",
		}
		if content.Title == "" {
			content.Title = q.Title
			items = append(items, heading(name+"-answers", q.Answers))
		}
		if content.Visualization == "" {
			content.Visualization = table
		}
		if p.days > 0 {
			content.TimeParameter, content.TimeContext = "", map[string]int{"durationMs": p.days * day}
		}
		items = append(items, item{Type: itemQuery, Name: name, Content: content})
	}
	return item{
		Type: itemGroup, Name: t.name, Visibility: &visibility{tabParameter, "isEqualTo", t.name},
		Content: map[string]any{"version": "NotebookGroup/1.0", "groupType": "editable", "items": items},
	}, nil
}
