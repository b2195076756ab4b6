package arm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal in ARM's shape.
type Error struct {
	// Status is the HTTP status code; inner details have none.
	Status int `json:"-"`
	// Code is the machine-readable code ARM or the service would answer.
	Code string `json:"code"`
	// Message is the text a person reads.
	Message string `json:"message"`
	// Target is the property or resource the refusal is about.
	Target string `json:"target,omitempty"`
	// Details are the inner refusals, one per problem.
	Details []*Error `json:"details,omitempty"`
}

func refusal(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// at names what a refusal is about.
func (e *Error) at(target string) *Error {
	e.Target = target
	return e
}

// notModelled is the answer to what the embedded Azure does not know: the code ARM would use for something it does not
// know either, and a text that says whose fault it is.
func notModelled(status int, code, format string, args ...any) *Error {
	return refusal(status, code, format+" (the embedded Azure does not model it)", args...)
}

func groupNotFound(name string) *Error {
	return refusal(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", name)
}

// resourceNotFound is ARM's own answer for top-level resources (Microsoft Learn: troubleshooting/error-not-found).
func resourceNotFound(id ID) *Error {
	path := strings.Join(typeAndNames(id), "/")
	return refusal(http.StatusNotFound, "ResourceNotFound", "The Resource '%s' under resource group '%s' was not found. "+
		"For more details please go to https://aka.ms/ARMResourceNotFoundFix", path, id.Group)
}

// typeAndNames alternates an id's type segments and names: Microsoft.X/a, name, b, name.
func typeAndNames(id ID) []string {
	segments := strings.Split(id.Type, "/")
	out := []string{segments[0] + "/" + segments[1]}
	for i, name := range id.Names {
		if i > 0 && i+1 < len(segments) {
			out = append(out, segments[i+1])
		}
		out = append(out, name)
	}
	return out
}

// inUse lists who holds a resource that cannot go.
func inUse(code, what string, id ID, holders []string) *Error {
	return refusal(http.StatusBadRequest, code, "%s %s cannot be deleted because it is in use by %s.", what, id, strings.Join(holders, ", "))
}

func writeError(w http.ResponseWriter, e *Error) {
	writeJSON(w, e.Status, map[string]any{"error": e})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil { // a mistake of the embedded Azure: all of it was JSON before, or is text
		http.Error(w, "the embedded Azure: answer as JSON: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client went away; there is nobody left to tell
}
