package infra

import "strings"

// Names under which callers present a product key: what Azure's own SDKs send.
const (
	keyHeader = "api-key"
	keyQuery  = "api-key"
)

// Operation is one operation of an API.
type Operation struct {
	// ID is Azure's own operation id.
	ID string
	// Title is shown in the portal.
	Title string
	// Method is an HTTP method.
	Method string
	// Template is the path below the API's; {names} in braces are parameters.
	Template string
}

// DeploymentOperations are the operations that name the deployment in the path, under the ids of Azure's specification
// 2024-10-21 (embeddings_create is spelled with a small e there).
var DeploymentOperations = []Operation{
	{"Completions_Create", "Complete a text", "POST", "/deployments/{deployment-id}/completions"},
	{"embeddings_create", "Embed texts", "POST", "/deployments/{deployment-id}/embeddings"},
	{"ChatCompletions_Create", "Complete a chat", "POST", "/deployments/{deployment-id}/chat/completions"},
	{"Transcriptions_Create", "Transcribe speech", "POST", "/deployments/{deployment-id}/audio/transcriptions"},
	{"Translations_Create", "Translate speech", "POST", "/deployments/{deployment-id}/audio/translations"},
	{"ImageGenerations_Create", "Generate an image", "POST", "/deployments/{deployment-id}/images/generations"},
}

// V1Operations are the operations of the v1 surface, which names the deployment as model in the body, under the ids of
// OpenAI's specification.
var V1Operations = []Operation{
	{"createChatCompletion", "Complete a chat", "POST", "/chat/completions"},
	{"createResponse", "Create a response", "POST", "/responses"},
	{"createEmbedding", "Embed texts", "POST", "/embeddings"},
	{"listModels", "List models", "GET", "/models"},
}

// parameters are the names in braces of the operation's path.
func (o Operation) parameters() []string {
	var names []string
	for rest := o.Template; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return names
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		names = append(names, name)
	}
}
