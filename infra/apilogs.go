package infra

import (
	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// loggedBodyBytes is the most Azure stores of one body. Only two of the four bodies are logged: an entry above 32 KB loses
	// all of them (Microsoft Learn: api-management/api-management-howto-use-azure-monitor).
	loggedBodyBytes = 8192
	// loggedMessageBytes is the most Azure stores of one message, in pieces of 32 KB.
	loggedMessageBytes = 262144
)

// loggedRequest logs RequestBody if bodies is set, and hides credentials in any case. Of the response it logs one header: a body
// here would hold back every stream.
func loggedRequest(bodies bool) apim.PipelineDiagnosticSettingsArgs {
	request := apim.HttpMessageDiagnosticArgs{DataMasking: credentialMask()}
	if bodies {
		request.Body = apim.BodyDiagnosticSettingsArgs{Bytes: pulumi.Int(loggedBodyBytes)}
	}
	return apim.PipelineDiagnosticSettingsArgs{
		Request:  request,
		Response: apim.HttpMessageDiagnosticArgs{Headers: pulumi.ToStringArray([]string{quotaHeader})},
	}
}

// loggedAnswer logs BackendResponseBody if bodies is set.
func loggedAnswer(bodies bool) apim.PipelineDiagnosticSettingsPtrInput {
	if !bodies {
		return nil
	}
	return apim.PipelineDiagnosticSettingsArgs{
		Response: apim.HttpMessageDiagnosticArgs{Body: apim.BodyDiagnosticSettingsArgs{Bytes: pulumi.Int(loggedBodyBytes)}},
	}
}

// quotaHeader is how much of its quota an answer leaves to a caller. An alert on quotas reads it from the log, as it cannot add
// up the tokens of a month.
const quotaHeader = "x-gateway-remaining-quota-tokens"

// loggedMessages logs prompts and answers; switched off, token counts are logged without any text.
func loggedMessages(on bool) apim.LLMDiagnosticSettingsArgs {
	settings := apim.LLMDiagnosticSettingsArgs{Logs: pulumi.String("enabled")}
	if on {
		whole := apim.LLMMessageDiagnosticSettingsArgs{Messages: pulumi.String("all"), MaxSizeInBytes: pulumi.Int(loggedMessageBytes)}
		settings.Requests, settings.Responses = whole, whole
	}
	return settings
}
