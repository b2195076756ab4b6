package apim

import (
	"errors"
	"net/http"
)

// serve runs the whole call.
func (x *call) serve() {
	defer x.end()
	err := x.pipeline()
	if err != nil && !errors.Is(err, errStop) {
		x.onError(asFault(err))
	}
	x.send()
}

// pipeline is everything up to the response, or the first thing that went wrong.
func (x *call) pipeline() error {
	if err := x.find(); err != nil {
		return err
	}
	if done, err := x.preflight(); done || err != nil {
		return err
	}
	if err := x.enter(); err != nil {
		return err
	}
	if err := x.admit(x.route); err != nil {
		return err
	}
	if x.rec.AzureMonitor != nil {
		if err := x.capture(x.rec.AzureMonitor); err != nil {
			return broken(reasonClientFailure, err)
		}
	}
	if err := x.section(Inbound); err != nil {
		return err
	}
	if err := x.section(BackendSection); err != nil {
		return err
	}
	if x.Response == nil {
		// A document that never forwards: Azure answers 200 with nothing in it
		// (Microsoft Learn: forward-request-policy).
		x.setResponse(NewResponse(http.StatusOK, nil, nil))
	}
	if err := x.settle(); err != nil {
		return err
	}
	return x.section(Outbound)
}

// settle does what has to be done to a response before outbound sees it.
func (x *call) settle() error {
	if x.needsUsage && !isEventStream(x.Response.Header) {
		if err := x.Response.body.buffer(); err != nil {
			return broken(reasonBackendFailure, err)
		}
		x.count()
	}
	for k, v := range x.headers {
		x.Response.Header[k] = v
	}
	x.Changes.Response++
	return nil
}

// section runs one section, beginning at the narrowest scope that has a document.
func (x *call) section(s Section) error { return x.scoped(s, OperationScope) }

// scoped runs a section at a scope or at the next wider one; <base/> comes
// here with the scope above its own.
func (x *call) scoped(s Section, from Scope) error {
	for level := from; level >= Global; level-- {
		doc := x.scopes[level]
		if doc == nil || missingSectionInherits && !doc.present[s] {
			continue
		}
		return x.steps(doc.sections[s])
	}
	return nil
}

// steps runs policies in order and notes which one failed.
func (x *call) steps(list []step) error {
	for i := range list {
		if x.ctx.Err() != nil {
			return x.clientGone()
		}
		if err := list[i].do(x); err != nil {
			return x.locate(err, &list[i])
		}
	}
	return nil
}

func (x *call) clientGone() *fault {
	return broken(reasonClientFailure, errors.New("the caller closed the connection while the request was pending"))
}

// onError prepares the default response, runs on-error, and falls back to a
// plain 500 when that fails too.
func (x *call) onError(f *fault) {
	x.noteError(f)
	if x.API == nil {
		// Nothing was matched, so no document applies but the default body.
		x.setResponse(x.defaultResponse(f))
		return
	}
	last := f.last
	x.LastError = &last
	x.Changes.LastError++
	r := x.defaultResponse(f)
	for k, v := range x.headers {
		if r.Header[k] == nil {
			r.Header[k] = v
		}
	}
	x.setResponse(r)
	if err := x.section(OnError); err != nil && !errors.Is(err, errStop) {
		second := asFault(err)
		x.noteError(second)
		x.setResponse(x.defaultResponse(broken(second.last.Reason, second)))
	}
}

func (x *call) noteError(f *fault) {
	f.last.Elapsed = x.elapsed()
	e := f.last
	x.rec.LastError = &e
	x.rec.Errors = append(x.rec.Errors, e)
}
