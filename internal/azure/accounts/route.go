package accounts

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// operation is one call of the data plane, with the names by which Azure speaks of it.
type operation struct {
	// id is the operation id in rate-limit messages (Azure OpenAI inference specification 2024-10-21; v1 ids for v1).
	id string
	// kind chooses the implementation.
	kind kind
	// action is the data action a role must grant (role definition of Cognitive Services OpenAI User).
	action string
	// template is how PermissionDenied names the operation.
	template string
}

type kind string

const (
	kindChat          kind = "chatCompletion"
	kindCompletion    kind = "completion"
	kindEmbeddings    kind = "embeddings"
	kindResponses     kind = "responses"
	kindImages        kind = "imageGenerations"
	kindTranscription kind = "audioTranscription"
	kindTranslation   kind = "audioTranslation"
	kindSpeech        kind = "audioSpeech"
	kindImageEdits    kind = "imageEdits"
	kindModels        kind = "models"
	kindStored        kind = "storedResponse"
	kindFiles         kind = "files"
)

const actionPrefix = "Microsoft.CognitiveServices/accounts/OpenAI/"

// endpoint is a path below /deployments/{d}/ or /v1/.
type endpoint struct {
	kind        kind
	dated, v1   string // operation ids on the two surfaces; empty: not served there
	action      string
	onlyFromAPI string // first preview that has the operation; the stable versions do not
}

// endpoints of the dated surface are those of the stable specification 2024-10-21, and of the previews from which on they are
// there (Microsoft Learn: ai-services/openai/reference-preview); other paths are 404.
var endpoints = map[string]endpoint{
	"chat/completions": {kind: kindChat, dated: "ChatCompletions_Create", v1: "createChatCompletion",
		action: "deployments/chat/completions/action"},
	"completions": {kind: kindCompletion, dated: "Completions_Create", v1: "createCompletion",
		action: "deployments/completions/action"},
	"embeddings":         {kind: kindEmbeddings, dated: "embeddings_create", v1: "createEmbedding", action: "deployments/embeddings/action"},
	"images/generations": {kind: kindImages, dated: "ImageGenerations_Create", v1: "createImage", action: "images/generations/action"},
	"audio/transcriptions": {kind: kindTranscription, dated: "Transcriptions_Create", v1: "createTranscription",
		action: "deployments/audio/action"},
	"audio/translations": {kind: kindTranslation, dated: "Translations_Create", v1: "createTranslation", action: "deployments/audio/action"},
	"audio/speech": {kind: kindSpeech, dated: "Speech_Create", v1: "createSpeech", action: "deployments/audio/action",
		onlyFromAPI: "2024-02-15-preview"},
	"images/edits": {kind: kindImageEdits, dated: "ImageEdits_Create", v1: "createImageEdit", action: "images/generations/action",
		onlyFromAPI: "2025-04-01-preview"},
	"responses": {kind: kindResponses, dated: "createResponse", v1: "createResponse", action: "responses/write",
		onlyFromAPI: "2025-03-01-preview"},
	"models": {kind: kindModels, dated: "Models_List", v1: "listModels", action: "models/read"},
}

// call is a parsed request line.
type call struct {
	op operation
	// deployment is from the path; empty on surfaces that name the model in the body.
	deployment string
	// modelID is the model asked for by GET models/{id}.
	modelID string
	// responseID is the response that an operation is about.
	responseID string
	// fileID is the file that an operation is about.
	fileID     string
	apiVersion string
	v1         bool
}

var datedVersion = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-preview)?$`)

// route parses method and URL. What it does not know is answered like Azure answers an unknown path or a missing
// api-version: 404 "Resource not found".
func route(method string, u *url.URL) (call, *failure) {
	// A backend whose URL ends in a slash asks for //openai, and Azure serves it (published policies do so).
	path, ok := strings.CutPrefix("/"+strings.TrimLeft(u.Path, "/"), "/openai/")
	if !ok {
		return call{}, notFound()
	}
	c := call{apiVersion: u.Query().Get("api-version")}
	rest, v1 := strings.CutPrefix(path, "v1/")
	c.v1 = v1
	switch {
	case v1:
		path = rest
	case !datedVersion.MatchString(c.apiVersion):
		return call{}, notFound()
	case strings.HasPrefix(path, "deployments/"):
		name, tail, found := strings.Cut(strings.TrimPrefix(path, "deployments/"), "/")
		if !found || name == "" {
			return call{}, notFound()
		}
		c.deployment, path = name, tail
	}
	if id, ok := strings.CutPrefix(path, "models/"); ok && c.deployment == "" {
		c.modelID, path = id, "models"
	}
	if rest, ok := strings.CutPrefix(path, "responses/"); ok && c.deployment == "" {
		return c.ofResponse(method, rest)
	}
	if (path == "files" || strings.HasPrefix(path, "files/")) && c.deployment == "" {
		return c.ofFile(method, strings.TrimPrefix(path, "files"))
	}
	return c.resolve(method, path)
}

// resolve finds the operation of a path on the surface the call came in by.
func (c call) resolve(method, path string) (call, *failure) {
	e, ok := endpoints[path]
	if !ok {
		return call{}, notFound()
	}
	bodyless := e.kind == kindModels
	inPath := c.deployment != ""
	modelInBody := bodyless || e.kind == kindResponses
	wrongMethod := bodyless != (method == http.MethodGet) || (!bodyless && method != http.MethodPost)
	// On the dated surface only models and responses live outside a deployment, and only the others live inside one.
	wrongPlace := !c.v1 && inPath == modelInBody
	tooOld := !c.v1 && e.onlyFromAPI != "" && (c.apiVersion < e.onlyFromAPI || !strings.HasSuffix(c.apiVersion, "-preview"))
	if wrongMethod || wrongPlace || tooOld {
		return call{}, notFound()
	}
	id, template := e.dated, "/openai/deployments/{deployment-id}/"+path
	if c.v1 {
		id, template = e.v1, "/openai/v1/"+path
	} else if !inPath {
		template = "/openai/" + path
	}
	c.op = operation{id: id, kind: e.kind, action: actionPrefix + e.action, template: method + " " + template}
	return c, nil
}

// version is the api-version that rate-limit messages name.
func (c call) version() string {
	if c.apiVersion == "" {
		return "v1"
	}
	return c.apiVersion
}
