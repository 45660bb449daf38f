// Command gin serves one route with Gin.
package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

func main() {
	router := gin.New()
	router.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	router.Run("127.0.0.1:0")
}
