package infra

// Names under which callers present a product key: what Azure's own SDKs send.
const (
	keyHeader = "api-key"
	keyQuery  = "api-key"
)
