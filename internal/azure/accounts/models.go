package accounts

import (
	"net/http"
	"slices"
)

type modelJSON struct {
	ID              string          `json:"id"`
	Object          string          `json:"object"`
	CreatedAt       int64           `json:"created_at"`
	Created         int64           `json:"created"`
	OwnedBy         string          `json:"owned_by"`
	Status          string          `json:"status"`
	LifecycleStatus string          `json:"lifecycle_status"`
	Capabilities    map[string]bool `json:"capabilities"`
}

// modelCreated is a fixed date: lists must not change from call to call.
const modelCreated = 1_715_558_400

func (x *exchange) model(id string, d Deployment) modelJSON {
	return modelJSON{ID: id, Object: "model", CreatedAt: modelCreated, Created: modelCreated, OwnedBy: "system",
		Status: "succeeded", LifecycleStatus: "generally-available", Capabilities: map[string]bool{
			"chat_completion": supports(d.Model, kindChat), "completion": supports(d.Model, kindCompletion),
			"embeddings": embeds(d.Model), "inference": true, "fine_tune": false}}
}

// models lists the models behind the deployments. The real list also holds every other base model of the region
// (Microsoft Learn: rest/api/azureopenai/models/list), which no caller of a deployment can use.
func (x *exchange) models() *failure {
	var data []modelJSON
	for _, d := range x.account.Deployments {
		id := d.fullModel()
		if !slices.ContainsFunc(data, func(m modelJSON) bool { return m.ID == id }) {
			data = append(data, x.model(id, d))
		}
	}
	if x.call.modelID != "" {
		return x.oneModel(data)
	}
	x.headers()
	x.send(http.StatusOK, "application/json", []byte(toJSON(map[string]any{"object": "list", "data": append([]modelJSON{}, data...)})))
	return nil
}

func (x *exchange) oneModel(data []modelJSON) *failure {
	for _, m := range data {
		if m.ID == x.call.modelID {
			x.headers()
			x.send(http.StatusOK, "application/json", []byte(toJSON(m)))
			return nil
		}
	}
	return notFound()
}
