package accounts

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"net/http"
)

// pixel is a PNG of one transparent pixel, the picture of every prompt.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// images answers with as many pixels as were asked for.
func (x *exchange) images() *failure {
	var body struct {
		Prompt         string `json:"prompt"`
		ResponseFormat string `json:"response_format"`
	}
	if err := json.Unmarshal(x.body, &body); err != nil || body.Prompt == "" {
		return missing("prompt")
	}
	if f := x.req.check(x.d.Model); f != nil {
		return f
	}
	if x.req.choices() > 1 && x.d.Model == "dall-e-3" {
		return invalid("n", "integer_above_max_value", "Invalid 'n': integer above maximum value. Expected a value <= 1, but got %d instead.", x.req.choices())
	}
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	if f := filterPrompt(body.Prompt); f != nil {
		return f
	}
	data := make([]map[string]any, x.req.choices())
	for i := range data {
		data[i] = map[string]any{"b64_json": pixel, "revised_prompt": body.Prompt, "content_filter_results": verdicts("")}
		if body.ResponseFormat == "url" || body.ResponseFormat == "" && x.d.Model == "dall-e-3" {
			delete(data[i], "b64_json")
			data[i]["url"] = "https://" + x.account.Host() + "/rehearsal/images/" + x.id + ".png"
		}
	}
	return x.answer(map[string]any{"created": x.created, "data": data})
}

// imageEdits answers with the same pixel for every picture.
func (x *exchange) imageEdits() *failure {
	form, f := x.form()
	if f != nil {
		return f
	}
	defer func() { _ = form.RemoveAll() }()
	switch {
	case len(form.File["image"])+len(form.File["image[]"]) == 0:
		return missing("image")
	case len(form.Value["prompt"]) == 0 || form.Value["prompt"][0] == "":
		return missing("prompt")
	}
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	if f := filterPrompt(form.Value["prompt"][0]); f != nil {
		return f
	}
	return x.answer(map[string]any{"created": x.created, "data": []any{map[string]any{"b64_json": pixel}}})
}

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
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	text := "This is what was said in " + form.File["file"][0].Filename + "."
	format := ""
	if v := form.Value["response_format"]; len(v) > 0 {
		format = v[0]
	}
	switch format {
	case "", "json":
		return x.answer(map[string]string{"text": text})
	case "verbose_json":
		return x.answer(map[string]any{"task": "transcribe", "language": "english", "duration": 1.0, "text": text, "segments": []any{}})
	case "text", "srt", "vtt":
		x.modelHeaders()
		x.send(http.StatusOK, "text/plain; charset=utf-8", []byte(text+"\n"))
		return nil
	}
	return invalid("response_format", "invalid_value", "Invalid value: '%s'. Supported values are: 'json', 'text', 'srt', 'verbose_json', and 'vtt'.", format)
}
