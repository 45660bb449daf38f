// Package app is the contract on Huma, with its adapter for the standard library's
// ServeMux.
package app

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. Huma describes each route by the types of its input and
// its output, and publishes an OpenAPI document of them under /openapi.json.
func New(options kit.Options) http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Contract", "1.0.0")
	config.CreateHooks = nil
	api := humago.New(mux, config)
	if options.Spin > 0 {
		api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
			kit.Spin(options.Spin)
			next(ctx)
		})
	}
	for range options.Middleware {
		api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(ctx) })
	}

	huma.Get(api, "/plaintext", plaintext)
	huma.Get(api, "/json", message)
	huma.Get(api, "/user/{id}/post/{slug}", userPost)
	huma.Post(api, "/echo", echo)
	api.OpenAPI().Paths["/echo"].Post.RequestBody.Required = false
	huma.Get(api, "/blob", blob)
	for _, route := range options.Routes {
		huma.Get(api, route.Path, func(context.Context, *struct{}) (*bytesOutput, error) {
			return text(route.Body), nil
		})
	}
	return mux
}

// bytesOutput is an answer that Huma writes without serialising it.
type bytesOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func text(body string) *bytesOutput {
	return &bytesOutput{ContentType: plain, Body: []byte(body)}
}

func plaintext(context.Context, *struct{}) (*bytesOutput, error) {
	return text(kit.Plaintext), nil
}

type messageOutput struct {
	Body kit.Reply
}

func message(context.Context, *struct{}) (*messageOutput, error) {
	return &messageOutput{Body: kit.Message()}, nil
}

type userPostInput struct {
	ID   string `path:"id"`
	Slug string `path:"slug"`
}

func userPost(_ context.Context, input *userPostInput) (*bytesOutput, error) {
	return text(input.ID + "/" + input.Slug), nil
}

type echoInput struct {
	RawBody []byte
}

// echo relies on Huma's default, which refuses bodies above 1 MiB.
func echo(_ context.Context, input *echoInput) (*bytesOutput, error) {
	return &bytesOutput{ContentType: binary, Body: input.RawBody}, nil
}

func blob(context.Context, *struct{}) (*bytesOutput, error) {
	return &bytesOutput{ContentType: binary, Body: kit.Blob()}, nil
}
