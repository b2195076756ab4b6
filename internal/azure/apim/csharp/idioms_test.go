package csharp

import (
	"encoding/base64"
	"testing"
)

// testToken is an unsigned token: AsJwt reads, it does not verify.
var testToken = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." +
	base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"id-1","iss":"https://issuer.example/","sub":"user-1","aud":["api://a","api://b"],`+
		`"roles":["reader","writer"],"tid":"tenant","exp":1772623800,"nbf":1772620000,"iat":1772620000,"amount":1.5,"ok":true,"when":"2026-01-01T00:00:00Z"}`)) + ".c2ln"

func TestCredentialsAreReadAsDocumented(t *testing.T) {
	c := &Context{Request: &Request{Headers: map[string][]string{
		"Authorization": {"Bearer " + testToken}, "X-Token": {testToken}, "X-Bad": {"Bearer a.b.c"},
		"X-Basic": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ada:p:w"))},
	}}}
	evalAll(t, c, []evalCase{
		{`@(context.Request.Headers.GetValueOrDefault("Authorization","").AsJwt()?.Subject)`, "user-1"},
		{`@(context.Request.Headers.GetValueOrDefault("Authorization","").Split(' ').Last().AsJwt().Id)`, "id-1"},
		{`@{ Jwt jwt; if (context.Request.Headers.GetValueOrDefault("X-Token","").TryParseJwt(out jwt)) { return jwt.Issuer + jwt.Algorithm + jwt.Type; } return null; }`,
			"https://issuer.example/RS256JWT"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("roles", "none"))`, "reader,writer"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("roles", new string[0]).Length)`, "2"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("groups", new[] { "none" })[0])`, "none"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("groups", new string[] {}).Contains("a"))`, "False"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("groups", null) == null)`, "True"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.GetValueOrDefault("groups", default(string[])) == null)`, "True"},
		{`@(string.Join("+", context.Request.Headers.GetValueOrDefault("X-Token", new string[0]).Select(t => t.AsJwt().Id)))`, "id-1"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims["roles"].Contains("writer"))`, "True"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims.ContainsKey("groups"))`, "False"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims["amount"][0] + context.Request.Headers["X-Token"][0].AsJwt().Claims["ok"][0])`, "1.5True"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().Claims["when"][0])`, "2026-01-01T00:00:00Z"},
		{`@(string.Join("+", context.Request.Headers["X-Token"][0].AsJwt().Audiences))`, "api://a+api://b"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().ExpirationTime > DateTime.UtcNow)`, "True"},
		{`@(context.Request.Headers["X-Token"][0].AsJwt().NotBefore.Value.Year + context.Request.Headers["X-Token"][0].AsJwt().IssuedAt.Value.Month)`, "2029"},
		{`@(context.Request.Headers.GetValueOrDefault("X-Bad","").AsJwt() == null)`, "True"},
		{`@("".AsJwt() == null && ((string)null).AsJwt() == null)`, "True"},
		{`@(context.Request.Headers["X-Basic"][0].AsBasic().UserId + "/" + context.Request.Headers["X-Basic"][0].AsBasic().Password)`, "ada/p:w"},
		{`@{ BasicAuthCredentials who; return "Basic !!".TryParseBasic(out who) ? "yes" : "no"; }`, "no"},
		{`@(context.Request.Headers["Authorization"][0].AsBasic() == null)`, "True"},
	})
}

func TestIdiomsOfPublishedPoliciesRun(t *testing.T) {
	c := fullContext()
	evalAll(t, c, []evalCase{
		{`@(context.Response != null && (context.Response.StatusCode == 429 || context.Response.StatusCode >= 500))`, "True"},
		{`@((int)context.Response?.StatusCode < 500)`, "True"},
		{`@(Regex.Match(context.Response.Headers.GetValueOrDefault("Cache-Control",""), @"max-age=(?<maxAge>\d+)").Groups["maxAge"]?.Value)`, ""},
		{`@(context.Variables.ContainsKey("maxAge") ? int.Parse((string)context.Variables["maxAge"]) : 3600)`, "3600"},
		{`@(Regex.Replace("a1b22", "[0-9]+", m => "<" + m.Value + ">"))`, "a<1>b<22>"},
		{`@(Convert.ToInt32(context.Response.Headers.GetValueOrDefault("Retry-After", "1")) * 2)`, "14"},
		{`@{
			var body = context.Request.Body.As<JObject>(preserveContent: true);
			if (body.ContainsKey("model")) { body["stream_options"] = new JObject { { "include_usage", true } }; }
			return body.ToString(Newtonsoft.Json.Formatting.None);
		}`, `{"model":"gpt-4o","n":2,"stream_options":{"include_usage":true}}`},
		{`@(new JObject(new JProperty("error", new JObject(new JProperty("code", "429"), new JProperty("message", context.LastError.Message)))).ToString())`,
			"{\n  \"error\": {\n    \"code\": \"429\",\n    \"message\": \"Rate limit is exceeded\"\n  }\n}"},
		{`@(JsonConvert.SerializeObject(new { a = 1, b = new[] { "x" } }))`, `{"a":1,"b":["x"]}`},
		{`@((string)JObject.Parse("{\"a\":{\"b\":[1,2]}}").SelectToken("a.b[1]"))`, "2"},
		{`@(string.Join(",", JArray.Parse("[3,1,2]").Select(x => (int)x).OrderBy(x => x)))`, "1,2,3"},
		{`@{ var total = 0; foreach (var x in JArray.Parse("[3,1,2]")) { total += (int)x; } return total; }`, "6"},
		{`@{ var list = new List<string>(); foreach (var h in context.Request.Headers) { list.Add(h.Key); } list.Sort(); return string.Join(",", list); }`, "Authorization,X-Many"},
		{`@($"{context.Request.Method} {context.Request.Url.Path}")`, "POST /chat"},
		{`@(Convert.ToBase64String(SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes("a"))).Substring(0, 6))`, "ypeBEs"},
		{`@{ using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("k"))) { return BitConverter.ToString(h.ComputeHash(Encoding.UTF8.GetBytes("m"))).Length; } }`, "95"},
		{`@(XElement.Parse("<a><b>1</b></a>").Element("b").Value)`, "1"},
		{`@(WebUtility.UrlEncode("a b&c") + Uri.EscapeDataString("a b"))`, "a+b%26ca%20b"},
		{`@(IPAddress.Parse(context.Request.IpAddress).GetAddressBytes()[0])`, "203"},
		{`@(new Dictionary<string, int> { { "a", 1 } }.TryGetValue("a", out int n) ? n : 0)`, "1"},
		{`@{ switch (context.Request.Method) { case "GET": return "read"; case "POST": return "write"; default: return "?"; } }`, "write"},
		{`@{ try { return int.Parse("x"); } catch { return -1; } }`, "-1"},
		{`@(string.IsNullOrEmpty(context.Request.Headers.GetValueOrDefault("x")) ? "empty" : "full")`, "empty"},
		{`@{ object o = context.Variables["count"]; return o is int i ? i + 1 : 0; }`, "42"},
		{`@(context.Request.MatchedParameters.GetValueOrDefault("deployment-id").StartsWith("gpt", StringComparison.OrdinalIgnoreCase))`, "True"},
		{`@(Math.Max(1, Math.Min(120, 300)) + new Random(1).Next(1))`, "120"},
		{`@(Guid.NewGuid().ToString().Length)`, "36"},
		{`@(Convert.FromBase64String("AQI=").Length)`, "2"},
		{`@(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes("s3").Encrypt("Aes", new byte[16], new byte[16]).Decrypt("Aes", new byte[16], new byte[16])))`, "s3"},
		{`@(new StringReader("a\nb").ReadLine())`, "a"},
		{`@{ int[] weights = { 1, 2, 3 }; return weights.Sum(); }`, "6"},
		{`@(context.User.Groups.Select(g => g.Name).Where(n => n.StartsWith("D")).Count() // counts
		)`, "2"},
		{`@{
			var ready = new List<int>(); // the members that may be tried, best priority first
			int best = Int32.MaxValue, at = 0;
			foreach (JObject member in JArray.Parse("[{\"p\":2,\"off\":false},{\"p\":1,\"off\":false},{\"p\":1,\"off\":true}]")) {
				if (!member.Value<bool>("off")) {
					var priority = member.GetValue("p").Value<int>();
					if (priority < best) { best = priority; ready.Clear(); }
					if (priority == best) { ready.Add(at); }
				}
				at++;
			}
			return ready[new Random().Next(0, ready.Count)];
		}`, "1"},
		{`@("a=1; sid=x.y".Split(';').Select(c => c.Trim()).Select(c => c.Split('=')).SingleOrDefault(c => c[0] == "sid")?[1] ?? string.Empty)`, "x.y"},
		{`@(context.Variables["text"] == string.Empty ? "none" : $"k-{context.Variables.GetValueOrDefault("text")}-{(string)context.Variables["text"]}")`, "k-hello-hello"},
		{`@{ using (var sha = System.Security.Cryptography.SHA256.Create()) { return Convert.ToBase64String(sha.ComputeHash(Encoding.UTF8.GetBytes("a"))).Replace("+", "-").Length; } }`, "44"},
		{`@(DateTime.UtcNow.ToString("R"))`, "Wed, 04 Mar 2026 10:30:00 GMT"},
		{`@(JObject.Parse("{\"usage\":{\"total_tokens\":7}}").SelectToken("usage.total_tokens").ToObject<int>() + 1)`, "8"},
		{`@(DateTimeOffset.UtcNow > DateTimeOffset.FromUnixTimeMilliseconds(5L) && string.Compare("a", "b") != 0)`, "True"},
		{`@{ throw new Exception("no"); }`, "throws System.Exception"},
	})
}
