package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const networkProvider = "/subscriptions/" + testSubscription + "/providers/Microsoft.Network"

// unregisteredAzure refuses networks until somebody has registered their provider, which takes two questions.
func unregisteredAzure(f *fixture, registration *http.Response) {
	asked := 0
	f.azure.answer = func(method, path string, attempt int) *http.Response {
		switch {
		case method == http.MethodPost && path == networkProvider+"/register":
			return registration
		case method == http.MethodGet && path == networkProvider:
			asked++
			if asked < 3 {
				return answer(http.StatusOK, props{"registrationState": "Registering"})
			}
			return answer(http.StatusOK, props{"registrationState": "Registered"})
		case method == http.MethodPut && attempt == 1:
			return refuse(http.StatusConflict, "MissingSubscriptionRegistration", "not registered")
		}
		return nil
	}
}

func TestAMissingResourceProviderIsRegisteredAndTheRequestSentAgain(t *testing.T) {
	f := newFixture(t)
	unregisteredAzure(f, answer(http.StatusOK, props{"registrationState": "Registering"}))
	_, outputs, err := f.create(vnetToken, props{"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "l"})
	assert.NoError(t, err)
	assert.Equal(t, "l", outputs["location"], "the body was sent again")
	assert.Equal(t, 1, f.azure.count("POST "+networkProvider+"/register?api-version="+providersVersion))
	assert.Equal(t, []time.Duration{registrationInterval, registrationInterval}, f.waited)
}

func TestWhoeverMayNotRegisterIsToldWhichRightIsMissing(t *testing.T) {
	f := newFixture(t)
	unregisteredAzure(f, refuse(http.StatusForbidden, "AuthorizationFailed",
		"does not have authorization to perform action 'Microsoft.Network/register/action'"))
	_, _, err := f.create(vnetToken, props{"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "l"})
	assert.ErrorContains(t, err, "Microsoft.Network/register/action")
	assert.Equal(t, 1, f.azure.count("PUT"))
}

func TestAProviderThatIsNeverRegisteredEndsTheRequest(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, path string, _ int) *http.Response {
		switch {
		case strings.Contains(path, networkProvider) && !strings.Contains(path, "resourceGroups"):
			return answer(http.StatusOK, props{"registrationState": "Registered"})
		case method == http.MethodPut:
			return refuse(http.StatusConflict, "MissingSubscriptionRegistration", "not registered")
		}
		return nil
	}
	_, _, err := f.create(vnetToken, props{"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "l"})
	assert.ErrorContains(t, err, "exceeded attempts to register Microsoft.Network")
	assert.Equal(t, registrationAttempts, f.azure.count("PUT"))
}
