package csharp

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"time"
)

// writer builds a frame; host/Wire.cs reads it.
type writer struct{ b []byte }

func (w *writer) byte(v byte) { w.b = append(w.b, v) }

func (w *writer) long(v int64) {
	w.b = binary.LittleEndian.AppendUint64(w.b, uint64(v)) //nolint:gosec // the same bits
}

func (w *writer) int(v int) {
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(v)) //nolint:gosec // lengths and C#'s int have 32 bits
}

func (w *writer) double(v float64) {
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v))
}

func (w *writer) bool(v bool) {
	if v {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

func (w *writer) string(v string) {
	w.int(len(v))
	w.b = append(w.b, v...)
}

func (w *writer) bytes(v []byte) {
	w.int(len(v))
	w.b = append(w.b, v...)
}

func (w *writer) strings(v []string) {
	w.int(len(v))
	for _, s := range v {
		w.string(s)
	}
}

// multi writes the names in order, so that an expression that lists them sees the same list each time.
func (w *writer) multi(m map[string][]string) {
	w.int(len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.string(k)
		w.strings(m[k])
	}
}

// ticks counts as System.DateTime does: 100 ns since the year 1; zero stays zero.
func ticks(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	const unixEpoch = 621355968000000000
	return unixEpoch + t.Unix()*1e7 + int64(t.Nanosecond())/100
}

// reader takes a frame of the host apart. What is missing reads as zero and is kept in err.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.err = errors.New("frame is shorter than its fields")
		r.b = nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) int() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.LittleEndian.Uint32(b)) //nolint:gosec // the same bits
	}
	return 0
}

func (r *reader) long() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b)) //nolint:gosec // the same bits
	}
	return 0
}

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) double() float64 {
	if b := r.take(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (r *reader) string() string {
	n := r.int()
	if n < 0 {
		return ""
	}
	return string(r.take(int(n)))
}

func (r *reader) bytes() []byte {
	return append([]byte{}, r.take(int(r.int()))...)
}

// Sections of the context, as in host/Session.cs.
const (
	sectionCore = 1 + iota
	sectionAPI
	sectionDeployment
	sectionOperation
	sectionProduct
	sectionSubscription
	sectionUser
	sectionRequest
	sectionResponse
	sectionLastError
	sectionVariable
)

func (w *writer) api(a *API) {
	w.string(a.ID)
	w.string(a.Name)
	w.string(a.Path)
	w.strings(a.Protocols)
	w.bool(a.ServiceURL != nil)
	if a.ServiceURL != nil {
		w.url(a.ServiceURL)
	}
	w.string(a.KeyHeader)
	w.string(a.KeyName)
	w.bool(a.IsCurrentRevision)
	w.string(a.Revision)
	w.string(a.Version)
}

func (w *writer) url(u *URL) {
	w.string(u.Scheme)
	w.string(u.Host)
	w.int(u.Port)
	w.string(u.Path)
	w.string(u.QueryString)
	w.multi(u.Query)
}

func (w *writer) deployment(d *Deployment) {
	w.string(d.GatewayID)
	w.string(d.Region)
	w.string(d.ServiceID)
	w.string(d.ServiceName)
	w.string(d.InstanceID)
	w.int(len(d.Certificates))
	for id, der := range d.Certificates {
		w.string(id)
		w.bytes(der)
	}
}

func (w *writer) groups(groups []Group) {
	w.int(len(groups))
	for _, g := range groups {
		w.string(g.ID)
		w.string(g.Name)
	}
}

func (w *writer) product(p *Product) {
	w.string(p.ID)
	w.string(p.Name)
	w.bool(p.ApprovalRequired)
	w.bool(p.SubscriptionRequired)
	w.bool(p.Published)
	if p.SubscriptionLimit == nil {
		w.int(-1)
	} else {
		w.int(*p.SubscriptionLimit)
	}
	w.groups(p.Groups)
	w.int(len(p.APIs))
	for i := range p.APIs {
		w.api(&p.APIs[i])
	}
}

func (w *writer) subscription(s *Subscription) {
	for _, text := range []string{s.ID, s.Name, s.Key, s.PrimaryKey, s.SecondaryKey} {
		w.string(text)
	}
	for _, t := range []time.Time{s.CreatedDate, s.StartDate, s.EndDate} {
		w.long(ticks(t))
	}
}

func (w *writer) user(u *User) {
	for _, text := range []string{u.ID, u.Email, u.FirstName, u.LastName, u.Note} {
		w.string(text)
	}
	w.long(ticks(u.RegistrationDate))
	w.groups(u.Groups)
	w.int(len(u.Identities))
	for _, i := range u.Identities {
		w.string(i.ID)
		w.string(i.Provider)
	}
}

func (w *writer) lastError(e *LastError) {
	for _, text := range []string{e.Source, e.Reason, e.Message, e.Scope, e.Section, e.Path, e.PolicyID} {
		w.string(text)
	}
}

func (w *writer) request(r *Request, s *Session) {
	w.string(r.Method)
	w.string(r.IPAddress)
	w.multi(r.Headers)
	w.int(len(r.MatchedParameters))
	for k, v := range r.MatchedParameters {
		w.string(k)
		w.string(v)
	}
	// Few expressions look at them: they are taken apart when one does.
	for _, u := range []*URL{&r.URL, &r.OriginalURL} {
		one := writer{b: make([]byte, 0, 256)}
		one.url(u)
		w.bytes(one.b)
	}
	w.bytes(r.Certificate)
	w.bool(r.PrivateEndpoint != nil)
	if p := r.PrivateEndpoint; p != nil {
		w.string(p.Name)
		w.string(p.GroupID)
		w.string(p.MemberName)
	}
	w.bool(r.VnetInfo != nil)
	if v := r.VnetInfo; v != nil {
		w.int(v.VnetTrafficTag)
		w.int(v.SubnetID)
		w.int(v.PrivateLinkID)
		w.string(v.SnatVIP)
	}
	w.int(int(s.bodyID(r.Body)))
}

func (s *Session) encodeResponse(r *Response) []byte {
	var w writer
	w.int(r.StatusCode)
	w.string(r.StatusReason)
	w.multi(r.Headers)
	w.int(int(s.bodyID(r.Body)))
	return w.b
}
