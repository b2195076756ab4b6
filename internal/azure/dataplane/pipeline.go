package dataplane

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/logs"
)

// LogOptions describe the workspace of what is deployed now: which resources let rows be written, and whose rows they are.
func LogOptions(server *arm.Server, subscriptionID string) logs.Options {
	ids := map[string]string{}
	for _, account := range server.Resources(accountType) {
		ids[strings.ToLower(account.Name)] = account.ID
	}
	o := logs.Options{Pipeline: Pipeline(server), SubscriptionID: subscriptionID,
		AccountID: func(account string) string { return ids[strings.ToLower(account)] }}
	for _, service := range server.Resources(serviceType) {
		o.ServiceID = service.ID
	}
	for _, component := range server.Resources("Microsoft.Insights/components") {
		o.ComponentID, o.InstrumentationKey = component.ID, properties(component).at("InstrumentationKey").text()
	}
	for _, workspace := range server.Resources("Microsoft.OperationalInsights/workspaces") {
		o.WorkspaceID = properties(workspace).at("customerId").text()
	}
	return o
}

// Pipeline reads the resources that decide whether a row is written: diagnostic settings of the gateway and of every account,
// and the gateway's loggers (Microsoft Learn: api-management/api-management-howto-use-azure-monitor).
func Pipeline(server *arm.Server) logs.Deployed {
	d := logs.Deployed{Settings: map[string]map[string]logs.Setting{}}
	for _, service := range server.Resources(serviceType) {
		d.Settings[""] = settingsOf(server, service)
		for _, logger := range below(server, service, "loggers") {
			// One that was not declared does not count: docs/decisions/0014-a-logger-has-to-be-declared.md.
			if !server.Untouched(logger.ID) {
				d.Loggers = append(d.Loggers, strings.ToLower(logger.Name))
			}
		}
	}
	for _, account := range server.Resources(accountType) {
		d.Settings[account.Name] = settingsOf(server, account)
	}
	return d
}

// settingsOf is what goes to a workspace, by category. A resource may have several settings; that a category is in one of
// them is enough.
func settingsOf(server *arm.Server, resource arm.Resource) map[string]logs.Setting {
	found := map[string]logs.Setting{}
	for _, setting := range server.Resources(settingType) {
		p := properties(setting)
		if !within(setting.ID, resource.ID) || p.at("workspaceId").text() == "" {
			continue
		}
		dedicated := p.at("logAnalyticsDestinationType").text() == "Dedicated"
		for _, log := range slices.Concat(p.at("logs").list(), p.at("metrics").list()) {
			if log.at("enabled").flag() {
				category := log.at("category").text()
				found[category] = logs.Setting{On: true, Dedicated: dedicated || found[category].Dedicated}
			}
		}
	}
	return found
}

// LogGaps names what is missing for calls to be found in the gateway's tables, and for accounts' own counts: each resource
// with what it would have to say. Without a gap, a call that is not logged is the gateway's fault.
func LogGaps(server *arm.Server) []string {
	pipeline := Pipeline(server)
	var gaps []string
	for _, service := range server.Resources(serviceType) {
		for _, category := range []string{logs.CategoryGateway, logs.CategoryLLM} {
			switch setting := pipeline.Setting("", category); {
			case !setting.On:
				gaps = append(gaps, fmt.Sprintf("a diagnostic setting of the gateway with category %s", category))
			case !setting.Dedicated:
				gaps = append(gaps, fmt.Sprintf("the destination type Dedicated in the gateway's diagnostic setting: rows of %s end in %s", category, logs.Diagnostics))
			}
		}
		gaps = append(gaps, reader{server, service}.logGaps(pipeline)...)
		gaps = append(gaps, exportGaps(server, service)...)
	}
	for _, account := range server.Resources(accountType) {
		for _, category := range []string{logs.CategoryRequestResponse, logs.CategoryRequestUsage, logs.CategoryMetrics} {
			if !pipeline.Setting(account.Name, category).On {
				gaps = append(gaps, fmt.Sprintf("a diagnostic setting of account %s with category %s", account.Name, category))
			}
		}
	}
	return gaps
}

// logGaps are those of every API: a diagnostic of its own or of the service, its logger, and the logs of language models.
func (r reader) logGaps(pipeline logs.Deployed) []string {
	monitor := func(all []apim.Diagnostic) *apim.Diagnostic {
		if i := slices.IndexFunc(all, func(d apim.Diagnostic) bool { return d.ID == apim.DiagnosticAzureMonitor }); i >= 0 {
			return &all[i]
		}
		return nil
	}
	var gaps []string
	loggers := map[string]bool{}
	general := monitor(r.diagnostics("diagnostics"))
	for _, api := range below(r.server, r.service, "apis") {
		d := monitor(r.diagnosticsOf("apis/diagnostics", api.ID))
		if d == nil {
			d = general
		}
		switch {
		case d == nil:
			gaps = append(gaps, fmt.Sprintf("a diagnostic %q of API %q or of the service", apim.DiagnosticAzureMonitor, api.Name))
			continue
		case d.LLM == nil || !d.LLM.Enabled:
			gaps = append(gaps, "largeLanguageModel logs in the diagnostic of API "+api.Name)
		}
		logger := strings.ToLower(d.LoggerID)
		if !pipeline.Logger(logger) && !loggers[logger] {
			loggers[logger] = true
			gaps = append(gaps, fmt.Sprintf("the logger %q that the diagnostic names: nothing declares it", logger))
		}
	}
	return gaps
}

// addresses are where a gateway's calls come from: calls of this machine come without an address.
type addresses struct{ principal, private, public string }

func readAddresses(server *arm.Server) addresses {
	var a addresses
	for _, service := range server.Resources(serviceType) {
		a.principal = body(service).at("identity", "principalId").text()
		a.private = strings.Join(properties(service).at("privateIPAddresses").texts(), ",")
		a.public = strings.Join(properties(service).at("publicIPAddresses").texts(), ",")
	}
	return a
}

// of is the gateway's address in a call that it made, empty in those of others.
func (a addresses) of(r accounts.Request) string {
	if r.Principal == "" || r.Principal != a.principal {
		return ""
	}
	if r.Via == accounts.PrivateEndpoint {
		return a.private
	}
	return a.public
}

// AccountCalls are the calls in the accounts' books, as the accounts log them.
func (p *Plane) AccountCalls() []logs.AccountCall {
	var calls []logs.AccountCall
	gateway := readAddresses(p.options.ARM)
	for _, r := range p.Models.Requests() {
		call := logs.AccountCall{Time: r.At, Account: r.Account, Region: r.Region, Deployment: r.Deployment, Operation: r.Operation,
			ObjectID: r.Principal, Status: r.Status, Stream: r.Stream, RequestSize: len(r.Body),
			CorrelationID: r.ID, APIVersion: r.Version, Duration: r.Took, ResponseSize: r.Written, CallerIP: cmp.Or(r.Caller, gateway.of(r)),
			PromptTokens: r.Usage.Prompt, CompletionTokens: r.Usage.Completion}
		account, _ := p.Models.Account(r.Account)
		if d, ok := account.Deployment(r.Deployment); ok {
			call.Model, call.Version = d.Model, d.Version
			// Reported for provisioned deployments alone (Microsoft Learn: ai-services/openai/monitor-openai-reference).
			if d.Provisioned() && r.Stream {
				call.FirstToken = r.Began
			}
		}
		calls = append(calls, call)
	}
	return calls
}
