package stacks

import "net/netip"

// Settings is everything an environment can say: one field per top-level key of Pulumi.<stack>.yaml,
// all under the project's namespace (enterprise-openai:network, enterprise-openai:gateway, …).
// A field that is left out takes the default of its `default` tag.
type Settings struct { //nolint:recvcheck // only complete changes settings, everything else has a copy
	// Azure region of the network, the gateway and the logs, as Azure names it (swedencentral).
	Location string `json:"location" required:"true"`
	// What physical names are built from.
	Naming Naming `json:"naming"`
	// Azure tags put on every resource that takes tags; at most 15, because private DNS zones take no more.
	Tags map[string]string `json:"tags"`
	// The private address space.
	Network Network `json:"network"`
	// The API Management service.
	Gateway Gateway `json:"gateway"`
	// Azure OpenAI accounts, one or more regions; the same deployment name on several accounts forms a backend pool.
	Accounts []Account `json:"accounts" required:"true"`
	// What teams can get: limits, deployments, authentication, privacy.
	Products []Product `json:"products" required:"true"`
	// Who has a subscription on which product.
	Teams []Team `json:"teams"`
	// What is logged and for how long.
	Logging Logging `json:"logging"`
	// Who is notified about trouble.
	Alerts *Alerts `json:"alerts"`
	// Application Gateway with a web application firewall in front of the gateway.
	Edge *Edge `json:"edge"`
	// The way out of the network through a firewall.
	Egress *Egress `json:"egress"`
}

// Naming is what physical names are built from: <prefix>-<stack>-<kind>-<suffix>.
type Naming struct {
	// Lower-case letters and digits, starting with a letter, at most 10.
	Prefix string `json:"prefix" default:"aoai"`
	// Makes globally unique names unique. Derived from subscription, project and stack when left out; change it to
	// recreate an environment within 48 hours of its destruction, while Azure still holds the soft-deleted names.
	Suffix string `json:"suffix"`
}

// Network is the private address space.
type Network struct {
	// CIDR of the virtual network.
	AddressSpace netip.Prefix `json:"addressSpace" default:"10.20.0.0/22"`
	// CIDR of the gateway's subnet, at least /29, inside the address space. It cannot be resized while the gateway is in it.
	GatewaySubnet netip.Prefix `json:"gatewaySubnet" default:"10.20.0.0/26"`
	// CIDR of the private endpoints' subnet: five addresses are Azure's, each account takes one.
	EndpointSubnet netip.Prefix `json:"endpointSubnet" default:"10.20.1.0/26"`
	// Bring your own virtual network.
	Existing *ExistingNetwork `json:"existing"`
}

// ExistingNetwork names a hub's network instead of creating one.
type ExistingNetwork struct {
	// ARM id of the gateway's subnet.
	GatewaySubnetID string `json:"gatewaySubnetId"`
	// ARM id of the private endpoints' subnet.
	EndpointSubnetID string `json:"endpointSubnetId"`
	// ARM ids of private DNS zones that exist already, by zone name.
	PrivateDNSZones map[string]string `json:"privateDnsZones"`
}

// Gateway is the API Management service.
type Gateway struct {
	// Developer, Premium, or one of the v2 tiers.
	SKU GatewaySKU `json:"sku" default:"Developer"`
	// Scale units. Developer has exactly one; with zones a multiple of their number.
	Units int `json:"units" default:"1"`
	// Availability zones (Premium).
	Zones []string `json:"zones"`
	// How the gateway sits in the network: none, external, internal (Developer, Premium) or integrated (v2 tiers).
	Mode NetworkMode `json:"mode" default:"external"`
	// Shown to developers; 1 to 100 characters.
	PublisherName string `json:"publisherName" required:"true"`
	// Receives Azure's notifications about the service; 1 to 100 characters.
	PublisherEmail string `json:"publisherEmail" required:"true"`
	// Whether the developer portal is published.
	DeveloperPortal bool `json:"developerPortal" default:"false"`
	// What the developer portal needs to know people.
	Portal Portal `json:"portal"`
	// Further Azure regions of one Premium service.
	Regions []GatewayRegion `json:"regions"`
	// How callers prove who they are with Entra tokens.
	Entra Entra `json:"entra"`
	// How a failing region is left for another.
	Failover Failover `json:"failover"`
}

// Portal is what the developer portal needs.
type Portal struct {
	// Lets people sign in with Entra, and declares the products' groups and their links with it: they decide which products people see
	// in the portal. Left out, API Management knows no group. Who may call a product is decided by policy either way.
	SignIn *SignIn `json:"signIn"`
}

// SignIn is the portal's application in Entra.
type SignIn struct {
	// Application id, a GUID. The application needs the permission Directory.Read.All of Microsoft Graph, with an administrator's
	// consent: without it API Management refuses every group.
	ClientID string `json:"clientId" required:"true"`
	// A client secret of the application, as a secret of Pulumi: pulumi config set --secret --path gateway.portal.signIn.clientSecret.
	ClientSecret string `json:"clientSecret" required:"true"`
	// Tenants whose people may sign in, at most 32; the callers' tenant when left out.
	AllowedTenants []string `json:"allowedTenants"`
}

// GatewayRegion is one more region of a Premium service.
type GatewayRegion struct {
	// Azure region.
	Location string `json:"location" required:"true"`
	// Scale units in that region.
	Units int `json:"units" default:"1"`
}

// Entra is how callers' tokens are validated.
type Entra struct {
	// Tenant of the callers; the deployment's own when left out.
	TenantID string `json:"tenantId"`
	// Accepted audiences of tokens: an application registration of your own (api://…) that emits groups. Needed as soon as
	// a product takes tokens. Microsoft's own audiences will not do, their tokens carry no groups.
	Audiences []string `json:"audiences"`
}

// Failover is how a failing backend is left for another.
type Failover struct {
	// Most backends one call is offered to; less when the pool has fewer members. 1 to 10.
	MaxAttempts int `json:"maxAttempts" default:"4"`
	// Seconds one call may take over all attempts, 1 to 240 (longer is not honoured on the network path).
	DeadlineSeconds int `json:"deadlineSeconds" default:"240"`
	// Seconds an account may take to the first byte of a stream before the next is called, 1 to 240. Azure sends a stream's headers before
	// the model has thought, so that a longer silence is a fault. The last account has all that is left of the deadline.
	StreamSeconds int `json:"streamSeconds" default:"20"`
	// The same for a call that is not streamed, whose first byte comes when the whole answer is there. Below the deadline, a silent
	// account is left for another, and a call that takes longer on every account is answered only by the last that is called.
	AttemptSeconds int `json:"attemptSeconds" default:"240"`
	// Largest Retry-After in seconds that a caller receives; Azure OpenAI may answer as much as a day.
	RetryAfterCapSeconds int `json:"retryAfterCapSeconds" default:"60"`
}

// Account is one Azure OpenAI account.
type Account struct {
	// Short and unique among the accounts; part of physical names. 2 to 16 lower-case letters and digits.
	Name string `json:"name" required:"true"`
	// Azure region.
	Location string `json:"location" required:"true"`
	// Place in the pools, 1 is called first; a higher number only when every lower one is unavailable. 1 to 100.
	Priority int `json:"priority" default:"1"`
	// Share among accounts of the same priority. 1 to 100.
	Weight int `json:"weight" default:"1"`
	// The models it serves.
	Deployments []Deployment `json:"deployments" required:"true"`
}

// Deployment is one model on one account.
type Deployment struct {
	// What clients call it; the same name on several accounts must mean the same model.
	Name string `json:"name" required:"true"`
	// Model name as Azure lists it (gpt-4o).
	Model string `json:"model" required:"true"`
	// Model version as Azure lists it (2024-11-20).
	Version string `json:"version" required:"true"`
	// Deployment type.
	SKU DeploymentSKU `json:"sku" default:"Standard"`
	// Thousands of tokens per minute; provisioned throughput units for the provisioned types.
	Capacity int `json:"capacity" required:"true"`
	// Tokens per minute one provisioned throughput unit serves of this model; provisioned types only.
	TokensPerUnit int `json:"tokensPerUnit"`
	// Content filter policy of the account.
	ContentFilter ContentFilter `json:"contentFilter" default:"Microsoft.DefaultV2"`
	// What happens when Azure retires the version.
	Upgrade Upgrade `json:"upgrade" default:"NoAutoUpgrade"`
	// Overrides the account's priority in this deployment's pool.
	Priority int `json:"priority"`
	// Overrides the account's weight in this deployment's pool.
	Weight int `json:"weight"`
}

// Product is what teams can get.
type Product struct {
	// Identifier, stable: lower-case letters, digits and dashes, at most 64.
	Name string `json:"name" required:"true"`
	// Shown to people; 1 to 300 characters. The name when left out.
	DisplayName string `json:"displayName"`
	// Shown to people; at most 1000 characters.
	Description string `json:"description"`
	// Entra groups whose members may use it.
	Groups []Group `json:"groups" required:"true"`
	// What a caller must present: a key, an Entra token, or both.
	Authentication Authentication `json:"authentication" default:"key"`
	// Tokens each caller may use per minute; above it 429.
	TokensPerMinute int `json:"tokensPerMinute" required:"true"`
	// Tokens that the calls of each caller which begin within one minute may reserve; above it 429. A call reserves its prompt and the largest
	// answer that it allows (max_completion_tokens, max_output_tokens or max_tokens, for each of n answers) before it is passed on, and
	// keeps that, whatever it uses: calls in parallel, and calls whose caller hangs up, are bounded by it. 0 reserves nothing, and such
	// calls are bounded by requestsPerMinute alone. A few times tokensPerMinute suits most: callers allow more than they get. The shipped
	// environments have four times, which is also enough for all requests of a minute when they leave the size of small answers open.
	ReservedTokensPerMinute int `json:"reservedTokensPerMinute" default:"0"`
	// Tokens reserved for an answer whose size the call leaves open. Such an answer may be larger, up to the model's own limit: with that limit
	// here, reservations hold whatever callers send.
	OpenAnswerTokens int `json:"openAnswerTokens" default:"200"`
	// Images that the calls of each caller which begin within one minute may request (n of each); above it 429. 0 has no limit.
	ImagesPerMinute int `json:"imagesPerMinute" default:"0"`
	// Characters that the calls of each caller which begin within one minute may have spoken, in hundreds; above it 429. A call counts its input,
	// rounded up to hundreds. 0 has no limit.
	SpeechCharactersPerMinute int `json:"speechCharactersPerMinute" default:"0"`
	// Megabytes of sound that the calls of each caller which begin within one minute may upload to be transcribed or translated; above it 429.
	// A call counts its whole body, rounded up to a million bytes: how long the sound is only the account knows. 0 has no limit.
	AudioMegabytesPerMinute int `json:"audioMegabytesPerMinute" default:"0"`
	// Tokens each caller may use per period; above it 403.
	TokenQuota TokenQuota `json:"tokenQuota" required:"true"`
	// Requests each caller may send per minute; above it 429.
	RequestsPerMinute int `json:"requestsPerMinute" default:"600"`
	// Who counts as one caller for the limits: a team as one caller, or each person of it. person needs authentication both; callers with a token
	// alone are always counted one by one.
	LimitsPer LimitsPer `json:"limitsPer" default:"team"`
	// Deployments its callers may use.
	Deployments []string `json:"deployments" required:"true"`
	// Kinds of operations its callers may call; docs/api.md has the kind of each. Others are answered 403. A caller with a token alone who
	// has two products gets the first that has the deployment, whatever kinds it allows. files has to be named: it gives the gateway the role
	// Cognitive Services OpenAI Contributor on the product's accounts, and needs privacy full (docs/decisions/0029).
	Endpoints []EndpointKind `json:"endpoints" default:"chat,embeddings,responses,models,images,audio"`
	// full: prompts and answers are logged; metadata: no text of them is stored anywhere.
	Privacy Privacy `json:"privacy" default:"full"`
	// Replaces logging.bodies for this product, which then has APIs of its own: paths begin with bodies-none/, bodies-requests/ or
	// bodies-all/. Products with privacy metadata never log bodies.
	Bodies Bodies `json:"bodies"`
	// What a call may reach besides the model; nothing but the caller's own functions when left out.
	Tools Tools `json:"tools"`
	// Lets the product promise more tokens than its deployments can serve.
	Overcommit bool `json:"overcommit" default:"false"`
}

// Tools are what a call may reach besides the model. Everything here takes text of prompts out of the company.
type Tools struct {
	// Kinds of tools that accounts may run, as the type of a tool names them: web_search, code_interpreter, file_search,
	// image_generation, mcp, connector, computer_use and others; also data_sources, conversation, prompt, and files (by an account's own id; not
	// where a product allows files in its endpoints).
	Allow []string `json:"allow"`
	// Hosts that tools, data sources, pictures and files of a call may name. *.example.com stands for every name below example.com.
	Hosts []string `json:"hosts"`
}

// Group is an Entra group.
type Group struct {
	// Shown to people and part of names; unique in the environment for one object id.
	Name string `json:"name" required:"true"`
	// Object id of the group in Entra, a GUID.
	ObjectID string `json:"objectId" required:"true"`
}

// TokenQuota is how many tokens a caller may use in a calendar period (UTC).
type TokenQuota struct {
	// Prompt and completion tokens together.
	Tokens int `json:"tokens" required:"true"`
	// Calendar period.
	Period QuotaPeriod `json:"period" default:"Monthly"`
}

// Team gets a subscription, and so a key, on each of its products.
type Team struct {
	// Identifier, stable: lower-case letters, digits and dashes, at most 64.
	Name string `json:"name" required:"true"`
	// Shown to people; at most 100 characters. The name when left out.
	DisplayName string `json:"displayName"`
	// The team's contact, an email address.
	Contact string `json:"contact" required:"true"`
	// Who pays.
	CostCentre string `json:"costCentre" required:"true"`
	// Names of products.
	Products []string `json:"products" required:"true"`
}

// Logging is what is logged and for how long.
type Logging struct {
	// Days the workspace keeps rows, 30 to 730.
	RetentionDays int `json:"retentionDays" default:"90"`
	// Tables that keep their rows for another time than the workspace. One that leaves the list keeps what it had last.
	Tables []Table `json:"tables"`
	// Most gigabytes the workspace takes in a day; 0 is no cap.
	DailyCapGB float64 `json:"dailyCapGb" default:"0"`
	// Keep prompts and answers in ApiManagementGatewayLlmLog (products with privacy full).
	Messages bool `json:"messages" default:"true"`
	// Bodies that ApiManagementGatewayLogs keeps, at most 8,192 bytes of each. Choose none where messages are on, which hold the
	// text without that limit; requests where an audit needs what messages leave out (instructions of responses, tools, schemas,
	// prompts of abandoned calls), it holds nothing back; all where queries read BackendResponseBody, or the content filter's
	// verdicts are needed: streams then arrive in groups of up to 8 events.
	Bodies Bodies `json:"bodies" default:"none"`
	// Keep who is behind an Entra token, with every call: the object id in Entra, a hash of it that is always the same, or nothing.
	Person PersonLog `json:"person" default:"id"`
	// Keep the caller's address.
	ClientIP bool `json:"clientIp" default:"true"`
	// ARM id of a shared Log Analytics workspace; one of its own when left out.
	Workspace string `json:"workspace"`
	// Export through an Event Hub what exceeds the tables: whole prompts and answers of products with privacy full, in pieces
	// below 200 KB. Streamed answers are in the tables alone.
	EventHub *EventHub `json:"eventHub"`
}

// Table is how long one table of the workspace keeps its rows.
type Table struct {
	// ApiManagementGatewayLogs are the calls, ApiManagementGatewayLlmLog their prompts, answers and tokens, AppMetrics the
	// tokens by caller, AzureDiagnostics and AzureMetrics what the accounts log and count.
	Name TableName `json:"name" required:"true"`
	// Days that queries reach back, 4 to 730; the workspace's when 0.
	RetentionDays int `json:"retentionDays" default:"0"`
	// Days until rows are deleted, for search jobs: up to 730, or 1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018 or 4383,
	// three to twelve years; the table's retentionDays when 0.
	TotalRetentionDays int `json:"totalRetentionDays" default:"0"`
}

// EventHub is the export for what exceeds the tables.
type EventHub struct {
	// Days the hub keeps events, 1 to 7.
	RetentionDays int `json:"retentionDays" default:"1"`
	// Throughput units, 1 to 40; each takes a megabyte or 1,000 events a second, and costs.
	ThroughputUnits int `json:"throughputUnits" default:"1"`
}

// Alerts is who is notified about trouble.
type Alerts struct {
	// Email addresses.
	Emails []string `json:"emails" required:"true"`
	// Calls of one deployment that had to leave a failing account for another, within 15 minutes. 1 to 1000.
	Failovers int `json:"failovers" default:"3"`
	// Minutes of 15 in which calls were refused with 429 for the same cause. 1 to 15.
	ThrottledMinutes int `json:"throttledMinutes" default:"5"`
	// Answers with a status of 500 and above within 5 minutes. 1 to 100000.
	ServerErrors int `json:"serverErrors" default:"5"`
	// Percent of its token quota that a caller has used; a quota that is used up always raises an alert. 1 to 99.
	QuotaPercent int `json:"quotaPercent" default:"80"`
	// Calls that one caller gives up within an hour after they were passed on: their answers are billed and counted by no limit.
	// 1 to 100000.
	AbandonedCalls int `json:"abandonedCalls" default:"20"`
	// Percent of an account's tokens within six hours that no log of the gateway has. 1 to 99.
	UncountedPercent int `json:"uncountedPercent" default:"5"`
	// Percent of the gateway's capacity in use for 30 minutes. 1 to 99.
	CapacityPercent int `json:"capacityPercent" default:"80"`
}

// Edge is an Application Gateway with a web application firewall in prevention mode.
type Edge struct {
	// CIDR of its subnet.
	Subnet netip.Prefix `json:"subnet" required:"true"`
}

// Egress is the way out of the network.
type Egress struct {
	// Private address of a firewall appliance.
	FirewallAddress netip.Addr `json:"firewallAddress" required:"true"`
}
