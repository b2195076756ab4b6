package accounts

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// silence is the smallest MPEG frame header that players take for sound.
var silence = []byte{0xff, 0xf3, 0x44, 0xc4}

// speech answers every text with silence.
func (x *exchange) speech() *failure {
	var body struct {
		Input string `json:"input"`
		Voice string `json:"voice"`
	}
	switch err := json.Unmarshal(x.body, &body); {
	case err != nil || body.Input == "":
		return missing("input")
	case body.Voice == "":
		return missing("voice")
	}
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	x.modelHeaders()
	x.send(http.StatusOK, "audio/mpeg", silence)
	return nil
}

// form reads the body as an upload.
func (x *exchange) form() (*multipart.Form, *failure) {
	media, params, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if media != "multipart/form-data" {
		return nil, invalid("file", "invalid_type", "The request must be multipart/form-data with a file.")
	}
	form, err := multipart.NewReader(bytes.NewReader(x.body), params["boundary"]).ReadForm(maxBody)
	if err != nil {
		return nil, missing("file")
	}
	return form, nil
}

// transcribes reports models that are billed by tokens and can stream; whisper ignores stream (OpenAI API reference: Create
// transcription).
func transcribes(model string) bool { return strings.Contains(model, "transcribe") }

// bytesPerAudioToken is a tenth of a second of 16 kHz sound [M] unverified: how many tokens sound has is not published, and
// uploads are not listened to.
const bytesPerAudioToken = 3200

// transcription answers any sound with one sentence: what it was called.
func (x *exchange) transcription() *failure {
	form, f := x.form()
	if f != nil {
		return f
	}
	defer func() { _ = form.RemoveAll() }()
	if len(form.File["file"]) == 0 {
		return missing("file")
	}
	format := field(form, "response_format")
	switch {
	case transcribes(x.d.Model) && format != "" && format != "json" && format != "text": // seen in openai/openai-dotnet#401
		return invalid("response_format", "unsupported_value", "response_format '%s' is not compatible with model '%s'. Use 'json' or 'text' instead.", format, x.d.Model)
	case !slices.Contains([]string{"", "json", "text", "srt", "verbose_json", "vtt"}, format):
		return invalid("response_format", "invalid_value", "Invalid value: '%s'. Supported values are: 'json', 'text', 'srt', 'verbose_json', and 'vtt'.", format)
	}
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	text := "This is what was said in " + form.File["file"][0].Filename + "."
	if transcribes(x.d.Model) {
		return x.transcribe(form, text, format)
	}
	switch format {
	case "", "json":
		return x.answer(map[string]string{"text": text})
	case "verbose_json":
		return x.answer(map[string]any{"task": "transcribe", "language": "english", "duration": 1.0, "text": text, "segments": []any{}})
	}
	return x.plainText(text)
}

// plainText answers without JSON.
func (x *exchange) plainText(text string) *failure {
	x.modelHeaders()
	x.send(http.StatusOK, "text/plain; charset=utf-8", []byte(text+"\n"))
	return nil
}

// transcribe answers as gpt-4o-transcribe does: with the tokens of the sound, and on demand as events.
func (x *exchange) transcribe(form *multipart.Form, text, format string) *failure {
	transcript := spelled(x.d.Model, text, "", 0)
	sound := max(1, int(form.File["file"][0].Size/bytesPerAudioToken))
	words := CountTokens(x.d.Model, field(form, "prompt"))
	used := Usage{Prompt: sound + words, Completion: transcript.tokens()}
	x.settle(Usage{}, used)
	usage := map[string]any{"type": "tokens", "input_tokens": used.Prompt, "output_tokens": used.Completion, "total_tokens": used.Total(),
		"input_token_details": map[string]int{"text_tokens": words, "audio_tokens": sound}}
	switch {
	case field(form, "stream") == "true":
		x.streamTranscript(transcript, usage)
		return nil
	case format == "text":
		return x.plainText(text)
	}
	return x.answer(map[string]any{"text": text, "usage": usage})
}

// streamTranscript sends the text piece by piece, then all of it (OpenAI API reference: transcript.text.delta, transcript.text.done).
// Its frames have no event names.
func (x *exchange) streamTranscript(transcript answer, usage map[string]any) {
	x.openStream()
	for _, piece := range transcript.pieces {
		if !x.chunk(map[string]any{"type": "transcript.text.delta", "delta": piece}) {
			return
		}
	}
	if x.chunk(map[string]any{"type": "transcript.text.done", "text": transcript.text(), "usage": usage}) {
		x.done()
	}
}
