package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// llmLogs: the block is in 2024-06-01-preview and not in 2024-05-01, which the Go module speaks.
var llmLogs = modelOptions{newer: []newer{
	{previewVersion, "properties.largeLanguageModel", "Azure/bicep-types-az microsoft.apimanagement/2024-06-01-preview, DiagnosticContractProperties"},
}}

var (
	policyModel     = published("armapimanagement.PolicyContract", modelOptions{})
	diagnosticModel = published("armapimanagement.DiagnosticContract", llmLogs)
)

func apiKinds() []*Kind {
	kinds := []*Kind{
		{
			Type: apiType, model: published("armapimanagement.APICreateOrUpdateParameter", modelOptions{}),
			checks: []func(*write){plainAPI, checkAPI}, fill: fillAPI, removed: dropAPILinks,
		},
		{
			Type: apiType + "/operations", model: published("armapimanagement.OperationContract", modelOptions{}), checks: []func(*write){checkOperation},
		},
		{
			Type: backendType, model: published("armapimanagement.BackendContract", modelOptions{}),
			checks: []func(*write){checkBackend, checkBreaker}, fill: fillBackend,
			removing: []func(*removal) *Error{noPoolMember},
		},
		{
			Type: loggerType, model: published("armapimanagement.LoggerContract", modelOptions{}),
			checks: []func(*write){checkLogger}, fill: fillLogger, removing: []func(*removal) *Error{noDiagnosticOn},
		},
	}
	for _, parent := range []string{serviceType, apiType} {
		kinds = append(kinds, &Kind{
			Type: parent + "/diagnostics", model: diagnosticModel, checks: []func(*write){checkDiagnostic, checkMessages},
		})
	}
	for _, parent := range []string{serviceType, apiType, apiType + "/operations", productType} {
		kinds = append(kinds, &Kind{
			Type: parent + "/policies", model: policyModel, checks: []func(*write){checkPolicyFormat, checkPolicy},
			fill: fillPolicy, removed: resetServicePolicy,
		})
	}
	return kinds
}

// plainAPI refuses what the gateway of the rehearsal could not serve.
func plainAPI(w *write) {
	for _, key := range []string{"format", "value", "wsdlSelector", "apiVersionSet", "apiVersionSetId", "apiVersion", "sourceApiId",
		"apiRevisionDescription"} {
		if w.props[key] != nil {
			w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "The property '%s' of an API is not supported",
				key).at("properties." + key))
		}
	}
	if t := text(w.props, "type") + text(w.props, "apiType"); t != "" && t != "http" {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "The API type '%s' is not supported", t))
	}
	if revision := text(w.props, "apiRevision"); revision != "" && revision != "1" || strings.Contains(w.id.Name(), ";rev=") {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "Revisions of an API are not supported"))
	}
}

func checkAPI(w *write) {
	if _, ok := w.props["path"].(string); !ok {
		w.bad("properties.path", "Required property 'path' not found in JSON.")
		return
	}
	path := strings.Trim(text(w.props, "path"), "/")
	if strings.HasPrefix(text(w.props, "path"), "/") {
		w.bad("properties.path", "The path '%s' must not begin with a slash.", text(w.props, "path"))
	}
	for _, r := range w.s.ofType(apiType, serviceID(w.id)) {
		if !strings.EqualFold(r.ID, w.id.text) && strings.EqualFold(strings.Trim(text(r.props(), "path"), "/"), path) {
			w.bad("path", "Cannot create API '%s' with the same Path '%s' as API '%s'.", w.id.Name(), path, r.id().Name())
		}
	}
}

func fillAPI(w *write) {
	w.props["apiRevision"], w.props["isCurrent"], w.props["isOnline"] = "1", true, true
	w.props["provisioningState"] = "Succeeded"
}

func dropAPILinks(rm *removal) {
	for _, r := range rm.s.ofType(productType+"/apis", serviceID(rm.id)) {
		if strings.EqualFold(r.id().Name(), rm.id.Name()) {
			rm.s.drop(r)
		}
	}
}

var templateParameter = regexp.MustCompile(`\{([^{}]+)\}`)

// checkOperation: the parameters of the template and those that are declared are the same (hashicorp/terraform-provider-azurerm
// pull request 29538; text Azure/azure-sdk-for-net issue 35802).
func checkOperation(w *write) {
	template, declared := text(w.props, "urlTemplate"), map[string]bool{}
	for i, p := range items(w.props, "templateParameters") {
		if text(p, "name") == "" || text(p, "type") == "" {
			w.bad(fmt.Sprintf("properties.templateParameters[%d]", i), "A template parameter has a name and a type.")
		}
		declared[strings.TrimPrefix(text(p, "name"), "*")] = true
	}
	used := map[string]bool{}
	for _, match := range templateParameter.FindAllStringSubmatch(template, -1) {
		name := strings.TrimPrefix(match[1], "*")
		used[name] = true
	}
	same := len(used) == len(declared)
	for name := range used {
		same = same && declared[name]
	}
	if !same {
		w.bad("", "All template parameters used in the UriTemplate must be defined in the Operation '%s', and vice-versa.", w.id.Name())
	}
	if !strings.HasPrefix(template, "/") && !strings.HasPrefix(template, "*") {
		w.bad("urlTemplate", "The URL template '%s' must begin with a slash.", template)
	}
	if text(w.props, "policies") != "" {
		w.refuse(notModelled(http.StatusBadRequest, "ValidationError", "The property 'policies' of an operation is not supported"))
	}
	for _, r := range w.s.ofType(apiType+"/operations", parentOf(w.id)) {
		if !strings.EqualFold(r.ID, w.id.text) && strings.EqualFold(text(r.props(), "method"), text(w.props, "method")) &&
			strings.EqualFold(text(r.props(), "urlTemplate"), template) {
			w.bad("urlTemplate", "Operation with the same method and URL template already exists: %s.", r.id().Name())
		}
	}
}

func parentOf(id ID) string {
	parent, _ := id.Parent()
	return parent.text
}

func checkLogger(w *write) {
	kind, credentials := text(w.props, "loggerType"), object(w.props, "credentials")
	switch strings.ToLower(kind) {
	case "azuremonitor":
		if !strings.EqualFold(w.id.Name(), "azuremonitor") {
			w.bad("loggerType", "The logger of type azureMonitor must have the id 'azuremonitor', not '%s'.", w.id.Name())
		}
		if len(credentials) > 0 {
			w.bad("credentials", "A logger of type azureMonitor has no credentials.")
		}
	case "applicationinsights":
		if text(credentials, "instrumentationKey") == "" && text(credentials, "connectionString") == "" {
			w.bad("credentials", "A logger of type applicationInsights needs an instrumentationKey or a connectionString.")
		}
		if id := text(w.props, "resourceId"); id != "" && w.resolve(id, componentType) == nil {
			w.bad("resourceId", "The component '%s' was not found.", id)
		}
	case "azureeventhub":
		checkHubLogger(w, credentials)
	}
	if strings.EqualFold(w.id.Name(), "azuremonitor") && !strings.EqualFold(kind, "azureMonitor") {
		w.bad("loggerType", "The logger 'azuremonitor' must be of type azureMonitor.")
	}
}

// checkHubLogger: the hub's name, and either a connection string or an endpoint with an identity
// (Microsoft Learn: api-management/api-management-howto-log-event-hubs).
func checkHubLogger(w *write, credentials map[string]any) {
	if text(credentials, "name") == "" {
		w.bad("credentials.name", "A logger of type azureEventHub needs the name of the hub.")
	}
	if text(credentials, "connectionString") == "" && (text(credentials, "endpointAddress") == "" || text(credentials, "identityClientId") == "") {
		w.bad("credentials", "A logger of type azureEventHub needs a connectionString, or an endpointAddress and an identityClientId.")
	}
	if id := text(w.props, "resourceId"); id != "" && w.resolve(id, hubType) == nil {
		w.bad("resourceId", "The event hub '%s' was not found.", id)
	}
}

// fillLogger stores credentials the way Azure does: in a secret named value of its own making.
func fillLogger(w *write) {
	credentials := object(w.props, "credentials")
	for _, key := range sortedKeys(credentials) {
		value := text(credentials, key)
		if key != "instrumentationKey" && key != "connectionString" || value == "" {
			continue
		}
		name := "Logger-Credentials--" + strings.ReplaceAll(guid(w.id.text, key, value), "-", "")[:24]
		id, _ := ParseID(serviceID(w.id)) // the parent was found
		id = id.Child("namedValues", name)
		w.s.store(&record{ID: id.text, Type: namedValueType, APIVersion: w.req.version, Created: w.s.options.Now().UTC(), Hidden: true,
			Private: map[string]any{"value": value},
			Body: map[string]any{"id": id.text, "name": name, "type": namedValueType,
				"properties": map[string]any{"displayName": name, "secret": true, "provisioningState": "Succeeded"}}})
		w.private[key] = value
		credentials[key] = "{{" + name + "}}"
	}
}

func noDiagnosticOn(rm *removal) *Error {
	for _, t := range []string{serviceType + "/diagnostics", apiType + "/diagnostics"} {
		for _, r := range rm.s.ofType(t, serviceID(rm.id)) {
			if id := text(r.props(), "loggerId"); strings.EqualFold(id, rm.rec.ID) || strings.EqualFold(strings.Trim(id, "/"), "loggers/"+rm.id.Name()) {
				return refusal(http.StatusBadRequest, "ValidationError", "Logger '%s' is used by the diagnostic '%s' and cannot be deleted.", rm.id.Name(), r.ID) // [M]: text
			}
		}
	}
	return nil
}

func checkDiagnostic(w *write) {
	loggerID := text(w.props, "loggerId")
	logger := w.resolve(loggerID, loggerType)
	if logger == nil {
		w.bad("loggerId", "Logger '%s' was not found.", loggerID) // [M]: text
		return
	}
	want := map[string]string{"azuremonitor": "azureMonitor", "applicationinsights": "applicationInsights"}[strings.ToLower(w.id.Name())]
	if want != "" && !strings.EqualFold(text(logger.props(), "loggerType"), want) {
		w.bad("loggerId", "The diagnostic '%s' needs a logger of type %s, '%s' is of type %s.", w.id.Name(), want, logger.id().Name(), text(logger.props(), "loggerType"))
	}
	if p, ok := object(w.props, "sampling")["percentage"].(float64); ok && (p < 0 || p > 100) {
		w.bad("sampling.percentage", "The percentage must be 0 to 100, it is %v.", p)
	}
	for _, side := range []string{"frontend", "backend"} {
		for _, message := range []string{"request", "response"} {
			if bytes, ok := object(w.props, side, message, "body")["bytes"].(float64); ok && (bytes < 0 || bytes > 8192) {
				w.bad(side+"."+message+".body.bytes", "The number of body bytes must be 0 to 8192, it is %v.", bytes)
			}
		}
	}
}

// checkMessages is the hand-made model of the block that the Go module lacks (DiagnosticContractProperties.largeLanguageModel).
func checkMessages(w *write) {
	llm, ok := w.props["largeLanguageModel"].(map[string]any)
	if !ok {
		if w.props["largeLanguageModel"] != nil {
			w.bad("largeLanguageModel", "An object is expected.")
		}
		return
	}
	if strings.ToLower(w.id.Name()) != "azuremonitor" {
		w.bad("largeLanguageModel", "Messages of language models are logged to azuremonitor, not to '%s'.", w.id.Name())
	}
	for _, key := range sortedKeys(llm) {
		path := "largeLanguageModel." + key
		switch key {
		case "logs":
			if logs := text(llm, "logs"); !slices.Contains([]string{"enabled", "disabled"}, logs) {
				w.bad(path, "'%v' is not one of enabled, disabled.", llm[key])
			}
		case "requests", "responses":
			checkMessageSettings(w, path, llm[key])
		default:
			w.bad(path, "Could not find member '%s' on object of type 'LlmDiagnosticSettings'.", key)
		}
	}
}

// maxMessageBytes: Azure/bicep-types-az, maxSizeInBytes of LLM message logs.
const maxMessageBytes = 262144

func checkMessageSettings(w *write, path string, value any) {
	settings, ok := value.(map[string]any)
	if !ok {
		w.bad(path, "An object is expected.")
		return
	}
	for _, key := range sortedKeys(settings) {
		switch key {
		case "messages":
			if m := text(settings, key); m != "all" {
				w.bad(path+".messages", "'%v' is not one of all.", settings[key])
			}
		case "maxSizeInBytes":
			if n, ok := settings[key].(float64); !ok || n < 1 || n > maxMessageBytes {
				w.bad(path+".maxSizeInBytes", "The size must be 1 to %d, it is %v.", maxMessageBytes, settings[key])
			}
		default:
			w.bad(path+"."+key, "Could not find member '%s' on object of type 'LlmMessageDiagnosticSettings'.", key)
		}
	}
}
