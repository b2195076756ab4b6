package stacks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	project   = "enterprise-openai"
	groupID   = "00000000-0000-4000-8000-000000000001"
	anotherID = "00000000-0000-4000-8000-000000000002"
)

// devSettings are small, valid settings with the given changes: two accounts that share a pool, two products, two teams.
func devSettings(changes ...func(*Settings)) Settings {
	deployment := Deployment{
		Name: "gpt-4o", Model: "gpt-4o", Version: "2024-11-20", SKU: "Standard", Capacity: 10,
		ContentFilter: "Microsoft.DefaultV2", Upgrade: "NoAutoUpgrade",
	}
	product := Product{
		Name: "standard", DisplayName: "Standard", Authentication: "key", Privacy: "full",
		Groups:          []Group{{Name: "ai-users", ObjectID: groupID}},
		TokensPerMinute: 10_000, RequestsPerMinute: 60, TokenQuota: TokenQuota{Tokens: 1_000_000, Period: "Monthly"},
		Deployments: []string{"gpt-4o"},
		Endpoints:   []EndpointKind{EndpointChat, EndpointModels},
	}
	confidential := product
	confidential.Name, confidential.Privacy, confidential.Authentication = "confidential", "metadata", "both"
	s := mustDecode(map[string]string{
		"location": "swedencentral",
		"gateway":  `{"publisherName": "AI Platform", "publisherEmail": "ai@example.com", "entra": {"audiences": ["api://enterprise-openai"]}}`,
		"accounts": `[{"name": "sweden", "location": "swedencentral"}, {"name": "france", "location": "francecentral", "priority": 2}]`,
		"products": "[]",
	})
	for i := range s.Accounts {
		s.Accounts[i].Deployments = []Deployment{deployment}
	}
	s.Products = []Product{product, confidential}
	s.Teams = []Team{
		{Name: "search", DisplayName: "Search", Contact: "search@example.com", CostCentre: "1001", Products: []string{"standard"}},
		{Name: "legal", DisplayName: "Legal", Contact: "legal@example.com", CostCentre: "2001", Products: []string{"confidential"}},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// mustDecode decodes what a fixture gives and leaves the rest to its caller.
func mustDecode(values map[string]string) Settings {
	s, _ := Decode(values, nil)
	return s
}

// decodable are values that Decode accepts, with the given changes; "" removes a key.
func decodable(changes map[string]string) map[string]string {
	values := map[string]string{
		"location": "swedencentral",
		"gateway":  `{"publisherName": "AI Platform", "publisherEmail": "ai@example.com", "entra": {"audiences": ["api://enterprise-openai"]}}`,
		"accounts": `[{"name": "sweden", "location": "swedencentral", "deployments": [
			{"name": "gpt-4o", "model": "gpt-4o", "version": "2024-11-20", "capacity": 10}]}]`,
		"products": `[{"name": "standard", "groups": [{"name": "ai-users", "objectId": "` + groupID + `"}],
			"tokensPerMinute": 1000, "tokenQuota": {"tokens": 100000}, "deployments": ["gpt-4o"]}]`,
	}
	for key, value := range changes {
		values[key] = value
		if value == "" {
			delete(values, key)
		}
	}
	return values
}

// stackFileText reads a file from the project's root.
func rootFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	require.NoError(t, err)
	return text
}

// stackConfig is the configuration of a stack file as Pulumi passes it: fully qualified, objects as JSON.
func stackConfig(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	values := map[string]string{}
	for key, value := range file.Config {
		if scalar, ok := value.(string); ok {
			values[key] = scalar
			continue
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		values[key] = string(encoded)
	}
	return values
}

// ours are the values of this project, by top-level key.
func ours(config map[string]string) map[string]string {
	values := map[string]string{}
	for key, value := range config {
		if name, ok := strings.CutPrefix(key, project+":"); ok {
			values[name] = value
		}
	}
	return values
}

// messages are the problems' lines.
func messages(err error) []string {
	var lines []string
	for _, p := range Problems(err) {
		lines = append(lines, p.Error())
	}
	return lines
}
