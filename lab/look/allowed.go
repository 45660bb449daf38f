package main

import "strings"

const kit = "bench.lab/kit"

// names are what a server of a framework may use of the standard library and of engines: what all
// honest ones need, and their like. `*` stands for any end. Whoever needs more declares it with its
// reason.
var names = map[string]string{
	"bytes":                       "NewReader",
	"context":                     "Context Background WithCancel CancelFunc",
	"encoding/json":               "Marshal NewEncoder Encoder",
	"errors":                      "New Is As Join",
	"io":                          "Discard ReadAll WriteString EOF ErrUnexpectedEOF",
	"log":                         "New",
	"log/slog":                    "Level* New DiscardHandler",
	"net":                         "SplitHostPort JoinHostPort Listener Addr",
	"net/http":                    "Error Handler HandlerFunc MaxBytesReader MaxBytesError Method* NoBody Request ResponseWriter Status* Header",
	"net/url":                     "PathUnescape URL Values",
	"strconv":                     "Atoi",
	"time":                        "Duration Nanosecond Microsecond Millisecond Second Minute Hour",
	"github.com/valyala/fasthttp": "RequestHandler RequestCtx Status* Method* Header*",
}

// namesOfMain are what starting a server needs beside.
var namesOfMain = map[string]string{
	"crypto/tls":                  "Certificate Config LoadX509KeyPair NewListener",
	"fmt":                         "Errorf",
	"net/http":                    "Server ErrServerClosed",
	"sync/atomic":                 "Pointer",
	"github.com/valyala/fasthttp": "Server",
}

// namesOfEngines are what speaking HTTP by hand needs beside.
var namesOfEngines = map[string]string{
	"bufio": "*", "bytes": "*", "encoding/json": "*", "fmt": "Errorf Sprintf Appendf", "io": "*", "math/bits": "*",
	"context":  "*",
	"net":      "Addr Buffers Conn ErrClosed Error Listener TCPAddr TCPConn TCPListener",
	"net/http": "CanonicalHeaderKey NewServeMux ReadRequest ServeMux Server TimeFormat", "net/url": "*", "slices": "*", "strconv": "*", "strings": "*",
	"sync": "Mutex RWMutex Pool WaitGroup", "sync/atomic": "Bool Int32 Int64 Uint32 Uint64 Pointer",
	"time": "Now Time Since Until Duration RFC1123 UTC", "github.com/valyala/fasthttp": "*",
}

// namesOfSetup are only used before the first request: in main, and where the options are read.
const namesOfSetup = "context.Background context.WithCancel log.New log/slog.New log/slog.Level* net.SplitHostPort net.JoinHostPort strconv.Atoi"

// namesOfStd are the router of the standard library, for the server that is about it.
const namesOfStd = "NewServeMux ServeMux"

// members are the methods and fields of the types of these packages that a server of a framework
// uses; main's are starred.
var members = map[string]string{
	"context.Context":                        "Done* Err*",
	"encoding/json.Encoder":                  "Encode",
	"net.Addr":                               "String*",
	"net.Listener":                           "Addr*",
	"net/http.Handler":                       "ServeHTTP",
	"net/http.Header":                        "Set Add Del",
	"net/http.Request":                       "Body Context PathValue",
	"net/http.ResponseWriter":                "Header Write WriteHeader",
	"net/http.Server":                        "Serve* ServeTLS* Shutdown*",
	"net/http.MaxBytesError":                 "Limit",
	"net/url.Values":                         "Get",
	"sync/atomic.Pointer":                    "Load* Store*",
	"crypto/tls.Config":                      "Certificates*",
	"github.com/valyala/fasthttp.RequestCtx": "SetContentType SetBodyString SetBody UserValue PostBody Error SetStatusCode Write WriteString",
	"github.com/valyala/fasthttp.Server":     "Serve* ServeTLS* ShutdownWithContext* Shutdown*",
}

// ofKit is what servers use of the lab's own package.
const ofKit = "Blob BlobSize EchoLimit Message Options Plaintext Reply Route Run Server Setup Spin"

// parts are the packages below the root of a module that its documentation's servers are written
// with, and what of them. A framework that needs another declares it: `import PATH`. What answers
// in the place of handlers (caches, proxies, files, rewriting) is none of them.
var parts = map[string]string{
	"github.com/beego/beego/v2/core/logs":              "SetLogger AdapterConsole",
	"github.com/beego/beego/v2/server/web":             "*",
	"github.com/beego/beego/v2/server/web/context":     "Context",
	"github.com/cloudwego/hertz/pkg/app":               "RequestContext HandlerFunc",
	"github.com/cloudwego/hertz/pkg/app/server":        "*",
	"github.com/cloudwego/hertz/pkg/app/server/render": "ResetStdJSONMarshal ResetJSONMarshal",
	"github.com/cloudwego/hertz/pkg/common/config":     "Option",
	"github.com/cloudwego/hertz/pkg/common/hlog":       "SetLevel LevelFatal",
	"github.com/cloudwego/hertz/pkg/common/json":       "Marshal",
	"github.com/cloudwego/hertz/pkg/network/standard":  "NewTransporter",
	"github.com/cloudwego/hertz/pkg/protocol/consts":   "Status* Method* MIME*",
	"github.com/danielgtaylor/huma/v2/adapters/humago": "New",
	"github.com/go-chi/chi/v5/middleware":              "RequestSize",
	"github.com/go-kratos/kratos/v2/log":               "SetLogger NewFilter DefaultLogger FilterLevel LevelError",
	"github.com/go-kratos/kratos/v2/transport/http":    "*",
	"github.com/go-kratos/kratos/v3/log":               "SetDefault NewLogger NewHandler WithLevel",
	"github.com/go-kratos/kratos/v3/transport/http":    "*",
	"github.com/go-ozzo/ozzo-routing/v2/content":       "TypeNegotiator JSON",
	"github.com/gogf/gf/v2/net/ghttp":                  "GetServer Request RouterGroup Server",
	"github.com/gogf/gf/v2/util/guid":                  "S",
	"github.com/kataras/iris/v12/middleware/recover":   "New",
	"github.com/labstack/echo/v4/middleware":           "BodyLimit",
	"github.com/labstack/echo/v5/middleware":           "BodyLimit",
	"github.com/lesismal/nbio/logging":                 "SetLevel LevelNone",
	"github.com/lesismal/nbio/nbhttp":                  "Config Engine NewEngine",
	"github.com/zenazn/goji/web":                       "*",
	"github.com/zenazn/goji/web/middleware":            "Recoverer AutomaticOptions",
	"github.com/zeromicro/go-zero/core/conf":           "FillDefault",
	"github.com/zeromicro/go-zero/core/logx":           "Disable",
	"github.com/zeromicro/go-zero/core/prometheus":     "Enable",
	"github.com/zeromicro/go-zero/rest":                "*",
	"github.com/zeromicro/go-zero/rest/httpx":          "OkJsonCtx ParsePath ErrorCtx",
	"goji.io/pat": "Get Post Param",
}

// on tells whether a list of words has a name.
func on(list, name string) bool {
	for _, allowed := range strings.Fields(list) {
		if start, any := strings.CutSuffix(allowed, "*"); allowed == name || any && strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

func (l *looker) allows(pkg, name string) bool {
	return on(names[pkg], name) || l.isMain() && on(namesOfMain[pkg], name) || l.Engine && on(namesOfEngines[pkg], name) ||
		l.Module == "std" && pkg == "net/http" && on(namesOfStd, name)
}

// known tells a package of which something is allowed, and so not everything.
func (l *looker) known(pkg string) bool {
	if within(pkg, l.Module) {
		return false
	}
	return names[pkg] != "" || l.isMain() && namesOfMain[pkg] != "" || l.Engine && namesOfEngines[pkg] != ""
}

// allowsMember tells the methods and fields that are used of a type of a known package.
func (l *looker) allowsMember(of, name string) bool {
	if l.Module == "std" && of == "net/http.ServeMux" {
		return name == "Handle" || name == "HandleFunc"
	}
	for _, allowed := range strings.Fields(members[of]) {
		plain, ofMain := strings.CutSuffix(allowed, "*")
		if plain == name && (!ofMain || l.isMain()) {
			return true
		}
	}
	return false
}

func within(pkg, module string) bool {
	return module != "" && (pkg == module || strings.HasPrefix(pkg, module+"/"))
}
