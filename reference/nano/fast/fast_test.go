package fast_test

import (
	"testing"

	"github.com/valyala/fasthttp"

	"bench.lab/reference/nano/fast"
)

func TestRoutesMethodsAndParameters(t *testing.T) {
	app := fast.New()
	app.Use(func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			next(ctx)
			ctx.Response.AppendBodyString("!")
		}
	})
	app.Get("/user/{id}/post/{slug}", func(ctx *fasthttp.RequestCtx) {
		ctx.WriteString(fast.Param(ctx, "id") + "/" + fast.Param(ctx, "slug") + fast.Param(ctx, "other"))
	})
	app.Post("/b", func(ctx *fasthttp.RequestCtx) { ctx.WriteString("b") })
	for _, c := range []struct {
		method, target string
		status         int
		body, allow    string
	}{
		{"GET", "/user/1/post/2", 200, "1/2!", ""},
		{"HEAD", "/user/1/post/2?q", 200, "1/2!", ""},
		{"GET", "/user/a%2Fb/post/c%20d%252F", 200, "a/b/c d%2F!", ""},
		{"GET", "/user/%zz/post/2", 400, "Bad Request!", ""},
		{"GET", "/b", 405, "Method Not Allowed!", "POST"},
		{"GET", "/c", 404, "Not Found!", ""},
	} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod(c.method)
		ctx.Request.SetRequestURI(c.target)
		app.Handler(&ctx)
		answer := &ctx.Response
		if answer.StatusCode() != c.status || string(answer.Body()) != c.body || string(answer.Header.Peek("Allow")) != c.allow {
			t.Errorf("%s %s: got %d %q, Allow %q.", c.method, c.target, answer.StatusCode(), answer.Body(), answer.Header.Peek("Allow"))
		}
	}
}
