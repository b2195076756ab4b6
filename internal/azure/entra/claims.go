package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxGroups is how many groups a JWT lists; with more it carries an overage claim instead
// (Microsoft Learn: identity-platform/access-token-claims-reference, "Groups overage claim").
const MaxGroups = 200

// Hosts of the real service.
const (
	LoginHost    = "login.microsoftonline.com"
	STSHost      = "sts.windows.net"
	GraphHost    = "graph.microsoft.com"
	OldGraphHost = "graph.windows.net"
)

// IssuerV1 is the issuer of v1.0 tokens of a tenant.
func IssuerV1(tenantID string) string { return "https://" + STSHost + "/" + tenantID + "/" }

// IssuerV2 is the issuer of v2.0 tokens of a tenant.
func IssuerV2(tenantID string) string { return "https://" + LoginHost + "/" + tenantID + "/v2.0" }

// clientKind is how the client proved itself: the values of appidacr and azpacr.
type clientKind string

const (
	publicClient      clientKind = "0"
	secretClient      clientKind = "1"
	certificateClient clientKind = "2"
)

// subject is everything a token says about who holds it and what for.
type subject struct {
	tenant     string
	oid        string
	client     string
	clientKind clientKind
	audience   string
	version    int
	scopes     string
	roles      []string
	groups     []string
	user       *User
	mirid      string
	lifetime   time.Duration
}

// claims builds the payload. Which claims exist in which version is the table of the claims reference.
func (d *Directory) claims(s subject) jwt.MapClaims {
	now := d.clock.Now().UTC().Truncate(time.Second)
	d.mu.Lock()
	d.serial++
	unique := digest(fmt.Sprint("uti", d.serial, s.oid))[:22]
	d.mu.Unlock()
	// The issuer dates a token five minutes back, so that clocks may differ.
	issued := now.Add(-clockSkew)
	c := jwt.MapClaims{
		"aud": s.audience, "iat": issued.Unix(), "nbf": issued.Unix(), "exp": now.Add(s.lifetime).Unix(),
		"oid": s.oid, "tid": s.tenant, "uti": unique, "rh": "0." + digest(s.oid)[:20],
	}
	if s.version == 2 {
		c["iss"], c["ver"] = IssuerV2(s.tenant), "2.0"
		c["azp"], c["azpacr"] = s.client, string(s.clientKind)
	} else {
		c["iss"], c["ver"] = IssuerV1(s.tenant), "1.0"
		c["idp"] = IssuerV1(s.tenant)
		c["appid"], c["appidacr"] = s.client, string(s.clientKind)
	}
	if len(s.roles) > 0 {
		c["roles"] = s.roles
	}
	if s.user != nil {
		d.userClaims(c, s)
	} else {
		// An application's subject is its service principal; idtyp tells app tokens from user tokens.
		c["sub"], c["idtyp"] = s.oid, "app"
	}
	if s.mirid != "" {
		c["xms_mirid"] = s.mirid
	}
	groupClaims(c, s)
	return c
}

func (d *Directory) userClaims(c jwt.MapClaims, s subject) {
	// Pairwise: another application sees another subject for the same user.
	c["sub"] = digest("sub", s.oid, s.audience)
	c["name"], c["scp"] = s.user.Name, s.scopes
	if s.version == 2 {
		c["preferred_username"] = s.user.PrincipalName
		return
	}
	c["unique_name"], c["upn"] = s.user.PrincipalName, s.user.PrincipalName
	c["acr"], c["amr"] = "1", []string{"pwd"}
}

// groupClaims lists the groups, or where to ask for them. The URL really is one of Azure AD Graph (note in the claims
// reference).
func groupClaims(c jwt.MapClaims, s subject) {
	switch {
	case len(s.groups) == 0:
	case len(s.groups) <= MaxGroups:
		c["groups"] = s.groups
	default:
		kind := "servicePrincipals"
		if s.user != nil {
			kind = "users"
		}
		c["_claim_names"] = map[string]string{"groups": "src1"}
		c["_claim_sources"] = map[string]map[string]string{"src1": {
			"endpoint": fmt.Sprintf("https://%s/%s/%s/%s/getMemberObjects", OldGraphHost, s.tenant, kind, s.oid)}}
	}
}

// digest is a stable opaque string.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
