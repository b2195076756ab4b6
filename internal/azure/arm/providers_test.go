package arm

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const networkNamespace = root + "/providers/Microsoft.Network"

func TestAProviderThatIsNotRegisteredRefusesWritesUntilItIs(t *testing.T) {
	a := newAzure(t, func(o *Options) {
		o.Unregistered = []string{"Microsoft.Network"}
		o.Duration = TypicalDuration
	})
	a.ok(group, `{"location":"swedencentral"}`)
	path := network + "networkSecurityGroups/nsg"
	state := func(method, path string) any {
		return a.send(method, path+"?api-version=2019-05-01", "").body["registrationState"]
	}

	got := a.send(http.MethodPut, path, nsgBody)
	assert.Equal(t, http.StatusConflict, got.status)
	assert.Equal(t, "MissingSubscriptionRegistration", got.code)
	assert.Contains(t, got.message, "is not registered to use namespace 'Microsoft.Network'")
	assert.Equal(t, http.StatusNotFound, a.send(http.MethodGet, path, "").status, "only writes are refused")
	assert.Equal(t, "NotRegistered", state(http.MethodGet, networkNamespace))

	assert.Equal(t, "Registering", state(http.MethodPost, networkNamespace+"/register"))
	a.now = a.now.Add(registrationTime - time.Second)
	assert.Equal(t, "Registering", state(http.MethodPost, networkNamespace+"/register"), "asking twice does not take longer")
	a.now = a.now.Add(time.Second)
	assert.Equal(t, "Registered", state(http.MethodGet, networkNamespace))
	assert.Less(t, a.send(http.MethodPut, path, nsgBody).status, 300)
}

func TestRegisteringTakesARightAndANamespaceThatExists(t *testing.T) {
	a := newAzure(t, func(o *Options) { o.Unregistered, o.MayNotRegister = []string{"Microsoft.Network"}, true })
	got := a.send(http.MethodPost, networkNamespace+"/register?api-version=2019-05-01", "")
	assert.Equal(t, http.StatusForbidden, got.status)
	assert.Contains(t, got.message, "'Microsoft.Network/register/action'")
	got = a.send(http.MethodPost, root+"/providers/Microsoft.Nonesuch/register?api-version=2019-05-01", "")
	assert.Equal(t, "InvalidResourceNamespace", got.code)
}
