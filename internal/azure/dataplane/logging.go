package dataplane

import (
	"strings"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/arm"
)

// settingType is the type of the resources that let rows be written, see pipeline.go.
const settingType = "Microsoft.Insights/diagnosticSettings"

func (r reader) loggers() []apim.Logger {
	var loggers []apim.Logger
	for _, resource := range below(r.server, r.service, "loggers") {
		loggers = append(loggers, apim.Logger{ID: resource.Name, Type: properties(resource).at("loggerType").text()})
	}
	return loggers
}

// diagnostics are the service's own.
func (r reader) diagnostics(kind string) []apim.Diagnostic {
	var diagnostics []apim.Diagnostic
	for _, resource := range below(r.server, r.service, kind) {
		diagnostics = append(diagnostics, readDiagnostic(resource))
	}
	return diagnostics
}

// diagnosticsOf are those of one API.
func (r reader) diagnosticsOf(kind, scope string) []apim.Diagnostic {
	var diagnostics []apim.Diagnostic
	for _, resource := range below(r.server, r.service, kind) {
		if within(resource.ID, scope) {
			diagnostics = append(diagnostics, readDiagnostic(resource))
		}
	}
	return diagnostics
}

// defaultMessageBytes is how much of a message is kept when the diagnostic does not say
// (Microsoft Learn: api-management/api-management-howto-llm-logs).
const defaultMessageBytes = 32 * 1024

func readDiagnostic(resource arm.Resource) apim.Diagnostic {
	p := properties(resource)
	diagnostic := apim.Diagnostic{
		ID:                 strings.ToLower(resource.Name),
		LoggerID:           part(p.at("loggerId").text(), "loggers"),
		AlwaysLogErrors:    p.at("alwaysLog").text() == "allErrors",
		Sampled:            p.at("sampling").present(),
		SamplingPercentage: p.at("sampling", "percentage").number(),
		Verbosity:          p.at("verbosity").text(),
		LogClientIP:        p.at("logClientIp").flag(),
		Metrics:            p.at("metrics").flag(),
		FrontendRequest:    readMessageLog(p.at("frontend", "request")),
		FrontendResponse:   readMessageLog(p.at("frontend", "response")),
		BackendRequest:     readMessageLog(p.at("backend", "request")),
		BackendResponse:    readMessageLog(p.at("backend", "response")),
	}
	if llm := p.at("largeLanguageModel"); llm.present() {
		diagnostic.LLM = &apim.LLMLog{
			Enabled:       llm.at("logs").text() == "enabled",
			RequestBytes:  messageBytes(llm.at("requests")),
			ResponseBytes: messageBytes(llm.at("responses")),
		}
	}
	return diagnostic
}

func readMessageLog(n node) apim.MessageLog {
	return apim.MessageLog{
		Headers:     n.at("headers").texts(),
		BodyBytes:   int(n.at("body", "bytes").number()),
		MaskHeaders: readMasks(n.at("dataMasking", "headers")),
		MaskQuery:   readMasks(n.at("dataMasking", "queryParams")),
	}
}

func readMasks(n node) []apim.Mask {
	var masks []apim.Mask
	for _, mask := range n.list() {
		masks = append(masks, apim.Mask{Name: mask.at("value").text(), Hide: mask.at("mode").text() == "Hide"})
	}
	return masks
}

func messageBytes(n node) int {
	if n.at("messages").text() != "all" {
		return 0
	}
	if size := int(n.at("maxSizeInBytes").number()); size > 0 {
		return size
	}
	return defaultMessageBytes
}
