// Command echo serves one route with Echo.
package main

import (
	"net/http"

	"github.com/labstack/echo/v5"
)

func main() {
	e := echo.New()
	e.GET("/user/:id", func(c *echo.Context) error { return c.String(http.StatusOK, c.Param("id")) })
	http.ListenAndServe("127.0.0.1:0", e)
}
