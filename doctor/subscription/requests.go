package subscription

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// API versions of the requests below: those of Microsoft's modules, whose requests a test compares with these.
const (
	managementAPI = "2024-05-01" // armapimanagement v3.0.0
	networkAPI    = "2024-05-01" // armnetwork v6.2.0
)

// requests are calls that are made without Microsoft's client of their API: compiling armapimanagement and armnetwork takes a minute of
// processor time for these four, and Policy Insights has a module of its own for one.
type requests struct {
	client       *arm.Client
	subscription string
}

// deletedService is a gateway that can still be restored.
type deletedService struct {
	Name, Location string
	Properties     struct {
		ScheduledPurgeDate *time.Time `json:"scheduledPurgeDate"`
	}
}

// service reads a gateway. Without one it fails with Azure's 404.
func (r requests) service(ctx context.Context, group, name string) error {
	path := "/resourceGroups/" + url.PathEscape(group) + "/providers/Microsoft.ApiManagement/service/" + url.PathEscape(name)
	_, err := send[json.RawMessage](ctx, r, "ServiceClient.Get", http.MethodGet, r.url(path, managementAPI), nil)
	return err
}

// serviceNameFree reports whether a gateway may have the name, and Azure's reason when not.
func (r requests) serviceNameFree(ctx context.Context, name string) (free bool, reason string, err error) {
	got, err := send[struct {
		NameAvailable bool
		Message       string
	}](ctx, r, "ServiceClient.CheckNameAvailability", http.MethodPost, r.url("/providers/Microsoft.ApiManagement/checkNameAvailability", managementAPI),
		map[string]string{"name": name})
	return got.NameAvailable, got.Message, err
}

// labelFree reports whether a public address in the region may have the DNS label.
func (r requests) labelFree(ctx context.Context, region, label string) (bool, error) {
	address := r.url("/providers/Microsoft.Network/locations/"+url.PathEscape(region)+"/CheckDnsNameAvailability", networkAPI) +
		"&domainNameLabel=" + url.QueryEscape(label)
	got, err := send[struct{ Available bool }](ctx, r, "ManagementClient.CheckDNSNameAvailability", http.MethodGet, address, nil)
	return got.Available, err
}

// deletedServices are the deleted gateways of the subscription, page by page.
func (r requests) deletedServices(ctx context.Context, each func(deletedService)) error {
	for next := r.url("/providers/Microsoft.ApiManagement/deletedservices", managementAPI); next != ""; {
		page, err := send[struct {
			Value    []deletedService
			NextLink string
		}](ctx, r, "DeletedServicesClient.NewListBySubscriptionPager", http.MethodGet, next, nil)
		if err != nil {
			return err
		}
		for _, gone := range page.Value {
			each(gone)
		}
		next = page.NextLink
	}
	return nil
}

// url is the address of a path below the subscription.
func (r requests) url(path, version string) string {
	return runtime.JoinPaths(r.client.Endpoint(), "subscriptions", url.PathEscape(r.subscription), path) + "?api-version=" + version
}

// send makes a request and reads the answer, whose status has to be 200. The operation is what the SDK's traces name it.
func send[T any](ctx context.Context, r requests, operation, method, address string, body any) (T, error) {
	var got T
	ctx = context.WithValue(ctx, runtime.CtxAPINameKey{}, operation)
	req, err := runtime.NewRequest(ctx, method, address)
	if err != nil {
		return got, err
	}
	req.Raw().Header.Set("Accept", "application/json")
	if body != nil {
		if err := runtime.MarshalAsJSON(req, body); err != nil {
			return got, err
		}
	}
	res, err := r.client.Pipeline().Do(req)
	if err != nil {
		return got, err
	}
	defer func() { _ = res.Body.Close() }()
	if !runtime.HasStatusCode(res, http.StatusOK) {
		return got, runtime.NewResponseError(res)
	}
	return got, runtime.UnmarshalAsJSON(res, &got)
}
