package apim

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"enterprise-openai/internal/azure/apim/csharp"
)

// static is what of the context does not change during a call.
func (s *sharpSession) static() *csharp.Context {
	c := s.c
	out := &csharp.Context{
		RequestID: c.RequestID, Timestamp: c.Timestamp, Tracing: c.Tracing,
		Deployment: &csharp.Deployment{GatewayID: "managed", InstanceID: c.Service.Name, Region: c.Service.Region,
			ServiceID: c.Service.ResourceID, ServiceName: c.Service.Name},
	}
	if c.API != nil {
		a := sharpAPI(c.API)
		out.API = &a
	}
	if o := c.Operation; o != nil {
		out.Operation = &csharp.Operation{ID: o.ID, Method: o.Method, Name: o.Name, URLTemplate: o.URLTemplate}
	}
	if p := c.Product; p != nil {
		out.Product = &csharp.Product{
			ID: p.ID, Name: p.Name, ApprovalRequired: p.ApprovalRequired, SubscriptionRequired: p.SubscriptionRequired, Published: p.Published,
			SubscriptionLimit: p.SubscriptionsLimit, Groups: sharpGroups(c.ProductGroups),
		}
		for _, a := range c.ProductAPIs {
			out.Product.APIs = append(out.Product.APIs, sharpAPI(a))
		}
	}
	if sub := c.Subscription; sub != nil {
		out.Subscription = &csharp.Subscription{
			ID: sub.ID, Name: sub.Name, Key: sub.PrimaryKey, PrimaryKey: sub.PrimaryKey, SecondaryKey: sub.SecondaryKey,
			CreatedDate: sub.Created, StartDate: dateOf(sub.Start), EndDate: dateOf(sub.End),
		}
	}
	if u := c.User; u != nil {
		out.User = &csharp.User{
			ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Note: u.Note, RegistrationDate: u.Registered,
			Groups: sharpGroups(c.Groups),
		}
		for _, i := range u.Identities {
			out.User.Identities = append(out.User.Identities, csharp.Identity{ID: i.ID, Provider: i.Provider})
		}
	}
	return out
}

func sharpAPI(a *API) csharp.API {
	header, query := a.KeyParameter.names()
	out := csharp.API{
		ID: a.ID, Name: a.Name, Path: a.Path, Protocols: a.Protocols, KeyHeader: header, KeyName: query, IsCurrentRevision: true,
		Revision: a.Revision, Version: a.Version,
	}
	if u, err := url.Parse(a.ServiceURL); err == nil && a.ServiceURL != "" {
		out.ServiceURL = sharpURL(u)
	}
	return out
}

func sharpGroups(list []Group) []csharp.Group {
	var out []csharp.Group
	for _, g := range list {
		out = append(out, csharp.Group{ID: g.ID, Name: g.Name})
	}
	return out
}

func dateOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// body gives the same body for the same content, as long as that is not replaced.
func (s *sharpSession) body(b *content) *csharp.Body {
	if !b.present {
		return nil
	}
	if s.bodies == nil {
		s.bodies = map[*content]*csharp.Body{}
	}
	if have := s.bodies[b]; have != nil && !b.replaced {
		return have
	}
	b.replaced = false
	fresh := &csharp.Body{Load: func(context.Context) ([]byte, error) { return b.Read(true) }}
	if b.stream == nil {
		fresh = &csharp.Body{Bytes: append([]byte{}, b.bytes...)}
	}
	s.bodies[b] = fresh
	return fresh
}

func (s *sharpSession) sharpRequest() *csharp.Request {
	r := s.c.Request
	return &csharp.Request{
		Method: r.Method, IPAddress: r.IP, Headers: r.Header, MatchedParameters: r.Matched,
		URL: *sharpURL(r.URL), OriginalURL: *sharpURL(r.OriginalURL), Body: s.body(&r.body),
	}
}

func (s *sharpSession) sharpResponse(r *Response) *csharp.Response {
	if r == nil {
		return nil
	}
	return &csharp.Response{StatusCode: r.Status, StatusReason: r.Reason, Headers: r.Header, Body: s.body(&r.body)}
}

func sharpURL(u *url.URL) *csharp.URL {
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"https": 443, "http": 80}[u.Scheme]
	}
	out := &csharp.URL{Scheme: u.Scheme, Host: u.Hostname(), Port: port, Path: u.Path, Query: u.Query()}
	if u.RawQuery != "" {
		out.QueryString = "?" + u.RawQuery
	}
	return out
}
