package subscription

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"enterprise-openai/doctor"
)

// policyAPI is the api-version of Policy Insights (azure-rest-api-specs policyinsights/stable/2022-03-01, checkPolicyRestrictions.json).
const policyAPI = "2022-03-01"

// checkPolicies names the question in the SDK's way, for its tracing and for tests.
const checkPolicies = "PolicyRestrictionsClient.CheckAtSubscriptionScope"

// content is a resource as Azure Policy judges it before it exists.
type content struct {
	Type       string            `json:"type"`
	Name       string            `json:"name"`
	Location   string            `json:"location"`
	Kind       string            `json:"kind,omitempty"`
	SKU        map[string]any    `json:"sku,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties map[string]any    `json:"properties,omitempty"`
}

// restrictions are the answer; what is compliant is not in it.
type restrictions struct {
	Evaluation struct {
		Policies []struct {
			Info struct {
				Assignment string `json:"policyAssignmentId"`
				Definition string `json:"policyDefinitionId"`
			} `json:"policyInfo"`
			Result string `json:"evaluationResult"`
		} `json:"policyEvaluations"`
	} `json:"contentEvaluationResult"`
}

// checkPolicies queries what Azure Policy would deny of the accounts and the gateway, the two resources that companies have policies for.
func (q *inquiry) checkPolicies(ctx context.Context) {
	s := q.environment.Settings
	names := s.Names(q.options.ID, q.environment.Project, q.environment.Stack)
	for i, a := range s.Accounts {
		if !q.askPolicy(ctx, fmt.Sprintf("accounts[%d]", i), content{
			Type: "Microsoft.CognitiveServices/accounts", Name: names.Account(a.Name), Location: a.Location, Kind: "OpenAI", Tags: s.Tags,
			SKU: map[string]any{"name": "S0"},
			Properties: map[string]any{
				"customSubDomainName": names.Account(a.Name), "publicNetworkAccess": "Disabled", "disableLocalAuth": true,
				"networkAcls": map[string]any{"defaultAction": "Deny"},
			},
		}, "2024-10-01") {
			return
		}
	}
	q.askPolicy(ctx, "gateway", content{
		Type: "Microsoft.ApiManagement/service", Name: names.Gateway(), Location: s.Location, Tags: s.Tags,
		SKU: map[string]any{"name": s.Gateway.SKU, "capacity": s.Gateway.Units},
	}, "2024-05-01")
}

// askPolicy reports whether the next question is worth asking.
func (q *inquiry) askPolicy(ctx context.Context, path string, c content, api string) bool {
	got, err := once(ctx, q, func(ctx context.Context) (restrictions, error) { return q.restricted(ctx, c, api) })
	if err != nil {
		q.blind("What Azure Policy denies", "Microsoft.PolicyInsights/checkPolicyRestrictions/read", err)
		return false
	}
	for _, p := range got.Evaluation.Policies {
		if p.Result == "NonCompliant" {
			q.find(policyCheck, doctor.Error, fmt.Sprintf("Azure Policy denies %s: assignment %s", c.Name, last(p.Info.Assignment)),
				"ask the owner of the assignment for an exemption, or change the setting that definition "+last(p.Info.Definition)+" objects to", path)
		}
	}
	return true
}

func (q *inquiry) restricted(ctx context.Context, c content, api string) (restrictions, error) {
	return send[restrictions](ctx, q.requests, checkPolicies, http.MethodPost,
		q.requests.url("/providers/Microsoft.PolicyInsights/checkPolicyRestrictions", policyAPI),
		map[string]any{"resourceDetails": map[string]any{"resourceContent": c, "apiVersion": api}})
}

// last is the last part of an id.
func last(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
