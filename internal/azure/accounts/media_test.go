package accounts_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	client "github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

// listener adds a deployment of the model that is billed by tokens.
func listener(a *accounts.Account) {
	a.Deployments = append(a.Deployments, accounts.Deployment{Name: "listen", Model: "gpt-4o-transcribe", Version: "2025-03-20", SKU: "GlobalStandard", Capacity: 100})
}

func recording() client.AudioTranscriptionNewParams {
	return client.AudioTranscriptionNewParams{Model: "listen", Prompt: client.String("names of rivers"), File: client.File(strings.NewReader(strings.Repeat("x", 32_000)), "memo.wav", "audio/wav")}
}

func TestATranscriptIsStreamedWithItsUsage(t *testing.T) {
	s, _ := service(t, listener)
	ctx := context.Background()
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			whole, err := c.Audio.Transcriptions.New(ctx, recording())
			require.NoError(t, err)
			assert.EqualValues(t, accounts.CountTokens("gpt-4o", whole.Text), whole.Usage.OutputTokens)
			assert.EqualValues(t, 10, whole.Usage.InputTokenDetails.AudioTokens)
			assert.EqualValues(t, accounts.CountTokens("gpt-4o", "names of rivers"), whole.Usage.InputTokenDetails.TextTokens)
			assert.Equal(t, whole.Usage.InputTokens+whole.Usage.OutputTokens, whole.Usage.TotalTokens)
			assert.EqualValues(t, whole.Usage.TotalTokens, s.Requests()[len(s.Requests())-1].Usage.Total(), "the book has the same")

			stream := c.Audio.Transcriptions.NewStreaming(ctx, recording())
			text, deltas, last := "", 0, client.TranscriptionStreamEventUnion{}
			for stream.Next() {
				if last = stream.Current(); last.Type == "transcript.text.delta" {
					text, deltas = text+last.Delta, deltas+1
				}
			}
			require.NoError(t, stream.Err())
			assert.Equal(t, "transcript.text.done", last.Type)
			assert.Equal(t, []string{whole.Text, whole.Text}, []string{text, last.Text})
			assert.Greater(t, deltas, 5)
			assert.Equal(t, whole.Usage.TotalTokens, last.AsTranscriptTextDone().Usage.TotalTokens)
		})
	}
}

// upload sends a form with a file.
func upload(t *testing.T, s *accounts.Service, path, file string, fields ...string) reply {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(file, "memo.wav")
	require.NoError(t, err)
	_, err = part.Write([]byte("RIFF"))
	require.NoError(t, err)
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, form.WriteField(fields[i], fields[i+1]))
	}
	require.NoError(t, form.Close())
	return do(t, s, http.MethodPost, path, body.String(), "Content-Type", form.FormDataContentType())
}

func TestFormatsOfTranscriptsDependOnTheModel(t *testing.T) {
	s, _ := service(t, listener)
	listen := deployment("listen", "audio/transcriptions")
	got := upload(t, s, listen, "file", "response_format", "verbose_json")
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, `response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'. Use 'json' or 'text' instead.","type":"invalid_request_error","param":"response_format","code":"unsupported_value"`)
	assert.Equal(t, "This is what was said in memo.wav.\n", upload(t, s, listen, "file", "response_format", "text").body)
	assert.Contains(t, upload(t, s, deployment("hear", "audio/transcriptions"), "file", "response_format", "verbose_json").body, `"duration":1`)
	assert.Equal(t, `{"text":"This is what was said in memo.wav."}`, upload(t, s, deployment("hear", "audio/transcriptions"), "file", "stream", "true").body, "whisper ignores stream")
	assert.Equal(t, 400, upload(t, s, deployment("hear", "audio/transcriptions"), "file", "response_format", "xml").status)
	assert.Contains(t, upload(t, s, deployment("listen", "audio/translations"), "file").body, "OperationNotSupported")
}

func TestAPictureIsStreamedWithItsUsage(t *testing.T) {
	s, _ := service(t, func(a *accounts.Account) { a.Deployments[5].Capacity = 100 })
	c := official(t, s)["v1"]
	ctx := context.Background()
	params := client.ImageGenerateParams{Model: "paint", Prompt: "a boat on a river", Quality: "low", Size: "1024x1536"}
	whole, err := c.Images.Generate(ctx, params)
	require.NoError(t, err)
	text := int64(accounts.CountTokens("gpt-image-1", "a boat on a river"))
	assert.Equal(t, []int64{text, 408, text + 408}, []int64{whole.Usage.InputTokens, whole.Usage.OutputTokens, whole.Usage.TotalTokens})
	assert.EqualValues(t, "low", whole.Quality)
	assert.NotEmpty(t, whole.Data[0].B64JSON)

	params.PartialImages = client.Int(2)
	stream := c.Images.GenerateStreaming(ctx, params)
	var kinds []string
	var last client.ImageGenStreamEventUnion
	for stream.Next() {
		last = stream.Current()
		kinds = append(kinds, last.Type)
		assert.NotEmpty(t, last.B64JSON)
	}
	require.NoError(t, stream.Err())
	assert.Equal(t, []string{"image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"}, kinds)
	assert.EqualValues(t, 408+2*100, last.AsImageGenerationCompleted().Usage.OutputTokens, "partial images cost 100 tokens each")

	edit := client.ImageEditParams{Model: "paint", Prompt: "a boat", Quality: "medium", PartialImages: client.Int(1), Image: client.ImageEditParamsImageUnion{OfFile: client.File(strings.NewReader("PNG"), "boat.png", "image/png")}}
	edits := c.Images.EditStreaming(ctx, edit)
	kinds = nil
	for edits.Next() {
		kinds = append(kinds, edits.Current().Type)
	}
	require.NoError(t, edits.Err())
	assert.Equal(t, []string{"image_edit.partial_image", "image_edit.completed"}, kinds)
	edited, err := c.Images.Edit(ctx, client.ImageEditParams{Model: "paint", Prompt: "a boat", Quality: "medium", N: client.Int(2), Image: client.ImageEditParamsImageUnion{OfFile: client.File(strings.NewReader("PNG"), "boat.png", "image/png")}})
	require.NoError(t, err)
	assert.Len(t, edited.Data, 2)
	assert.EqualValues(t, 2*1056, edited.Usage.OutputTokens)
	assert.EqualValues(t, 194, edited.Usage.InputTokensDetails.ImageTokens)
}

func TestWhatAModelOfPicturesDoesNotKnowIsRefused(t *testing.T) {
	s, _ := service(t)
	for body, want := range map[string]string{
		`{"model":"paint","prompt":"x","response_format":"b64_json"}`:     `Unknown parameter: 'response_format'.","type":"invalid_request_error","param":"response_format","code":"unknown_parameter"`,
		`{"model":"paint","prompt":"x","n":11}`:                           `"code":"integer_above_max_value"`,
		`{"model":"paint","prompt":"x","n":0}`:                            `"code":"integer_below_min_value"`,
		`{"model":"paint","prompt":"x","stream":true,"partial_images":4}`: `"param":"partial_images"`,
		`{"model":"paint","prompt":"x","size":7}`:                         `"param":"size","code":"invalid_type"`,
	} {
		got := post(t, s, "/openai/v1/images/generations", body)
		assert.Equal(t, 400, got.status, body)
		assert.Contains(t, got.body, want, body)
	}
}
