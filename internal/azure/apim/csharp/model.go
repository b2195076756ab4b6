package csharp

import (
	"context"
	"time"
)

// Context is what an expression sees as context. A nil part is null in C#: a product, a
// subscription or a user that the request does not have, a response before there is one,
// an error outside on-error.
type Context struct {
	RequestID    string // a GUID
	Timestamp    time.Time
	Tracing      bool
	API          *API
	Deployment   *Deployment
	Operation    *Operation
	Product      *Product
	Subscription *Subscription
	User         *User
	Request      *Request
	Response     *Response
	LastError    *LastError
	Variables    map[string]any // as Session.SetVariable takes them
}

// API is context.Api.
type API struct {
	ID, Name, Path     string
	Protocols          []string
	ServiceURL         *URL
	KeyHeader, KeyName string // SubscriptionKeyParameterNames.Header and .Query
	IsCurrentRevision  bool
	Revision, Version  string
}

// Deployment is context.Deployment: the gateway itself.
type Deployment struct {
	GatewayID    string // "managed" in Azure's own gateways
	InstanceID   string
	Region       string
	ServiceID    string
	ServiceName  string
	Certificates map[string][]byte // DER, by id
}

// Operation is context.Operation.
type Operation struct{ ID, Method, Name, URLTemplate string }

// Group is a group of a product or of a user.
type Group struct{ ID, Name string }

// Product is context.Product.
type Product struct {
	ID, Name             string
	ApprovalRequired     bool
	SubscriptionRequired bool
	Published            bool
	SubscriptionLimit    *int
	Groups               []Group
	APIs                 []API
}

// Subscription is context.Subscription.
type Subscription struct {
	ID, Name, Key, PrimaryKey, SecondaryKey string
	CreatedDate, StartDate, EndDate         time.Time // the last two are null when zero
}

// Identity is one of context.User.Identities.
type Identity struct{ ID, Provider string }

// User is context.User.
type User struct {
	ID, Email, FirstName, LastName, Note string
	RegistrationDate                     time.Time
	Groups                               []Group
	Identities                           []Identity
}

// URL is an IUrl. QueryString starts with "?" unless it is empty.
type URL struct {
	Scheme, Host      string
	Port              int
	Path, QueryString string
	Query             map[string][]string
}

// PrivateEndpoint is context.Request.PrivateEndpointConnection.
type PrivateEndpoint struct{ Name, GroupID, MemberName string }

// AzureVnetInfo is context.Request.AzureVnetInfo.
type AzureVnetInfo struct {
	VnetTrafficTag, SubnetID, PrivateLinkID int
	SnatVIP                                 string
}

// Request is context.Request.
type Request struct {
	Method, IPAddress string
	Headers           map[string][]string
	MatchedParameters map[string]string
	URL, OriginalURL  URL
	Certificate       []byte // DER; nil when the client sent none
	PrivateEndpoint   *PrivateEndpoint
	VnetInfo          *AzureVnetInfo
	Body              *Body // nil when the request has none
}

// Response is context.Response, and what send-request leaves in a variable.
type Response struct {
	StatusCode   int
	StatusReason string
	Headers      map[string][]string
	Body         *Body
}

// Body is a message body. It crosses to C# only when an expression reads it. The same
// *Body in a later SetRequest or SetResponse is the same stream, read or not; a body that
// was replaced is another *Body.
type Body struct {
	// Bytes is the body, when it is already here. It must not change afterwards.
	Bytes []byte
	// Load fetches it otherwise, at most once per session. No process waits for it.
	Load func(context.Context) ([]byte, error)
}

// LastError is context.LastError.
type LastError struct{ Source, Reason, Message, Scope, Section, Path, PolicyID string }
