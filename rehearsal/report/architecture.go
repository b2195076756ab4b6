package report

// Architecture is what the program declares, as far as it decides who reaches what.
type Architecture struct {
	Gateway Gateway  `json:"gateway"`
	Network *Network `json:"network,omitempty"`
	// Accounts are in the order of their names.
	Accounts []Account `json:"accounts"`
	// Pools are the deployments that clients can name.
	Pools    []Pool    `json:"pools"`
	Products []Product `json:"products"`
	Teams    []Team    `json:"teams"`
	// Logs are where calls are logged: workspaces, Application Insights, Event Hubs, by kind and logical name.
	Logs []string `json:"logs"`
}

// Gateway is the API Management service.
type Gateway struct {
	SKU    string `json:"sku"`
	Units  int    `json:"units"`
	Region string `json:"region"`
	// Mode is how it sits in the network: none, external or internal.
	Mode string `json:"mode"`
}

// Network is the virtual network.
type Network struct {
	AddressSpace string   `json:"addressSpace"`
	Subnets      []Subnet `json:"subnets"`
}

// Subnet is a part of the network.
type Subnet struct {
	Name  string `json:"name"`
	Range string `json:"range"`
}

// Account is an Azure OpenAI account.
type Account struct {
	// Name is the one of the settings.
	Name   string `json:"name"`
	Region string `json:"region"`
	// PrivateEndpoint is true when the account has one; Public when it can be reached without.
	PrivateEndpoint bool         `json:"privateEndpoint"`
	Public          bool         `json:"public"`
	Deployments     []Deployment `json:"deployments"`
}

// Deployment is a model on an account.
type Deployment struct {
	Name    string `json:"name"`
	Model   string `json:"model"`
	Version string `json:"version"`
	SKU     string `json:"sku"`
	// Capacity is in thousands of tokens per minute, or in provisioned units.
	Capacity int `json:"capacity"`
}

// Pool is the accounts that serve one deployment.
type Pool struct {
	Deployment string   `json:"deployment"`
	Members    []Member `json:"members"`
}

// Member is an account of a pool. Those of priority 1 are called first, in proportion to their weights.
type Member struct {
	Account  string `json:"account"`
	Priority int    `json:"priority"`
	Weight   int    `json:"weight"`
}

// Product is what teams can get.
type Product struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Authentication is key, entra or both.
	Authentication string `json:"authentication"`
	// Groups are the names of the Entra groups whose members may use it.
	Groups      []string `json:"groups"`
	Deployments []string `json:"deployments"`
	// Privacy is full or metadata.
	Privacy           string `json:"privacy"`
	TokensPerMinute   int    `json:"tokensPerMinute"`
	RequestsPerMinute int    `json:"requestsPerMinute"`
	TokenQuota        int    `json:"tokenQuota"`
	QuotaPeriod       string `json:"quotaPeriod"`
}

// Team has a subscription on each of its products.
type Team struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Products []string `json:"products"`
}
