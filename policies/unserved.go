package policies

// Unserved are operations of one kind that Azure offers and the gateway answers with 404, and why.
type Unserved struct {
	// Kind is what they are about.
	Kind string
	// Why is what would no longer hold if the gateway served it.
	Why string
	// Source is where Azure documents them.
	Source string
	// Dated and V1 are methods and paths below the surface's, as in GET /files/{file_id}.
	Dated, V1 []string
}

// Operations are the unserved ones of a surface.
func (u Unserved) Operations(s Surface) []string {
	if s == V1 {
		return u.V1
	}
	return u.Dated
}

const (
	authoring = "azure-rest-api-specs AzureOpenAI/authoring/stable/2024-10-21"
	inference = "azure-rest-api-specs AzureOpenAI/inference/preview/2025-04-01-preview"
	v1Page    = "Microsoft Learn: foundry/openai/latest"
)

// NotServed lists what is known and not served. Source names where to look. [M] The lists are not copied from it: those of the dated
// surface follow the names of its examples, those of v1 OpenAI's own paths, and either may miss or have one too many.
func NotServed() []Unserved {
	return []Unserved{
		{
			Kind: "batches", Source: authoring,
			Why:   "a batch and its files live in one account, run for a day without limits per caller, and need a deployment of a batch type, which the settings do not know",
			Dated: batchPaths, V1: batchPaths,
		},
		{
			Kind: "lists of files", Source: authoring,
			Why:   "an account lists the files of all its callers, and the gateway has no table of whose they are: callers keep the ids of their files",
			Dated: []string{"GET /files"}, V1: []string{"GET /files"},
		},
		{
			Kind: "uploads in parts, and imports", Source: authoring,
			Why:   "the id of a file made from parts, or read from an address, is in no answer that the gateway could give an owner",
			Dated: append([]string{"POST /files/import"}, uploadPaths...), V1: uploadPaths,
		},
		{
			Kind: "fine-tuning", Source: authoring,
			Why:   "training needs a role above Cognitive Services OpenAI User, costs by the hour, and makes models that no deployment of the settings has",
			Dated: append([]string{"DELETE /fine_tuning/jobs/{job_id}"}, tuningPaths...),
			V1: append([]string{
				"POST /fine_tuning/jobs/{job_id}/pause", "POST /fine_tuning/jobs/{job_id}/resume", "DELETE /models/{model}",
				"POST /fine_tuning/alpha/graders/run", "POST /fine_tuning/alpha/graders/validate",
			}, tuningPaths...),
		},
		{
			Kind: "assistants, threads and runs", Source: inference,
			Why:   "threads live in one account and have no owner there; Microsoft retires assistants in favour of responses",
			Dated: assistantPaths, V1: assistantPaths,
		},
		{
			Kind: "vector stores", Source: inference,
			Why:   "a store lives in one account, where every caller comes as the gateway, and is paid for by the day",
			Dated: vectorPaths, V1: append([]string{"POST /vector_stores/{vector_store_id}/search"}, vectorPaths...),
		},
		{
			Kind: "evaluations", Source: "azure-rest-api-specs OpenAI.v1/azure-v1-v1-generated.yaml",
			Why: "an evaluation calls models from inside the account, past every limit and log of the gateway",
			V1: []string{
				"GET /evals", "POST /evals", "GET /evals/{eval_id}", "POST /evals/{eval_id}", "DELETE /evals/{eval_id}",
				"GET /evals/{eval_id}/runs", "POST /evals/{eval_id}/runs", "GET /evals/{eval_id}/runs/{run_id}", "POST /evals/{eval_id}/runs/{run_id}",
				"DELETE /evals/{eval_id}/runs/{run_id}", "GET /evals/{eval_id}/runs/{run_id}/output_items",
				"GET /evals/{eval_id}/runs/{run_id}/output_items/{output_item_id}",
			},
		},
		{
			Kind: "conversations", Source: v1Page,
			Why: "a conversation stays in one account and has no owner there; previous_response_id does the same and is served",
			V1: []string{
				"POST /conversations", "GET /conversations/{conversation_id}", "POST /conversations/{conversation_id}", "DELETE /conversations/{conversation_id}",
				"GET /conversations/{conversation_id}/items", "POST /conversations/{conversation_id}/items",
				"GET /conversations/{conversation_id}/items/{item_id}", "DELETE /conversations/{conversation_id}/items/{item_id}",
			},
		},
		{
			Kind: "containers", Source: v1Page,
			Why: "the code interpreter's files live in one account and are paid for by the session; products allow the tool itself by tools.allow",
			V1: []string{
				"GET /containers", "POST /containers", "GET /containers/{container_id}", "DELETE /containers/{container_id}",
				"GET /containers/{container_id}/files", "POST /containers/{container_id}/files", "GET /containers/{container_id}/files/{file_id}",
				"DELETE /containers/{container_id}/files/{file_id}", "GET /containers/{container_id}/files/{file_id}/content",
			},
		},
		{
			Kind: "stored chats", Source: v1Page,
			Why: "they list what every caller of an account stored; store: true is of no use here",
			V1: []string{
				"GET /chat/completions", "GET /chat/completions/{completion_id}", "POST /chat/completions/{completion_id}",
				"DELETE /chat/completions/{completion_id}", "GET /chat/completions/{completion_id}/messages",
			},
		},
		{
			Kind: "realtime", Source: inference,
			Why:   "a session is a WebSocket or WebRTC connection that the policies see once: neither counted, limited nor logged by the token",
			Dated: []string{"GET /realtime", "POST /realtimeapi/sessions", "POST /realtimeapi/transcription_sessions"},
			V1:    []string{"GET /realtime", "POST /realtime/client_secrets", "POST /realtime/calls"},
		},
		{
			Kind: "videos", Source: v1Page,
			Why: "a job and its film live in one account, and no token count shows what they cost",
			V1: []string{
				"GET /videos", "POST /videos", "GET /videos/{video_id}", "DELETE /videos/{video_id}", "GET /videos/{video_id}/content", "POST /videos/{video_id}/remix",
				"GET /video/generations/jobs", "POST /video/generations/jobs", "GET /video/generations/jobs/{job_id}", "DELETE /video/generations/jobs/{job_id}",
				"GET /video/generations/{generation_id}", "GET /video/generations/{generation_id}/content/video",
			},
		},
		{
			Kind: "retired forms", Source: "azure-rest-api-specs AzureOpenAI/inference/preview/2023-08-01-preview",
			Why:   "Azure has retired their api-versions; data_sources of a chat and images/generations took their place",
			Dated: []string{"POST /deployments/{deployment-id}/extensions/chat/completions", "POST /images/generations:submit", "GET /operations/images/{operation-id}"},
		},
	}
}

var (
	batchPaths  = []string{"GET /batches", "POST /batches", "GET /batches/{batch_id}", "POST /batches/{batch_id}/cancel"}
	uploadPaths = []string{
		"POST /uploads", "POST /uploads/{upload_id}/parts", "POST /uploads/{upload_id}/complete", "POST /uploads/{upload_id}/cancel",
	}
	tuningPaths = []string{
		"GET /fine_tuning/jobs", "POST /fine_tuning/jobs", "GET /fine_tuning/jobs/{job_id}", "POST /fine_tuning/jobs/{job_id}/cancel",
		"GET /fine_tuning/jobs/{job_id}/events", "GET /fine_tuning/jobs/{job_id}/checkpoints",
	}
	assistantPaths = []string{
		"GET /assistants", "POST /assistants", "GET /assistants/{assistant_id}", "POST /assistants/{assistant_id}", "DELETE /assistants/{assistant_id}",
		"POST /threads", "GET /threads/{thread_id}", "POST /threads/{thread_id}", "DELETE /threads/{thread_id}",
		"GET /threads/{thread_id}/messages", "POST /threads/{thread_id}/messages", "GET /threads/{thread_id}/messages/{message_id}",
		"POST /threads/{thread_id}/messages/{message_id}", "DELETE /threads/{thread_id}/messages/{message_id}",
		"POST /threads/runs", "GET /threads/{thread_id}/runs", "POST /threads/{thread_id}/runs", "GET /threads/{thread_id}/runs/{run_id}",
		"POST /threads/{thread_id}/runs/{run_id}", "POST /threads/{thread_id}/runs/{run_id}/cancel",
		"POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs", "GET /threads/{thread_id}/runs/{run_id}/steps",
		"GET /threads/{thread_id}/runs/{run_id}/steps/{step_id}",
	}
	vectorPaths = []string{
		"GET /vector_stores", "POST /vector_stores", "GET /vector_stores/{vector_store_id}", "POST /vector_stores/{vector_store_id}",
		"DELETE /vector_stores/{vector_store_id}", "GET /vector_stores/{vector_store_id}/files", "POST /vector_stores/{vector_store_id}/files",
		"GET /vector_stores/{vector_store_id}/files/{file_id}", "DELETE /vector_stores/{vector_store_id}/files/{file_id}",
		"POST /vector_stores/{vector_store_id}/file_batches", "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}",
		"POST /vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel", "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}/files",
	}
)
