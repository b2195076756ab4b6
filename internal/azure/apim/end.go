package apim

import (
	"errors"
	"fmt"
	"net/http"
)

// end does what is left when the caller has its response, and hands the record over.
func (x *call) end() {
	if p := recover(); p != nil {
		if err, is := p.(error); is && errors.Is(err, http.ErrAbortHandler) {
			x.finish()
			panic(p) //nolint:forbidigo // net/http takes this one for "cut"
		}
		f := broken("InternalError", fmt.Errorf("gateway: %v", p))
		x.noteError(f)
		if x.sent {
			x.finish()
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http takes this one for "cut"
		}
		x.setResponse(x.defaultResponse(f))
		x.todo[sending] = nil
		x.send()
	}
	x.finish()
	x.run(ended)
}

func (x *call) finish() {
	x.count()
	x.run(closing)
	if x.session != nil {
		x.session.Close()
		x.session = nil
	}
	x.complete()
	x.gw.deps.Recorder.Record(x.rec)
}

// complete fills in what the record says about who called what, and about the conversation.
func (x *call) complete() {
	r := x.rec
	if x.API != nil {
		r.APIID, r.APIRevision = x.API.ID, x.API.Revision
		if r.APIRevision == "" {
			r.APIRevision = "1"
		}
	}
	if x.Operation != nil {
		r.OperationID, r.OperationName = x.Operation.ID, x.Operation.Name
	}
	if x.Product != nil {
		r.ProductID = x.Product.ID
	}
	if x.Subscription != nil {
		r.SubscriptionID = x.Subscription.ID
	}
	if x.User != nil {
		r.UserID = x.User.ID
	}
	r.URL = loggedURL(x.Request.OriginalURL, nil)
	if m := r.AzureMonitor; m != nil {
		r.URL = loggedURL(x.Request.OriginalURL, m.FrontendRequest.MaskQuery)
		r.RequestHeaders = loggedHeaders(x.http.Header, m.FrontendRequest)
		if x.Response != nil {
			r.ResponseHeaders = loggedHeaders(x.Response.Header, m.FrontendResponse)
		}
		r.LLM = x.conversation()
	}
	r.TotalTime = x.elapsed()
	r.ClientTime = max(0, r.TotalTime-r.BackendTime-r.CacheTime)
	r.IsSuccess = r.LastError == nil && r.ResponseCode > 0 && r.ResponseCode < 400
}
