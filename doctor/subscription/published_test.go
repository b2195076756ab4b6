//go:build published

package subscription

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v6"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder remembers what a client sends and answers with an empty object.
type recorder struct{ sent []string }

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	r.sent = append(r.sent, req.Method+" "+req.URL.String()+" "+req.Header.Get("Accept")+" "+req.Header.Get("Content-Type")+" "+body)
	return respond(req, http.StatusOK, map[string]any{})
}

// TestRequestsAreThoseOfMicrosoftsClients: the requests of requests.go replace four calls of two modules that are not compiled into the
// command.
func TestRequestsAreThoseOfMicrosoftsClients(t *testing.T) {
	ctx := context.Background()
	ours, theirs := &recorder{}, &recorder{}
	credential := loggedInAs(t, jwt.MapClaims{"oid": me})
	options := func(r *recorder) *arm.ClientOptions {
		return &arm.ClientOptions{ClientOptions: policy.ClientOptions{Transport: r}, DisableRPRegistration: true}
	}
	client, err := arm.NewClient("test", "v1.0.0", credential, options(ours))
	require.NoError(t, err)
	requests := requests{client: client, subscription: subscriptionID}
	require.NoError(t, requests.service(ctx, "a group", "gateway"))
	_, _, err = requests.serviceNameFree(ctx, "gateway")
	require.NoError(t, err)
	_, err = requests.labelFree(ctx, "swedencentral", "a label")
	require.NoError(t, err)
	require.NoError(t, requests.deletedServices(ctx, func(deletedService) {}))

	management, err := armapimanagement.NewClientFactory(subscriptionID, credential, options(theirs))
	require.NoError(t, err)
	network, err := armnetwork.NewManagementClient(subscriptionID, credential, options(theirs))
	require.NoError(t, err)
	_, err = management.NewServiceClient().Get(ctx, "a group", "gateway", nil)
	require.NoError(t, err)
	_, err = management.NewServiceClient().CheckNameAvailability(ctx, armapimanagement.ServiceCheckNameAvailabilityParameters{Name: to.Ptr("gateway")}, nil)
	require.NoError(t, err)
	_, err = network.CheckDNSNameAvailability(ctx, "swedencentral", "a label", nil)
	require.NoError(t, err)
	_, err = management.NewDeletedServicesClient().NewListBySubscriptionPager(nil).NextPage(ctx)
	require.NoError(t, err)

	assert.Equal(t, theirs.sent, ours.sent)
}
