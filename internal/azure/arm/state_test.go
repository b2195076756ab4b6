package arm

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStateSurvivesARoundTrip(t *testing.T) {
	a := world(t)
	a.remove(network + "privateEndpoints/pe")
	a.remove(account)
	saved := a.saved()
	b := newAzure(t, func(o *Options) { o.Seed = []byte("another") })
	require.NoError(t, b.Load(strings.NewReader(saved)))
	require.Equal(t, saved, b.saved(), "the order is stable")
	require.True(t, reflect.DeepEqual(a.Resources(""), b.Resources("")))
	require.Equal(t, a.SoftDeleted(), b.SoftDeleted())
	require.Equal(t, a.send(http.MethodPost, service+"/subscriptions/team/listSecrets", "").body, b.send(http.MethodPost, service+"/subscriptions/team/listSecrets", "").body)
	sub := `{"properties":{"displayName":"New","scope":"/apis"}}`
	a.ok(service+"/subscriptions/new", sub)
	b.ok(service+"/subscriptions/new", sub)
	require.Equal(t, a.saved(), b.saved(), "the seed of generated keys is part of the state")
}

func TestARunningOperationSurvivesARestart(t *testing.T) {
	slow := func(o *Options) { o.Duration = TypicalDuration }
	a := newAzure(t, slow)
	a.ok(group, `{"location":"swedencentral"}`)
	a.ok(account, accountBody)
	b := newAzure(t, slow)
	require.NoError(t, b.Load(strings.NewReader(a.saved())))
	require.Equal(t, "Accepted", text(b.get(account), "properties", "provisioningState"))
	b.now = b.now.Add(time.Hour)
	require.Equal(t, "Succeeded", text(b.get(account), "properties", "provisioningState"))
}

func TestTwoEnvironmentsHaveDifferentKeys(t *testing.T) {
	a := world(t)
	b := world(t, func(o *Options) { o.Seed = nil })
	path := service + "/subscriptions/team/listSecrets"
	require.NotEqual(t, a.send(http.MethodPost, path, "").body["primaryKey"], b.send(http.MethodPost, path, "").body["primaryKey"])
}

func TestABrokenStateIsRefusedWhole(t *testing.T) {
	good := world(t).saved()
	for name, bad := range map[string]string{
		"cut":          good[:len(good)/2],
		"version":      strings.Replace(good, `"version": 1`, `"version": 9`, 1),
		"seed":         strings.Replace(good, `"seed": "`, `"seed": "zz`, 1),
		"unknown type": strings.Replace(good, `"type": "`+backendType+`"`, `"type": "Microsoft.Nothing/x"`, 1),
		"null":         strings.Replace(good, `"resources": [`, `"resources": [null,`, 1),
		"id":           strings.Replace(good, `"id": "/subscriptions`, `"id": "/nowhere`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			a := world(t)
			before := a.saved()
			require.ErrorContains(t, a.Load(strings.NewReader(bad)), "state of the embedded Azure")
			require.Equal(t, before, a.saved())
		})
	}
}
