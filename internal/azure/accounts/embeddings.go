package accounts

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
)

// maxInputs is how many texts one call may embed (Microsoft Learn: ai-services/openai/how-to/embeddings).
const maxInputs = 2048

type embedding struct {
	Object    string `json:"object"`
	Index     int    `json:"index"`
	Embedding any    `json:"embedding"`
}

type embeddingList struct {
	Object string      `json:"object"`
	Data   []embedding `json:"data"`
	Model  string      `json:"model"`
	Usage  struct {
		PromptTokens int `json:"prompt_tokens"`
		TotalTokens  int `json:"total_tokens"`
	} `json:"usage"`
}

// dimensions of the embedding models.
func dimensions(model string) int {
	if model == "text-embedding-3-large" {
		return 3072
	}
	return 1536
}

func (x *exchange) embeddings() *failure {
	if empty(x.req.Input) {
		return missing("input")
	}
	inputs, tokens, ok := texts(x.req.Input)
	switch {
	case !ok || len(inputs) == 0:
		return invalid("input", "invalid_type", "Invalid type for 'input': expected a string, an array of strings, or an array of tokens.")
	case len(inputs) > maxInputs:
		return invalid("input", "array_above_max_length", "Invalid 'input': array too long. Expected an array with maximum length %d, but got an array with length %d instead.", maxInputs, len(inputs))
	case x.req.EncodingFormat != "" && x.req.EncodingFormat != "float" && x.req.EncodingFormat != "base64":
		return invalid("encoding_format", "invalid_value", "Invalid value: '%s'. Supported values are: 'float' and 'base64'.", x.req.EncodingFormat)
	}
	size := dimensions(x.d.Model)
	if want := x.req.Dimensions; want != nil {
		if x.d.Model == "text-embedding-ada-002" {
			return invalid("dimensions", "unsupported_parameter", "This model does not support specifying dimensions.")
		}
		if *want < 1 || *want > size {
			return invalid("dimensions", "integer_out_of_range", "Invalid 'dimensions': expected a value between 1 and %d, but got %d instead.", size, *want)
		}
		size = *want
	}
	for _, text := range inputs {
		tokens += CountTokens(x.d.Model, text)
	}
	estimate := Usage{Prompt: max(x.s.deps.Estimate(x.d.Model, strings.Join(inputs, "\n")), 1)}
	if f := x.admit(estimate); f != nil {
		return f
	}
	if f := filterPrompt(strings.Join(inputs, "\n")); f != nil {
		x.settle(estimate, Usage{})
		return f
	}
	x.settle(estimate, Usage{Prompt: tokens})
	out := embeddingList{Object: "list", Model: x.d.Model}
	out.Usage.PromptTokens, out.Usage.TotalTokens = tokens, tokens
	for i, text := range inputs {
		out.Data = append(out.Data, embedding{"embedding", i, x.encode(vector(text, size))})
	}
	return x.answer(out)
}

// vector is a unit vector that depends on the text alone, so equal texts are equal and others are nearly orthogonal.
func vector(text string, size int) []float32 {
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(text))
	source := rand.New(rand.NewPCG(seed.Sum64(), uint64(size))) //nolint:gosec // equal texts must have equal vectors
	out, sum := make([]float32, size), 0.0
	for i := range out {
		v := source.NormFloat64()
		out[i], sum = float32(v), sum+v*v
	}
	length := float32(math.Sqrt(sum))
	for i := range out {
		out[i] /= length
	}
	return out
}

// encode writes floats, or the base64 of little-endian float32 that OpenAI's Node and Python libraries ask for.
func (x *exchange) encode(v []float32) any {
	if x.req.EncodingFormat != "base64" {
		return v
	}
	raw := make([]byte, 0, 4*len(v))
	for _, f := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	return base64.StdEncoding.EncodeToString(raw)
}
