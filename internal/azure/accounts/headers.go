package accounts

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/google/uuid"
)

// KnownHeaders are the headers by which an answer of Azure OpenAI shows who gave it: all that are documented, and all that were
// seen. A gateway that lets one of them through tells callers which account answered. Sources: Microsoft Learn,
// ai-services/openai/how-to/quota (x-ratelimit-…), how-to/spillover-traffic-management (x-ms-spillover-…), answers/1838627
// (how busy a provisioned deployment is); recorded answers in EvolvingPrograms/oaib#11; openai/openai-python#3271
// (x-ms-served-model). [M] The rest was seen in answers and is documented nowhere.
var KnownHeaders = []string{
	"X-Ratelimit-Limit-Requests", "X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Remaining-Tokens",
	"X-Ratelimit-Reset-Requests", "X-Ratelimit-Reset-Tokens", "Retry-After-Ms", "X-Ms-Retry-After-Ms",
	"Apim-Request-Id", "X-Request-Id", "X-Ms-Request-Id", "X-Ms-Client-Request-Id", "X-Ms-Region", "X-Ms-Deployment-Name", "X-Ms-Rai-Invoked",
	"X-Ms-Served-Model", "Azureml-Model-Session", "Azureml-Model-Group", "X-Accel-Buffering", "Access-Control-Allow-Origin",
	"X-Ms-Spillover-From-Deployment", "X-Ms-Spillover-Error", "Azure-Openai-Deployment-Utilization",
	"Ms-Azureml-Model-Time", "Ms-Azureml-Model-Session", "Ms-Azureml-Model-Error-Reason", "Ms-Azureml-Model-Error-Statuscode",
	"X-Aml-Cluster", "X-Envoy-Upstream-Service-Time", "Cmp-Upstream-Response-Duration", "Skip-Error-Remapping", "Azureai-Fe-Is-Streaming",
	"Openai-Organization", "Openai-Processing-Ms", "Openai-Version", "Openai-Model", "Openai-Project", "Set-Cookie",
}

// headers are those of every answer of the data plane (Microsoft Learn: ai-services/openai/reference; a full set is
// quoted in EvolvingPrograms/oaib#11).
func (x *exchange) headers() {
	h := x.w.Header()
	h.Set("Apim-Request-Id", x.id)
	h.Set("X-Request-Id", uuid.NewSHA1(uuid.NameSpaceOID, []byte(x.id)).String())
	client := x.r.Header.Get("X-Ms-Client-Request-Id")
	if client == "" {
		client = x.id
	}
	h.Set("X-Ms-Client-Request-Id", client)
	h.Set("X-Ms-Region", regionName(x.account.Region))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload")
	h.Set("Access-Control-Allow-Origin", "*")
	if x.d.Name != "" {
		h.Set("X-Ms-Deployment-Name", x.d.Name)
	}
	x.quota.header(h)
}

// modelHeaders are those of answers that a model gave.
func (x *exchange) modelHeaders() {
	x.headers()
	h := x.w.Header()
	sum := fnv.New32a()
	_, _ = fmt.Fprintf(sum, "%s/%s", x.account.Name, x.d.Name)
	h.Set("Azureml-Model-Session", fmt.Sprintf("d%03d-%s", sum.Sum32()%1000, time.Unix(x.created, 0).UTC().Format("20060102")))
	h.Set("X-Ms-Rai-Invoked", "true")
	h.Set("Cache-Control", "no-cache, must-revalidate")
	h.Set("X-Accel-Buffering", "no")
}
