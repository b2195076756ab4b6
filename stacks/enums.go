package stacks

import "strings"

// Settings with few values have types of their own: what a value means is a method here, and nothing outside of this package
// compares one with a text.

// Enum is a type of settings that have few values.
type Enum interface {
	// Values are all there are, in the order of the settings reference.
	Values() []string
}

// texts are values as the settings write them.
func texts[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = string(value)
	}
	return list
}

// GatewaySKU is a tier of API Management, as Azure names it.
type GatewaySKU string

// The tiers.
const (
	SKUDeveloper   GatewaySKU = "Developer"
	SKUBasic       GatewaySKU = "Basic"
	SKUStandard    GatewaySKU = "Standard"
	SKUPremium     GatewaySKU = "Premium"
	SKUBasicV2     GatewaySKU = "BasicV2"
	SKUStandardV2  GatewaySKU = "StandardV2"
	SKUPremiumV2   GatewaySKU = "PremiumV2"
	SKUConsumption GatewaySKU = "Consumption"
)

// Values are all there are, in the order of the settings reference.
func (GatewaySKU) Values() []string {
	return texts(SKUDeveloper, SKUBasic, SKUStandard, SKUPremium, SKUBasicV2, SKUStandardV2, SKUPremiumV2, SKUConsumption)
}

// IsV2 is true for the v2 tiers. Azure scales within the classic tiers or within these, and not from one to the other.
func (s GatewaySKU) IsV2() bool { return strings.HasSuffix(string(s), "V2") }

// HasSLA is true where Azure promises an availability; Developer has one unit and none.
func (s GatewaySKU) HasSLA() bool { return s != SKUDeveloper }

// AddressesPerUnit are the addresses of the gateway's subnet that each unit takes
// (Microsoft Learn: api-management/virtual-network-injection-resources).
func (s GatewaySKU) AddressesPerUnit() int {
	if s == SKUDeveloper {
		return 1
	}
	return 2
}

// HasZones is true where units are spread over availability zones.
func (s GatewaySKU) HasZones() bool { return tiers[s].zones }

// NetworkMode is how the gateway sits in the network.
type NetworkMode string

// The modes.
const (
	ModeNone       NetworkMode = "none"
	ModeExternal   NetworkMode = "external"
	ModeInternal   NetworkMode = "internal"
	ModeIntegrated NetworkMode = "integrated"
)

// Values are all there are, in the order of the settings reference.
func (NetworkMode) Values() []string {
	return texts(ModeNone, ModeExternal, ModeInternal, ModeIntegrated)
}

// IsPublic is true if the internet reaches an injected gateway.
func (m NetworkMode) IsPublic() bool { return m == ModeExternal }

// IsInternal is true if only the network, and what is connected to it, reaches the gateway.
func (m NetworkMode) IsInternal() bool { return m == ModeInternal }

// DeploymentSKU is the type of a model's deployment, as Azure names it.
type DeploymentSKU string

// The types of deployments.
const (
	DeploymentStandard            DeploymentSKU = "Standard"
	DeploymentGlobal              DeploymentSKU = "GlobalStandard"
	DeploymentDataZone            DeploymentSKU = "DataZoneStandard"
	DeploymentProvisioned         DeploymentSKU = "ProvisionedManaged"
	DeploymentProvisionedGlobal   DeploymentSKU = "GlobalProvisionedManaged"
	DeploymentProvisionedDataZone DeploymentSKU = "DataZoneProvisionedManaged"
)

// Values are all there are, in the order of the settings reference.
func (DeploymentSKU) Values() []string {
	return texts(DeploymentStandard, DeploymentGlobal, DeploymentDataZone, DeploymentProvisioned, DeploymentProvisionedGlobal, DeploymentProvisionedDataZone)
}

// IsProvisioned is true for throughput that is bought in advance.
func (s DeploymentSKU) IsProvisioned() bool {
	return strings.HasSuffix(string(s), string(DeploymentProvisioned))
}

// IsGlobal is true if a prompt may be processed in any region of the world.
func (s DeploymentSKU) IsGlobal() bool {
	return s == DeploymentGlobal || s == DeploymentProvisionedGlobal
}

// ContentFilter is one of Microsoft's content filter policies.
type ContentFilter string

// The content filter policies.
const (
	ContentFilterDefault   ContentFilter = "Microsoft.Default"
	ContentFilterDefaultV2 ContentFilter = "Microsoft.DefaultV2"
)

// Values are all there are, in the order of the settings reference.
func (ContentFilter) Values() []string {
	return texts(ContentFilterDefault, ContentFilterDefaultV2)
}

// Upgrade is what happens to a deployment when Azure retires the version of its model.
type Upgrade string

// The upgrade options.
const (
	UpgradeNever       Upgrade = "NoAutoUpgrade"
	UpgradeWhenExpired Upgrade = "OnceCurrentVersionExpired"
	UpgradeToDefault   Upgrade = "OnceNewDefaultVersionAvailable"
)

// Values are all there are, in the order of the settings reference.
func (Upgrade) Values() []string {
	return texts(UpgradeNever, UpgradeWhenExpired, UpgradeToDefault)
}

// IsAutomatic is true if Azure replaces the version by itself.
func (u Upgrade) IsAutomatic() bool { return u != UpgradeNever }

// Authentication is what a caller must present.
type Authentication string

// The kinds of authentication.
const (
	AuthenticationKey   Authentication = "key"
	AuthenticationEntra Authentication = "entra"
	AuthenticationBoth  Authentication = "both"
)

// Values are all there are, in the order of the settings reference.
func (Authentication) Values() []string {
	return texts(AuthenticationKey, AuthenticationEntra, AuthenticationBoth)
}

// TakesKeys is true if callers have a key, alone or beside a token.
func (a Authentication) TakesKeys() bool { return a != AuthenticationEntra }

// TakesTokens is true if callers have an Entra token, alone or beside a key.
func (a Authentication) TakesTokens() bool { return a != AuthenticationKey }

// LimitsPer is who counts as one caller for the limits.
type LimitsPer string

// Who counts as one caller.
const (
	LimitsPerTeam   LimitsPer = "team"
	LimitsPerPerson LimitsPer = "person"
)

// Values are all there are, in the order of the settings reference.
func (LimitsPer) Values() []string {
	return texts(LimitsPerTeam, LimitsPerPerson)
}

// CountsPeople is true if each person of a team is counted apart.
func (l LimitsPer) CountsPeople() bool { return l == LimitsPerPerson }

// EndpointKind is a kind of operation that a product allows, as policies.Endpoint has them.
type EndpointKind string

// The kinds.
const (
	EndpointChat       EndpointKind = "chat"
	EndpointEmbeddings EndpointKind = "embeddings"
	EndpointResponses  EndpointKind = "responses"
	EndpointModels     EndpointKind = "models"
	EndpointImages     EndpointKind = "images"
	EndpointAudio      EndpointKind = "audio"
	EndpointFiles      EndpointKind = "files"
)

// Values are all there are, in the order of the settings reference.
func (EndpointKind) Values() []string {
	return texts(EndpointChat, EndpointEmbeddings, EndpointResponses, EndpointModels, EndpointImages, EndpointAudio, EndpointFiles)
}

// Privacy is whether text of a product's calls is stored.
type Privacy string

// The privacies.
const (
	PrivacyFull     Privacy = "full"
	PrivacyMetadata Privacy = "metadata"
)

// Values are all there are, in the order of the settings reference.
func (Privacy) Values() []string {
	return texts(PrivacyFull, PrivacyMetadata)
}

// KeepsText is true if prompts and answers may be stored.
func (p Privacy) KeepsText() bool { return p != PrivacyMetadata }

// QuotaPeriod is the calendar period (UTC) of a token quota, as API Management names it.
type QuotaPeriod string

// The periods.
const (
	PeriodHourly  QuotaPeriod = "Hourly"
	PeriodDaily   QuotaPeriod = "Daily"
	PeriodWeekly  QuotaPeriod = "Weekly"
	PeriodMonthly QuotaPeriod = "Monthly"
	PeriodYearly  QuotaPeriod = "Yearly"
)

// Values are all there are, in the order of the settings reference.
func (QuotaPeriod) Values() []string {
	return texts(PeriodHourly, PeriodDaily, PeriodWeekly, PeriodMonthly, PeriodYearly)
}

// IsShorterThanMonth is true if the count begins again within a month.
func (p QuotaPeriod) IsShorterThanMonth() bool { return p != PeriodMonthly && p != PeriodYearly }

// Bodies are those that ApiManagementGatewayLogs stores.
type Bodies string

// Which bodies are stored.
const (
	BodiesNone     Bodies = "none"
	BodiesRequests Bodies = "requests"
	BodiesAll      Bodies = "all"
)

// Values are all there are, in the order of the settings reference.
func (Bodies) Values() []string {
	return texts(BodiesNone, BodiesRequests, BodiesAll)
}

// LogsRequests is true if the bodies of requests are stored.
func (b Bodies) LogsRequests() bool { return b == BodiesRequests || b == BodiesAll }

// LogsAnswers is true if the bodies of answers are stored.
func (b Bodies) LogsAnswers() bool { return b == BodiesAll }

// PersonLog is how the person behind an Entra token is logged.
type PersonLog string

// How a person is logged.
const (
	PersonByID   PersonLog = "id"
	PersonByHash PersonLog = "hash"
	PersonNever  PersonLog = "none"
)

// Values are all there are, in the order of the settings reference.
func (PersonLog) Values() []string {
	return texts(PersonByID, PersonByHash, PersonNever)
}

// IsLogged is true if every call with a token names its person.
func (p PersonLog) IsLogged() bool { return p != PersonNever }

// IsHashed is true if a hash stands for the object id.
func (p PersonLog) IsHashed() bool { return p == PersonByHash }

// TableName is a table of the workspace whose retention can differ from the workspace's.
type TableName string

// The tables.
const (
	TableGatewayLogs      TableName = "ApiManagementGatewayLogs"
	TableGatewayLLMLog    TableName = "ApiManagementGatewayLlmLog"
	TableAppMetrics       TableName = "AppMetrics"
	TableAzureDiagnostics TableName = "AzureDiagnostics"
	TableAzureMetrics     TableName = "AzureMetrics"
)

// Values are all there are, in the order of the settings reference.
func (TableName) Values() []string {
	return texts(TableGatewayLogs, TableGatewayLLMLog, TableAppMetrics, TableAzureDiagnostics, TableAzureMetrics)
}
