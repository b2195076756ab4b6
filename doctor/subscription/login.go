package subscription

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"enterprise-openai/doctor"
)

// Login is the credential of this machine: the variables AZURE_…, a workload or managed identity, or az login, the first that
// works (Microsoft Learn: azure/developer/go/sdk/authentication/credential-chains, DefaultAzureCredential).
func Login() (azcore.TokenCredential, error) {
	return azidentity.NewDefaultAzureCredential(nil)
}

// ErrNoSubscription is the error when no subscription is configured.
var ErrNoSubscription = errors.New("no subscription is chosen")

// ThisMachine queries the subscription that pulumi up would use, as the identity that is logged in. Without a login or a subscription, the
// answer is what to do about it.
func ThisMachine(ctx context.Context, e *doctor.Environment, named string) (doctor.Answer, error) {
	id, err := Find(ctx, named, e.Subscription)
	if err != nil {
		return notQueried(err.Error(), "run az login; choose with --subscription ID, ARM_SUBSCRIPTION_ID, or az account set --subscription NAME"), nil
	}
	credential, err := Login()
	if err != nil {
		return doctor.Answer{}, err
	}
	return Ask(ctx, e, Options{ID: id, Credential: credential})
}

// Find is the id of the subscription that pulumi up would use: the one that is named, the environment's, or that of az
// (Pulumi: registry/packages/azure-native/installation-configuration). The configured one is the stack's
// azure-native:subscriptionId.
func Find(ctx context.Context, named, configured string) (string, error) {
	for _, id := range []string{named, configured, os.Getenv("ARM_SUBSCRIPTION_ID"), os.Getenv("AZURE_SUBSCRIPTION_ID")} {
		if id != "" {
			return id, nil
		}
	}
	out, err := exec.CommandContext(ctx, "az", "account", "show", "--query", "id", "--output", "tsv").Output()
	if id := strings.TrimSpace(string(out)); err == nil && id != "" {
		return id, nil
	}
	return "", ErrNoSubscription
}

// loggedIn gets a token before anything else, so that a missing login is reported once and not by every check.
func (q *inquiry) loggedIn(ctx context.Context) (token string, ok bool) {
	scope := cloud.AzurePublic.Services[cloud.ResourceManager].Audience + "/.default"
	got, err := once(ctx, q, func(ctx context.Context) (azcore.AccessToken, error) {
		return q.options.Credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
	})
	if err == nil {
		return got.Token, true
	}
	q.answer = notQueried("nobody is logged in on this machine, or the login has expired ("+firstReason(err)+")",
		"run az login, with --tenant for a directory that is not your default; a pipeline sets AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
	return "", false
}

// notQueried is the answer when Azure could not be queried at all.
func notQueried(why, remedy string) doctor.Answer {
	return doctor.Answer{Findings: []doctor.Finding{{
		Check: loginCheck, Severity: doctor.Error, Settings: []doctor.Place{{}}, Message: "Azure was not queried: " + why, Remedy: remedy,
	}}}
}

// firstReason is the heart of the SDK's long account of everything it tried: the last reason, which is that of az.
func firstReason(err error) string {
	reason := ""
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "AzureCLICredential: ") {
			return strings.TrimSuffix(line, ".")
		}
		if reason == "" {
			reason = strings.TrimSuffix(line, ".")
		}
	}
	return reason
}
