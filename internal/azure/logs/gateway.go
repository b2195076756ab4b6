package logs

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/apim"
)

// Limits of a gateway log entry (Microsoft Learn: api-management/api-management-howto-use-azure-monitor).
const (
	// maxBody is the most that is kept of one body.
	maxBody = 8192
	// maxEntry is the size above which an entry loses its bodies and traces, and above which it is dropped if that is not enough.
	maxEntry = 32 << 10
)

// bodyColumns and what else an entry that is too large loses.
var bodyColumns = []string{"RequestBody", "ResponseBody", "BackendRequestBody", "BackendResponseBody"}

const traceColumn = "TraceRecords"

// gatewayRow writes the one row of a call.
func (s *Store) gatewayRow(r *apim.CallRecord) {
	if lacks := missing(s.options.Pipeline, CategoryGateway, r.AzureMonitor, r.APIID); len(lacks) > 0 {
		s.lack(lacks)
		return
	}
	if !sampled(r.AzureMonitor, r) {
		return
	}
	row := gatewayRow(r)
	row["WorkspaceId"] = s.options.WorkspaceID
	if !fit(row) {
		s.dropped["gateway log entry above 32 KB even without bodies and traces"]++
		return
	}
	if s.options.Pipeline.Setting("", CategoryGateway).Dedicated {
		s.write(GatewayLogs, s.options.ServiceID, row)
		return
	}
	s.write(Diagnostics, s.options.ServiceID, s.undedicated(CategoryGateway, row))
}

func (s *Store) lack(reasons []string) {
	for _, reason := range reasons {
		s.missing[reason]++
	}
}

// fit takes bodies and traces out of an entry that is too large, and says whether the rest is small enough.
func fit(row Row) bool {
	if size(row) <= maxEntry {
		return true
	}
	for _, column := range bodyColumns {
		row[column] = ""
	}
	row[traceColumn] = nil
	return size(row) <= maxEntry
}

// size is how many bytes a row has as JSON.
func size(row Row) int {
	text, err := json.Marshal(row)
	if err != nil {
		return 0
	}
	return len(text)
}

func gatewayRow(r *apim.CallRecord) Row {
	row := Row{
		"TimeGenerated": stamp(r.Time), "Timestamp": stamp(r.Time), "Category": CategoryGateway,
		"CorrelationId": r.CorrelationID, "Region": r.Region,
		"ApiId": r.APIID, "ApiRevision": r.APIRevision, "OperationId": r.OperationID, "OperationName": r.OperationName,
		"ProductId": r.ProductID, "ApimSubscriptionId": r.SubscriptionID, "UserId": r.UserID,
		"Method": r.Method, "Url": secured(r.URL), "ClientProtocol": r.ClientProtocol, "ClientTlsVersion": cmp.Or(r.ClientTLS, rehearsedTLS),
		"ResponseCode": r.ResponseCode, "RequestSize": r.RequestSize, "ResponseSize": r.ResponseSize,
		"IsRequestSuccess": r.IsSuccess, "Cache": r.Cache,
		"TotalTime": milliseconds(r.TotalTime), "BackendTime": milliseconds(r.BackendTime), "ClientTime": milliseconds(r.ClientTime),
		"CacheTime":     milliseconds(r.CacheTime),
		"IsMasterTrace": false, "IsTraceAllowed": false, "IsTraceExpired": false, "IsTraceRequested": false,
		"RequestBody": cut(r.RequestBody), "ResponseBody": cut(r.ResponseBody),
		"BackendRequestBody": cut(r.BackendRequestBody), "BackendResponseBody": cut(r.BackendResponseBody),
		"RequestHeaders": headers(r.RequestHeaders), "ResponseHeaders": headers(r.ResponseHeaders),
		"BackendRequestHeaders": headers(r.BackendRequestHeaders), "BackendResponseHeaders": headers(r.BackendResponseHeaders),
		traceColumn: traces(r.Traces, r.AzureMonitor.Verbosity), "Errors": failures(r.Errors),
	}
	if r.AzureMonitor.LogClientIP {
		row["CallerIpAddress"] = r.CallerIP
	}
	if n := len(r.Attempts); n > 0 {
		// Only the last attempt is in the row; the ones before live on as traces.
		last := r.Attempts[n-1]
		row["BackendId"], row["BackendMethod"], row["BackendUrl"], row["BackendProtocol"] = loggedBackend(last), last.Method, last.URL, last.Protocol
		if last.Status != 0 {
			row["BackendResponseCode"] = last.Status
		}
	}
	if e := r.LastError; e != nil {
		row["LastErrorReason"], row["LastErrorMessage"], row["LastErrorSource"] = e.Reason, e.Message, e.Source
		row["LastErrorScope"], row["LastErrorSection"] = e.Scope, e.Section
		row["LastErrorElapsed"] = milliseconds(r.TotalTime)
	}
	return row
}

// rowsNameMembers says that BackendId is the member of a pool that was called last, and not the pool that a policy named.
//
// [M] Microsoft Learn, api-management/gateway-log-schema-reference: "Backend entity identifier for current request", which may be either.
// Costs by deployment type rest on it; docs/operations.md, "Chargeback", says what to do if rows name pools.
const rowsNameMembers = true

func loggedBackend(a apim.Attempt) string {
	if !rowsNameMembers && a.PoolID != "" {
		return a.PoolID
	}
	return a.BackendID
}

// rehearsedTLS stands for a connection without TLS, which callers on this machine may have and Azure's gateway does not offer.
// [M] unverified: how Azure writes the version.
const rehearsedTLS = "1.3"

// secured is a URL as Azure's gateway, which is reached by HTTPS alone, would log it.
func secured(url string) string {
	if rest, plain := strings.CutPrefix(url, "http://"); plain {
		return "https://" + rest
	}
	return url
}

// stamp is a time as the tables have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func milliseconds(d time.Duration) int64 { return d.Milliseconds() }

// cut keeps the beginning of a body, without half a character at its end.
func cut(body string) string { return head(body, maxBody) }

func headers(h http.Header) any {
	if len(h) == 0 {
		return nil
	}
	out := map[string]any{}
	for name := range h {
		out[name] = h[name][0]
	}
	return out
}

// verbosities by how much they let through.
var verbosities = map[string]int{"error": 0, "information": 1, "verbose": 2}

// traces keeps what the diagnostic's verbosity lets through; information is what Azure takes when it says nothing.
func traces(records []apim.TraceRecord, verbosity string) any {
	limit, known := verbosities[verbosity]
	if !known {
		limit = verbosities["information"]
	}
	var out []any
	for _, t := range records {
		if verbosities[t.Severity] > limit {
			continue
		}
		record := map[string]any{"source": t.Source, "message": t.Message, "severity": t.Severity, "elapsed": milliseconds(t.Elapsed)}
		if len(t.Metadata) > 0 {
			record["metadata"] = t.Metadata
		}
		out = append(out, record)
	}
	if out == nil {
		return nil
	}
	return out
}

func failures(errors []apim.LastError) any {
	if len(errors) == 0 {
		return nil
	}
	out := make([]any, len(errors))
	for i, e := range errors {
		out[i] = map[string]any{"source": e.Source, "reason": e.Reason, "message": e.Message, "section": e.Section, "scope": e.Scope}
	}
	return out
}
