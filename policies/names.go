package policies

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// maxBackend is the limit of a backend's id (Microsoft Learn: Microsoft.ApiManagement service/backends, backendId 1 to 80).
const maxBackend = 80

// BackendID is the gateway's id of one deployment on one account: what is deployed, and what failover.xml calls.
func BackendID(account, deployment string) string {
	return Shorten(plainBackendID(account, deployment), maxBackend)
}

// plainBackendID is what failover.xml builds. Where the id had to be shortened it finds it among $(shortened).
func plainBackendID(account, deployment string) string { return account + "-" + deployment }

// PoolID is the gateway's id of a deployment's pool, as failover.xml builds it: 69 characters at the most.
func PoolID(deployment string) string { return "pool-" + deployment }

// shortened are the ids of backends that are not what failover.xml builds, by what it builds.
func (f Facts) shortened() table {
	var all table
	for _, pool := range f.Pools {
		for _, account := range pool.Accounts {
			plain, id := plainBackendID(account, pool.Deployment), BackendID(account, pool.Deployment)
			if id != plain {
				all = append(all, member{plain, id})
			}
		}
	}
	return all
}

// Shorten keeps a name within a limit; what is cut off lives on in a hash, so that two long names stay two names.
func Shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	hash := ShortHash(name)
	if limit <= len(hash) {
		return hash[:limit]
	}
	return strings.TrimRight(name[:limit-len(hash)-1], "-") + "-" + hash
}

// shortHashLength keeps a name short and a collision among a million names below one in a thousand.
const shortHashLength = 6

// ShortHash is a hash of lower-case letters and digits, which every kind of name allows.
func ShortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:shortHashLength]
}
