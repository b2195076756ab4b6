package policies_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

// mutation breaks one condition of a document; the case is the one whose promise that is.
type mutation struct {
	document, old, new string
	caught             string
}

const (
	caller      = "fragments/caller.xml"
	deployment  = "fragments/deployment.xml"
	body        = "fragments/body.xml"
	models      = "fragments/models.xml"
	admission   = "fragments/admission.xml"
	reach       = "fragments/reach.xml"
	response    = "fragments/response.xml"
	reservation = "fragments/reservation.xml"
	limits      = "fragments/limits.xml"
	units       = "fragments/units.xml"
	requests    = "fragments/requests.xml"
	endpoint    = "fragments/endpoint.xml"
	media       = "fragments/media.xml"
	usage       = "fragments/usage.xml"
	identity    = "fragments/identity.xml"
	failover    = "fragments/failover.xml"
	answer      = "fragments/answer.xml"
	refusal     = "fragments/refusal.xml"
	export      = "fragments/export.xml"
	file        = "fragments/file.xml"
	attached    = "fragments/attached.xml"
	transfer    = "fragments/transfer.xml"
	fileIDs     = "fragments/fileids.xml"
)

// uploads are the operations that take multipart bodies, as the documents name them.
const uploads = "Transcriptions_Create,Translations_Create,ImageEdits_Create,createImageEdit,createTranscription,createTranslation"

var mutations = map[string]mutation{
	"a file is everybody's":                       {file, `Encoding.UTF8.GetBytes((string)context.Variables["owner"] + "/" + place)`, `Encoding.UTF8.GetBytes("/" + place)`, "files/upload"},
	"the code of a file's id is not checked":      {file, `.ToLowerInvariant() == claimed.Groups[2].Value`, `.ToLowerInvariant() != ""`, "files/of-another-caller"},
	"a file belongs to a product":                 {file, `(string)context.Variables["product"] + "/" + (string)context.Variables["caller"]`, `(string)context.Variables["product"] + "/"`, "files/of-another-caller"},
	"a file goes to accounts that fail":           {file, `!((string)context.Variables["files-closed"]).Split(',').Contains(account)`, `true`, "files/in-two-accounts"},
	"what is no form is uploaded":                 {file, `.Trim().StartsWith("multipart/form-data"`, `.Trim().StartsWith(""`, "files/what-is-no-file"},
	"a file has any size":                         {file, `bytes > 513 * 1048576L`, `false`, "files/what-is-no-file"},
	"a prompt names everybody's files":            {attached, `.ToLowerInvariant() == claimed.Groups[2].Value`, `.ToLowerInvariant() != ""`, "files/in-anothers-prompt"},
	"a prompt names the account's own ids":        {attached, `ids[read] = !claimed.Success ? "" :`, `if (!claimed.Success) { continue; } ids[read] =`, "files/in-anothers-prompt"},
	"lists of files are not looked at":            {attached, ` && name != "file_ids"`, ``, "files/in-anothers-prompt"},
	"a product without files names some":          {attached, `.Contains("files")) { return error("EndpointNotAllowed"`, `.Contains("chat")) { return error("EndpointNotAllowed"`, "files/in-anothers-prompt"},
	"escaped names of files are missed":           {attached, `if (name.Contains("\\"))`, `if (false)`, "files/in-a-prompt"},
	"a prompt goes where its file is not":         {attached, `<set-variable name="holder"`, `<set-variable name="other"`, "files/in-a-prompt"},
	"files of two accounts are sent to one":       {attached, `accounts.Count > 1 || `, ``, "files/in-two-accounts"},
	"a deployment elsewhere is called":            {attached, ` || !((string)context.Variables["members"]).Split(',').Contains(accounts[0])`, ``, "files/in-two-accounts"},
	"an account's limit for files is a failure":   {transfer, `status == 429 ? "limit" :`, `status == 429 ? "down" :`, "files/unavailable"},
	"a failing account takes the next upload":     {transfer, `key="files-closed"`, `key="files-open"`, "files/in-two-accounts"},
	"the account's own id is answered":            {fileIDs, `ids.Add((string)JObject.Parse(text)["id"] ?? "");`, ``, "files/upload"},
	"the account's own id is in errors":           {fileIDs, `context.Response.StatusCode >= 400 ? text.Replace(id, given) : `, ``, "files/deleted"},
	"items have the account's own ids":            {fileIDs, `context.Operation.Id == "listInputItems" ||`, ``, "files/in-a-prompt"},
	"files are exported":                          {export, `if ((string)context.Variables["endpoint"] == "files") { return ""; }`, ``, "files/export"},
	"a file is read":                              {body, `if ("Files_Upload,Files_Get,Files_Delete,Files_GetContent,createFile,retrieveFile,deleteFile,downloadFile".Split(',').Contains(context.Operation.Id)) { return members; }`, `if (context.Operation.Id == "createFile") { throw new Exception(); }`, "files/upload"},
	"408 is not retried":                          {failover, `{ 408, `, `{ `, "failover/status-408"},
	"499 is not retried":                          {failover, ` 499,`, ``, "failover/status-499"},
	"500 is not retried":                          {failover, ` 500,`, ``, "failover/status-500"},
	"502 is not retried":                          {failover, ` 502,`, ``, "failover/status-502"},
	"503 is not retried":                          {failover, ` 503, 504 }`, ` 504 }`, "failover/status-503"},
	"504 is not retried":                          {failover, ` 503, 504 }`, ` 503 }`, "failover/status-504"},
	"401 is not retried":                          {failover, `status == 401 || `, ``, "failover/status-401"},
	"403 is not retried":                          {failover, ` || status == 403`, ``, "failover/status-403"},
	"another tenant is the caller's fault":        {failover, `does not match resource token" ? "refused" : ""`, `does not match resource token" ? "" : ""`, "failover/tenant-of-one"},
	"every 400 is the backend's":                  {failover, `== "Tenant provided in token does not match resource token" ?`, `!= "" ?`, "failover/status-400-is-the-callers"},
	"a message is taken for a code":               {failover, `code == "Tenant provided in token does not match resource token"`, `context.Response.Body.As<string>(preserveContent: true).Contains("Tenant provided in token does not match resource token")`, "failover/tenant-in-a-message"},
	"another tenant is not called by name":        {failover, ` || fault == "refused" && context.Response.StatusCode == 400`, ``, "failover/tenant-on-the-preferred"},
	"429 is not retried":                          {failover, `return "limit"`, `return ""`, "failover/throttled"},
	"every 404 is retried":                        {failover, `.Contains("DeploymentNotFound") ? "missing" : ""`, `.Contains("") ? "missing" : ""`, "failover/not-found-is-the-callers"},
	"a missing deployment is not retried":         {failover, `? "missing" : ""`, `? "" : ""`, "failover/missing-on-one"},
	"every 409 is retried":                        {failover, `ContainsKey("Retry-After") ? "busy" : ""`, `ContainsKey("Retry-After") ? "busy" : "busy"`, "failover/conflict-without-retry-after"},
	"no 409 is retried":                           {failover, `? "busy" : ""`, `? "" : ""`, "failover/conflict-with-retry-after"},
	"failed connections are not called by name":   {failover, `{ "unanswered", "missing", "busy", "model", "foreign" }`, `{ "missing", "busy", "model", "foreign" }`, "failover/unreachable-with-its-breaker-closed"},
	"a missing deployment is not called by name":  {failover, `{ "unanswered", "missing", "busy", "model", "foreign" }`, `{ "unanswered", "busy", "model", "foreign" }`, "failover/missing-on-the-second"},
	"a conflict is not called by name":            {failover, `{ "unanswered", "missing", "busy", "model", "foreign" }`, `{ "unanswered", "missing", "model", "foreign" }`, "failover/conflict-on-the-preferred"},
	"no attempt more when called by name":         {failover, `{ members++; }`, `{ }`, "failover/missing-on-the-second"},
	"attempts are not capped":                     {failover, `Math.Min(members, int.Parse("{{max-attempts}}"))`, `members`, "failover/attempts-capped"},
	"attempts ignore the pool's size":             {failover, `Math.Min(members, int.Parse("{{max-attempts}}"))`, `int.Parse("{{max-attempts}}")`, "failover/refused-by-all"},
	"retries ignore the deadline":                 {failover, ` || context.Elapsed.TotalSeconds >= int.Parse("{{deadline-seconds}}")`, ``, "failover/no-attempt-after-the-deadline"},
	"each attempt has the whole deadline":         {failover, `int.Parse("{{deadline-seconds}}") - (int)context.Elapsed.TotalSeconds`, `int.Parse("{{deadline-seconds}}")`, "failover/one-deadline"},
	"a stream waits as long as any call":          {failover, `(bool)context.Variables["streamed"] ? "{{stream-seconds}}"`, `false ? "{{stream-seconds}}"`, "failover/silent-to-a-stream"},
	"an attempt waits to the deadline":            {failover, `"{{stream-seconds}}" : "{{attempt-seconds}}"`, `"{{stream-seconds}}" : "{{deadline-seconds}}"`, "failover/silent-with-an-attempt-of-its-own"},
	"the last account is cut off, too":            {failover, `if ((int)context.Variables["attempt"] < Math.Min(members, int.Parse("{{max-attempts}}"))) { left`, `{ left`, "failover/slow-streams-everywhere"},
	"the body is not buffered":                    {failover, `buffer-request-body="true"`, `buffer-request-body="false"`, "failover/body-is-kept"},
	"streams are buffered":                        {failover, `buffer-response="false"`, `buffer-response="true"`, "answers/stream-is-not-held-back"},
	"Retry-After is not capped":                   {answer, `int.Parse("{{retry-after-cap-seconds}}")`, `100000`, "failover/retry-after-capped"},
	"a closed pool's Retry-After is not capped":   {refusal, `int.Parse("{{retry-after-cap-seconds}}")`, `100000`, "failover/retry-after-capped"},
	"the cap is taken for the end":                {failover, `return Math.Min(seconds, context.Variables`, `return Math.Min(60, context.Variables`, "failover/closed-for-long"},
	"clients hammer a pool beyond its end":        {refusal, `left < 1 ? 10 : left`, `Math.Max(1, left)`, "failover/retry-after-unread"},
	"a Retry-After of nothing is sent":            {failover, `seconds < 1 ? 10 : seconds`, `seconds`, "failover/retry-after-nothing"},
	"dates of Retry-After are not read":           {failover, `header.EndsWith("GMT")`, `false`, "failover/retry-after-date"},
	"whatever .NET takes for a date is one":       {failover, ` && header.EndsWith("GMT")`, ``, "failover/retry-after-date"},
	"the last Retry-After is sent":                {failover, `return Math.Min(seconds, context.Variables.GetValueOrDefault<int>("retry-after", seconds));`, `return seconds;`, "failover/all-throttled"},
	"earlier limits are forgotten":                {failover, `{ seconds = Math.Min(seconds, (int)Math.Ceiling((new DateTime(until) - DateTime.UtcNow).TotalSeconds)); }`, `{ }`, "failover/exhausted-within-a-call"},
	"failures are forgotten":                      {failover, `(string)context.Variables["fault"] == "refused" || (string)context.Variables["fault"] == "down" && context.Response.StatusCode > 500`, `false`, "failover/failures-outweigh-limits"},
	"a model's own error is a failure":            {failover, `{ return "model"; }`, `{ }`, "failover/model-error-everywhere"},
	"a model's own error is not tried elsewhere":  {failover, `return "model"`, `return ""`, "failover/model-error-on-one"},
	"a model's own error gets one attempt more":   {failover, ` && fault != "model"`, ``, "failover/model-error-everywhere"},
	"the same account is tried after a 500":       {failover, ` || fault == "down" && context.Response.StatusCode <= 500 ?`, ` ?`, "failover/status-500-everywhere"},
	"an unanswered attempt is no failure":         {failover, `<set-variable name="outcome" value="down" />`, ``, "failover/refused-connection-then-throttled"},
	"the last answer alone decides":               {failover, `return outcome == "foreign" ? fault : "down";`, `return fault;`, "failover/down-then-throttled"},
	"the pool's end is a failure":                 {failover, `StatusCode == 503 ? "unclear" : "failed"`, `StatusCode == 503 ? "failed" : "failed"`, "failover/exhausted-after-throttling"},
	"a silent account is forgotten":               {failover, `>= 5) { return "silent"; }`, `>= 5000) { return "silent"; }`, "failover/silent-is-called-last"},
	"a silent account is silent for good":         {failover, `.Where(member => member != (string)context.Variables["account"])`, ``, "failover/silent-answers-again"},
	"a silent account is called in its turn":      {failover, `.OrderBy(member => silent.Split(',').Contains(member))`, ``, "failover/silent-is-called-last"},
	"a refusal by backends is passed on":          {answer, `{ "limit", "refused", "down" }`, `{ "limit", "down" }`, "failover/refused-by-all"},
	"a refusal by backends is a 403":              {answer, `"refused" ? 502 : 503`, `"refused" ? 403 : 503`, "failover/forbidden-by-all"},
	"a failure of backends is passed on":          {answer, `{ "limit", "refused", "down" }`, `{ "limit", "refused" }`, "failover/status-500-everywhere"},
	"headers of an account are shown":             {answer, `(string)context.Variables["foreign"] != ""`, `false`, "answers/headers-of-the-account"},
	"keys without a product are let in":           {caller, `context.Subscription != null && context.Product == null`, `false`, "access/master-key"},
	"products nobody knows are let in":            {caller, `== "none")`, `== "nobody")`, "access/key-of-another-product"},
	"both needs no token":                         {caller, `context.Variables["authentication"] != "key"`, `context.Variables["authentication"] == "entra"`, "access/both"},
	"groups are not checked":                      {caller, `if (!rules["groups"].Values<string>().Any(group => groups.Contains(group))) { continue; }`, ``, "access/keyless-group-missing"},
	"any group opens any keyed product":           {caller, `product.Name != keyed`, `false`, "access/both"},
	"a token alone opens every product":           {caller, `(string)rules["authentication"] != "entra"`, `false`, "access/keyless-group-of-a-key-product"},
	"the first product is taken":                  {caller, `if (rules["deployments"].Values<string>().Contains(wanted)) { return rules.ToString(Newtonsoft.Json.Formatting.None); }`, ``, "access/keyless-two-products"},
	"a token opens the path of another privacy":   {caller, `paths.Contains(context.Api.Path)`, `true`, "access/keyless-wrong-path"},
	"the path chooses what is logged":             {caller, `if (rules["deployments"].Values<string>().Contains(wanted)) {`, `if (rules["deployments"].Values<string>().Contains(wanted) && rules["paths"].Values<string>().Contains(context.Api.Path)) {`, "access/keyless-two-privacies"},
	"another path's models are listed":            {caller, `reached == "" && rules["paths"].Values<string>().Contains(context.Api.Path)`, `reached == ""`, "access/keyless-models-of-each-path"},
	"the audience is not checked":                 {caller, `<audience>` + policytest.Audience + `</audience>`, `<audience>https://cognitiveservices.azure.com</audience><audience>` + policytest.Audience + `</audience>`, "access/token-audience"},
	"unsigned tokens are taken":                   {caller, `require-scheme="Bearer"`, `require-scheme="Bearer" require-signed-tokens="false"`, "access/token-unsigned"},
	"tokens need not expire":                      {caller, `require-scheme="Bearer"`, `require-scheme="Bearer" clock-skew="100000"`, "access/token-expired"},
	"the overage is not explained":                {caller, `claims.ContainsKey("_claim_names")`, `false`, "access/groups-overage"},
	"callers differ by product alone":             {caller, ` + ":" + token.Claims.GetValueOrDefault("oid", token.Subject)`, ``, "limits/tokens-alone-share-nothing"},
	"the product's deployments are not checked":   {deployment, `!((string)context.Variables["allowed"]).Split(',').Contains((string)context.Variables["deployment"])`, `false`, "access/deployment-not-allowed"},
	"unknown deployments go on":                   {deployment, `(string)context.Variables["members"] == ""`, `false`, "access/deployment-unknown"},
	"requests are counted together":               {requests, `"requests:" + (string)context.Variables["caller"]`, `"requests:"`, "limits/noisy-neighbour"},
	"tokens are counted together":                 {limits, `"tokens:" + (string)context.Variables["caller"]`, `"tokens:"`, "limits/noisy-neighbour"},
	"token numbers are estimated":                 {limits, `context.Operation.Id != "embeddings_create" && context.Operation.Id != "createEmbedding"`, `true`, "limits/embeddings"},
	"usage is not added":                          {usage, `if (!body.ContainsKey("stream_options")) {`, `if (false) {`, "usage/added"},
	"a caller switches its counts off":            {usage, `return usage[0] == "false" || usage[0] == "null" ?`, `return false ?`, "usage/cannot-be-switched-off"},
	"usage is added to responses":                 {usage, `"createChatCompletion", "createCompletion"`, `"createChatCompletion", "createResponse"`, "usage/not-for-responses"},
	"usage is added to old versions":              {usage, `"2024-09-01") >= 0`, `"2023-09-01") >= 0`, "usage/not-before-its-version"},
	"usage is added beside data sources":          {usage, `body.ContainsKey("data_sources") && body["data_sources"][0] != "null"`, `false`, "usage/not-beside-data-sources"},
	"escaped names are missed":                    {body, `if (names[depth].Contains("\\"))`, `if (false)`, "usage/cannot-be-switched-off"},
	"plain calls are edited":                      {usage, `@((bool)context.Variables["streamed"])`, `@(true)`, "usage/not-for-plain-calls"},
	"media types have case":                       {media, `.Trim().ToLowerInvariant()`, `.Trim()`, "media/json-in-any-spelling"},
	"a wrong media type is let in":                {media, `return !type.StartsWith("multipart/") ||`, `return type.StartsWith("multipart/") &&`, "media/not-json"},
	"a compressed body is let in":                 {media, `if (encoding != ""`, `if (false && encoding != ""`, "media/not-json"},
	"every operation takes uploads":               {media, `!"` + uploads + `".Split(',').Contains(context.Operation.Id)`, `false`, "media/uploads-only-where-they-are-due"},
	"a second model in a form is let in":          {body, `(name == "model" || name == "n") && members.ContainsKey(name)`, `false`, "media/upload-with-two-models"},
	"a field that is not read is let in":          {body, `: new [] { "model", "n" }`, `: new [] { "?" }`, "media/upload-with-two-models"},
	"a byte order mark is let in":                 {media, `text.StartsWith("\uFEFF", StringComparison.Ordinal)`, `false`, "media/byte-order-mark"},
	"no data sources switch counts off":           {usage, ` && body["data_sources"][0] != "null"`, ``, "usage/no-data-sources"},
	"nested members are given twice":              {media, `, "stream_options\0include_usage"`, ``, "media/members-given-twice"},
	"every model is shown to everybody":           {"apis/v1.xml", `<include-fragment fragment-id="deployment" />`, ``, "access/get-model"},
	"an answer of any size is let in":             {admission, `prompt + each * answers > capacity;`, `prompt > capacity;`, "admission/answer-larger-than-every-account"},
	"the number of answers does not count":        {admission, `number("n")`, `0`, "admission/answer-larger-than-every-account"},
	"the smaller of two limits counts":            {admission, `.OrderByDescending(number)`, `.OrderBy(number)`, "admission/answer-larger-than-every-account"},
	"the prompt does not count":                   {admission, `prompt + each * answers > capacity;`, `each * answers > capacity;`, "admission/batch-larger-than-every-account"},
	"the JSON around a text counts":               {admission, `if (member == null || `, `if (true || `, "admission/what-fits-is-served"},
	"answers of a response count":                 {admission, `context.Operation.Id == "createResponse" ? 1`, `false ? 1`, "admission/what-fits-is-served"},
	"the smallest account decides":                {deployment, `\"tokensPerMinute\": 10000`, `\"tokensPerMinute\": 8000`, "admission/answer-larger-than-every-account"},
	"reservations are counted together":           {reservation, `"reserved:" + (string)context.Variables["caller"]`, `"reserved:"`, "limits/reserved"},
	"a reservation is told as any limit":          {refusal, ` && context.Variables.ContainsKey("reserve")`, ` && false`, "limits/reserved"},
	"requests are told as a reservation":          {refusal, ` && context.Variables.ContainsKey("reserve")`, ``, "limits/requests"},
	"tokens are told as a reservation":            {refusal, `context.LastError.Source == "rate-limit-by-key" && `, ``, "limits/reserved-only-by-calls-that-pass"},
	"tools reserve nothing":                       {admission, `.Sum(member => member.Value[0].Length)`, `.Sum(member => 0)`, "limits/reserved-is-the-whole-body"},
	"a list of prompts has one answer":            {admission, `answers *= Math.Max`, `answers += 0 * Math.Max`, "admission/a-list-of-prompts"},
	"open answers reserve what accounts count":    {admission, `if (number(limit) == 0 && !embeddings) {`, `if (false) {`, "limits/reserved-by-every-endpoint"},
	"embeddings reserve an answer":                {admission, ` && !embeddings) {`, `) {`, "limits/reserved-by-every-endpoint"},
	"an odd header is left":                       {answer, `.Skip(2)`, `.Skip(3)`, "answers/headers-of-the-account"},
	"one header goes in a turn":                   {answer, `.Skip(2)`, `.Skip(1)`, "answers/many-headers"},
	"items of others are read by id":              {reach, `(string)item["type"] == "item_reference" ||`, ``, "reach/stored-items"},
	"items without a type are read by id":         {reach, ` || (string)item["type"] == null && item["id"] != null && item["role"] == null`, ``, "reach/stored-items"},
	"messages of an assistant are references":     {reach, ` && item["role"] == null`, ``, "reach/stored-items"},
	"files are read by id":                        {reach, `if (name == "file_id" &&`, `if (name == "file" &&`, "reach/stored-items"},
	"foreign reasoning is the caller's fault":     {failover, `if (code == "invalid_encrypted_content") { return "foreign"; }`, ``, "responses/encrypted-reasoning"},
	"foreign reasoning goes to the pool again":    {failover, `"model", "foreign" }`, `"model" }`, "responses/encrypted-reasoning-unavailable"},
	"an account that cannot read has failed":      {failover, `if (fault == "foreign" || outcome == fault)`, `if (outcome == fault)`, "responses/encrypted-reasoning-unavailable"},
	"who reads after others is not heard":         {failover, `return outcome == "foreign" ? fault : "down";`, `return "down";`, "responses/encrypted-reasoning-limited"},
	"a closed account that could read has failed": {refusal, `new [] { "limit", "foreign" }`, `new [] { "limit" }`, "responses/encrypted-reasoning-unavailable"},
	"v1 lets calls of any size in":                {"apis/v1.xml", `<include-fragment fragment-id="admission" />`, ``, "admission/batch-larger-than-every-account"},
	"every tool is allowed":                       {reach, `kinds.Contains(name) ? "" :`, `true ? "" :`, "reach/tools"},
	"every host is allowed":                       {reach, `allowed == host ||`, `true ||`, "reach/addresses"},
	"a domain covers what only ends like it":      {reach, `^(?:https?://)?([a-z0-9.-]+)`, `^(?:https?://)?(?:.*?@)?([a-z0-9.-]+)`, "reach/tools"},
	"a connector is a server":                     {reach, `tool["server_url"] == null`, `false`, "reach/tools"},
	"parts are given twice":                       {reach, `colons != (`, `-1 == (`, "reach/tools"},
	"escaped addresses are missed":                {reach, `|| value(name).Contains("\\u")`, ``, "reach/addresses"},
	"addresses inside of data sources are missed": {reach, `name == "endpoint" || `, ``, "reach/addresses"},
	"the background is served":                    {reach, `value("background") != "" && `, `false && `, "reach/nothing-is-stored"},
	"storage is allowed to everybody":             {reach, `!(bool)rules["keepsText"]`, `false`, "reach/nothing-is-stored"},
	"a product without stored text is stored":     {usage, `(bool)JObject.Parse((string)context.Variables["rules"])["keepsText"]`, `true`, "reach/nothing-is-stored"},
	"v1 reaches everything":                       {"apis/v1.xml", `<include-fragment fragment-id="reach" />`, ``, "reach/tools"},
	"the dated surface reaches everything":        {"apis/deployments.xml", `<include-fragment fragment-id="reach" />`, ``, "reach/addresses"},
	"anybody's response is found":                 {response, `owner == null || owner == (string)context.Variables["owner"]`, `true`, "responses/of-another-caller"},
	"every caller of a product is one":            {response, ` + "/" + (string)context.Variables["caller"]`, ``, "responses/of-another-caller"},
	"an id may be a path":                         {response, `"^[A-Za-z0-9_-]{1,128}$"`, `".*"`, "responses/of-another-caller"},
	"the caller may write whose it is":            {media, `if (context.Operation.Id == "createResponse" && body`, `if (false && body`, "responses/of-another-caller"},
	"a follow-up goes to the pool":                {failover, ` && context.Variables.GetValueOrDefault<string>("holder", "") == "") { return ""; }`, `) { return ""; }`, "responses/follow-up"},
	"only the first account is looked at":         {response, `{ "missing", "unknown" }`, `{ "unknown" }`, "responses/follow-up"},
	"others are called for a response":            {response, `<set-variable name="members" value="@((string)context.Variables["holder"])" />`, ``, "responses/unavailable"},
	"an account that is out has nothing":          {response, `(string)context.Variables["found"] == "unknown"`, `false`, "responses/unavailable"},
	"a lost conversation is a busy deployment":    {answer, `holder != "" && outcome != "refused" ? "ConversationUnavailable" :`, ``, "responses/unavailable"},
	"a closed conversation is a busy deployment":  {refusal, `context.Variables.GetValueOrDefault<string>("holder", context.Variables.GetValueOrDefault<string>("encrypted", "")) != ""`, `false`, "responses/unavailable"},
	"what is stored has no caller":                {usage, `var value = stored ? "{" + owner + "}" : "false";`, `var value = stored ? "{}" : "false";`, "responses/caller-in-metadata"},
	"responses are counted again":                 {"apis/v1.xml", `@(!context.Request.MatchedParameters.ContainsKey("response-id"))`, `@(true)`, "responses/by-id"},
	"the person is not logged":                    {caller, `(string)context.Variables["person"] != ""`, `false`, "identity/person"},
	"a hash names the person":                     {caller, `"hash" == "id" ? id :`, `true ? id :`, "identity/person-hashed"},
	"a team is always one caller":                 {caller, `(bool)JObject.Parse((string)context.Variables["rules"])["limitsPerPerson"]`, `false`, "limits/per-person"},
	"every person is a caller":                    {caller, `(bool)JObject.Parse((string)context.Variables["rules"])["limitsPerPerson"]`, `true`, "limits/per-person"},
	"every kind of endpoint is allowed":           {endpoint, `.Values<string>().Contains(`, `.Values<string>().Any() || "".Contains(`, "access/endpoint-not-allowed"},
	"v1 allows every kind of endpoint":            {"apis/v1.xml", `<include-fragment fragment-id="endpoint" />`, ``, "access/endpoint-not-allowed"},
	"the dated surface allows every kind":         {"apis/deployments.xml", `<include-fragment fragment-id="endpoint" />`, ``, "access/endpoint-not-allowed"},
	"refused calls are not counted":               {"apis/deployments.xml", `<include-fragment fragment-id="requests" />`, ``, "limits/refused-calls-count"},
	"the caller writes into accounts' logs":       {identity, `<set-header name="x-ms-client-request-id" exists-action="delete" />`, ``, "identity/headers-of-the-caller"},
	"the account's region is on the list":         {answer, `"Content-Encoding",`, `"Content-Encoding", "x-ms-region",`, "answers/headers-of-the-account"},
	"the key travels in its header":               {identity, `<set-header name="api-key" exists-action="delete" />`, ``, "identity/key-in-header"},
	"the key travels in the gateway's own header": {identity, `<set-header name="Ocp-Apim-Subscription-Key" exists-action="delete" />`, ``, "identity/foreign-key-header"},
	"the key travels in the query":                {identity, `<set-query-parameter name="api-key" exists-action="delete" />`, ``, "identity/key-in-query"},
	"the key travels in the other query":          {identity, `<set-query-parameter name="subscription-key" exists-action="delete" />`, ``, "identity/key-in-query"},
	"the gateway shows no identity":               {identity, `<authentication-managed-identity resource="https://cognitiveservices.azure.com" />`, ``, "identity/token"},
	"errors keep the gateway's own shape":         {refusal, `{\"error\":`, `{\"fault\":`, "access/no-credential"},
	"a timeout is answered as a limit":            {refusal, `{ return false; }`, `{ return true; }`, "failover/silent"},
	"a pool that limits closed counts as down":    {refusal, `(int)context.Variables["waited"] > 0 && `, `(int)context.Variables["waited"] < 0 && `, "failover/exhausted-after-throttling"},
	"a pool that failures closed is a limit":      {refusal, `context.Variables.GetValueOrDefault<string>("closed", "") != "failed" && `, ``, "failover/throttled-after-a-failure"},
	"a missing credential is not explained":       {refusal, ` && context.LastError.Source == "validate-jwt"`, ` && false`, "access/no-credential"},
	"every product's text is exported":            {export, `!(bool)JObject.Parse((string)context.Variables["rules"])["keepsText"]`, `false`, "export/privacy"},
	"uploads are exported":                        {export, `!context.Request.Headers.GetValueOrDefault("Content-Type", "").TrimStart().StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)`, `true`, "export/no-json"},
	"streams are buffered for the export":         {export, `return context.Response.Headers.GetValueOrDefault("Content-Type", "").IndexOf("json", StringComparison.OrdinalIgnoreCase) >= 0 ? `, `return true ? `, "export/stream"},
	"vectors are exported":                        {export, `context.Operation.Id == "embeddings_create" || `, ``, "export/embeddings"},
	"the export says nothing of streams":          {export, `new JProperty("streamed", (bool)context.Variables["streamed"])`, `new JProperty("streamed", false)`, "export/stream"},
	"answers are not exported":                    {"apis/deployments.xml", `<set-variable name="part" value="answer" />`, `<set-variable name="part" value="prompt" />`, "export/prompt-and-answer"},
	"v1 exports no answers":                       {"apis/v1.xml", `<set-variable name="part" value="answer" />`, `<set-variable name="part" value="prompt" />`, "export/v1"},
	"v1 calls the old path":                       {"apis/v1.xml", `"/v1" + context`, `"" + context`, "access/v1-model"},
	"every model is listed to everybody":          {models, `(string)context.Variables["allowed"]`, `"gpt-4o,small,embed"`, "access/list-models"},
	"v1 does not count requests":                  {"apis/v1.xml", `<include-fragment fragment-id="requests" />`, ``, "limits/both-surfaces-share-one"},
	"v1 does not count tokens":                    {"apis/v1.xml", `<include-fragment fragment-id="limits" />`, ``, "limits/tokens-of-v1"},
	"one of two models is taken":                  {media, `"model", "stream", `, `"stream", `, "media/two-models"},
	"v1 counts no images":                         {"apis/v1.xml", `<include-fragment fragment-id="units" />`, ``, "units/images"},
	"the dated surface counts no images":          {"apis/deployments.xml", `<include-fragment fragment-id="units" />`, ``, "units/images"},
	"units of all callers are one":                {units, ` + ":" + (string)context.Variables["caller"]`, ``, "units/images"},
	"units of all kinds are one":                  {units, `(string)context.Variables["unit"] + ":" + (string)`, `"units:" + (string)`, "units/units-of-their-own"},
	"every image is one":                          {units, `return (int)Math.Min(Math.Ceiling(n), 1000000);`, `return 1;`, "units/images"},
	"what is no number of images is one":          {units, `{ return 10; }`, `{ return 1; }`, "units/images-of-any-spelling"},
	"no image is counted as none":                 {units, ` || !(n >= 1)`, ``, "units/images-of-any-spelling"},
	"units of any size are let in":                {units, `(int)context.Variables["amount"] > (int)context.Variables["units-limit"]`, `false`, "units/images-of-any-spelling"},
	"characters of four bytes are two":            {units, `.Count(c => !char.IsLowSurrogate(c))`, `.Length`, "units/speech"},
	"escapes are characters":                      {units, `if (text.Type == JTokenType.String)`, `if (false)`, "units/speech"},
	"every upload is a megabyte":                  {units, `(int)Math.Ceiling(bytes / 1000000)`, `1`, "units/sound"},
	"an upload names its own length":              {units, `form && body.ContainsKey("\0bytes")`, `body.ContainsKey("\0bytes")`, "units/sound"},
	"an empty upload breaks the gateway":          {units, `form && body.ContainsKey("\0bytes")`, `form`, "units/sound"},
	"a second n in a form is taken":               {body, `(name == "model" || name == "n")`, `(name == "model")`, "units/images-of-forms"},
	"a part that is not read hides n":             {body, `new [] { "model", "n" }`, `new [] { "model" }`, "units/images-of-forms"},
	"two boundaries are taken":                    {body, `"boundary"] = new [] { "", "0", "twice" }`, `"boundary"] = new [] { "", "0", "once" }`, "media/upload-with-two-boundaries"},
	"a name that ends like a boundary is one":     {body, `Regex.Match(type, "[;\\s]boundary=`, `Regex.Match(type, "boundary=`, "media/upload-with-two-boundaries"},
	"units are told as any limit":                 {refusal, `status == 429 && context.Variables.ContainsKey("step")`, `false`, "units/images"},
	"tokens are told as units":                    {refusal, `status == 429 && context.Variables.ContainsKey("step")`, `status == 429`, "limits/requests"},
	"v1 keeps the caller's credential":            {"apis/v1.xml", `<include-fragment fragment-id="identity" />`, ``, "identity/v1"},
}

// TestABrokenConditionFailsTheCaseThatNamesItsPromise breaks the documents, one condition at a time.
func TestABrokenConditionFailsTheCaseThatNamesItsPromise(t *testing.T) {
	h := newHunter(t)
	done := 0
	edit := func(m mutation) {
		h.engine.Edit = func(document, text string) string {
			if document != m.document {
				return text
			}
			done += strings.Count(text, m.old)
			return strings.ReplaceAll(text, m.old, m.new)
		}
	}
	promised := map[string]*policytest.Case{}
	for name, m := range mutations {
		c, err := policytest.Read(filepath.Join("testdata", m.caught+policytest.Extension))
		require.NoError(t, err)
		edit(m)
		_, err = h.note(t, c)
		require.NoError(t, err)
		promised[name] = c
	}
	for name, m := range mutations {
		t.Run(name, func(t *testing.T) {
			done = 0
			edit(m)
			result, err := h.engine.RunCase(t.Context(), promised[name])
			require.NoError(t, err)
			require.NotZero(t, done, "the document has no %q any more: adapt the mutation", m.old)
			assert.False(t, result.Pass, "%s still holds", result.File)
		})
	}
}
