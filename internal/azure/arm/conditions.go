package arm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// entityTag is what a GET puts in its ETag header: the body's own etag, or, for what API Management keeps, one of the content. API Management's
// real tags are opaque too (Microsoft Learn: rest/api/apimanagement, "ETag" of every entity). Empty is none.
func (r *record) entityTag() string {
	if own := text(r.Body, "etag"); own != "" {
		return own
	}
	kind := registry[strings.ToLower(r.Type)]
	if kind == nil || kind.row.ARM.Entity == "" {
		return ""
	}
	content, _ := json.Marshal(r.Body) //nolint:errchkjson // all of it was JSON before
	return `"` + guid(r.ID, string(content)) + `"`
}

func etagHeader(r *record) map[string]string {
	if tag := r.entityTag(); tag != "" {
		return map[string]string{"ETag": tag}
	}
	return nil
}

// condition refuses a request whose If-Match or If-None-Match does not hold, for types that have tags (RFC 9110, 13.1; Microsoft's REST guidelines,
// Azure/Guidelines.md, conditional requests). The text is [M]. A nil record is a resource that is not there.
func (r *request) condition(rec *record) *Error {
	tag := ""
	if rec != nil {
		tag = rec.entityTag()
	}
	failed := r.ifNoneMatch == "*" && rec != nil
	if r.ifMatch != "" && (rec == nil || tag != "") {
		failed = failed || rec == nil || !matchesTag(r.ifMatch, tag)
	}
	if !failed {
		return nil
	}
	return refusal(http.StatusPreconditionFailed, "PreconditionFailed",
		"The condition of the request does not hold: If-Match '%s', If-None-Match '%s', the resource's ETag is '%s'.", r.ifMatch, r.ifNoneMatch, tag)
}

// matchesTag compares a list of tags. Quotes and the mark of a weak tag do not count: clients send a tag as they found it in a body or a header.
func matchesTag(list, tag string) bool {
	plain := func(s string) string { return strings.Trim(strings.TrimPrefix(strings.TrimSpace(s), "W/"), `"`) }
	for one := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(one) == "*" || plain(one) == plain(tag) {
			return true
		}
	}
	return false
}

// checkCondition is the condition of a PUT. If-Match: * on what is not there creates it: clients of API Management send it with every write, and
// its documentation wants it for updates alone.
func checkCondition(w *write) {
	if w.prev == nil && strings.TrimSpace(w.req.ifMatch) == "*" {
		return
	}
	if refused := w.req.condition(w.prev); refused != nil {
		w.refuse(refused)
	}
}
