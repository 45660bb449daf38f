//go:build listing

package main

import "github.com/gin-gonic/gin"

func handler(c *gin.Context) {
	id, _ := c.Params.Get("id")
	_ = id
}

func main() { gin.New().GET("/:id", handler) }
