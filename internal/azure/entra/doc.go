// Package entra issues Microsoft Entra ID access tokens for tests: real RS256 tokens with the claims of the real issuer,
// and the metadata and keys by which anybody can check them.
//
//	directory.go  who exists: tenants, users and their groups, applications, managed identities
//	keys.go       the signing keys, their certificates and rotation
//	token.go      tokens of users, applications and managed identities
//	claims.go     which claims a v1.0 and a v2.0 token carry, and the groups overage
//	spoil.go      tokens that are wrong in exactly one way
//	http.go       OpenID metadata, keys, the token endpoint, and the Graph call behind an overage
//	verify.go     checking a token as a resource does
//
// [Directory.Handler] serves it all by host and path; [Directory.Transport] does so without a socket, for the metadata
// requests of policies. Nothing here checks a password of a person: users get tokens by being named.
//
// Sources: Microsoft Learn, identity-platform: access-tokens, access-token-claims-reference, v2-protocols-oidc,
// v2-oauth2-client-creds-grant-flow, managed-identities-azure-resources/how-to-use-vm-token. "[M] unverified" marks what
// they do not say.
package entra
