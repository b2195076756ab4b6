package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"

	"enterprise-openai/rehearsal/clients"
)

// datedVersion is the api-version that openai-go sends.
const datedVersion = "2024-10-21"

// call makes one call with one library, through an HTTP client that reaches the gateway under its own name.
func call(ctx context.Context, client *http.Client, host string, c clients.Call) clients.Answer {
	endpoint := "https://" + host
	if c.Base != "" {
		endpoint += "/" + c.Base
	}
	var (
		a   clients.Answer
		err error
	)
	switch c.Client {
	case "openai-go":
		options := []option.RequestOption{option.WithBaseURL(endpoint + "/openai/v1/"), option.WithHTTPClient(client), option.WithMaxRetries(0), option.WithAPIKey("unused")}
		if c.Token != "" {
			options = append(options, option.WithAPIKey(c.Token))
		}
		if c.Key != "" {
			options = append(options, option.WithHeader("api-key", c.Key))
		}
		a, err = official(ctx, openai.NewClient(options...), c)
	case "openai-go azure":
		options := []option.RequestOption{azure.WithEndpoint(endpoint, datedVersion), option.WithHTTPClient(client), option.WithMaxRetries(0)}
		switch {
		case c.Token == "":
			options = append(options, azure.WithAPIKey(c.Key))
		case c.Key != "":
			// In the query, because in the header it is refused: "token credential authentication cannot be combined with an
			// Api-Key header".
			options = append(options, option.WithQuery("api-key", c.Key))
			fallthrough
		default:
			options = append(options, azure.WithTokenCredential(credential(c.Token)))
		}
		a, err = official(ctx, openai.NewClient(options...), c)
	case "azopenai":
		a, err = azures(ctx, endpoint, client, c)
	default:
		err = fmt.Errorf("no library %q", c.Client)
	}
	if err == nil {
		return a
	}
	a.Error = err.Error()
	var theirs *openai.Error
	var azures *azcore.ResponseError
	switch {
	case errors.As(err, &theirs):
		// The error's text is the status alone; code and message are fields.
		a.Status, a.Error = theirs.StatusCode, theirs.Code+": "+theirs.Message
	case errors.As(err, &azures):
		a.Status = azures.StatusCode
	}
	return a
}

// credential is a token that exists already.
type credential string

// GetToken returns it.
func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(c), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func official(ctx context.Context, client openai.Client, c clients.Call) (clients.Answer, error) {
	if c.Kind == "embedding" {
		made, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: c.Deployment, Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(c.Prompt)}})
		if err != nil || len(made.Data) == 0 {
			return clients.Answer{}, err
		}
		return clients.Answer{Size: len(made.Data[0].Embedding), Tokens: int(made.Usage.TotalTokens)}, nil
	}
	request := openai.ChatCompletionNewParams{Model: c.Deployment, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(c.Prompt)}}
	if c.Kind == "plain" {
		made, err := client.Chat.Completions.New(ctx, request)
		if err != nil || len(made.Choices) == 0 {
			return clients.Answer{}, err
		}
		return clients.Answer{Text: made.Choices[0].Message.Content, Tokens: int(made.Usage.TotalTokens)}, nil
	}
	stream := client.Chat.Completions.NewStreaming(ctx, request)
	var a clients.Answer
	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			if choice.Delta.Content != "" {
				a.Text += choice.Delta.Content
				a.Size++
			}
		}
	}
	return a, errors.Join(stream.Err(), stream.Close())
}

func azures(ctx context.Context, endpoint string, client *http.Client, c clients.Call) (clients.Answer, error) {
	connect, err := azopenaiClient(endpoint, client, c)
	if err != nil {
		return clients.Answer{}, err
	}
	if c.Kind == "embedding" {
		made, err := connect.GetEmbeddings(ctx, azopenai.EmbeddingsOptions{DeploymentName: &c.Deployment, Input: []string{c.Prompt}}, nil)
		if err != nil || len(made.Data) == 0 {
			return clients.Answer{}, err
		}
		return clients.Answer{Size: len(made.Data[0].Embedding), Tokens: int(*made.Usage.TotalTokens)}, nil
	}
	messages := []azopenai.ChatRequestMessageClassification{&azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent(c.Prompt)}}
	if c.Kind == "plain" {
		made, err := connect.GetChatCompletions(ctx, azopenai.ChatCompletionsOptions{DeploymentName: &c.Deployment, Messages: messages}, nil)
		if err != nil || len(made.Choices) == 0 {
			return clients.Answer{}, err
		}
		return clients.Answer{Text: *made.Choices[0].Message.Content, Tokens: int(*made.Usage.TotalTokens)}, nil
	}
	made, err := connect.GetChatCompletionsStream(ctx, azopenai.ChatCompletionsStreamOptions{DeploymentName: to.Ptr(c.Deployment), Messages: messages}, nil)
	if err != nil {
		return clients.Answer{}, err
	}
	defer func() { _ = made.ChatCompletionsStream.Close() }()
	var a clients.Answer
	for {
		event, err := made.ChatCompletionsStream.Read()
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		for _, choice := range event.Choices {
			if choice.Delta != nil && choice.Delta.Content != nil && *choice.Delta.Content != "" {
				a.Text += *choice.Delta.Content
				a.Size++
			}
		}
	}
}

// azopenaiClient sends a key as it is, or a token with the key, if there is one, beside it.
func azopenaiClient(endpoint string, client *http.Client, c clients.Call) (*azopenai.Client, error) {
	options := &azopenai.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: -1}}}
	if c.Token == "" {
		return azopenai.NewClientWithKeyCredential(endpoint, azcore.NewKeyCredential(c.Key), options)
	}
	if c.Key != "" {
		options.PerCallPolicies = append(options.PerCallPolicies, header{"api-key", c.Key})
	}
	return azopenai.NewClient(strings.TrimSuffix(endpoint, "/"), credential(c.Token), options)
}

// header is a header on every request.
type header struct{ name, value string }

// Do sets it.
func (h header) Do(r *policy.Request) (*http.Response, error) {
	r.Raw().Header.Set(h.name, h.value)
	return r.Next()
}
