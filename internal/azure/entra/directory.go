package entra

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

type systemClock struct{}

// Now is the machine's time.
func (systemClock) Now() time.Time { return time.Now() }

// Tenant is an Entra tenant.
type Tenant struct {
	// ID is the directory id, a GUID.
	ID string
	// Domain is a verified domain, for example contoso.onmicrosoft.com; metadata can be fetched by it too.
	Domain string
}

// User is a person.
type User struct {
	TenantID string
	// ObjectID is the user's oid.
	ObjectID string
	Name     string
	// PrincipalName is the sign-in name.
	PrincipalName string
	// Groups are the object ids of the security groups the user is in, nested ones included.
	Groups []string
}

// Application is an app registration with its service principal: something that asks for tokens, or that tokens are for.
type Application struct {
	TenantID string
	// ClientID is the application id.
	ClientID string
	// ObjectID is the object id of the service principal, which is the oid of the application's own tokens.
	ObjectID string
	Name     string
	// Secret is the client secret; empty makes a public client, which cannot get tokens of its own.
	Secret string
	// Identifier is the application id URI, for example api://gateway.
	Identifier string
	// TokenVersion is accessTokenAcceptedVersion: 1 (also 0) or 2. It decides the tokens issued FOR this application.
	TokenVersion int
	// NoGroups leaves the groups claim out (groupMembershipClaims null); otherwise it is SecurityGroup.
	NoGroups bool
	// Groups are security groups the service principal is in.
	Groups []string
	// Roles are the app roles that principals (by object id) were assigned on this application.
	Roles map[string][]string
}

// ManagedIdentity is an identity of an Azure resource, system- or user-assigned.
type ManagedIdentity struct {
	TenantID string
	// PrincipalID is the object id, the one role assignments name.
	PrincipalID string
	// ClientID is the application id.
	ClientID string
	// ResourceID is the ARM id of the resource or of the user-assigned identity.
	ResourceID string
}

// Options are the surroundings of a directory.
type Options struct {
	// Clock is the time of tokens; the machine's when nil.
	Clock Clock
}

// Directory is an Entra ID: who exists, and the issuer of their tokens. All methods are safe for concurrent use.
type Directory struct {
	clock Clock
	keys  keyRing

	mu         sync.RWMutex
	tenants    []Tenant
	users      map[string]User
	apps       map[string]Application
	identities map[string]ManagedIdentity
	serial     int
}

// New makes an empty directory with one signing key.
func New(o Options) (*Directory, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	first, err := firstKey()
	if err != nil {
		return nil, err
	}
	return &Directory{clock: o.Clock, keys: keyRing{keys: []*key{first}}, users: map[string]User{}, apps: map[string]Application{},
		identities: map[string]ManagedIdentity{}}, nil
}

// AddTenant adds a tenant; its id must be a GUID.
func (d *Directory) AddTenant(t Tenant) error {
	if err := guids("tenant", "ID", t.ID); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.ID, t.Domain = strings.ToLower(t.ID), strings.ToLower(t.Domain)
	for _, other := range d.tenants {
		if other.ID == t.ID || t.Domain != "" && other.Domain == t.Domain {
			return fmt.Errorf("tenant %s: id or domain %q exists already", t.ID, t.Domain)
		}
	}
	d.tenants = append(d.tenants, t)
	return nil
}

// PutUser adds a user or replaces the one with the same object id.
func (d *Directory) PutUser(u User) error {
	return put(d, "user", u.TenantID, map[string]string{"ObjectID": u.ObjectID}, func() {
		u.TenantID, u.Groups = strings.ToLower(u.TenantID), slices.Clone(u.Groups)
		d.users[strings.ToLower(u.ObjectID)] = u
	})
}

// PutApplication adds an application or replaces the one with the same client id.
func (d *Directory) PutApplication(a Application) error {
	if a.TokenVersion < 0 || a.TokenVersion > 2 {
		return fmt.Errorf("application %s: token version %d, must be 1 or 2", a.ClientID, a.TokenVersion)
	}
	return put(d, "application", a.TenantID, map[string]string{"ClientID": a.ClientID, "ObjectID": a.ObjectID}, func() {
		a.TenantID = strings.ToLower(a.TenantID)
		d.apps[strings.ToLower(a.ClientID)] = a
	})
}

// PutManagedIdentity adds an identity or replaces the one with the same principal id.
func (d *Directory) PutManagedIdentity(m ManagedIdentity) error {
	return put(d, "managed identity", m.TenantID, map[string]string{"PrincipalID": m.PrincipalID, "ClientID": m.ClientID}, func() {
		m.TenantID = strings.ToLower(m.TenantID)
		d.identities[strings.ToLower(m.PrincipalID)] = m
	})
}

// RemoveManagedIdentity forgets an identity; it gets no more tokens, and those it has stay valid until they expire.
func (d *Directory) RemoveManagedIdentity(principalID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.identities, strings.ToLower(principalID))
}

// put checks ids and tenant, then stores under the lock.
func put(d *Directory, what, tenant string, ids map[string]string, store func()) error {
	var problems []error
	for field, id := range ids {
		problems = append(problems, guids(what, field, id))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.tenantLocked(tenant); !ok {
		problems = append(problems, fmt.Errorf("%s: tenant %q does not exist", what, tenant))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	store()
	return nil
}

func guids(what, field, id string) error {
	if _, err := uuid.Parse(id); err != nil || len(id) != 36 {
		return fmt.Errorf("%s: %s %q is not a GUID", what, field, id)
	}
	return nil
}

// tenantLocked finds a tenant by id or domain.
func (d *Directory) tenantLocked(name string) (Tenant, bool) {
	name = strings.ToLower(name)
	for _, t := range d.tenants {
		if name != "" && (t.ID == name || t.Domain == name) {
			return t, true
		}
	}
	return Tenant{}, false
}

func (d *Directory) tenant(name string) (Tenant, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.tenantLocked(name)
}

// resourceLocked finds the application that a resource or scope names: by client id or by identifier URI.
func (d *Directory) resourceLocked(name string) (Application, bool) {
	name = strings.TrimSuffix(strings.ToLower(name), "/")
	if a, ok := d.apps[name]; ok {
		return a, true
	}
	for _, a := range d.apps {
		if a.Identifier != "" && strings.TrimSuffix(strings.ToLower(a.Identifier), "/") == name {
			return a, true
		}
	}
	return Application{}, false
}
