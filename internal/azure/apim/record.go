package apim

import (
	"net/http"
	"time"
)

// CallRecord is what one call leaves behind. Rows of ApiManagementGatewayLogs
// and ApiManagementGatewayLlmLog are made from it (Microsoft Learn:
// azure-monitor/reference/tables/apimanagementgatewaylogs); whether a row
// appears at all depends on settings the gateway does not know.
type CallRecord struct {
	CorrelationID string
	Unit          int
	Region        string
	Time          time.Time

	APIID          string
	APIRevision    string
	OperationID    string
	OperationName  string
	ProductID      string
	SubscriptionID string
	UserID         string

	Method         string
	URL            string
	ClientProtocol string
	ClientTLS      string
	CallerIP       string
	ResponseCode   int
	RequestSize    int64
	ResponseSize   int64
	IsSuccess      bool
	Cache          string

	// Headers and bodies hold what the azuremonitor diagnostic asks for, no more.
	RequestHeaders         http.Header
	ResponseHeaders        http.Header
	BackendRequestHeaders  http.Header
	BackendResponseHeaders http.Header
	RequestBody            string
	ResponseBody           string
	BackendRequestBody     string
	BackendResponseBody    string

	TotalTime   time.Duration
	BackendTime time.Duration
	ClientTime  time.Duration
	CacheTime   time.Duration
	// FirstByte is when the first byte of the body went to the caller; zero if none did.
	FirstByte time.Duration

	LastError *LastError
	Errors    []LastError
	Attempts  []Attempt
	Traces    []TraceRecord
	Metrics   []Metric
	Events    []Event
	LLM       *LLMRecord

	// AzureMonitor and ApplicationInsights are the diagnostics in force, or nil.
	AzureMonitor        *Diagnostic
	ApplicationInsights *Diagnostic
}

// Attempt is one request to a backend. Azure logs the last one of a call.
type Attempt struct {
	BackendID string
	// PoolID is the pool that chose the backend, or empty.
	PoolID   string
	Method   string
	URL      string
	Protocol string
	Status   int
	// Reason is set when there was no response: Timeout, BackendConnectionFailure.
	Reason  string
	Start   time.Time
	Elapsed time.Duration
}

// TraceRecord is one `trace` of a policy.
type TraceRecord struct {
	Source   string
	Message  string
	Severity string
	Elapsed  time.Duration
	Metadata map[string]string
}

// Metric is one custom metric.
type Metric struct {
	Namespace  string
	Name       string
	Value      float64
	Dimensions map[string]string
	// Dropped says why it is not ingested, or is empty.
	Dropped string
}

// Event is one message of log-to-eventhub.
type Event struct {
	LoggerID     string
	PartitionID  string
	PartitionKey string
	Body         string
	// Lost says why it did not arrive, or is empty.
	Lost string
}

// LLMRecord is the conversation of a call.
type LLMRecord struct {
	Deployment       string
	Model            string
	APIVersion       string
	RequestID        string
	Stream           bool
	PromptTokens     int
	CompletionTokens int
	TotalTokens      int
	// Estimated is true when the backend reported no usage.
	Estimated bool
	// Request and Response are the messages as JSON, cut to the sizes of the diagnostic.
	Request  string
	Response string
}
