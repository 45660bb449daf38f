package main

import (
	"go/ast"
	"go/constant"
	"regexp"
	"strconv"
	"strings"
)

// contract are the paths of the contract, in the ways in which routers write them.
var contract = regexp.MustCompile(`^(GET |POST |HEAD )?/(plaintext|json|echo|blob|user/` + parameter + `/post/` + parameter + `)?$`)

const parameter = `(:\w+|\{\w+\}|<\w+>|\(\?P<\w+>\[\^/\]\+\))`

// longest is what servers write as a text: media types, paths, words of an error.
const longest = 200

var mime = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; ?charset=[a-zA-Z0-9-]+)?$`)

// literals finds patterns that give a handler more than the contract's path: who asks the router
// for everything routes by itself. Texts that are put together when they are compiled count as
// what they are then.
func (l *looker) literals(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				l.tag(n)
			}
		case ast.Expr:
			value := l.own.info.Types[n].Value
			if value == nil || value.Kind() != constant.String {
				return true
			}
			text := constant.StringVal(value)
			if strings.Contains(text, "*") || strings.Contains(text, "...") ||
				strings.Contains(text, "/") && !mime.MatchString(text) && !contract.MatchString(text) {
				l.report(n.Pos(), "literal "+strconv.Quote(text), "is no path of the contract")
			}
			if len(text) > longest {
				l.report(n.Pos(), "literal of "+strconv.Itoa(len(text))+" bytes", "is as long as an answer")
			}
			return false
		}
		return true
	})
}

var tags = regexp.MustCompile(`^(path:"(id|slug)"|header:"Content-Type")$`)

// tag looks at what a field of a structure is bound to.
func (l *looker) tag(field *ast.Field) {
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil || !tags.MatchString(text) {
		l.report(field.Tag.Pos(), "literal "+field.Tag.Value, "binds what is no parameter of the contract")
	}
}
