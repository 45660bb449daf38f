package main

import (
	"bytes"
	"reflect"
	"sync"
	"unsafe"
)

// The bodies of the loops whose garbage is counted: a request's struct as the text has it.

type buffered struct {
	id     int
	buffer *bytes.Buffer
}

type inline struct {
	id    int
	bytes [64]byte
}

//go:noinline
func useBuffered(b *buffered) { kept = b; b.buffer.WriteString("payload") }

//go:noinline
func useInline(b *inline) { copy(b.bytes[:], "payload") }

//go:noinline
func useBytes(b []byte) { b[0] = 1 }

func withBuffer() { useBuffered(&buffered{buffer: new(bytes.Buffer)}) }

var structs = sync.Pool{New: func() any { return &buffered{buffer: new(bytes.Buffer)} }}

func pooled() {
	b := structs.Get().(*buffered)
	b.buffer.Reset()
	useBuffered(b)
	structs.Put(b)
}

func withArray() { useInline(&inline{}) }

func byMake() { useBytes(make([]byte, 64)) }

func bySlice() {
	var array [64]byte
	useBytes(unsafe.Slice(&array[0], len(array)))
}

type call struct{ steps int }

//go:noinline
func step(c *call) { c.steps++ }

var (
	middlewares = [3]func(*call){step, step, step}
	reflected   = [3]reflect.Value{reflect.ValueOf(step), reflect.ValueOf(step), reflect.ValueOf(step)}
	one         call
)

func byClosures() {
	for _, middleware := range middlewares {
		middleware(&one)
	}
}

func byReflection() {
	for _, middleware := range reflected {
		middleware.Call([]reflect.Value{reflect.ValueOf(&one)})
	}
}
