//! Which package a Go function belongs to, and which group of a server's parts.

use std::collections::BTreeMap;

/// A part of a server that instructions are added up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The server's own handlers and what all servers share.
    Handlers,
    /// The framework.
    Framework,
    /// What speaks HTTP for it, where that is not net/http.
    Engine,
    /// net/http, and what reads and writes sockets below it.
    NetHttp,
    /// encoding/json with reflection.
    Json,
    /// Allocation and collection of memory.
    Memory,
    /// Scheduler, channels, locks, network poller, system calls.
    Scheduler,
    /// The rest of the runtime: maps, strings, copies, interfaces.
    Runtime,
    /// All other packages.
    Others,
}

impl Group {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::Handlers,
        Self::Framework,
        Self::Engine,
        Self::NetHttp,
        Self::Json,
        Self::Memory,
        Self::Scheduler,
        Self::Runtime,
        Self::Others,
    ];

    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Handlers => "handlers",
            Self::Framework => "framework",
            Self::Engine => "engine",
            Self::NetHttp => "net/http",
            Self::Json => "encoding/json",
            Self::Memory => "memory and collector",
            Self::Scheduler => "scheduler",
            Self::Runtime => "runtime",
            Self::Others => "others",
        }
    }
}

/// The package of a Go function's symbol: `net/http` of `net/http.(*conn).serve`,
/// `github.com/gin-gonic/gin` of `github.com/gin-gonic/gin.(*Context).Next`, `runtime` of what the
/// runtime has in assembly without a name of its own.
pub fn package(symbol: &str) -> &str {
    // Type parameters may name other packages: `sync.(*Map[go.shape.string,...]).Load`.
    let plain = symbol.split('[').next().unwrap_or(symbol);
    let name = plain.rfind('/').map_or(0, |slash| slash + 1);
    match plain[name..].find('.') {
        Some(dot) if name + dot > 0 => &symbol[..name + dot],
        _ => "runtime",
    }
}

/// A module's path as the linker writes it in symbols: dots of the last element are escaped.
fn in_symbols(module: &str) -> String {
    let (parents, last) = module.split_at(module.rfind('/').map_or(0, |slash| slash + 1));
    format!("{parents}{}", last.replace('.', "%2e"))
}

/// The packages of one server: which of them are its framework's and its engine's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    framework: Option<String>,
    engine: Vec<String>,
}

impl Packages {
    /// A server's framework by its module's path; `engine`, the modules that speak HTTP for it.
    pub fn new(framework: &str, engine: &[&str]) -> Self {
        // The standard library is no framework of its own: it stands under its packages' names.
        let own = framework != "std" && !framework.is_empty();
        let framework = own.then(|| in_symbols(framework));
        let other = |module: &&&str| framework.as_deref() != Some(&*in_symbols(module));
        Self {
            engine: engine.iter().filter(other).map(|m| in_symbols(m)).collect(),
            framework,
        }
    }

    /// The group of a function.
    pub fn group(&self, function: &str) -> Group {
        let package = package(function);
        let within = |module: &str| {
            let rest = package.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if package == "main" || within("bench.lab") {
            return Group::Handlers;
        }
        if self.engine.iter().any(|module| within(module)) {
            return Group::Engine;
        }
        if self.framework.as_deref().is_some_and(within) {
            return Group::Framework;
        }
        match package {
            "runtime" | "internal/runtime/syscall" => runtime(function),
            "syscall" | "internal/runtime/atomic" | "internal/chacha8rand" => Group::Scheduler,
            "internal/runtime/gc" | "internal/runtime/gc/scan" => Group::Memory,
            "encoding/json" | "reflect" => Group::Json,
            _ if within("encoding/json") => Group::Json,
            _ if within("internal/runtime") || package == "internal/bytealg" => Group::Runtime,
            _ if within("net") || package == "internal/poll" || package == "bufio" => {
                Group::NetHttp
            }
            _ => Group::Others,
        }
    }

    /// Numbers of functions as folded stacks of three levels, part, package and function, a line each:
    /// what tools for flame graphs read. They are no call stacks: a function's number is its own.
    pub fn folded(&self, functions: &BTreeMap<String, f64>) -> String {
        let line = |(name, n): (&String, &f64)| {
            // A semicolon would begin another level.
            let [package, function] = [package(name), name].map(|word| word.replace(';', ","));
            let whole = n.round();
            (whole > 0.0)
                .then(|| format!("{};{package};{function} {whole}\n", self.group(name).name()))
        };
        functions.iter().filter_map(line).collect()
    }

    /// Numbers of functions, added up by group; groups that have none are left out.
    pub fn sums(&self, functions: &BTreeMap<String, f64>) -> BTreeMap<Group, f64> {
        let mut sums = BTreeMap::new();
        for (name, n) in functions {
            *sums.entry(self.group(name)).or_default() += n;
        }
        sums
    }
}

/// Words in the names of the runtime's functions that are about memory.
const MEMORY: &[&str] = &[
    "malloc",
    "newobject",
    "makeslice",
    "growslice",
    "gc",
    "scan",
    "sweep",
    "mark",
    "grey",
    "span",
    "mcache",
    "mcentral",
    "mheap",
    "pageAlloc",
    "heapBits",
    "HeapBits",
    "bulkBarrier",
    "wbBuf",
    "wbZero",
    "typedmemmove",
    "scav",
    "nextFreeFast",
    "memclr",
    "bgsweep",
    "addrRange",
    "findObject",
    "heapSet",
    "HeapStats",
    "Assist",
    "MCache",
];
/// The same of scheduling.
const SCHEDULER: &[&str] = &[
    "sched",
    "findRunnable",
    "execute",
    "casgstatus",
    "park",
    "ready",
    "runq",
    "netpoll",
    "lock",
    "entersyscall",
    "exitsyscall",
    "Syscall",
    "chan",
    "select",
    "sema",
    "futex",
    "note",
    "mcall",
    "gosave",
    "gogo",
    "sysmon",
    "retake",
    "handoff",
    "stopm",
    "startm",
    "wakep",
    "acquire",
    "releasep",
    "mPark",
    "goexit",
    "newproc",
    "gfget",
    "gfput",
    "timer",
    "nanotime",
    "usleep",
    "epoll",
    "preempt",
    "stealWork",
    "acquirep",
];

fn runtime(function: &str) -> Group {
    let name = function.strip_prefix("runtime.").unwrap_or(function);
    let about = |words: &[&str]| words.iter().any(|word| name.contains(word));
    // Memory first: `mallocgc` and `gcStart` take locks, and their names say what for.
    if about(MEMORY) {
        Group::Memory
    } else if about(SCHEDULER) {
        Group::Scheduler
    } else {
        Group::Runtime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_off_symbols() {
        for (symbol, is) in [
            ("net/http.(*conn).serve", "net/http"),
            ("runtime.mallocgc", "runtime"),
            (
                "github.com/gin-gonic/gin.(*Context).Next",
                "github.com/gin-gonic/gin",
            ),
            ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml%2ev3"),
            (
                "internal/sync.(*HashTrieMap[go.shape.interface {},a/b.c]).Load",
                "internal/sync",
            ),
            ("type:.eq.net/http.http2frameCache", "type:.eq.net/http"),
            ("memeqbody", "runtime"),
            ("_rt0_amd64_linux", "runtime"),
        ] {
            assert_eq!(package(symbol), is, "{symbol}");
        }
    }

    #[test]
    fn groups_follow_the_framework_and_its_engine() {
        let fiber = Packages::new(
            "github.com/gofiber/fiber/v3",
            &["github.com/valyala/fasthttp"],
        );
        let gin = Packages::new("github.com/gin-gonic/gin", &[]);
        let nethttp = Packages::new("std", &[]);
        let macaron = Packages::new("gopkg.in/macaron.v1", &[]);
        for (packages, function, group) in [
            (
                &macaron,
                "gopkg.in/macaron%2ev1.(*Macaron).ServeHTTP",
                Group::Framework,
            ),
            (
                &fiber,
                "github.com/gofiber/fiber/v3.(*App).next",
                Group::Framework,
            ),
            (
                &fiber,
                "github.com/valyala/fasthttp.(*Server).serveConn",
                Group::Engine,
            ),
            (
                &gin,
                "github.com/valyala/fasthttp.(*Server).serveConn",
                Group::Others,
            ),
            (
                &gin,
                "github.com/gin-gonic/gin/render.JSON.Render",
                Group::Framework,
            ),
            (&gin, "github.com/gin-gonic/ginger.X", Group::Others),
            (&nethttp, "net/http.(*ServeMux).ServeHTTP", Group::NetHttp),
            (&nethttp, "bench.lab/nethttp/app.message", Group::Handlers),
            (&nethttp, "main.main", Group::Handlers),
            (&nethttp, "encoding/json.(*Encoder).Encode", Group::Json),
            (&nethttp, "runtime.mallocgcTiny", Group::Memory),
            (&nethttp, "runtime.gcDrain", Group::Memory),
            (&nethttp, "runtime.findRunnable", Group::Scheduler),
            (&nethttp, "runtime.memmove", Group::Runtime),
            (
                &nethttp,
                "internal/runtime/maps.(*Iter).Next",
                Group::Runtime,
            ),
            (&nethttp, "net.(*conn).Read", Group::NetHttp),
            (&nethttp, "time.Now", Group::Others),
        ] {
            assert_eq!(packages.group(function), group, "{function}");
        }
    }

    #[test]
    fn folded_lines_have_three_levels_also_where_a_name_holds_their_mark() {
        let functions = [("a.b[struct { X int; Y int }]", 2.6), ("main.f", 0.2)];
        let functions = functions.map(|(name, n)| (name.to_owned(), n)).into();
        let folded = Packages::default().folded(&functions);
        assert_eq!(folded, "others;a;a.b[struct { X int, Y int }] 3\n");
    }

    #[test]
    fn sums_lose_nothing() {
        let functions = [("main.main", 1.0), ("runtime.mallocgc", 2.5), ("x.y", 4.0)];
        let functions = functions.map(|(name, n)| (name.to_owned(), n)).into();
        let sums = Packages::default().sums(&functions);
        assert_eq!(sums.values().sum::<f64>(), 7.5);
        assert_eq!(sums.len(), 3);
    }
}
