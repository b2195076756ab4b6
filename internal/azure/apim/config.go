package apim

import (
	"time"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/pool"
)

// Configuration is everything that was deployed to one service.
type Configuration struct {
	Service       Service
	APIs          []API
	Products      []Product
	Subscriptions []Subscription
	Users         []User
	Groups        []Group
	Backends      []Backend
	NamedValues   []NamedValue
	Fragments     []Fragment
	Loggers       []Logger
	// Diagnostics of the service; those of an API are in the API.
	Diagnostics []Diagnostic
	// Policy is the global document; nil stands for the default one.
	Policy *Policy
}

// Service is the API Management service itself.
type Service struct {
	Name string
	// ResourceID is the ARM id of the service.
	ResourceID string
	Region     string
	// SKU is the tier's ARM name, such as Developer or StandardV2.
	SKU string
	// Units is how many gateway units are modelled; zero is one.
	Units int
	// HostName is the gateway's own host name, e.g. contoso.azure-api.net.
	HostName string
	// HostNames are all the names that the gateway answers to, in lower case; empty answers to any.
	HostNames []string
	// TenantID is the Entra tenant of the service.
	TenantID string
}

// Policy is one policy document.
type Policy struct {
	// File names the document in errors.
	File   string
	Format document.Format
	Text   string
}

// API is one API with its operations.
type API struct {
	ID           string
	Name         string
	Path         string
	Protocols    []string
	ServiceURL   string
	Revision     string
	Version      string
	Operations   []Operation
	Policy       *Policy
	Diagnostics  []Diagnostic
	KeyParameter KeyParameter
	// SubscriptionRequired is true by default in ARM; here it is what it says.
	SubscriptionRequired bool
}

// KeyParameter names where an API looks for a subscription key; empty names
// stand for the service's own, Ocp-Apim-Subscription-Key and subscription-key.
type KeyParameter struct {
	Header string
	Query  string
}

// Operation is one method on one URL template.
type Operation struct {
	ID     string
	Name   string
	Method string
	// URLTemplate is relative to the API's path, e.g. /deployments/{id}/chat.
	URLTemplate string
	Policy      *Policy
	// Examples are what mock-response answers, by status code.
	Examples []Example
}

// Example is a sample response of an operation.
type Example struct {
	StatusCode  int
	ContentType string
	Body        string
}

// Product groups APIs under terms of their own.
type Product struct {
	ID                   string
	Name                 string
	Published            bool
	SubscriptionRequired bool
	ApprovalRequired     bool
	SubscriptionsLimit   *int
	APIs                 []string
	Groups               []string
	Policy               *Policy
}

// Subscription is a pair of keys for a scope.
type Subscription struct {
	ID   string
	Name string
	// Scope is /products/{id}, /apis/{id} or /apis; a full ARM id works too.
	Scope        string
	State        string
	PrimaryKey   string
	SecondaryKey string
	OwnerID      string
	Created      time.Time
	Start        *time.Time
	End          *time.Time
	AllowTracing bool
}

// User owns subscriptions.
type User struct {
	ID         string
	Email      string
	FirstName  string
	LastName   string
	Note       string
	Registered time.Time
	Groups     []string
	Identities []UserIdentity
}

// UserIdentity is how a user signs in.
type UserIdentity struct {
	ID       string
	Provider string
}

// Group is a group of users; ExternalID is set for groups of a directory.
type Group struct {
	ID         string
	Name       string
	ExternalID string
}

// NamedValue is a property that documents mention as {{Name}}.
type NamedValue struct {
	ID string
	// Name is the display name, which is what documents use.
	Name   string
	Value  string
	Secret bool
}

// Fragment is a part of a document that include-fragment puts in.
type Fragment struct {
	ID     string
	Policy Policy
}

// Backend is a single backend or, with Pool, several.
type Backend struct {
	ID string
	// URL is the base URL of a single backend.
	URL string
	// Pool lists the members of a pool.
	Pool    []PoolMember
	Breaker *BreakerRule
	// Headers and Query are sent with every request (ARM: credentials).
	Headers map[string][]string
	Query   map[string][]string
	// Scheme and Parameter make an Authorization header (ARM: credentials.authorization).
	Scheme    string
	Parameter string
}

// What a pool and a circuit breaker are made of.
type (
	// PoolMember is a backend in a pool.
	PoolMember = pool.Member
	// BreakerRule is the one rule a circuit breaker has.
	BreakerRule = pool.Rule
	// StatusRange is a range of status codes, both ends included.
	StatusRange = pool.StatusRange
)

// Logger is where logs may go.
type Logger struct {
	ID string
	// Type is azureMonitor, applicationInsights or azureEventHub.
	Type string
}

// The ids a diagnostic can have (Microsoft Learn: rest/api/apimanagement/diagnostic).
const (
	DiagnosticAzureMonitor        = "azuremonitor"
	DiagnosticApplicationInsights = "applicationinsights"
)

// Diagnostic says what is logged where.
type Diagnostic struct {
	// ID is azuremonitor or applicationinsights.
	ID       string
	LoggerID string
	// AlwaysLogErrors and SamplingPercentage decide which calls; zero percentage
	// with Sampled false is all of them.
	AlwaysLogErrors    bool
	Sampled            bool
	SamplingPercentage float64
	// Verbosity is error, information or verbose.
	Verbosity   string
	LogClientIP bool
	// Metrics lets emit-metric and its kin reach Application Insights.
	Metrics          bool
	FrontendRequest  MessageLog
	FrontendResponse MessageLog
	BackendRequest   MessageLog
	BackendResponse  MessageLog
	LLM              *LLMLog
}

// MessageLog says what of a message is logged.
type MessageLog struct {
	Headers   []string
	BodyBytes int
	// MaskHeaders and MaskQuery keep values out of the log (ARM: dataMasking).
	MaskHeaders []Mask
	MaskQuery   []Mask
}

// Mask hides a header or query parameter from the log, or its value.
type Mask struct {
	Name string
	// Hide leaves the name out as well.
	Hide bool
}

// LLMLog says what of a conversation is logged; a size of zero logs no messages.
type LLMLog struct {
	Enabled       bool
	RequestBytes  int
	ResponseBytes int
}
