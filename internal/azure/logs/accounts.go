package logs

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// AccountCall is one call as an Azure OpenAI account saw it. Accounts log no text.
type AccountCall struct {
	Time       time.Time
	Account    string
	Region     string
	Deployment string
	Model      string
	Version    string
	// Operation is the account's name for it, such as ChatCompletions_Create.
	Operation        string
	APIVersion       string
	CorrelationID    string
	CallerIP         string
	ObjectID         string
	Status           int
	Duration         time.Duration
	Stream           bool
	RequestSize      int
	ResponseSize     int
	PromptTokens     int
	CompletionTokens int
	// FirstToken is how long the account took to begin its answer; zero is not reported.
	FirstToken time.Duration
}

// Account writes what an account logs and counts about a call, as far as its diagnostic setting says so.
func (s *Store) Account(c AccountCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Pipeline.Setting(c.Account, CategoryRequestResponse).On {
		s.write(Diagnostics, s.accountID(c.Account), s.accountRow(c, CategoryRequestResponse, map[string]any{
			"apiName": apiName(c.APIVersion), "requestLength": c.RequestSize, "responseLength": c.ResponseSize,
			"objectId": c.ObjectID, "streamType": streamType(c.Stream),
			"modelDeploymentName": c.Deployment, "modelName": c.Model, "modelVersion": c.Version,
		}))
	}
	if s.options.Pipeline.Setting(c.Account, CategoryRequestUsage).On && c.Status < 300 {
		// [M] unverified: the names of the counts; Microsoft documents the category alone.
		s.write(Diagnostics, s.accountID(c.Account), s.accountRow(c, CategoryRequestUsage, map[string]any{
			"modelDeploymentName": c.Deployment, "modelName": c.Model,
			"promptTokens": c.PromptTokens, "completionTokens": c.CompletionTokens,
			"totalTokens": c.PromptTokens + c.CompletionTokens,
		}))
	}
	if s.options.Pipeline.Setting(c.Account, CategoryMetrics).On {
		s.count(c, "AzureOpenAIRequests", 1)
		if c.Status < 300 {
			s.count(c, "ProcessedPromptTokens", c.PromptTokens)
			s.count(c, "GeneratedTokens", c.CompletionTokens)
			s.count(c, "TokenTransaction", c.PromptTokens+c.CompletionTokens)
			if c.FirstToken > 0 {
				s.count(c, metricFirstToken, int(c.FirstToken.Milliseconds()))
			}
		}
	}
}

// apiName is the surface that was called. [M] unverified: that v1, which takes no version, is named like one.
func apiName(version string) string {
	if version == "" {
		version = "v1"
	}
	return "Azure OpenAI API version " + version
}

func streamType(stream bool) string {
	if stream {
		return "Streaming"
	}
	return "Non-Streaming"
}

func (s *Store) accountID(account string) string {
	if s.options.AccountID != nil {
		return s.options.AccountID(account)
	}
	return fmt.Sprintf("/subscriptions/%s/resourceGroups/rehearsal/providers/Microsoft.CognitiveServices/accounts/%s",
		s.options.SubscriptionID, account)
}

func (s *Store) accountRow(c AccountCall, category string, properties map[string]any) Row {
	text, err := json.Marshal(properties)
	if err != nil {
		text = []byte("{}")
	}
	return identified(s.accountID(c.Account), Row{
		"TimeGenerated": stamp(c.Time), "Category": category, "ResourceType": "ACCOUNTS",
		"OperationName": c.Operation, "ResultSignature": fmt.Sprint(c.Status), "DurationMs": c.Duration.Milliseconds(),
		"CallerIPAddress": masked(c.CallerIP), "CorrelationId": c.CorrelationID, "location_s": c.Region, "Tenant_s": c.Region,
		"event_s": "ShoeboxCallResult", "objectId_s": c.ObjectID, "properties_s": string(text),
	})
}

// hiddenOctet is what accounts write for the last part of a caller's address. [M] unverified; public rows of Cognitive
// Services show it.
const hiddenOctet = "***"

// masked is a caller's address as accounts log it.
func masked(address string) string {
	if i := strings.LastIndexAny(address, ".:"); i >= 0 {
		return address[:i+1] + hiddenOctet
	}
	return address
}

// identified fills the columns that say whose row it is: parts of the resource's id, in capitals as AzureDiagnostics and
// AzureMetrics have them.
func identified(id string, row Row) Row {
	row["ResourceId"] = strings.ToUpper(id)
	parts := strings.Split(strings.Trim(id, "/"), "/")
	for i := 0; i+1 < len(parts); i += 2 {
		switch strings.ToLower(parts[i]) {
		case "subscriptions":
			row["SubscriptionId"] = parts[i+1]
		case "resourcegroups":
			row["ResourceGroup"] = strings.ToUpper(parts[i+1])
		case "providers":
			row["ResourceProvider"] = strings.ToUpper(parts[i+1])
		default:
			row["Resource"] = strings.ToUpper(parts[i+1])
		}
	}
	return row
}

// metricFirstToken is in milliseconds, unlike the others, which count.
const metricFirstToken = "AzureOpenAITimeToResponse"

func unitOf(metric string) string {
	if metric == metricFirstToken {
		return "MilliSeconds"
	}
	return "Count"
}

// count adds to the row of a metric's minute. Metrics in the workspace have no dimensions.
func (s *Store) count(c AccountCall, metric string, by int) {
	minute := stamp(c.Time.Truncate(time.Minute))
	id := strings.ToUpper(s.accountID(c.Account))
	rows := s.tables[Metrics]
	for i := len(rows) - 1; i >= 0 && rows[i]["TimeGenerated"] == minute; i-- {
		if row := rows[i]; row["MetricName"] == metric && row["ResourceId"] == id {
			s.changes++
			total, n := row["Total"].(float64)+float64(by), row["Count"].(float64)+1
			row["Total"], row["Count"], row["Average"] = total, n, total/n
			row["Minimum"], row["Maximum"] = min(row["Minimum"].(float64), float64(by)), max(row["Maximum"].(float64), float64(by))
			return
		}
	}
	v := float64(by)
	s.write(Metrics, s.accountID(c.Account), identified(s.accountID(c.Account), Row{
		"TimeGenerated": minute, "MetricName": metric, "TimeGrain": "PT1M", "UnitName": unitOf(metric), "Total": v, "Count": 1.0, "Average": v, "Minimum": v, "Maximum": v,
	}))
}
