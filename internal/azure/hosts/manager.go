package hosts

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"enterprise-openai/internal/azure/entra"
)

// audiences are the names under which tokens for Resource Manager are requested; Microsoft's az uses the last one (Microsoft Learn:
// azure-resource-manager/management/azure-resource-manager-concepts; Azure/azure-sdk-for-go, sdk/azcore/cloud).
var audiences = []string{"https://management.azure.com", "https://management.azure.com/", "https://management.core.windows.net",
	"https://management.core.windows.net/"}

// manager is Resource Manager as it is reached from outside: who asks needs a token, and every answer has an id.
func (f *Front) manager() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answerIDs(w.Header(), r.Header)
		if strings.EqualFold(r.URL.Path, "/metadata/endpoints") {
			f.metadata(w, r)
			return
		}
		if refused := f.authenticate(r); refused != nil {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization_uri="https://login.windows.net/%s", error="invalid_token", error_description=%q`,
				f.TenantID, refused.message))
			writeJSON(w, http.StatusUnauthorized, map[string]any{"error": map[string]string{"code": refused.code, "message": refused.message}})
			return
		}
		f.options.Manager.ServeHTTP(w, r)
	})
}

// answerIDs are the headers of every answer (Microsoft Learn: azure-resource-manager/management/request-limits-and-throttling, "x-ms-request-id").
func answerIDs(answer, asked http.Header) {
	correlation := asked.Get("x-ms-correlation-request-id")
	if correlation == "" {
		correlation = uuid.NewString()
	}
	answer.Set("x-ms-request-id", uuid.NewString())
	answer.Set("x-ms-correlation-request-id", correlation)
	if strings.EqualFold(asked.Get("x-ms-return-client-request-id"), "true") {
		answer.Set("x-ms-client-request-id", asked.Get("x-ms-client-request-id"))
	}
}

// unauthenticated is why a request is not let in.
type unauthenticated struct{ code, message string }

// authenticate checks the bearer token. The codes are Resource Manager's (Microsoft Learn: azure-resource-manager/troubleshooting/common-deployment-errors,
// AuthenticationFailed, InvalidAuthenticationToken, ExpiredAuthenticationToken) [M: texts].
func (f *Front) authenticate(r *http.Request) *unauthenticated {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		return &unauthenticated{"AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."}
	}
	_, err := f.directory.Verify(token, audiences)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return &unauthenticated{"ExpiredAuthenticationToken", "The access token has expired."}
	case err != nil:
		return &unauthenticated{"InvalidAuthenticationToken", "The access token is invalid: " + strings.TrimPrefix(err.Error(), "access token: ") + "."}
	}
	return nil
}

// metadata is the description of the cloud by which clients find its endpoints; nobody needs a token for it (Microsoft Learn:
// azure-stack/user/azure-stack-rest-api-use, metadata/endpoints; its list form since 2019-05-01 is read by terraform and az).
func (f *Front) metadata(w http.ResponseWriter, r *http.Request) {
	authentication := map[string]any{"loginEndpoint": "https://" + entra.LoginHost, "audiences": []string{"https://management.core.windows.net/",
		"https://" + ManagementHost + "/"}, "tenant": "common", "identityProvider": "AAD"}
	if r.URL.Query().Get("api-version") < "2019-05-01" {
		writeJSON(w, http.StatusOK, map[string]any{"graphEndpoint": "https://" + entra.OldGraphHost + "/", "portalEndpoint": "https://portal.azure.com",
			"authentication": authentication})
		return
	}
	writeJSON(w, http.StatusOK, []any{map[string]any{"name": "AzureCloud", "portal": "https://portal.azure.com", "authentication": authentication,
		"resourceManager": "https://" + ManagementHost + "/", "graph": "https://" + entra.OldGraphHost + "/", "graphAudience": "https://" + entra.OldGraphHost + "/",
		"microsoftGraphResourceId": "https://" + entra.GraphHost + "/", "logAnalyticsResourceId": "https://api.loganalytics.io",
		"suffixes": map[string]string{"keyVaultDns": "vault.azure.net", "storage": "core.windows.net"}}})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away needs no answer
}
