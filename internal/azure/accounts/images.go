package accounts

import (
	"encoding/json"
	"mime/multipart"
	"strconv"
	"strings"
)

// pixel is a PNG of one transparent pixel, the picture of every prompt.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// picture is what is asked for, in JSON or in a form.
type picture struct {
	Prompt         string `json:"prompt"`
	N              *int   `json:"n"`
	ResponseFormat string `json:"response_format"`
	Size           string `json:"size"`
	Quality        string `json:"quality"`
	Background     string `json:"background"`
	OutputFormat   string `json:"output_format"`
	Stream         bool   `json:"stream"`
	PartialImages  int    `json:"partial_images"`

	// uploads are the pictures that are edited.
	uploads int
	// event is the prefix of the events of a stream.
	event string
}

// Documented maxima (OpenAI API reference: Images).
const (
	maxPictures      = 10
	maxPartialImages = 3
)

// imageOutputTokens are the tokens of a picture of gpt-image-1 by quality and size (OpenAI: Image generation, cost and latency).
var imageOutputTokens = map[string]map[string]int{
	"low":    {"1024x1024": 272, "1024x1536": 408, "1536x1024": 400},
	"medium": {"1024x1024": 1056, "1024x1536": 1584, "1536x1024": 1568},
	"high":   {"1024x1024": 4160, "1024x1536": 6240, "1536x1024": 6208},
}

const (
	// partialImageTokens are what each partial image costs besides (OpenAI: Image generation, streaming).
	partialImageTokens = 100
	// imageInputTokens are the 65 of a picture that is read and the 129 of one tile (OpenAI: Images and vision, gpt-image-1).
	// Sizes of uploads are not looked at.
	imageInputTokens = 65 + 129
	// autoQuality and autoSize are what auto is here. [M] unverified: the real model decides by the prompt.
	autoQuality, autoSize = "high", "1024x1024"
)

// gptImage reports models that are billed by tokens, answer in base64 only and can stream.
func gptImage(model string) bool { return strings.HasPrefix(model, "gpt-image") }

// images draws a prompt.
func (x *exchange) images() *failure {
	p := picture{event: "image_generation"}
	if err := json.Unmarshal(x.body, &p); err != nil {
		return undecodable(err)
	}
	if p.Prompt == "" {
		return missing("prompt")
	}
	return x.draw(p)
}

// imageEdits draws over uploads.
func (x *exchange) imageEdits() *failure {
	form, f := x.form()
	if f != nil {
		return f
	}
	defer func() { _ = form.RemoveAll() }()
	p := picture{event: "image_edit", Prompt: field(form, "prompt"), Size: field(form, "size"), Quality: field(form, "quality"), Stream: field(form, "stream") == "true",
		ResponseFormat: field(form, "response_format"), Background: field(form, "background"), OutputFormat: field(form, "output_format"),
		uploads: len(form.File["image"]) + len(form.File["image[]"])}
	switch {
	case p.uploads == 0:
		return missing("image")
	case p.Prompt == "":
		return missing("prompt")
	}
	if n, err := strconv.Atoi(field(form, "n")); err == nil {
		p.N = &n
	}
	p.PartialImages, _ = strconv.Atoi(field(form, "partial_images"))
	return x.draw(p)
}

// field is a text field of a form, empty when there is none.
func field(form *multipart.Form, name string) string {
	if len(form.Value[name]) == 0 {
		return ""
	}
	return form.Value[name][0]
}

// check refuses numbers out of range, and what gpt-image models do not know (vercel/ai#6102).
func (p picture) check(model string) *failure {
	limit := maxPictures
	if model == "dall-e-3" {
		limit = 1
	}
	switch {
	case p.N != nil && *p.N < 1:
		return invalid("n", "integer_below_min_value", "Invalid 'n': integer below minimum value. Expected a value >= 1, but got %d instead.", *p.N)
	case p.N != nil && *p.N > limit:
		return invalid("n", "integer_above_max_value", "Invalid 'n': integer above maximum value. Expected a value <= %d, but got %d instead.", limit, *p.N)
	case p.PartialImages > maxPartialImages:
		return invalid("partial_images", "integer_above_max_value", "Invalid 'partial_images': integer above maximum value. Expected a value <= %d, but got %d instead.", maxPartialImages, p.PartialImages)
	case gptImage(model) && p.ResponseFormat != "":
		return invalid("response_format", "unknown_parameter", "Unknown parameter: 'response_format'.")
	}
	return nil
}

// count is how many pictures are wanted.
func (p picture) count() int {
	if p.N == nil {
		return 1
	}
	return *p.N
}

// draw answers with as many pixels as were asked for.
func (x *exchange) draw(p picture) *failure {
	if f := p.check(x.d.Model); f != nil {
		return f
	}
	if f := x.admit(Usage{}); f != nil {
		return f
	}
	if f := filterPrompt(p.Prompt); f != nil {
		return f
	}
	if gptImage(x.d.Model) {
		return x.drawByTokens(p)
	}
	data := make([]map[string]any, p.count())
	for i := range data {
		data[i] = map[string]any{"b64_json": pixel, "revised_prompt": p.Prompt, "content_filter_results": verdicts("")}
		if p.ResponseFormat == "url" || p.ResponseFormat == "" && x.d.Model == "dall-e-3" {
			delete(data[i], "b64_json")
			data[i]["url"] = "https://" + x.account.Host() + "/rehearsal/images/" + x.id + ".png"
		}
	}
	return x.answer(map[string]any{"created": x.created, "data": data})
}

// or is a value, or what stands for it when it is empty or auto.
func or(value, other string) string {
	if value == "" || value == "auto" {
		return other
	}
	return value
}

// drawByTokens answers as gpt-image-1 does: with its usage, and on demand as events.
func (x *exchange) drawByTokens(p picture) *failure {
	about := map[string]any{"background": or(p.Background, "opaque"), "output_format": or(p.OutputFormat, "png"),
		"quality": or(p.Quality, autoQuality), "size": or(p.Size, autoSize)}
	each := imageOutputTokens[or(p.Quality, autoQuality)][or(p.Size, autoSize)]
	if each == 0 {
		each = imageOutputTokens[autoQuality][autoSize] // sizes of later models, whose tokens are not published [M] unverified
	}
	if p.Stream {
		each += p.PartialImages * partialImageTokens
	}
	text, pictures := CountTokens(x.d.Model, p.Prompt), p.uploads*imageInputTokens
	used := Usage{Prompt: text + pictures, Completion: each * p.count()}
	x.settle(Usage{}, used)
	usage := map[string]any{"input_tokens": used.Prompt, "output_tokens": used.Completion, "total_tokens": used.Total(),
		"input_tokens_details": map[string]int{"text_tokens": text, "image_tokens": pictures}}
	if p.Stream {
		x.streamPictures(p, about, usage)
		return nil
	}
	data := make([]map[string]any, p.count())
	for i := range data {
		data[i] = map[string]any{"b64_json": pixel}
	}
	about["created"], about["data"], about["usage"] = x.created, data, usage
	return x.answer(about)
}

// streamPictures sends partial images and the whole one (OpenAI API reference: Image streaming). The usage is that of the call and
// comes with the last.
func (x *exchange) streamPictures(p picture, about, usage map[string]any) {
	x.openStream()
	about["created_at"], about["b64_json"] = x.created, pixel
	for i := range p.count() {
		about["type"] = p.event + ".partial_image"
		delete(about, "usage")
		for j := range p.PartialImages {
			about["partial_image_index"] = j
			if !x.event(p.event+".partial_image", toJSON(about)) {
				return
			}
		}
		delete(about, "partial_image_index")
		about["type"] = p.event + ".completed"
		if i == p.count()-1 {
			about["usage"] = usage
		}
		if !x.event(p.event+".completed", toJSON(about)) {
			return
		}
	}
}
