package policies

import (
	"slices"
	"strings"
)

// Endpoint is a kind of operation. Products allow kinds one by one.
type Endpoint string

// The kinds, as settings name them.
const (
	Chat       Endpoint = "chat" // and completions of a text
	Embeddings Endpoint = "embeddings"
	Responses  Endpoint = "responses"
	Models     Endpoint = "models"
	Images     Endpoint = "images"
	Audio      Endpoint = "audio"
	Files      Endpoint = "files"
)

// Unit is what an operation is counted in besides tokens, as the setting of its limit begins.
type Unit string

// The units.
const (
	Pictures   Unit = "images"
	Characters Unit = "speechCharacters"
	Megabytes  Unit = "audioMegabytes"
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
	// Endpoint is its kind.
	Endpoint Endpoint
	// Upload is true where the body may be multipart/form-data, Models where the gateway itself answers from the product's
	// deployments, Counted where an account counts tokens before it generates.
	Upload, Models, Counted bool
	// Streams is true where the body may request a stream, Stored where the call is about what one account has and its maker owns.
	Streams, Stored bool
	// Unit is empty where only tokens and requests are counted.
	Unit Unit
}

// deploymentOperations are those of the dated surface: the six of Azure's specification 2024-10-21 under their ids
// (embeddings_create is spelled with a small e there), then those that only previews have, and those that live outside a
// deployment. [M] ImageEdits_Create and the ids of /responses: named after their neighbours.
var deploymentOperations = slices.Concat([]Operation{
	{ID: "Completions_Create", Title: "Complete a text", Method: "POST", Template: "/deployments/{deployment-id}/completions", Counted: true, Streams: true, Endpoint: Chat},
	{ID: "embeddings_create", Title: "Embed texts", Method: "POST", Template: "/deployments/{deployment-id}/embeddings", Counted: true, Endpoint: Embeddings},
	{ID: "ChatCompletions_Create", Title: "Complete a chat", Method: "POST", Template: "/deployments/{deployment-id}/chat/completions", Counted: true, Streams: true, Endpoint: Chat},
	{
		ID: "Transcriptions_Create", Title: "Transcribe speech", Method: "POST", Template: "/deployments/{deployment-id}/audio/transcriptions",
		Upload: true, Streams: true, Unit: Megabytes, Endpoint: Audio,
	},
	{ID: "Translations_Create", Title: "Translate speech", Method: "POST", Template: "/deployments/{deployment-id}/audio/translations", Upload: true, Unit: Megabytes, Endpoint: Audio},
	{ID: "ImageGenerations_Create", Title: "Generate an image", Method: "POST", Template: "/deployments/{deployment-id}/images/generations", Streams: true, Unit: Pictures, Endpoint: Images},
	{ID: "ImageEdits_Create", Title: "Edit an image", Method: "POST", Template: "/deployments/{deployment-id}/images/edits", Upload: true, Streams: true, Unit: Pictures, Endpoint: Images},
	{ID: "Speech_Create", Title: "Speak a text", Method: "POST", Template: "/deployments/{deployment-id}/audio/speech", Streams: true, Unit: Characters, Endpoint: Audio},
}, responseOperations, []Operation{
	{ID: "Models_List", Title: "List models", Method: "GET", Template: "/models", Models: true, Endpoint: Models},
	{ID: "Models_Get", Title: "Get a model", Method: "GET", Template: "/models/{model}", Models: true, Endpoint: Models},
	{ID: "Files_Upload", Title: "Upload a file", Method: "POST", Template: "/files", Upload: true, Endpoint: Files},
	{ID: "Files_Get", Title: "Get a file", Method: "GET", Template: "/files/{file-id}", Endpoint: Files},
	{ID: "Files_Delete", Title: "Delete a file", Method: "DELETE", Template: "/files/{file-id}", Endpoint: Files},
	{ID: "Files_GetContent", Title: "Download a file", Method: "GET", Template: "/files/{file-id}/content", Endpoint: Files},
})

// responseOperations are the same on both surfaces.
var responseOperations = []Operation{
	{ID: "createResponse", Title: "Create a response", Method: "POST", Template: "/responses", Counted: true, Streams: true, Endpoint: Responses},
	{ID: "getResponse", Title: "Get a response", Method: "GET", Template: "/responses/{response-id}", Stored: true, Endpoint: Responses},
	{ID: "deleteResponse", Title: "Delete a response", Method: "DELETE", Template: "/responses/{response-id}", Stored: true, Endpoint: Responses},
	{ID: "cancelResponse", Title: "Cancel a response", Method: "POST", Template: "/responses/{response-id}/cancel", Stored: true, Endpoint: Responses},
	{ID: "listInputItems", Title: "List a response's input", Method: "GET", Template: "/responses/{response-id}/input_items", Stored: true, Endpoint: Responses},
}

// v1Operations are those of the v1 surface, which names the deployment as model in the body, under the ids of OpenAI's
// specification.
var v1Operations = slices.Concat([]Operation{
	{ID: "createChatCompletion", Title: "Complete a chat", Method: "POST", Template: "/chat/completions", Counted: true, Streams: true, Endpoint: Chat},
	{ID: "createCompletion", Title: "Complete a text", Method: "POST", Template: "/completions", Counted: true, Streams: true, Endpoint: Chat},
}, responseOperations, []Operation{
	{ID: "createEmbedding", Title: "Embed texts", Method: "POST", Template: "/embeddings", Counted: true, Endpoint: Embeddings},
	{ID: "createImage", Title: "Generate an image", Method: "POST", Template: "/images/generations", Streams: true, Unit: Pictures, Endpoint: Images},
	{ID: "createImageEdit", Title: "Edit an image", Method: "POST", Template: "/images/edits", Upload: true, Streams: true, Unit: Pictures, Endpoint: Images},
	{ID: "createSpeech", Title: "Speak a text", Method: "POST", Template: "/audio/speech", Streams: true, Unit: Characters, Endpoint: Audio},
	{ID: "createTranscription", Title: "Transcribe speech", Method: "POST", Template: "/audio/transcriptions", Upload: true, Streams: true, Unit: Megabytes, Endpoint: Audio},
	{ID: "createTranslation", Title: "Translate speech", Method: "POST", Template: "/audio/translations", Upload: true, Unit: Megabytes, Endpoint: Audio},
	{ID: "listModels", Title: "List models", Method: "GET", Template: "/models", Models: true, Endpoint: Models},
	{ID: "retrieveModel", Title: "Get a model", Method: "GET", Template: "/models/{model}", Models: true, Endpoint: Models},
	{ID: "createFile", Title: "Upload a file", Method: "POST", Template: "/files", Upload: true, Endpoint: Files},
	{ID: "retrieveFile", Title: "Get a file", Method: "GET", Template: "/files/{file-id}", Endpoint: Files},
	{ID: "deleteFile", Title: "Delete a file", Method: "DELETE", Template: "/files/{file-id}", Endpoint: Files},
	{ID: "downloadFile", Title: "Download a file", Method: "GET", Template: "/files/{file-id}/content", Endpoint: Files},
})

// Operations are what a surface can serve, in the order in which they are declared.
func (s Surface) Operations() []Operation {
	if s == V1 {
		return v1Operations
	}
	return deploymentOperations
}

// Parameters are the names in braces of the operation's path.
func (o Operation) Parameters() []string {
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

// Operations are what a surface serves: those about files only where a product allows files.
func (f Facts) Operations(s Surface) []Operation {
	if f.files() {
		return s.Operations()
	}
	return slices.DeleteFunc(slices.Clone(s.Operations()), func(o Operation) bool { return o.Endpoint == Files })
}

// files is true if some product allows files.
func (f Facts) files() bool {
	return slices.ContainsFunc(f.Products, func(p Product) bool { return slices.Contains(p.Endpoints, string(Files)) })
}

// both are the operations of both surfaces.
func (f Facts) both() []Operation { return slices.Concat(f.Operations(Deployments), f.Operations(V1)) }

// ids are those of the operations that have something, on either surface.
func (f Facts) ids(have func(Operation) bool) text {
	var list []string
	for _, o := range f.both() {
		if have(o) {
			list = append(list, o.ID)
		}
	}
	return text(strings.Join(list, ","))
}

// endpoints are the kinds of the operations by their ids. Both surfaces agree where they share one.
func (f Facts) endpoints() table {
	var all table
	known := map[string]bool{}
	for _, o := range f.both() {
		if !known[o.ID] {
			known[o.ID] = true
			all = append(all, member{o.ID, string(o.Endpoint)})
		}
	}
	return all
}

// units are what operations are counted in, by their ids.
func units() table {
	var all table
	for _, o := range slices.Concat(deploymentOperations, v1Operations) {
		if o.Unit != "" {
			all = append(all, member{o.ID, string(o.Unit)})
		}
	}
	return all
}
