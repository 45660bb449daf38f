// Package app is the contract on Echo v4.
package app

import (
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"bench.lab/kit"
)

// New returns the application.
func New(options kit.Options) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	if options.Spin > 0 {
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				kit.Spin(options.Spin)
				return next(c)
			}
		})
	}
	for range options.Middleware {
		e.Use(passThrough)
	}

	e.GET("/plaintext", plaintext)
	e.GET("/json", message)
	e.GET("/user/:id/post/:slug", userPost)
	e.POST("/echo", echoBody, middleware.BodyLimit("1MiB"))
	e.GET("/blob", blob)
	for _, route := range options.Routes {
		e.GET(route.Path, func(c echo.Context) error {
			return c.String(http.StatusOK, route.Body)
		})
	}
	return e
}

func plaintext(c echo.Context) error {
	return c.String(http.StatusOK, kit.Plaintext)
}

func message(c echo.Context) error {
	return c.JSON(http.StatusOK, kit.Message())
}

func userPost(c echo.Context) error {
	return c.String(http.StatusOK, param(c, "id")+"/"+param(c, "slug"))
}

// param decodes a path parameter. Echo routes on URL.RawPath when the request has
// one and its parameters are still encoded then; without one they come from
// URL.Path, which is decoded already and must not be decoded again.
func param(c echo.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	// The server has decoded the same path before and refused what cannot be.
	decoded, _ := url.PathUnescape(value)
	return decoded
}

func echoBody(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, body)
}

func blob(c echo.Context) error {
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, kit.Blob())
}

func passThrough(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return next(c) }
}
