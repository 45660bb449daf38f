//! The pool: every request of a run as bytes, beside what it should be answered, in one arena.
//! In the load a request costs an index and nothing else.

use super::template::is_control;
use crate::spec::{Sampled, Spec, SpecError};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// Most bytes that a pool may take: it should stay small beside the machine it measures.
const MAX_BYTES: usize = 1 << 30;

/// A request as it goes onto the wire.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Request line and headers, with the body behind them where the body has fields.
    pub head: &'a [u8],
    /// A body without fields, stored once for all requests.
    pub body: &'a [u8],
}

impl Message<'_> {
    /// Bytes in all.
    pub fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// What a right answer to one request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The status, or any.
    pub status: Option<u16>,
    /// The body's length, or any.
    pub length: Option<u64>,
    /// The body itself, or anything.
    pub body: Option<&'a [u8]>,
}

/// Rendered requests with their expectations.
#[derive(Debug)]
pub struct Pool {
    arena: Vec<u8>,
    /// Per request: its bytes, and the expected body where that has fields.
    requests: Vec<(Range<u32>, Range<u32>)>,
    shared_body: Vec<u8>,
    shared_answer: Option<Vec<u8>>,
    varying_answer: bool,
    status: Option<u16>,
    length: Option<u64>,
    head_method: bool,
    sampled: Option<Sampled>,
    /// Per request, whether it asks the server to close; empty where none says anything of it.
    closing: Vec<bool>,
}

impl Pool {
    /// Renders the pool of `spec`: same specification, same bytes.
    pub fn render(spec: &Spec) -> Result<Self, SpecError> {
        let draft = &spec.draft;
        let templates = &spec.templates;
        let size = if templates.are_fixed() { 1 } else { draft.pool };
        let mut rng = ChaCha8Rng::seed_from_u64(draft.seed);
        let fixed = |template: &Option<crate::request::Template>| {
            template
                .as_ref()
                .filter(|template| template.is_fixed())
                .map(|template| {
                    let mut out = Vec::new();
                    template.render(&[], &mut out);
                    out
                })
        };
        let shared_body = fixed(&templates.body);
        let shared_answer = fixed(&templates.answer);
        let varying_body = templates.body.as_ref().filter(|_| shared_body.is_none());
        let varying_answer = templates
            .answer
            .as_ref()
            .filter(|_| shared_answer.is_none());
        let mut arena = Vec::new();
        let mut requests = Vec::with_capacity(size);
        let mut body = Vec::new();
        let mut closing = Vec::new();
        for index in 0..size {
            let values: Vec<String> = spec
                .sources
                .values()
                .map(|source| source.draw(index as u64, &mut rng))
                .collect();
            body.clear();
            if let Some(template) = varying_body {
                template.render(&values, &mut body);
            }
            let length = shared_body.as_ref().map_or(body.len(), Vec::len);
            let start = arena.len();
            let closes = render_head(spec, &values, length, &mut arena)?;
            if closes && closing.is_empty() {
                closing = vec![false; size];
            }
            if closes {
                closing[index] = true;
            }
            arena.extend_from_slice(&body);
            let middle = arena.len();
            if let Some(template) = varying_answer {
                template.render(&values, &mut arena);
            }
            if arena.len() > MAX_BYTES {
                return Err(SpecError::new(
                    "pool",
                    format!(
                        "of {size} requests takes more than {MAX_BYTES} bytes; make it smaller"
                    ),
                ));
            }
            requests.push((
                start as u32..middle as u32,
                middle as u32..arena.len() as u32,
            ));
        }
        Ok(Self {
            arena,
            requests,
            shared_body: shared_body.unwrap_or_default(),
            shared_answer,
            varying_answer: varying_answer.is_some(),
            status: draft.expect.status,
            length: draft.expect.length,
            head_method: draft.method == "HEAD",
            sampled: draft.sampled.clone(),
            closing,
        })
    }

    /// How many requests there are.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// The bytes of request `index`.
    #[inline]
    pub fn message(&self, index: u32) -> Message<'_> {
        let (request, _) = &self.requests[index as usize];
        Message {
            head: self.slice(request),
            body: &self.shared_body,
        }
    }

    /// Has request `index` brought into the cache while others are served: a pool is larger than
    /// caches are, and waiting for memory is most of what a rendered request costs.
    #[inline]
    pub fn prefetch(&self, index: u32) {
        let (request, _) = &self.requests[index as usize];
        let bytes = self.slice(request);
        let lines = bytes.chunks(CACHE_LINE).take(MOST_PREFETCHED);
        lines.for_each(|line| prefetch(line.as_ptr()));
    }

    /// What request `index` should be answered.
    #[inline]
    pub fn expected(&self, index: u32) -> Expected<'_> {
        let body = if self.varying_answer {
            Some(self.slice(&self.requests[index as usize].1))
        } else {
            self.shared_answer.as_deref()
        };
        let length = body.map(|body| body.len() as u64).or(self.length);
        Expected {
            status: self.status,
            length,
            body,
        }
    }

    /// True where request `index` says `Connection: close`: it is the last of its connection
    /// (RFC 9112, section 9.6).
    #[inline]
    pub fn closes(&self, index: u32) -> bool {
        self.closing
            .get(index as usize)
            .is_some_and(|closes| *closes)
    }

    /// What the header of some answers has to say.
    #[inline]
    pub fn sampled(&self) -> Option<&Sampled> {
        self.sampled.as_ref()
    }

    /// True where answers have no body because the request was a HEAD.
    pub fn is_head(&self) -> bool {
        self.head_method
    }

    /// The request line of request `index`, for error messages.
    pub fn request_line(&self, index: u32) -> String {
        let head = self.message(index).head;
        let end = memchr::memchr(b'\r', head).unwrap_or(head.len());
        String::from_utf8_lossy(&head[..end]).into_owned()
    }

    fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.arena[range.start as usize..range.end as usize]
    }
}

/// Bytes that come from memory at once.
const CACHE_LINE: usize = 64;
/// Lines of a request that are asked for early: the processor finds the rest of a long one by
/// itself.
const MOST_PREFETCHED: usize = 8;

#[inline]
fn prefetch(at: *const u8) {
    // SAFETY: a hint, which reads nothing.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Methods whose requests have a body to speak of: without one, that is said, since some servers
/// would wait for it or refuse (RFC 9110, section 8.6).
const WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];

/// Appends the request line and the header block; true if it asks the server to close.
fn render_head(
    spec: &Spec,
    values: &[String],
    body_length: usize,
    out: &mut Vec<u8>,
) -> Result<bool, SpecError> {
    let mut closes = false;
    let given = |name: &str| {
        spec.templates
            .headers
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    out.extend_from_slice(spec.draft.method.as_bytes());
    out.push(b' ');
    spec.templates.path.render_encoded(values, out);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    if !given("host") {
        out.extend_from_slice(format!("Host: {}\r\n", spec.target.authority).as_bytes());
    }
    for (name, value) in &spec.templates.headers {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        let start = out.len();
        value.render(values, out);
        let rendered = &out[start..];
        // The template was checked; what its fields draw was not.
        if let Some(odd) = rendered.iter().find(|b| is_control(**b)) {
            return Err(SpecError::new(
                "headers",
                format!("has {name} with a field whose value holds the byte 0x{odd:02x}"),
            ));
        }
        let close = |option: &[u8]| option.trim_ascii().eq_ignore_ascii_case(b"close");
        closes |=
            name.eq_ignore_ascii_case("connection") && rendered.split(|b| *b == b',').any(close);
        out.extend_from_slice(b"\r\n");
    }
    if spec.templates.body.is_some() || WITH_BODY.contains(&spec.draft.method.as_str()) {
        out.extend_from_slice(format!("Content-Length: {body_length}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    Ok(closes)
}

#[cfg(test)]
mod tests {
    use crate::spec::Spec;

    fn pool(json: &str) -> super::Pool {
        super::Pool::render(&serde_json::from_str::<Spec>(json).unwrap()).unwrap()
    }

    #[test]
    fn path_header_body_and_answer_share_their_values() {
        let pool = pool(
            r#"{"url":"http://h:1","method":"POST","path":"/u/{id}","body":"{\"id\":\"{id}\"}",
            "headers":[["X-Token","{token}"]],"pool":3,
            "fields":{"id":{"kind":"sequential","start":8},"token":{"kind":"tokens","values":["t k"]}},
            "expect":{"body":"{id}/{token}"}}"#,
        );
        let text = String::from_utf8(pool.message(2).head.to_vec()).unwrap();
        assert_eq!(
            text,
            "POST /u/10 HTTP/1.1\r\nHost: h:1\r\nX-Token: t k\r\nContent-Length: 11\r\n\r\n{\"id\":\"10\"}"
        );
        assert_eq!(pool.expected(2).body, Some(&b"10/t k"[..]));
        assert_eq!(pool.len(), 3);
    }

    fn text(json: &str) -> String {
        String::from_utf8(pool(json).message(0).head.to_vec()).unwrap()
    }

    #[test]
    fn a_method_that_has_a_body_says_that_it_is_empty() {
        for method in ["POST", "PUT", "PATCH"] {
            let json = format!(r#"{{"url":"http://h:1","method":"{method}"}}"#);
            let request = text(&json);
            assert!(request.contains("\r\nContent-Length: 0\r\n"), "{request}");
        }
        for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
            let json = format!(r#"{{"url":"http://h:1","method":"{method}"}}"#);
            assert!(!text(&json).contains("Content-Length"), "{method}");
        }
        let empty = text(r#"{"url":"http://h:1","method":"DELETE","body":""}"#);
        assert!(empty.contains("\r\nContent-Length: 0\r\n"), "{empty}");
    }

    #[test]
    fn requests_that_ask_to_close_are_known() {
        let with = |name: &str, value: &str| {
            let fields = match value.contains("{c}") {
                true => {
                    r#","pool":4,"fields":
                    {"c":{"kind":"tokens","values":["keep-alive","close"],"order":"sequential"}}"#
                }
                false => "",
            };
            let json =
                format!(r#"{{"url":"http://h:1","headers":[["{name}","{value}"]]{fields}}}"#);
            let pool = pool(&json);
            (0..pool.len() as u32)
                .map(|i| pool.closes(i))
                .collect::<Vec<_>>()
        };
        assert_eq!(with("connection", "TE, Close"), [true]);
        assert_eq!(with("Connection", "keep-alive"), [false]);
        assert_eq!(with("X-Connection", "close"), [false]);
        assert_eq!(with("Connection", "{c}"), [false, true, false, true]);
    }

    #[test]
    fn a_field_cannot_break_out_of_its_header() {
        let json = r#"{"url":"http://h","headers":[["A","{t}"]],"pool":1,
            "fields":{"t":{"kind":"tokens","values":["a\u0000b"]}}}"#;
        let spec = serde_json::from_str::<Spec>(json).unwrap();
        let said = super::Pool::render(&spec).unwrap_err().to_string();
        assert!(said.contains("0x00") && said.contains('A'), "{said}");
    }

    #[test]
    fn a_fixed_request_is_rendered_once_and_the_seed_decides_the_rest() {
        assert_eq!(pool(r#"{"url":"http://h","body":"abc"}"#).len(), 1);
        let with = |seed: u64| {
            let json = format!(
                r#"{{"url":"http://h","path":"/{{id}}","pool":64,"seed":{seed},
                "fields":{{"id":{{"kind":"random","min":0,"max":1000000}}}}}}"#
            );
            let pool = pool(&json);
            (0..64).map(|i| pool.request_line(i)).collect::<Vec<_>>()
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }
}
