// Package limit counts what the units of a gateway count together: calls, bytes and tokens, over windows, buckets and periods of the
// calendar. It knows no policy: what is refused, and in which words, is the policy's.
//
//	counters.go  the counters by their keys
//	rate.go      calls over a period
//	quota.go     calls and bytes over a long period
//	tokens.go    tokens per minute and per period
//	words.go     how long to wait, as the policies write it
package limit

import "sync"

// Counters are what the units of a gateway count together: limits hold for a
// gateway, which is all units of a region, and not for a unit (Microsoft Learn:
// rate-limit-by-key-policy, "Usage notes"); its machines synchronise them
// (virtual-network-reference, UDP 4290). How late one unit learns of another's
// calls is documented nowhere; here it knows at once. They are safe for concurrent use.
type Counters struct {
	mu     sync.Mutex
	rates  map[string]*rate
	quotas map[string]*quota
	tokens map[string]*tokenRate
}

// New makes counters that have counted nothing.
func New() *Counters {
	return &Counters{rates: map[string]*rate{}, quotas: map[string]*quota{}, tokens: map[string]*tokenRate{}}
}
