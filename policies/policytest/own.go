package policytest

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/document"
)

// gatewayHost is the host name of a gateway with documents of one's own.
const gatewayHost = "gateway.test"

// A member of a pool has priority 1 and weight 1 unless it says otherwise.
const (
	defaultPriority = 1
	defaultWeight   = 1
)

// messageBytes is how much of a message is logged.
const messageBytes = 8192

// diagnostics are those of an API with documents of one's own.
func diagnostics() []apim.Diagnostic {
	return []apim.Diagnostic{
		{
			ID: apim.DiagnosticAzureMonitor, LoggerID: "logs", Verbosity: "information",
			LLM: &apim.LLMLog{Enabled: true, RequestBytes: messageBytes, ResponseBytes: messageBytes},
		},
		{ID: apim.DiagnosticApplicationInsights, LoggerID: "insights", Verbosity: "information", Metrics: true},
	}
}

// ownAPI is the id of the one API of one's own documents.
const ownAPI = "api"

// configuration is a gateway that runs documents by name; names have the form api.xml, fragments/x.xml.
func (o Own) configuration(documents map[string]string) (apim.Configuration, error) {
	cfg := apim.Configuration{
		Service: apim.Service{Name: "gateway", HostName: gatewayHost, SKU: "Developer", TenantID: TenantID, Region: "Sweden Central"},
		Loggers: []apim.Logger{{ID: "logs", Type: "azureMonitor"}, {ID: "insights", Type: "applicationInsights"}},
		Policy:  ownDocument(documents, "global.xml"),
	}
	api := apim.API{
		ID: ownAPI, Name: ownAPI, Path: o.Path, Protocols: []string{"https"}, ServiceURL: o.ServiceURL,
		SubscriptionRequired: o.KeyRequired, KeyParameter: apim.KeyParameter{Header: o.KeyHeader},
		Policy: ownDocument(documents, "api.xml"), Diagnostics: diagnostics(),
	}
	for _, op := range o.Operations {
		id := or(op.ID, "operation")
		api.Operations = append(api.Operations, apim.Operation{
			ID: id, Name: id, Method: or(op.Method, http.MethodPost), URLTemplate: op.Template,
		})
	}
	if len(o.Operations) == 0 {
		api.Operations = []apim.Operation{{ID: "any", Name: "any", Method: "*", URLTemplate: "/*"}}
	}
	cfg.APIs = []apim.API{api}
	cfg.Products = []apim.Product{{
		ID: "product", Name: "product", Published: true, SubscriptionRequired: true, APIs: []string{ownAPI},
		Policy: ownDocument(documents, "product.xml"),
	}}
	for _, team := range []string{"red", "blue"} {
		cfg.Subscriptions = append(cfg.Subscriptions, apim.Subscription{
			ID: team, Name: team, Scope: "/products/product", State: "active", PrimaryKey: Key(team),
		})
	}
	for _, name := range sortedKeys(o.NamedValues) {
		cfg.NamedValues = append(cfg.NamedValues, apim.NamedValue{ID: name, Name: name, Value: o.NamedValues[name]})
	}
	for _, name := range sortedKeys(documents) {
		if id, ok := strings.CutPrefix(name, "fragments/"); ok && strings.HasSuffix(id, ".xml") {
			cfg.Fragments = append(cfg.Fragments, apim.Fragment{ID: strings.TrimSuffix(id, ".xml"), Policy: *ownDocument(documents, name)})
		}
	}
	var problems []error
	for _, name := range sortedKeys(o.Backends) {
		b, err := o.Backends[name].backend(name)
		problems = append(problems, err)
		cfg.Backends = append(cfg.Backends, b)
	}
	if cfg.APIs[0].Policy == nil && cfg.Policy == nil {
		problems = append(problems, errors.New("there is neither an api.xml nor a global.xml to run"))
	}
	return cfg, errors.Join(problems...)
}

func ownDocument(documents map[string]string, name string) *apim.Policy {
	text, ok := documents[name]
	if !ok {
		return nil
	}
	return &apim.Policy{File: name, Format: document.Detect, Text: text}
}

func (b Backend) backend(id string) (apim.Backend, error) {
	out := apim.Backend{ID: id, URL: b.URL}
	for _, m := range b.Pool {
		member := apim.PoolMember{ID: m.Account, Priority: or(m.Priority, defaultPriority), Weight: or(m.Weight, defaultWeight)}
		out.Pool = append(out.Pool, member)
	}
	if b.Breaker == nil {
		return out, nil
	}
	statuses, err := ranges(b.Breaker.Statuses)
	out.Breaker = &apim.BreakerRule{
		Name: id, Count: b.Breaker.Count, Interval: b.Breaker.Interval, Trip: b.Breaker.Trip,
		AcceptRetryAfter: b.Breaker.AcceptRetryAfter, StatusCodes: statuses,
	}
	if err != nil {
		return out, fmt.Errorf("backend %s: %w", id, err)
	}
	return out, nil
}

// ranges reads single codes and ranges.
func ranges(texts []string) ([]apim.StatusRange, error) {
	var out []apim.StatusRange
	var problems []error
	for _, text := range texts {
		from, to, ranged := strings.Cut(text, "-")
		if !ranged {
			to = from
		}
		low, err1 := strconv.Atoi(from)
		high, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil {
			problems = append(problems, fmt.Errorf("breaker status %q is neither a code nor a range such as 500-599", text))
		}
		out = append(out, apim.StatusRange{Min: low, Max: high})
	}
	return out, errors.Join(problems...)
}

// documents are those of the archive, or those of the folder that the case names.
func (c *Case) documents() (map[string]string, error) {
	if c.script.Own.Documents == "" {
		return c.files, nil
	}
	root := filepath.Join(filepath.Dir(c.File), c.script.Own.Documents)
	out := map[string]string{}
	err := filepath.WalkDir(root, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".xml" {
			return err
		}
		text, err := os.ReadFile(file) //nolint:gosec // the folder is the one of the case
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: documents: %w", c.place("own", "documents"), err)
	}
	return out, nil
}
