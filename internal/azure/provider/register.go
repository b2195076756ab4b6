package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// What Azure's Go pipeline does about a resource provider that the subscription has not registered (azcore
// arm/runtime/policy_register_rp.go): it registers it, asks every fifteen seconds for at most five minutes, and sends the request again,
// three times at the most. The deployer needs the right to */register/action.
const (
	providersVersion     = "2019-05-01"
	registrationInterval = 15 * time.Second
	registrationLimit    = 5 * time.Minute
	registrationAttempts = 3
	registered           = "Registered"
)

// unregistered are the codes of a 409 that mean it.
var unregistered = []string{
	"MissingSubscriptionRegistration", "MissingRegistrationForResourceProvider", "Subscription Not Registered", "SubscriptionNotRegistered",
}

// registrar is the pipeline's registration policy.
type registrar struct {
	// pipeline sends what a registration takes.
	pipeline runtime.Pipeline
	wait     func(context.Context, time.Duration) error
}

// Do sends a request, and again after a registration.
func (r registrar) Do(req *policy.Request) (*http.Response, error) {
	namespace := ""
	for range registrationAttempts {
		if err := req.RewindBody(); err != nil {
			return nil, err
		}
		resp, err := req.Clone(req.Raw().Context()).Next()
		if err != nil || !wantsRegistration(resp) {
			return resp, err
		}
		id, err := arm.ParseResourceID(req.Raw().URL.Path)
		if err != nil {
			return resp, nil //nolint:nilerr // not a resource's: the caller gets Azure's refusal
		}
		namespace = id.ResourceType.Namespace
		if err := r.register(req.Raw().Context(), "/subscriptions/"+id.SubscriptionID+"/providers/"+namespace); err != nil {
			return nil, err
		}
		runtime.Drain(resp)
	}
	return nil, fmt.Errorf("exceeded attempts to register %s", namespace)
}

func wantsRegistration(resp *http.Response) bool {
	if resp.StatusCode != http.StatusConflict {
		return false
	}
	var full *azcore.ResponseError
	return errors.As(runtime.NewResponseError(resp), &full) &&
		slices.ContainsFunc(unregistered, func(code string) bool { return strings.EqualFold(code, full.ErrorCode) })
}

// register asks for a registration and waits for its end.
func (r registrar) register(ctx context.Context, path string) error {
	if _, err := r.ask(ctx, http.MethodPost, path+"/register"); err != nil {
		return err
	}
	for waited := time.Duration(0); ; waited += registrationInterval {
		state, err := r.ask(ctx, http.MethodGet, path)
		if err != nil || strings.EqualFold(state, registered) {
			return err
		}
		if waited >= registrationLimit {
			return context.DeadlineExceeded
		}
		if err := r.wait(ctx, registrationInterval); err != nil {
			return err
		}
	}
}

// ask returns the registration's state. Azure's refusal is the error of the whole request: it names the right that is missing.
func (r registrar) ask(ctx context.Context, method, path string) (string, error) {
	req, err := runtime.NewRequest(ctx, method, armHost+path)
	if err != nil {
		return "", fmt.Errorf("registration %s: %w", path, err)
	}
	req.Raw().URL.RawQuery = version(providersVersion).Encode()
	resp, err := r.pipeline.Do(req) //nolint:bodyclose // decode and responseError close it
	if err != nil {
		return "", err
	}
	if !runtime.HasStatusCode(resp, http.StatusOK) {
		return "", responseError(resp)
	}
	answer, err := decode(resp)
	state, _ := answer["registrationState"].(string)
	return state, err
}
