package accounts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// failure is an answer that is not a success: status, exact body, extra headers.
type failure struct {
	status int
	body   string
	header http.Header
}

// Texts that Azure answers. Bodies of the front end keep its spacing: `"code":"403","message": "…"`
// (seen in Azure-Samples/azure-search-openai-demo#1494 and #1617).
const (
	textPublicDisabled = "Public access is disabled. Please configure private endpoint."
	textFirewall       = "Access denied due to Virtual Network/Firewall rules."
	textKeysDisabled   = "Key based authentication is disabled for this resource."
	// The wording of the refusal of a wrong key is quoted in openinterpreter#319.
	textBadKey = "Access denied due to invalid subscription key or wrong API endpoint. " +
		"Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."
	// Seen in run-llama/llama_index#12484, langchain-ai/langchain#17373; the body is not in OpenAI's shape.
	textBadToken = "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired."
	// Seen in Azure-Samples/ai-rag-chat-evaluator#94; the code really is a sentence.
	codeWrongTenant        = "Tenant provided in token does not match resource token"
	textDeploymentNotFound = "The API deployment for this resource does not exist. " +
		"If you created the deployment within the last 5 minutes, please wait a moment and try again."
	textNotFound = "Resource not found"
	textFiltered = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. " +
		"Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: " +
		"https://go.microsoft.com/fwlink/?linkid=2198766"
	// Seen in microsoft/graphrag#1557 and run-llama/llama_index#6436.
	formatOperationNotSupported = "The %s operation does not work with the specified model, %s. Please choose different model and try again. " +
		"You can learn more about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993."
	// Seen in alex-wolf-ps/dbchatprov2#2; "call rate limit" is the other kind.
	formatRateLimit = "Requests to the %s Operation under Azure OpenAI API version %s have exceeded %s rate limit of your current OpenAI S0 pricing tier. " +
		"Please retry after %d seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."
	// [M] unverified: Microsoft documents status and headers of a full provisioned deployment, not its text.
	formatProvisionedFull = "The provisioned deployment is at full utilization. Please retry after %d milliseconds."
)

// frontEnd is a refusal by the layer before the model, in its own spacing.
func frontEnd(status int, code, message string) *failure {
	return &failure{status: status, body: fmt.Sprintf(`{"error":{"code":%s,"message": %s}}`, quote(code), quote(message))}
}

// apiError is the body of a request error in OpenAI's shape.
type apiError struct {
	Message string  `json:"message"`
	Type    *string `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

// invalid is a 400 that blames a parameter. Empty strings become null, as the service writes them.
func invalid(param, code, format string, args ...any) *failure {
	kind := "invalid_request_error"
	body := apiError{Message: fmt.Sprintf(format, args...), Type: &kind}
	if param != "" {
		body.Param = &param
	}
	if code != "" {
		body.Code = &code
	}
	return &failure{status: http.StatusBadRequest, body: toJSON(map[string]apiError{"error": body})}
}

// coded is an error with only code and message.
func coded(status int, code, message string) *failure {
	return &failure{status: status, body: fmt.Sprintf(`{"error":{"code":%s,"message":%s}}`, quote(code), quote(message))}
}

func notFound() *failure { return coded(http.StatusNotFound, "404", textNotFound) }

func deploymentNotFound() *failure {
	return coded(http.StatusNotFound, "DeploymentNotFound", textDeploymentNotFound)
}

func operationNotSupported(operation, model string) *failure {
	return coded(http.StatusBadRequest, "OperationNotSupported", fmt.Sprintf(formatOperationNotSupported, operation, model))
}

// unauthorizedToken keeps the shape of the identity layer, which differs from every other error of the service.
func unauthorizedToken() *failure {
	return &failure{status: http.StatusUnauthorized, body: fmt.Sprintf(`{ "statusCode": 401, "message": %s }`, quote(textBadToken))}
}

func permissionDenied(principal string, op operation) *failure {
	message := fmt.Sprintf("The principal `%s` lacks the required data action `%s` to perform `%s` operation.", principal, op.action, op.template)
	return coded(http.StatusUnauthorized, "PermissionDenied", message)
}

// tooMany is a 429 with both retry headers. Retry-After has whole seconds and is never shorter than the wait.
func tooMany(message string, wait time.Duration) *failure {
	f := coded(http.StatusTooManyRequests, "429", message)
	f.header = retryHeader(wait)
	return f
}

func retryHeader(wait time.Duration) http.Header {
	header := http.Header{}
	header.Set("Retry-After", fmt.Sprint(seconds(wait)))
	header.Set("Retry-After-Ms", fmt.Sprint(max(1, (wait+time.Millisecond-1).Milliseconds())))
	return header
}

// seconds rounds up: a client that waits a second too little is refused again.
func seconds(wait time.Duration) int {
	return int(max(1, (wait+time.Second-1)/time.Second))
}

func quote(s string) string { return toJSON(s) }

// toJSON marshals values of this package, none of which can fail to marshal.
func toJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return `{"error":{"code":"500","message":"Internal server error"}}`
	}
	return string(raw)
}
