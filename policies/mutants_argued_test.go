package policies_test

// arguments are all mutants that no case notices, with the reason. One that a case notices is an error, and so is an entry that
// fits nothing any more.
var arguments = []argument{
	{change: `leave out: exists-action="override"`, reason: "override is what set-header does when it is left out (set-header-policy)"},
	{change: `leave out: exists-action="delete"`, reason: "a header without a value is set to nothing, which the embedded gateway takes for deleting [M]"},
	{attribute: "reason", change: "write", reason: "HTTP/2 has no reason phrase and no client looks at it; set-status wants one (set-status-policy)"},
	{change: `leave out: <base />`, reason: "no scope above has a policy; it stands there for those that an operator sets at the service"},
	{change: `leave out: caching-type="internal"`, reason: "the default prefers an external cache, and the gateway has none (cache-store-value-policy)"},
	{change: `leave out: first-fast-retry="true"`, reason: "an interval of 0 leaves nothing to wait for"},
	{attribute: "first-fast-retry", change: "write false", reason: "an interval of 0 leaves nothing to wait for"},
	{change: `leave out: retry-after-header-name="Retry-After"`, reason: "Retry-After is the default (rate-limit-by-key-policy, llm-token-limit-policy)"},
	{change: `leave out: copy-unmatched-params="true"`, reason: "true is the default (rewrite-uri-policy)"},

	{document: answer, change: `leave out: "Content-Length"`, reason: "set-header cannot delete it (set-header-policy, \"Limitations\")"},
	{document: answer, change: `leave out: "Transfer-Encoding"`, reason: "set-header cannot delete it"},
	{document: answer, change: `leave out: "Connection"`, reason: "set-header cannot delete it"},
	{document: answer, change: `leave out: , "Keep-Alive"`, reason: "set-header cannot delete it"},

	{document: caller, change: `leave out: <issuer>https://login.microsoftonline.com/`, reason: "the metadata of openid-config name this issuer, too (validate-jwt-policy)"},
	{document: media, change: `leave out: text.IndexOf('\uFFFD') >= 0 &&`, reason: "a shortcut: what was read without loss needs no comparison"},
	{document: caller, change: `leave out: || id == ""`, reason: "every token of Entra names its subject"},
	{document: caller, change: `leave out: && !claims.ContainsKey("groups")`, reason: "Entra names groups by reference instead of by value, never both"},

	{document: body, change: `write true: names[depth].Contains("\\")`, reason: "a name without escapes is read as itself; the condition spares reading it"},
	{document: body, change: `leave out: && inObject[depth]`, at: `i < text.Length) {`, reason: "names in lists are not looked at; the condition spares reading them"},
	{document: body, change: `leave out: && inObject[depth]`, at: `c == ':'`, reason: "only what is no JSON has a colon in a list, and the account refuses it"},
	{document: reach, change: `leave out: && parents.Count > 0`, reason: "the text is balanced: body found its end by counting brackets"},
	{document: reach, change: `write true: read.Contains("\\")`, reason: "a text without escapes is read as itself; the condition spares reading it"},
	{document: reach, change: `write true: value(name).Contains("_url")`, reason: "a shortcut: without these no address is found"},
	{document: body, change: `leave out: && starts[depth] < 0`, at: `c == ':'`, reason: "only what is no JSON has a second colon, and the account refuses it"},

	{document: failover, change: `write 501: 500`, at: `context.Response.StatusCode <= 500`, reason: "501 is no failure of an account"},
	{document: failover, change: `write 501: 500`, at: `context.Response.StatusCode > 500`, reason: "501 is no failure of an account"},
	{document: failover, change: `write true: was == "" || was == "unclear"`, reason: "what failed before has made the outcome down already"},
	{document: failover, change: `leave out: && context.Response.StatusCode == 503`, at: `"unclear" : "failed"`,
		reason: "the next account is called by name, and its answer shows that a connection had failed"},
	{document: failover, change: `write true: context.Response != null && context.Response.StatusCode == 503`,
		reason: "the next account is called by name, and its answer shows that a connection had failed"},
	{document: failover, change: `leave out: (string)context.Variables["silent"] != "" &&`, reason: "nobody is silent, and that is stored once more"},
	{document: failover, change: `leave out: && (string)context.Variables["account"] != ""`, reason: "after an attempt without an answer members are called by name"},
	{document: failover, change: `leave out: fault == "refused" &&`, reason: "400 is the status of no other fault"},
	{document: failover, change: `write @(true): @((string)context.Variables["fault"] != "")`, reason: "without a fault nobody looks at the outcome"},
	{document: failover, change: `leave out: (string)context.Variables["fault"] == "down" &&`, reason: "no other fault that gets here has a status above 500"},

	{document: deployment, change: `write false: (string)context.Variables["deployment"] != ""`, reason: "a shortcut: with a deployment nothing reads the pools"},

	{document: identity, change: `leave out: <set-header name="Authorization" exists-action="delete" />`,
		reason: "authentication-managed-identity writes the same header (authentication-managed-identity-policy)"},

	{document: models, change: `leave out: <set-status code="200" reason="OK" />`, reason: "200 is what return-response answers without a status (return-response-policy)"},
	{document: refusal, change: `leave out: <set-header name="Content-Type"`, reason: "the gateway's own errors are JSON, too; the policy does not count on it"},
	{document: refusal, change: `leave out: status == 401 &&`, reason: "validate-jwt answers nothing but 401"},
	{document: response, change: `leave out: mode="new"`, reason: "new is the default (send-request-policy)"},
	{document: response, change: `leave out: <set-method>GET</set-method>`, reason: "GET is the default (send-request-policy)"},
	{document: refusal, change: `leave out: status == 429 &&`, reason: "rate-limit-by-key answers nothing but 429"},
	{document: refusal, change: `write 101: 100`, at: `["reservable-left"])`, reason: "when the embedded gateway refuses, nothing is left: the call that crosses the limit passes [M]"},
	{document: answer, change: `write @(true): @((string)context.Variables["foreign"] != "")`, at: "<when", reason: "without a name no header is deleted"},
	{document: answer, change: `write false: ((string)context.Variables["foreign"]).Split(',')[1] == ""`,
		reason: "the embedded gateway deletes no header without a name; whether Azure takes one is not known, which X-None spares it"},
	{document: failover, change: `write false: true`, at: `name="encrypted"`, reason: "any text stands for yes"},
	{document: reach, change: `leave out: value("input").StartsWith("[") &&`, reason: "a shortcut: a text has no items"},
	{document: admission, change: `write false: capacity == 0 && reservable == 0`, reason: "a shortcut: without limits nothing is full, and nothing is reserved"},
	{document: admission, change: `write true: body.ContainsKey("prompt") && body["prompt"][0].StartsWith("[")`, reason: "a shortcut: what is no list cannot be read as one"},
	{document: admission, change: `leave out: && body["prompt"][0].StartsWith("[")`, reason: "a shortcut: what is no list cannot be read as one"},
	{document: admission, change: `write true: Math.Ceiling(characters / 2) + each * answers > capacity || reservable > 0`,
		reason: "a shortcut: what is short in any case is not read"},
}
