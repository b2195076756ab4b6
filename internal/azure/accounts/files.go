package accounts

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFile is the size of the largest file (Microsoft Learn: ai-services/openai/quotas-limits).
const maxFile = 512 << 20

// maxBody bounds the body of a call: a file has a form around it.
func (c call) maxBody() int64 {
	if c.op.id == "createFile" || c.op.id == "Files_Upload" {
		return maxFile + 1<<20
	}
	return maxBody
}

// filePurposes are what a file may be for (azure-rest-api-specs OpenAI.v1/azure-v1-v1-generated.yaml). user_data is among OpenAI's and not
// among Azure's: "use assistants" (Microsoft Learn: ai-services/openai/how-to/responses, about PDF input).
var filePurposes = []string{"assistants", "batch", "fine-tune", "evals"}

// The expiry that a caller may choose: 14 to 30 days after the upload (Microsoft Learn: ai-services/openai/how-to/batch, "Upload batch file").
const (
	shortestExpiry = 14 * 24 * 60 * 60
	longestExpiry  = 30 * 24 * 60 * 60
)

// fileOperations are the ids of the operations on the dated surface and on v1, by method and what follows /files.
var fileOperations = map[string][2]string{
	"POST ":           {"Files_Upload", "createFile"},
	"GET /{}":         {"Files_Get", "retrieveFile"},
	"DELETE /{}":      {"Files_Delete", "deleteFile"},
	"GET /{}/content": {"Files_GetContent", "downloadFile"},
}

// ofFile finds the operation on files. Lists are not modelled: the gateway passes none on.
func (c call) ofFile(method, path string) (call, *failure) {
	id, tail, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	shape := path
	if id != "" {
		shape = strings.Replace(path, "/"+id, "/{}", 1)
	}
	ids, ok := fileOperations[method+" "+shape]
	if !ok {
		return call{}, notFound()
	}
	name, template := ids[0], "/openai/files"
	if c.v1 {
		name, template = ids[1], "/openai/v1/files"
	}
	action := map[string]string{http.MethodGet: "files/read", http.MethodPost: "files/write", http.MethodDelete: "files/delete"}[method]
	if id != "" {
		template += "/{file-id}"
	}
	if tail != "" {
		template += "/" + tail
	}
	c.fileID = id
	c.op = operation{id: name, kind: kindFiles, action: actionPrefix + action, template: method + " " + template}
	return c, nil
}

// writesFiles is true for what the role Cognitive Services OpenAI User does not include.
func (o operation) writesFiles() bool {
	return o.action == actionPrefix+"files/write" || o.action == actionPrefix+"files/delete"
}

// filed answers an operation on files.
func (x *exchange) filed() *failure {
	if x.call.fileID == "" {
		return x.upload()
	}
	stored, ok := x.s.files.get(x.account.Name, x.call.fileID, x.s.deps.Clock.Now())
	if !ok {
		// Seen in openai/openai-python#1106 and others. [M] that Azure has the same text.
		return &failure{status: http.StatusNotFound, body: fmt.Sprintf(`{"error":{"message":%s,"type":"invalid_request_error","param":"id","code":null}}`,
			quote("No such File object: "+x.call.fileID))}
	}
	x.headers()
	switch x.call.op.id {
	case "Files_GetContent", "downloadFile":
		x.send(http.StatusOK, "application/octet-stream", stored.content)
	case "Files_Delete": // 204 on the dated surface (azure-rest-api-specs AzureOpenAI/authoring/stable/2024-10-21)
		x.s.files.remove(x.account.Name, x.call.fileID)
		x.send(http.StatusNoContent, "", nil)
	case "deleteFile":
		x.s.files.remove(x.account.Name, x.call.fileID)
		x.send(http.StatusOK, "application/json", []byte(toJSON(map[string]any{"id": stored.ID, "object": "file", "deleted": true})))
	default:
		x.send(http.StatusOK, "application/json", []byte(toJSON(stored.file)))
	}
	return nil
}

// upload keeps a file.
func (x *exchange) upload() *failure {
	form, f := x.form()
	if f != nil {
		return f
	}
	defer func() { _ = form.RemoveAll() }()
	if len(form.File["file"]) == 0 {
		return missing("file")
	}
	purpose := field(form, "purpose")
	switch {
	case purpose == "":
		return missing("purpose")
	case !slices.Contains(filePurposes, purpose):
		return invalid("purpose", "invalid_value", "Invalid value: '%s'. Supported values are: 'assistants', 'batch', 'fine-tune', and 'evals'.", purpose)
	}
	content, err := readPart(form.File["file"][0])
	if err != nil {
		return missing("file")
	}
	if len(content) == 0 {
		return invalid("file", "invalid_file", "The file is empty.") // [M] unverified text
	}
	until, f := x.expiry(form)
	if f != nil {
		return f
	}
	stored := storedFile{content: content, until: until, file: file{ID: "file-" + x.plainID(), Object: "file", Bytes: len(content), CreatedAt: x.created,
		Filename: form.File["file"][0].Filename, Purpose: purpose, Status: "processed"}}
	if !until.IsZero() {
		at := until.Unix()
		stored.ExpiresAt = &at
	}
	x.s.files.put(x.account.Name, stored)
	x.headers()
	status := http.StatusOK
	if !x.call.v1 {
		status = http.StatusCreated // azure-rest-api-specs AzureOpenAI/authoring/stable/2024-10-21
	}
	x.send(status, "application/json", []byte(toJSON(stored.file)))
	return nil
}

func readPart(header *multipart.FileHeader) ([]byte, error) {
	part, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = part.Close() }()
	return io.ReadAll(part)
}

// expiry is when a file expires, zero for never.
func (x *exchange) expiry(form *multipart.Form) (time.Time, *failure) {
	text := field(form, "expires_after[seconds]")
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < shortestExpiry || seconds > longestExpiry {
		return time.Time{}, invalid("expires_after.seconds", "invalid_value", "Invalid value: '%s'. Expected a number of seconds from %d to %d.", text, shortestExpiry, longestExpiry)
	}
	return x.s.deps.Clock.Now().Add(time.Duration(seconds) * time.Second), nil
}
