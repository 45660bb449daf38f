//go:build listing

package main

import "github.com/gofiber/fiber/v3"

func handler(c fiber.Ctx) error {
	_ = c.Params("id")
	return nil
}

func main() { fiber.New().Get("/:id", handler) }
