package accounts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// maxBody bounds what is read of a request; audio files are the largest thing accepted (25 MB).
const maxBody = 32 << 20

// exchange is one request on its way through the service.
type exchange struct {
	s       *Service
	w       http.ResponseWriter
	r       *http.Request
	account Account
	call    call
	body    []byte
	req     *request
	d       Deployment
	book    Request
	booked  *Request
	written int
	fault   Fault
	quota   quota
	id      string
	created int64
	chunks  int
	begun   bool
	broken  bool
}

// serve takes one request through ledger, faults, gate and operation.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, a Account, known bool) {
	s.serving.Add(1)
	defer s.serving.Done()
	x := &exchange{s: s, w: w, r: r, account: a}
	now := s.deps.Clock.Now()
	x.created = now.Unix()
	x.id = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", a.Host(), s.serial.Add(1))).String()
	var unread error
	c, _ := route(r.Method, r.URL)
	x.body, unread = io.ReadAll(http.MaxBytesReader(w, r.Body, c.maxBody()))
	x.book = Request{At: now, Account: a.Name, Region: a.Region, Via: ArrivalOf(r.Context()), Method: r.Method,
		URL: r.URL.RequestURI(), Header: r.Header.Clone(), Body: x.body,
		ID: x.id, Version: r.URL.Query().Get("api-version"), Caller: callerAddress(r)}
	if len(x.body) > maxBody {
		x.book.Body = nil // the book does not keep large files
	}
	s.book.see(a.Name, r)
	if !known {
		x.fail(notFound())
	} else if unread != nil {
		// A body that broke off is as useless as one that is too large; nobody is left to read the difference.
		x.fail(coded(http.StatusRequestEntityTooLarge, "413", "The request body is too large or incomplete."))
	} else if f := x.handle(); f != nil {
		x.fail(f)
	}
	if !x.begun {
		x.booked = s.book.record(x.book)
	}
	s.book.end(x.booked, s.deps.Clock.Now().Sub(now), x.written)
	if x.broken {
		breakConnection(w)
	}
}

// callerAddress is empty for calls that came without a socket.
func callerAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// handle returns the failure to answer with, nil when it has answered.
func (x *exchange) handle() *failure {
	c, lost := route(x.r.Method, x.r.URL)
	x.call = c
	name := c.deployment
	if lost == nil && name == "" && c.op.kind != kindModels && c.op.kind != kindStored && c.op.kind != kindFiles {
		name = x.bodyModel()
	}
	x.book.Deployment, x.book.Operation = name, c.op.id
	if done, f := x.strike(name); done {
		return f
	}
	if f := x.account.network(x.book.Via); f != nil {
		return f
	}
	principal, f := x.account.authenticate(x.r, x.s.deps.Tokens)
	x.book.Principal = principal
	switch {
	case f != nil:
		return f
	case lost != nil:
		return lost
	}
	if f := x.account.authorize(principal, c.op); f != nil {
		return f
	}
	switch c.op.kind {
	case kindModels:
		return x.models()
	case kindStored:
		return x.stored()
	case kindFiles:
		return x.filed()
	default: // the others are a deployment's
	}
	return x.deployed(name)
}

// deployed runs an operation of a deployment.
func (x *exchange) deployed(name string) *failure {
	if isForm := x.call.op.kind == kindTranscription || x.call.op.kind == kindTranslation || x.call.op.kind == kindImageEdits; !isForm {
		req, f := decode(x.body)
		if f != nil {
			return f
		}
		x.req = req
	}
	if name == "" {
		return missing("model")
	}
	d, ok := x.account.Deployment(name)
	if !ok {
		return deploymentNotFound()
	}
	x.d, x.book.Deployment = d, d.Name
	if !supports(d.Model, x.call.op.kind) {
		return operationNotSupported(string(x.call.op.kind), d.Model)
	}
	if f := x.checkFields(); f != nil {
		return f
	}
	switch x.call.op.kind {
	case kindChat:
		return x.chat()
	case kindCompletion:
		return x.completion()
	case kindEmbeddings:
		return x.embeddings()
	case kindResponses:
		return x.responses()
	case kindImages:
		return x.images()
	case kindImageEdits:
		return x.imageEdits()
	case kindSpeech:
		return x.speech()
	default: // supports let only audio through
		return x.transcription()
	}
}

// strike applies the scripted fault of this call; done means that nothing else may answer.
func (x *exchange) strike(deployment string) (done bool, f *failure) {
	fault, struck := x.s.faults.next(x.s.deps.Clock.Now(), x.account, deployment, x.call.op.id, false)
	if !struck {
		return false, nil
	}
	x.fault, x.book.Fault = fault, fault.Name
	switch fault.Kind {
	case FaultStatus:
		return true, fault.answer()
	case FaultReset:
		x.broken = true
		return true, nil
	case FaultSlowHeaders:
		if x.s.pause(x.r.Context(), fault.Delay) != nil {
			x.broken = true
			return true, nil
		}
	default: // strikes while the body is written, or at the dialler
	}
	return false, nil
}

// bodyModel is the model or deployment named in the body, empty when there is none. The body is checked later.
func (x *exchange) bodyModel() string {
	media, params, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if media == "multipart/form-data" {
		form, err := multipart.NewReader(bytes.NewReader(x.body), params["boundary"]).ReadForm(maxBody)
		if err != nil || len(form.Value["model"]) == 0 {
			return ""
		}
		return form.Value["model"][0]
	}
	var members map[string]json.RawMessage
	var model string
	_ = json.Unmarshal(x.body, &members)
	_ = json.Unmarshal(members["model"], &model)
	return model
}

// admit asks the deployment's limits; estimate is in tokens, split into prompt and answer.
func (x *exchange) admit(estimate Usage) *failure {
	now := x.s.deps.Clock.Now()
	x.book.Estimate = 0
	if x.d.Provisioned() {
		wait := x.s.limits.tank(x.account.Name, x.d.Name).admit(now, x.d.Capacity, cost(x.d.Model, estimate))
		if wait > 0 {
			return tooMany(fmt.Sprintf(formatProvisionedFull, wait.Milliseconds()), wait)
		}
		x.book.Estimate = estimate.Total()
		return nil
	}
	v := x.s.limits.meter(x.account.Name, x.d.Name).admit(now, x.d, estimate.Total())
	x.quota = v.quota
	if v.limit != "" {
		return tooMany(fmt.Sprintf(formatRateLimit, x.call.op.id, x.call.version(), v.limit, seconds(v.wait)), v.wait)
	}
	x.book.Estimate = estimate.Total()
	return nil
}

// settle books the real usage, and corrects the utilisation of provisioned deployments.
func (x *exchange) settle(estimate, used Usage) {
	x.book.Usage = used
	if x.d.Provisioned() {
		difference := cost(x.d.Model, used) - cost(x.d.Model, estimate)
		x.s.limits.tank(x.account.Name, x.d.Name).correct(x.s.deps.Clock.Now(), x.d.Capacity, difference)
	}
}

// embeds reports models for embeddings; the other families are named by what they start with.
func embeds(model string) bool { return strings.HasPrefix(model, "text-embedding") }

// supports says which operations a model family has.
func supports(model string, k kind) bool {
	audio := strings.HasPrefix(model, "whisper") || transcribes(model)
	images := strings.HasPrefix(model, "dall-e") || gptImage(model)
	speech := strings.HasPrefix(model, "tts") || strings.HasSuffix(model, "-tts")
	legacy := strings.HasSuffix(model, "-instruct") || strings.HasSuffix(model, "-002") && !embeds(model)
	switch k {
	case kindEmbeddings:
		return embeds(model)
	case kindImages:
		return images
	case kindImageEdits:
		return gptImage(model) || model == "dall-e-2"
	case kindSpeech:
		return speech
	case kindTranslation:
		return strings.HasPrefix(model, "whisper") // "only whisper-1 is available" (OpenAI API reference: Create translation)
	case kindTranscription:
		return audio
	case kindCompletion:
		// gpt-35-turbo answers both chat and completions on Azure.
		return legacy || strings.HasPrefix(model, "gpt-35-turbo")
	default:
		return !embeds(model) && !audio && !images && !speech && !legacy
	}
}
