package subscription

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	fakeauthorization "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	fakecognitive "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	fakeresources "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources/fake"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// The subscription and the identity that deploys to it.
const (
	subscriptionID = "11111111-2222-3333-4444-555555555555"
	me             = "99999999-8888-7777-6666-555555555555"
)

// azure is a subscription, answered by Microsoft's own fake servers. The zero value of a field is an answer too: nothing is
// deployed, nothing is deleted, no name is taken.
type azure struct {
	gateway  bool
	accounts map[string][]*armcognitiveservices.Deployment // by account name
	models   map[string][]*armcognitiveservices.Model      // by region
	usages   map[string][]*armcognitiveservices.Usage      // by region
	machines []*armcognitiveservices.ModelCapacityListResultValueItem

	deletedAccounts []*armcognitiveservices.Account
	deletedServices []map[string]any
	taken           map[string]string // name → what Azure says about it
	providers       map[string]string // namespace → state
	assignments     []*armauthorization.RoleAssignment
	roles           map[string]*armauthorization.RoleDefinitionProperties // by definition id

	denials map[string]string // name → the assignment that denies it

	// failures replace the answer to calls of a method of the SDK, as in UsagesClient.NewListPager.
	failures map[string]*failure

	mu    sync.Mutex
	calls []string // METHOD API

	once                                    sync.Once
	resources, assigned, defined, cognitive policy.Transporter
}

// failure is an answer that is no answer.
type failure struct {
	status int
	code   string
	header http.Header
	// times is how often; 0 is always.
	times int
	// hangs waits for the caller to lose its patience.
	hangs bool
	// only restricts it to URLs with this text.
	only string
}

// Do routes a call to the fake server of its API.
func (a *azure) Do(req *http.Request) (*http.Response, error) {
	api, _ := req.Context().Value(runtime.CtxAPINameKey{}).(string)
	a.mu.Lock()
	a.calls = append(a.calls, req.Method+" "+api)
	f := a.failures[api]
	if f != nil && !strings.Contains(req.URL.Path, f.only) {
		f = nil
	}
	if f != nil && f.times > 0 {
		if f.times--; f.times == 0 {
			delete(a.failures, api)
		}
	}
	a.mu.Unlock()
	switch {
	case f != nil && f.hangs:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case f != nil:
		body := fmt.Sprintf(`{"error":{"code":%q,"message":"no"}}`, f.code)
		header := http.Header{"Content-Type": {"application/json"}}
		for k, v := range f.header {
			header[k] = v
		}
		return &http.Response{StatusCode: f.status, Header: header, Body: io.NopCloser(bytes.NewBufferString(body)), Request: req}, nil
	}
	if answer := a.plain()[api]; answer != nil {
		return answer(req)
	}
	return a.server(api).Do(req)
}

// plain are the answers to the requests that are made without a client of Microsoft's.
func (a *azure) plain() map[string]func(*http.Request) (*http.Response, error) {
	return map[string]func(*http.Request) (*http.Response, error){
		checkPolicies: a.judge,
		"ServiceClient.Get": func(req *http.Request) (*http.Response, error) {
			if !a.gateway {
				return respond(req, http.StatusNotFound, map[string]any{"error": map[string]string{"code": "ResourceNotFound"}})
			}
			return respond(req, http.StatusOK, map[string]any{})
		},
		"ServiceClient.CheckNameAvailability": func(req *http.Request) (*http.Response, error) {
			var requested struct{ Name string }
			if err := json.NewDecoder(req.Body).Decode(&requested); err != nil {
				return nil, err
			}
			why, taken := a.taken[requested.Name]
			return respond(req, http.StatusOK, map[string]any{"nameAvailable": !taken, "message": why})
		},
		"ManagementClient.CheckDNSNameAvailability": func(req *http.Request) (*http.Response, error) {
			_, taken := a.taken["label "+req.URL.Query().Get("domainNameLabel")]
			return respond(req, http.StatusOK, map[string]any{"available": !taken})
		},
		"DeletedServicesClient.NewListBySubscriptionPager": a.goneServices,
	}
}

// goneServices gives every deleted gateway a page of its own.
func (a *azure) goneServices(req *http.Request) (*http.Response, error) {
	page := map[string]any{"value": []any{}}
	i, _ := strconv.Atoi(req.URL.Query().Get("page"))
	if i < len(a.deletedServices) {
		page["value"] = a.deletedServices[i : i+1]
	}
	if i+1 < len(a.deletedServices) {
		next := *req.URL
		next.RawQuery += "&page=" + strconv.Itoa(i+1)
		page["nextLink"] = next.String()
	}
	return respond(req, http.StatusOK, page)
}

func respond(req *http.Request, status int, body any) (*http.Response, error) {
	text, err := json.Marshal(body)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(text)), Request: req}, err
}

// judge answers as Policy Insights does.
func (a *azure) judge(req *http.Request) (*http.Response, error) {
	var requested struct {
		ResourceDetails struct {
			ResourceContent content
			APIVersion      string
		}
	}
	if err := json.NewDecoder(req.Body).Decode(&requested); err != nil {
		return nil, err
	}
	evaluations := []map[string]any{}
	if assignment := a.denials[requested.ResourceDetails.ResourceContent.Name]; assignment != "" {
		evaluations = append(evaluations, map[string]any{
			"policyInfo":       map[string]string{"policyAssignmentId": "/subscriptions/x/policyAssignments/" + assignment, "policyDefinitionId": "/policyDefinitions/allowed-locations"},
			"evaluationResult": "NonCompliant", "effectDetails": map[string]string{"policyEffect": "Deny"},
		})
	}
	return respond(req, http.StatusOK, map[string]any{"fieldRestrictions": []any{}, "contentEvaluationResult": map[string]any{"policyEvaluations": evaluations}})
}

// server is the fake of an API. Each is made once: it remembers which page comes next.
func (a *azure) server(api string) policy.Transporter {
	a.once.Do(a.makeServers)
	switch {
	case strings.HasPrefix(api, "ProvidersClient."):
		return a.resources
	case strings.HasPrefix(api, "RoleAssignmentsClient."):
		return a.assigned
	case strings.HasPrefix(api, "RoleDefinitionsClient."):
		return a.defined
	default:
		return a.cognitive
	}
}

func (a *azure) makeServers() {
	a.resources = fakeresources.NewProvidersServerTransport(&fakeresources.ProvidersServer{Get: a.provider})
	a.assigned = fakeauthorization.NewRoleAssignmentsServerTransport(&fakeauthorization.RoleAssignmentsServer{NewListForScopePager: a.roleAssignments})
	a.defined = fakeauthorization.NewRoleDefinitionsServerTransport(&fakeauthorization.RoleDefinitionsServer{GetByID: a.role})
	a.cognitive = fakecognitive.NewServerFactoryTransport(&fakecognitive.ServerFactory{
		AccountsServer:        fakecognitive.AccountsServer{Get: a.account},
		DeploymentsServer:     fakecognitive.DeploymentsServer{NewListPager: a.deployments},
		ModelsServer:          fakecognitive.ModelsServer{NewListPager: a.offered},
		UsagesServer:          fakecognitive.UsagesServer{NewListPager: a.used},
		ModelCapacitiesServer: fakecognitive.ModelCapacitiesServer{NewListPager: a.capacities},
		DeletedAccountsServer: fakecognitive.DeletedAccountsServer{NewListPager: a.goneAccounts},
		ManagementServer:      fakecognitive.ManagementServer{CheckDomainAvailability: a.subdomain},
	})
}

func answered[T any](v T) (r azfake.Responder[T], e azfake.ErrorResponder) {
	r.SetResponse(http.StatusOK, v, nil)
	return r, e
}

func notFound[T any]() (r azfake.Responder[T], e azfake.ErrorResponder) {
	e.SetResponseError(http.StatusNotFound, "ResourceNotFound")
	return r, e
}

func page[T any](v T) (p azfake.PagerResponder[T]) {
	p.AddPage(http.StatusOK, v, nil)
	return p
}

func (a *azure) provider(_ context.Context, namespace string, _ *armresources.ProvidersClientGetOptions) (r azfake.Responder[armresources.ProvidersClientGetResponse], e azfake.ErrorResponder) {
	state := a.providers[namespace]
	if state == "" {
		state = "Registered"
	}
	return answered(armresources.ProvidersClientGetResponse{Provider: armresources.Provider{Namespace: &namespace, RegistrationState: &state}})
}

func (a *azure) roleAssignments(string, *armauthorization.RoleAssignmentsClientListForScopeOptions) azfake.PagerResponder[armauthorization.RoleAssignmentsClientListForScopeResponse] {
	return page(armauthorization.RoleAssignmentsClientListForScopeResponse{RoleAssignmentListResult: armauthorization.RoleAssignmentListResult{Value: a.assignments}})
}

func (a *azure) role(_ context.Context, id string, _ *armauthorization.RoleDefinitionsClientGetByIDOptions) (azfake.Responder[armauthorization.RoleDefinitionsClientGetByIDResponse], azfake.ErrorResponder) {
	for known, role := range a.roles {
		if strings.EqualFold(strings.Trim(known, "/"), strings.Trim(id, "/")) {
			return answered(armauthorization.RoleDefinitionsClientGetByIDResponse{RoleDefinition: armauthorization.RoleDefinition{Properties: role}})
		}
	}
	return notFound[armauthorization.RoleDefinitionsClientGetByIDResponse]()
}

func (a *azure) account(_ context.Context, _, name string, _ *armcognitiveservices.AccountsClientGetOptions) (azfake.Responder[armcognitiveservices.AccountsClientGetResponse], azfake.ErrorResponder) {
	if _, there := a.accounts[name]; !there {
		return notFound[armcognitiveservices.AccountsClientGetResponse]()
	}
	return answered(armcognitiveservices.AccountsClientGetResponse{Account: armcognitiveservices.Account{Name: &name}})
}

func (a *azure) deployments(_, account string, _ *armcognitiveservices.DeploymentsClientListOptions) azfake.PagerResponder[armcognitiveservices.DeploymentsClientListResponse] {
	return page(armcognitiveservices.DeploymentsClientListResponse{DeploymentListResult: armcognitiveservices.DeploymentListResult{Value: a.accounts[account]}})
}

func (a *azure) offered(region string, _ *armcognitiveservices.ModelsClientListOptions) azfake.PagerResponder[armcognitiveservices.ModelsClientListResponse] {
	return page(armcognitiveservices.ModelsClientListResponse{ModelListResult: armcognitiveservices.ModelListResult{Value: a.models[region]}})
}

// used gives every usage a page of its own.
func (a *azure) used(region string, _ *armcognitiveservices.UsagesClientListOptions) (p azfake.PagerResponder[armcognitiveservices.UsagesClientListResponse]) {
	for _, u := range a.usages[region] {
		p.AddPage(http.StatusOK, armcognitiveservices.UsagesClientListResponse{UsageListResult: armcognitiveservices.UsageListResult{Value: []*armcognitiveservices.Usage{u}}}, nil)
	}
	return p
}

func (a *azure) capacities(_, _, _ string, _ *armcognitiveservices.ModelCapacitiesClientListOptions) azfake.PagerResponder[armcognitiveservices.ModelCapacitiesClientListResponse] {
	return page(armcognitiveservices.ModelCapacitiesClientListResponse{ModelCapacityListResult: armcognitiveservices.ModelCapacityListResult{Value: a.machines}})
}

func (a *azure) goneAccounts(*armcognitiveservices.DeletedAccountsClientListOptions) azfake.PagerResponder[armcognitiveservices.DeletedAccountsClientListResponse] {
	return page(armcognitiveservices.DeletedAccountsClientListResponse{AccountListResult: armcognitiveservices.AccountListResult{Value: a.deletedAccounts}})
}

func (a *azure) subdomain(_ context.Context, p armcognitiveservices.CheckDomainAvailabilityParameter, _ *armcognitiveservices.ManagementClientCheckDomainAvailabilityOptions) (azfake.Responder[armcognitiveservices.ManagementClientCheckDomainAvailabilityResponse], azfake.ErrorResponder) {
	why, taken := a.taken[*p.SubdomainName]
	return answered(armcognitiveservices.ManagementClientCheckDomainAvailabilityResponse{DomainAvailability: armcognitiveservices.DomainAvailability{IsSubdomainAvailable: to.Ptr(!taken), Reason: &why}})
}

// login is a credential that is always good.
type login struct{ token string }

func (l login) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: l.token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func loggedInAs(t *testing.T, claims jwt.MapClaims) login {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("a test's"))
	require.NoError(t, err)
	return login{token}
}
