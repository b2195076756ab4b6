package accounts

import (
	"strings"
	"sync"

	"github.com/tiktoken-go/tokenizer"
)

// Usage is what a call consumed.
type Usage struct {
	Prompt     int
	Completion int
	// Cached are the tokens of the prompt that the account had read before; they are cheaper.
	Cached int
}

// Total is what the client is billed for.
func (u Usage) Total() int { return u.Prompt + u.Completion }

// codecs are built once: compiling an encoding's expression costs more than most counts.
var codecs = map[tokenizer.Encoding]func() tokenizer.Codec{
	tokenizer.O200kBase:  sync.OnceValue(func() tokenizer.Codec { return codec(tokenizer.O200kBase) }),
	tokenizer.Cl100kBase: sync.OnceValue(func() tokenizer.Codec { return codec(tokenizer.Cl100kBase) }),
	tokenizer.P50kBase:   sync.OnceValue(func() tokenizer.Codec { return codec(tokenizer.P50kBase) }),
}

func codec(name tokenizer.Encoding) tokenizer.Codec {
	c, err := tokenizer.Get(name)
	if err != nil {
		return nil // not reached: the encodings above are part of the library
	}
	return c
}

// encodingOf is the encoding of an Azure model name (tiktoken's model table; Azure writes gpt-35-turbo).
// Models newer than the table use o200k_base, as every model since gpt-4o does.
func encodingOf(model string) tokenizer.Encoding {
	switch {
	case strings.HasPrefix(model, "gpt-4o"), strings.HasPrefix(model, "gpt-4.1"), strings.HasPrefix(model, "gpt-4.5"):
		return tokenizer.O200kBase
	case strings.HasPrefix(model, "gpt-4"), strings.HasPrefix(model, "gpt-35"), strings.HasPrefix(model, "gpt-3.5"),
		strings.HasPrefix(model, "text-embedding"), model == "babbage-002", model == "davinci-002":
		return tokenizer.Cl100kBase
	case strings.HasPrefix(model, "text-davinci"), strings.HasPrefix(model, "code-"):
		return tokenizer.P50kBase
	}
	return tokenizer.O200kBase
}

// CountTokens is the exact number of tokens of a text for a model.
func CountTokens(model, text string) int {
	n, err := codecs[encodingOf(model)]().Count(text)
	if err != nil {
		// Only strict error modes fail; the default mode tokenizes any bytes.
		return len(text)
	}
	return n
}

// Overheads of the chat format (OpenAI Cookbook: How to count tokens with tiktoken).
const (
	tokensPerMessage = 3
	tokensPerName    = 1
	tokensOfReply    = 3
	// imageTokens is the flat price of an image in low detail; images are not looked at.
	imageTokens = 85
)

// promptTokens counts a chat prompt as the service bills it.
func promptTokens(model string, messages []message) int {
	total := tokensOfReply
	for _, m := range messages {
		total += tokensPerMessage + CountTokens(model, m.Role) + CountTokens(model, m.text()) + m.images()*imageTokens
		if m.Name != "" {
			total += tokensPerName + CountTokens(model, m.Name)
		}
		for _, t := range m.ToolCalls {
			for _, text := range t.text() {
				total += CountTokens(model, text)
			}
		}
	}
	return total
}

// Estimator guesses the tokens of a prompt at admission.
type Estimator func(model, prompt string) int

// charsPerToken is the usual rule of thumb. Microsoft says only that the estimate is "based in part on the character
// count" (Microsoft Learn: ai-services/openai/how-to/quota) [M] unverified.
const charsPerToken = 4

// ByCharacters is the default estimator: cheap and approximate, as the real one is.
func ByCharacters(_, prompt string) int {
	return (len([]rune(prompt)) + charsPerToken - 1) / charsPerToken
}

// Exactly estimates with the tokenizer, for drills whose arithmetic must come out even.
func Exactly(model, prompt string) int { return CountTokens(model, prompt) }
