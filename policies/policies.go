// Package policies is what the gateway decides, as complete API Management policy documents.
//
//	apis/       one document per surface: the order in which things are decided
//	fragments/  one decision each: who calls, which deployment, how much, how a failing account is left, what is shown
//	policies.go the documents and fragments, read from these folders
//	operations.go the operations of both surfaces
//	unserved.go the operations that Azure has and these surfaces do not, and why (docs/api.md lists both)
//	names.go    the ids of backends
//	facts.go    what the documents decide by: products, pools, limits
//	table.go    facts as JSON, which expressions read by name
//	reservation.go what a call can reserve
//	units.go    what a call can count besides tokens
//	render.go   the one substitution, for the places where API Management allows neither named value nor expression
//	testdata/   the cases: a request, what the backends saw, the answer
//
// The documents are written as they are deployed. Values that differ between environments are named values ({{name}});
// only some fragments, the list of audiences and the export to an Event Hub need more than API Management can do itself, see
// render.go.
package policies

//go:generate go run ./internal/apidoc

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed apis/*.xml fragments/*.xml
var documents embed.FS

// Surface is one way to address deployments.
type Surface string

// The surfaces.
const (
	// Deployments names the deployment in the path.
	Deployments Surface = "deployments"
	// V1 names the deployment as model in the body.
	V1 Surface = "v1"
)

// API is the policy document of a surface.
func (f Facts) API(surface Surface) (string, error) {
	document, err := read("apis/" + string(surface) + ".xml")
	if err != nil {
		return "", err
	}
	if document, err = render(document, f.substitutions(), f.lists()); err != nil {
		return "", fmt.Errorf("document %s: %w", surface, err)
	}
	return document, nil
}

// Fragment is a policy fragment.
type Fragment struct {
	// Name is its id at the gateway, by which documents include it.
	Name string
	// Purpose is one sentence for the portal.
	Purpose string
	// NeedsLogger is true if it names the logger of the export, NeedsFiles if it is about files. Without one it is not deployed.
	NeedsLogger, NeedsFiles bool
	// Document is its XML.
	Document string
}

// FileKey is the named value with the key of the codes in ids of files. It is a secret that the deployment makes, and not among
// NamedValues.
const FileKey = "file-key"

// NeedFileKey is true where documents name FileKey.
func (f Facts) NeedFileKey() bool { return f.files() }

// reservationFragment is deployed where a product limits what calls may reserve.
const reservationFragment = "reservation"

// fragments are listed in the order in which a call meets them.
var fragments = []Fragment{
	{Name: "body", Purpose: "What the body names: model, stream and the like."},
	{Name: "caller", Purpose: "Who calls: product and caller, from a key or an Entra token."},
	{Name: "requests", Purpose: "How often: requests per caller."},
	{Name: "endpoint", Purpose: "Which kind of endpoint: the product allows it."},
	{Name: "file", NeedsFiles: true, Purpose: "Whose file: the account that has it, and the caller that uploaded it."},
	{Name: "media", Purpose: "What the body is: JSON or an upload, and not compressed."},
	{Name: "deployment", Purpose: "Which deployment: it exists and the product allows it."},
	{Name: "models", Purpose: "The models that a caller has."},
	{Name: "reach", Purpose: "What a call may reach: tools, data sources and addresses."},
	{Name: "admission", Purpose: "What no account could serve is refused to its caller alone."},
	{Name: "limits", Purpose: "How much: tokens per caller."},
	{Name: reservationFragment, Purpose: "How much at once: what the calls of one minute may cost."},
	{Name: "units", Purpose: "How much besides tokens: images, characters that are spoken, megabytes of sound."},
	{Name: "response", Purpose: "Whose response: the account that has it, and the caller that made it."},
	{Name: "usage", Purpose: "Streams end with their token counts."},
	{Name: "attached", NeedsFiles: true, Purpose: "The files that a call names are its caller's, and in its account."},
	{Name: "export", NeedsLogger: true, Purpose: "The whole text of prompts and answers goes to the Event Hub."},
	{Name: "identity", Purpose: "The gateway's identity goes to the backend, the caller's credential does not."},
	{Name: "failover", Purpose: "A failing account is left for another."},
	{Name: "transfer", NeedsFiles: true, Purpose: "A file goes to its account, and is not buffered."},
	{Name: "answer", Purpose: "What the caller sees of the last answer."},
	{Name: "fileids", NeedsFiles: true, Purpose: "Ids of files are those that callers get."},
	{Name: "refusal", Purpose: "Errors in the shape OpenAI's SDKs show."},
}

// Fragments are the policy fragments with the facts in place.
func (f Facts) Fragments() ([]Fragment, error) {
	made := make([]Fragment, 0, len(fragments))
	for _, fragment := range fragments {
		if fragment.NeedsLogger && f.ExportLogger == "" {
			continue // a logger that does not exist may not be named
		}
		if fragment.NeedsFiles && !f.files() {
			continue
		}
		if fragment.Name == reservationFragment && len(f.steps()) == 0 {
			continue
		}
		document, err := read("fragments/" + fragment.Name + ".xml")
		if err != nil {
			return nil, err
		}
		fragment.Document, err = render(document, f.substitutions(), f.lists())
		if err != nil {
			return nil, fmt.Errorf("fragment %s: %w", fragment.Name, err)
		}
		made = append(made, fragment)
	}
	return made, nil
}

// read returns a document with line feeds alone, so that the same text is deployed from every operating system.
func read(path string) (string, error) {
	text, err := documents.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("policy document: %w", err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) + "\n", nil
}
