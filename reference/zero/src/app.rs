//! Routes and middlewares, and what a handler sees of a request and its answer.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use crate::http::{self, Request};
use crate::routes::{Routes, Values};

/// The media type of text.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// What answers a request.
pub type Handler = Box<dyn Fn(&mut Exchange<'_>) + Send + Sync>;

/// An application: routes and middlewares, registered before it serves.
#[derive(Default)]
pub struct App {
    routes: Routes<Methods>,
    with: Vec<Box<dyn Fn(Handler) -> Handler>>,
}

/// What is registered under one pattern.
#[derive(Default)]
struct Methods(Vec<(String, Handler)>);

/// An application that is complete.
pub struct Served(Handler);

impl App {
    /// An application without routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a handler under a method and a pattern such as `/user/{id}`.
    ///
    /// # Panics
    /// Where the pattern is not understood or the route is there already.
    pub fn handle(
        &mut self,
        method: &str,
        pattern: &str,
        handler: impl Fn(&mut Exchange<'_>) + Send + Sync + 'static,
    ) {
        let methods = &mut self.routes.at(pattern).0;
        let known = methods.iter().any(|(name, _)| name == method);
        assert!(!known, "{method} {pattern} is registered twice");
        methods.push((method.to_owned(), Box::new(handler)));
    }

    /// Registers a handler for GET, which answers HEAD as well.
    pub fn get(
        &mut self,
        pattern: &str,
        handler: impl Fn(&mut Exchange<'_>) + Send + Sync + 'static,
    ) {
        self.handle("GET", pattern, handler);
    }

    /// Registers a handler for POST.
    pub fn post(
        &mut self,
        pattern: &str,
        handler: impl Fn(&mut Exchange<'_>) + Send + Sync + 'static,
    ) {
        self.handle("POST", pattern, handler);
    }

    /// Puts a middleware around all that the application answers. The first one is the outermost.
    pub fn with(&mut self, middleware: impl Fn(Handler) -> Handler + 'static) {
        self.with.push(Box::new(middleware));
    }

    /// The application, ready to serve.
    pub fn finish(self) -> Arc<Served> {
        let routes = self.routes;
        let dispatch: Handler = Box::new(move |x| dispatch(&routes, x));
        let mut handler = dispatch;
        for middleware in self.with.iter().rev() {
            handler = middleware(handler);
        }
        Arc::new(Served(handler))
    }
}

fn dispatch(routes: &Routes<Methods>, x: &mut Exchange<'_>) {
    if !encoded_right(x.path()) {
        return x.error(400);
    }
    let mut values = Values::default();
    let Some(route) = routes.find(x.path(), &mut values) else {
        return x.error(404);
    };
    let methods = &route.kept.0;
    let of = |method: &[u8]| methods.iter().find(|(name, _)| name.as_bytes() == method);
    let get = || of(b"GET").filter(|_| x.method() == b"HEAD");
    let Some((_, handler)) = of(x.method()).or_else(get) else {
        let mut allowed: Vec<_> = methods.iter().map(|(name, _)| name.as_str()).collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        let allowed = allowed.join(", ");
        return x.answer(405, TEXT, Some(&allowed), reason(405).as_bytes());
    };
    let mut matched = Exchange {
        names: &route.names,
        values,
        data: x.data,
        request: x.request,
        date: x.date,
        out: &mut *x.out,
        scratch: &mut *x.scratch,
    };
    handler(&mut matched);
}

/// Whether two hexadecimal digits follow each percent sign.
fn encoded_right(path: &[u8]) -> bool {
    let hex = |at: usize| path.get(at).is_some_and(u8::is_ascii_hexdigit);
    path.iter()
        .enumerate()
        .all(|(i, &c)| c != b'%' || hex(i + 1) && hex(i + 2))
}

impl Served {
    /// Answers a request into `out`.
    pub(crate) fn answer(&self, x: &mut Exchange<'_>) {
        (self.0)(x);
    }
}

/// A request, and the place for its answer. A handler answers once.
pub struct Exchange<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) request: &'a Request,
    pub(crate) names: &'a [String],
    pub(crate) values: Values,
    pub(crate) date: &'a str,
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) scratch: &'a mut Vec<u8>,
}

impl<'a> Exchange<'a> {
    /// The method.
    pub fn method(&self) -> &'a [u8] {
        &self.data[self.request.method.clone()]
    }

    /// The path without the query, still percent-encoded.
    pub fn path(&self) -> &'a [u8] {
        &self.data[self.request.path.clone()]
    }

    /// The body.
    pub fn body(&self) -> &'a [u8] {
        &self.data[self.request.body.clone()]
    }

    /// A parameter of the route, decoded; empty where it has none of that name. Only one that was
    /// sent encoded is copied.
    pub fn param(&self, name: &str) -> Cow<'a, [u8]> {
        let Some(number) = self.names.iter().position(|known| known == name) else {
            return Cow::Borrowed(b"");
        };
        let value = &self.path()[self.values.get(number)];
        if !value.contains(&b'%') {
            return Cow::Borrowed(value);
        }
        let mut decoded = Vec::with_capacity(value.len());
        // That it is encoded rightly was seen before the route was looked for.
        let _ = http::append_decoded(&mut decoded, value);
        Cow::Owned(decoded)
    }

    /// Answers with bytes of a media type.
    pub fn bytes(&mut self, media: &str, body: &[u8]) {
        self.answer(200, media, None, body);
    }

    /// Answers with what a function writes.
    pub fn write(&mut self, media: &str, body: impl FnOnce(&mut Vec<u8>)) {
        let mut scratch = std::mem::take(self.scratch);
        scratch.clear();
        body(&mut scratch);
        self.answer(200, media, None, &scratch);
        *self.scratch = scratch;
    }

    /// Answers with a status and its words.
    pub fn error(&mut self, status: u16) {
        self.answer(status, TEXT, None, reason(status).as_bytes());
    }

    /// Puts an answer behind those that are not written yet. HEAD gets the head alone.
    fn answer(&mut self, status: u16, media: &str, allow: Option<&str>, body: &[u8]) {
        append(
            self.out,
            self.date,
            status,
            media,
            allow,
            self.request.close,
            body.len(),
        );
        if self.method() != b"HEAD" {
            self.out.extend_from_slice(body);
        }
    }
}

/// The head of an answer.
pub(crate) fn append(
    out: &mut Vec<u8>,
    date: &str,
    status: u16,
    media: &str,
    allow: Option<&str>,
    close: bool,
    length: usize,
) {
    if status == 200 {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\nDate: ");
    } else {
        // A vector takes all that is written to it.
        let _ = write!(out, "HTTP/1.1 {status} {}\r\nDate: ", reason(status));
    }
    out.extend_from_slice(date.as_bytes());
    out.extend_from_slice(b"\r\nContent-Type: ");
    out.extend_from_slice(media.as_bytes());
    out.extend_from_slice(b"\r\nContent-Length: ");
    decimal(out, length);
    if let Some(allow) = allow {
        out.extend_from_slice(b"\r\nAllow: ");
        out.extend_from_slice(allow.as_bytes());
    }
    if close {
        out.extend_from_slice(b"\r\nConnection: close");
    }
    out.extend_from_slice(b"\r\n\r\n");
}

fn decimal(out: &mut Vec<u8>, mut number: usize) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A status in words.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}
