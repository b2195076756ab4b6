package csharp

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fullContext has something in every member.
func fullContext() *Context {
	limit := 3
	created := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	chat := API{ID: "chat", Name: "Chat", Path: "openai", Protocols: []string{"https"}, Revision: "2", Version: "v1", IsCurrentRevision: true,
		ServiceURL: &URL{Scheme: "https", Host: "backend.example", Port: 443, Path: "/openai"}, KeyHeader: "api-key", KeyName: "key"}
	return &Context{
		RequestID: "11111111-2222-3333-4444-555555555555", Timestamp: testTime.Add(-1500 * time.Millisecond), Tracing: true,
		API: &chat,
		Deployment: &Deployment{GatewayID: "managed", InstanceID: "unit-1", Region: "West Europe", ServiceID: "apim-1", ServiceName: "apim-1.azure-api.net",
			Certificates: map[string][]byte{}},
		Operation: &Operation{ID: "ChatCompletions_Create", Method: "POST", Name: "Chat", URLTemplate: "/deployments/{deployment-id}/chat/completions"},
		Product: &Product{ID: "gold", Name: "Gold", ApprovalRequired: true, SubscriptionRequired: true, Published: true, SubscriptionLimit: &limit,
			Groups: []Group{{"g1", "Data"}, {"g2", "Web"}}, APIs: []API{chat}},
		Subscription: &Subscription{ID: "team-a", Name: "Team A", Key: "k-used", PrimaryKey: "k-used", SecondaryKey: "k-other", CreatedDate: created, EndDate: created.AddDate(1, 0, 0)},
		User: &User{ID: "u1", Email: "ada@example.org", FirstName: "Ada", LastName: "L", Note: "first", RegistrationDate: created,
			Groups: []Group{{"developers", "Developers"}, {"g1", "Data"}}, Identities: []Identity{{"ada", "Aad"}}},
		Request: &Request{Method: "POST", IPAddress: "203.0.113.7", Headers: map[string][]string{"X-Many": {"a", "b"}, "Authorization": {"Bearer x"}},
			MatchedParameters: map[string]string{"deployment-id": "gpt-4o"},
			URL:               URL{Scheme: "https", Host: "backend.example", Port: 443, Path: "/chat", QueryString: "?a=1&a=2", Query: map[string][]string{"a": {"1", "2"}}},
			OriginalURL:       URL{Scheme: "https", Host: "gw.example", Port: 8443, Path: "/openai/chat", QueryString: "?a=1&a=2", Query: map[string][]string{"a": {"1", "2"}}},
			PrivateEndpoint:   &PrivateEndpoint{"pe", "Gateway", "member"},
			VnetInfo:          &AzureVnetInfo{1, 2, 3, "192.0.2.1"},
			Body:              &Body{Bytes: []byte(`{"model":"gpt-4o","n":2}`)}},
		Response:  &Response{StatusCode: 429, StatusReason: "Too Many Requests", Headers: map[string][]string{"Retry-After": {"7"}}, Body: &Body{Bytes: []byte(`{"error":{"code":"429"}}`)}},
		LastError: &LastError{Source: "rate-limit", Reason: "RateLimitExceeded", Message: "Rate limit is exceeded", Scope: "product", Section: "inbound", Path: "rate-limit", PolicyID: "limit-1"},
		Variables: map[string]any{"text": "hello", "flag": true, "count": 41, "big": int64(1) << 40, "half": 0.5, "raw": []byte{1, 255}, "when": testTime,
			"nothing": nil, "token": JWT(testToken), "reply": &Response{StatusCode: 200, Body: &Body{Bytes: []byte(`{"ok":true}`)}}},
	}
}

func TestEveryDocumentedContextMemberAnswers(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		{`@(context.Api.Id + context.Api.Name + context.Api.Path + context.Api.Revision + context.Api.Version)`, "chatChatopenai2v1"},
		{`@(context.Api.IsCurrentRevision)`, "True"},
		{`@(string.Join(",", context.Api.Protocols))`, "https"},
		{`@(context.Api.ServiceUrl.Host)`, "backend.example"},
		{`@(context.Api.ServiceUrl.ToString())`, "https://backend.example/openai"},
		{`@(context.Api.SubscriptionKeyParameterNames.Header + "," + context.Api.SubscriptionKeyParameterNames.Query)`, "api-key,key"},
		{`@(context.Deployment.GatewayId + "|" + context.Deployment.Region + "|" + context.Deployment.ServiceId + "|" + context.Deployment.ServiceName)`,
			"managed|West Europe|apim-1|apim-1.azure-api.net"},
		{`@(context.Deployment.Gateway.Id + context.Deployment.Gateway.InstanceId + context.Deployment.Gateway.IsManaged)`, "managedunit-1True"},
		{`@(context.Deployment.Certificates.Count)`, "0"},
		{`@(context.Elapsed.TotalMilliseconds)`, "1500"},
		{`@(context.Timestamp.ToString("o"))`, "2026-03-04T10:29:58.5000000Z"},
		{`@(context.RequestId)`, "11111111-2222-3333-4444-555555555555"},
		{`@(context.Tracing)`, "True"},
		{`@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.LastError.Message + "|" + context.LastError.Scope + "|" +
			context.LastError.Section + "|" + context.LastError.Path + "|" + context.LastError.PolicyId)`,
			"rate-limit|RateLimitExceeded|Rate limit is exceeded|product|inbound|rate-limit|limit-1"},
		{`@(context.Operation.Id + " " + context.Operation.Method + " " + context.Operation.Name + " " + context.Operation.UrlTemplate)`,
			"ChatCompletions_Create POST Chat /deployments/{deployment-id}/chat/completions"},
		{`@(context.Product.Id + context.Product.Name + context.Product.ApprovalRequired + context.Product.SubscriptionRequired + context.Product.SubscriptionLimit)`,
			"goldGoldTrueTrue3"},
		{`@(context.Product.State.ToString())`, "Published"},
		{`@(context.Product.State == ProductState.Published)`, "True"},
		{`@(string.Join(",", context.Product.Groups.Select(g => g.Name)) + context.Product.Apis.First().Name)`, "Data,WebChat"},
		{`@(context.Subscription.Id + context.Subscription.Name + context.Subscription.Key)`, "team-aTeam Ak-used"},
		{`@(context.Subscription.PrimaryKey + context.Subscription.SecondaryKey)`, "k-usedk-other"},
		{`@(context.Subscription.CreatedDate.Year + "|" + context.Subscription.StartDate.HasValue + "|" + context.Subscription.EndDate.Value.Year)`, "2025|False|2026"},
		{`@(context.User.Id + context.User.Email + context.User.FirstName + context.User.LastName + context.User.Note + context.User.RegistrationDate.Month)`,
			"u1ada@example.orgAdaLfirst1"},
		{`@(context.User.Groups.Any(g => context.Product.Groups.Any(p => p.Id == g.Id)))`, "True"},
		{`@(context.User.Identities.First().Provider + context.User.Identities.First().Id)`, "Aadada"},
		{`@(context.Request.Method + context.Request.IpAddress)`, "POST203.0.113.7"},
		{`@(context.Request.MatchedParameters["deployment-id"])`, "gpt-4o"},
		{`@(context.Request.MatchedParameters.GetValueOrDefault("none", "-"))`, "-"},
		{`@(context.Request.Certificate == null)`, "True"},
		{`@(context.Request.PrivateEndpointConnection.Name + context.Request.PrivateEndpointConnection.GroupId + context.Request.PrivateEndpointConnection.MemberName)`,
			"peGatewaymember"},
		{`@(context.Request.AzureVnetInfo.VnetTrafficTag + context.Request.AzureVnetInfo.SubnetId + context.Request.AzureVnetInfo.PrivateLinkId + context.Request.AzureVnetInfo.SnatVip)`,
			"6192.0.2.1"},
		{`@(context.Request.OriginalUrl.Scheme + context.Request.OriginalUrl.Host + context.Request.OriginalUrl.Port + context.Request.OriginalUrl.Path + context.Request.OriginalUrl.QueryString)`,
			"httpsgw.example8443/openai/chat?a=1&a=2"},
		{`@(context.Request.OriginalUrl.ToString())`, "https://gw.example:8443/openai/chat?a=1&a=2"},
		{`@(context.Request.Url.Query.GetValueOrDefault("A") + context.Request.Url.Query.GetValueOrDefault("b", "-"))`, "1,2-"},
		{`@(context.Response.StatusCode + context.Response.StatusReason + context.Response.Headers.GetValueOrDefault("retry-after"))`, "429Too Many Requests7"},
		{`@(context.Response.Body.As<JObject>()["error"]["code"])`, "429"},
		{`@{ context.Trace("seen"); return "traced"; }`, "traced"},
	})
}

func TestCertificatesOfTheClientAndOfTheServiceAreReadable(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(5), Subject: pkix.Name{CommonName: "client.example"}, NotBefore: testTime, NotAfter: testTime.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	thumbprint := strings.ToUpper(hex.EncodeToString(sha1Of(der)))
	c := &Context{Request: &Request{Certificate: der}, Deployment: &Deployment{Certificates: map[string][]byte{"upstream": der}}}
	evalAll(t, c, []evalCase{
		{`@(context.Request.Certificate.Thumbprint)`, thumbprint},
		{`@(context.Request.Certificate.SubjectName.Name)`, "CN=client.example"},
		{`@(context.Deployment.Certificates["upstream"].Thumbprint == context.Request.Certificate.Thumbprint)`, "True"},
		{`@(context.Deployment.Certificates.Any(c => c.Value.Thumbprint == "` + thumbprint + `"))`, "True"},
		{`@(context.Request.Certificate == null || !context.Request.Certificate.VerifyNoRevocation())`, "True"},
	})
}

func sha1Of(b []byte) []byte {
	sum := sha1.Sum(b)
	return sum[:]
}

func TestPartsARequestDoesNotHaveAreNull(t *testing.T) {
	evalAll(t, &Context{}, []evalCase{
		{`@(context.Product == null && context.Subscription == null && context.User == null)`, "True"},
		{`@(context.Response == null && context.LastError == null && context.Api == null)`, "True"},
		{`@(context.Request != null && context.Request.Body == null)`, "True"},
		{`@(context.Request.PrivateEndpointConnection == null)`, "True"},
		{`@(context.Product?.Name ?? "none")`, "none"},
		{`@(context.User.Id)`, "throws System.NullReferenceException"},
	})
}

func TestHeadersAreFoundInAnyCaseAndJoinedWithCommas(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		{`@(context.Request.Headers.GetValueOrDefault("x-many","none"))`, "a,b"},
		{`@(context.Request.Headers.GetValueOrDefault("x-none","none"))`, "none"},
		{`@(context.Request.Headers.GetValueOrDefault("x-none"))`, "null"},
		{`@(context.Request.Headers["X-MANY"][1])`, "b"},
		{`@(context.Request.Headers["missing"].First())`, "throws System.Collections.Generic.KeyNotFoundException"},
		{`@(context.Request.Headers.ContainsKey("x-Many"))`, "True"},
		{`@{ string[] value; return context.Request.Headers.TryGetValue("X-Many", out value) ? value.Length : 0; }`, "2"},
		{`@(string.Join(";", context.Request.Headers.OrderBy(h => h.Key).Select(h => h.Key + "=" + string.Join("+", h.Value))))`, "Authorization=Bearer x;X-Many=a+b"},
	})
}

func TestVariablesKeepTheirTypes(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		{`@((string)context.Variables["text"])`, "hello"},
		{`@((int)context.Variables["count"] + 1)`, "42"},
		{`@((long)context.Variables["big"])`, "1099511627776"},
		{`@((double)context.Variables["half"])`, "0.5"},
		{`@(((byte[])context.Variables["raw"])[1])`, "255"},
		{`@(((DateTime)context.Variables["when"]).Hour)`, "10"},
		{`@((bool)context.Variables["flag"] ? "yes" : "no")`, "yes"},
		{`@(context.Variables.ContainsKey("nothing") && context.Variables["nothing"] == null)`, "True"},
		{`@(context.Variables.GetValueOrDefault<int>("count"))`, "41"},
		{`@(context.Variables.GetValueOrDefault<int>("none", 7))`, "7"},
		{`@(context.Variables.GetValueOrDefault("none", "fallback"))`, "fallback"},
		{`@(context.Variables.GetValueOrDefault<string>("count"))`, "throws System.InvalidCastException"},
		{`@((int)context.Variables["text"])`, "throws System.InvalidCastException"},
		{`@(context.Variables["none"])`, "throws System.Collections.Generic.KeyNotFoundException"},
		{`@(((Jwt)context.Variables["token"]).Subject)`, "user-1"},
		{`@(((IResponse)context.Variables["reply"]).StatusCode)`, "200"},
		{`@((string)((IResponse)context.Variables["reply"]).Body.As<JObject>()["ok"])`, "True"},
	})
}

func TestTheGatewaysClockIsTheExpressionsClock(t *testing.T) {
	evalAll(t, &Context{Timestamp: testTime}, []evalCase{
		{`@(DateTime.UtcNow.ToString("o"))`, "2026-03-04T10:30:00.0000000Z"},
		{`@(System.DateTime . UtcNow.AddMinutes(5).Minute)`, "35"},
		{`@(DateTime.Today.Day)`, "4"},
		{`@(DateTime.Now.Hour)`, "10"},
		{`@(DateTimeOffset.UtcNow.ToUnixTimeSeconds())`, "1772620200"},
		{`@($"it is {DateTime.UtcNow.Year}, not DateTime.UtcNow")`, "it is 2026, not DateTime.UtcNow"},
		{`@(DateTime.UtcNow - context.Timestamp)`, "00:00:00"},
	})
}

func TestValuesPrintAsInTheCultureOfAzure(t *testing.T) {
	evalAll(t, &Context{}, []evalCase{
		{`@(1.5)`, "1.5"},
		{`@(true)`, "True"},
		{`@(1234567.25m)`, "1234567.25"},
		{`@(new DateTime(2026, 3, 4, 15, 6, 7))`, "3/4/2026 3:06:07 PM"},
		{`@(TimeSpan.FromMinutes(90))`, "01:30:00"},
		{`@('x')`, "x"},
		{`@((long?)null)`, "null"},
		{`@(new Uri("https://a.example/b"))`, "https://a.example/b"},
		{`@(new JObject(new JProperty("a", 1)).ToString(Newtonsoft.Json.Formatting.None))`, `{"a":1}`},
		{`@(new string[] {"a"})`, "System.String[]"},
		{`@(Encoding.UTF8.GetBytes("grüße"))`, "grüße"},
	})
}

func TestAConversionThatFailsIsAnExpressionError(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@("12")`, WantInt), expression(t, `@("soon")`, WantInt), expression(t, `@(0.25)`, WantFloat), expression(t, `@(1 == 1)`, WantBool)})
	ctx := context.Background()
	s := session(t, p, &Context{})
	v, _, err := s.Eval(ctx, 0)
	if err != nil || v.Int != 12 {
		t.Errorf("text with a number: %v, %v", v, err)
	}
	if _, _, err = s.Eval(ctx, 1); err == nil {
		t.Error("text without a number was taken as an integer")
	}
	if v, _, err = s.Eval(ctx, 2); err != nil || v.Float != 0.25 {
		t.Errorf("fraction: %v, %v", v, err)
	}
	if v, _, err = s.Eval(ctx, 3); err != nil || !v.Bool {
		t.Errorf("condition: %v, %v", v, err)
	}
}
