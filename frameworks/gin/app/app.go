// Package app is the contract on Gin.
package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application: gin.Default without its logger, which would log every
// request. The release mode keeps the start quiet.
func New(options kit.Options) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.HandleMethodNotAllowed = true

	if options.Spin > 0 {
		router.Use(func(c *gin.Context) { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		router.Use(func(c *gin.Context) { c.Next() })
	}

	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/:id/post/:slug", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(c *gin.Context) { c.String(http.StatusOK, route.Body) })
	}
	return router
}

func plaintext(c *gin.Context) {
	c.String(http.StatusOK, kit.Plaintext)
}

func message(c *gin.Context) {
	c.JSON(http.StatusOK, kit.Message())
}

// userPost answers as the two-parameter example in Gin's documentation does. Without
// values to format, c.String writes its text as it is, percent signs included.
func userPost(c *gin.Context) {
	c.String(http.StatusOK, c.Param("id")+"/"+c.Param("slug"))
}

func echo(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, kit.EchoLimit)
	body, err := c.GetRawData()
	if err != nil {
		c.AbortWithStatus(http.StatusRequestEntityTooLarge)
		return
	}
	c.Data(http.StatusOK, binary, body)
}

func blob(c *gin.Context) {
	c.Data(http.StatusOK, binary, kit.Blob())
}
