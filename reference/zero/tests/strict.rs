//! The parser against a strict one: slow, over the whole text, with no line in common.
#![cfg(not(loom))]

use lab_zero::http::{MAX_BODY, MAX_HEAD, Parsed, Progress, Request};

#[derive(Debug, PartialEq)]
enum Verdict {
    Incomplete,
    Refused,
    Accepted(Whole),
}

#[derive(Debug, PartialEq, Default)]
struct Whole {
    method: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    body: Vec<u8>,
    close: bool,
    expect: bool,
    taken: usize,
}

fn is_token(text: &[u8]) -> bool {
    let one = |c: &u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.iter().all(one)
}

fn is_value(text: &[u8]) -> bool {
    text.iter().all(|&c| c == b'\t' || c >= b' ' && c != 0x7f)
}

fn is_authority(text: &[u8]) -> bool {
    let one = |c: &u8| c.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]%".contains(c);
    text.iter().all(one)
}

/// The next line without its end; an error where it does not end rightly.
fn line<'a>(rest: &mut &'a [u8]) -> Option<Result<&'a [u8], ()>> {
    let end = rest.iter().position(|&c| c == b'\n')?;
    let (line, behind) = rest.split_at(end + 1);
    *rest = behind;
    Some(line.strip_suffix(b"\r\n").ok_or(()))
}

fn field(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let colon = line.iter().position(|&c| c == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if !is_token(name) || !is_value(value) {
        return None;
    }
    let mut value = value.to_vec();
    while matches!(value.last(), Some(b' ' | b'\t')) {
        value.pop();
    }
    let space = value
        .iter()
        .take_while(|&&c| c == b' ' || c == b'\t')
        .count();
    Some((name.to_ascii_lowercase(), value.split_off(space)))
}

fn length(value: &[u8], radix: u32) -> Option<usize> {
    let text = std::str::from_utf8(value).ok()?;
    if text.is_empty() || !text.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let text = text.trim_start_matches('0');
    let n = if text.is_empty() {
        0
    } else {
        usize::from_str_radix(text, radix).ok()?
    };
    (n <= MAX_BODY).then_some(n)
}

fn judge(all: &[u8]) -> Verdict {
    match judged(all) {
        Ok(whole) => Verdict::Accepted(whole),
        Err(verdict) => verdict,
    }
}

fn judged(all: &[u8]) -> Result<Whole, Verdict> {
    let mut rest = all;
    // Complete lines of a head; where one is not there, the head is too long or not complete.
    let head_line = |rest: &mut &[u8], from: usize| match line(rest) {
        None if all.len() - from > MAX_HEAD => Err(Verdict::Refused),
        None => Err(Verdict::Incomplete),
        Some(_) if all.len() - rest.len() - from > MAX_HEAD => Err(Verdict::Refused),
        Some(Err(())) => Err(Verdict::Refused),
        Some(Ok(line)) => Ok(line.to_vec()),
    };
    let first = head_line(&mut rest, 0)?;
    let parts: Vec<_> = first.split(|&c| c == b' ').collect();
    let [method, target, version] = parts[..] else {
        return Err(Verdict::Refused);
    };
    let old = version == b"HTTP/1.0";
    if !is_token(method)
        || target.is_empty()
        || target.iter().any(|&c| c <= b' ' || c == 0x7f)
        || !old && version != b"HTTP/1.1"
    {
        return Err(Verdict::Refused);
    }
    let lower = target.to_ascii_lowercase();
    let full = match lower.strip_prefix(b"http://") {
        Some(behind) => {
            let slash = behind
                .iter()
                .position(|&c| c == b'/')
                .ok_or(Verdict::Refused)?;
            if slash == 0 || !is_authority(&behind[..slash]) {
                return Err(Verdict::Refused);
            }
            &target[7 + slash..]
        }
        None if target[0] == b'/' || target == b"*" && method == b"OPTIONS" => target,
        None => return Err(Verdict::Refused),
    };
    let mut cut = full.splitn(2, |&c| c == b'?');
    let mut whole = Whole {
        method: method.to_vec(),
        path: cut.next().unwrap().to_vec(),
        query: cut.next().unwrap_or_default().to_vec(),
        close: old,
        ..Whole::default()
    };
    let (mut hosts, mut lengths, mut codings) = (0, Vec::new(), 0);
    loop {
        let line = head_line(&mut rest, 0)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = field(&line).ok_or(Verdict::Refused)?;
        match &name[..] {
            b"host" if is_authority(&value) => hosts += 1,
            b"host" => return Err(Verdict::Refused),
            b"content-length" => lengths.push(length(&value, 10).ok_or(Verdict::Refused)?),
            b"transfer-encoding" if value.eq_ignore_ascii_case(b"chunked") => codings += 1,
            b"transfer-encoding" => return Err(Verdict::Refused),
            b"connection" => {
                for item in String::from_utf8_lossy(&value).split(',') {
                    let item = item.trim_matches([' ', '\t']);
                    whole.close |= item.eq_ignore_ascii_case("close");
                }
            }
            b"expect" => whole.expect = value.eq_ignore_ascii_case(b"100-continue"),
            _ => {}
        }
    }
    if lengths.len() + codings > 1 || codings > 0 && old || hosts > 1 || hosts == 0 && !old {
        return Err(Verdict::Refused);
    }
    if codings == 0 {
        let length = lengths.first().copied().unwrap_or(0);
        whole.body = rest.get(..length).ok_or(Verdict::Incomplete)?.to_vec();
        whole.taken = all.len() - rest.len() + length;
        return Ok(whole);
    }
    loop {
        let before = rest.len();
        let Some(line) = line(&mut rest) else {
            return Err(if rest.len() > 256 {
                Verdict::Refused
            } else {
                Verdict::Incomplete
            });
        };
        let line = line.map_err(|()| Verdict::Refused)?;
        let mut parts = line.splitn(2, |&c| c == b';');
        let size = length(parts.next().unwrap(), 16).ok_or(Verdict::Refused)?;
        if before - rest.len() > 257
            || !is_value(parts.next().unwrap_or_default())
            || size + whole.body.len() > MAX_BODY
        {
            return Err(Verdict::Refused);
        }
        if size == 0 {
            break;
        }
        let end: Vec<_> = rest.iter().skip(size).take(2).copied().collect();
        match &end[..] {
            b"\r\n" => {}
            b"" | b"\r" => return Err(Verdict::Incomplete),
            _ => return Err(Verdict::Refused),
        }
        whole.body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
    let from = all.len() - rest.len();
    loop {
        let line = head_line(&mut rest, from)?;
        if line.is_empty() {
            whole.taken = all.len() - rest.len();
            return Ok(whole);
        }
        field(&line).ok_or(Verdict::Refused)?;
    }
}

/// A generator of its own (xorshift), so that the test has no dependency.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a [u8] {
        list[self.below(list.len())].as_bytes()
    }
}

const SEEDS: [&str; 10] = [
    "GET /user/1/post/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3;x=y\r\nabc\r\n1\r\n.\r\n0\r\nT: u\r\n\r\n",
    "GET http://a/b?c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
    "OPTIONS * HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
];

const FRAGMENTS: [&str; 30] = [
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "0",
    "5",
    "a",
    "\0",
    "\x7f",
    "é",
    "%",
    "/",
    "?",
    "*",
    "+",
    "-",
    "0x",
    "Host: b\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff",
    "HTTP/1.1",
    "http://",
];

fn mutated(random: &mut Random) -> Vec<u8> {
    let mut data = random.of(&SEEDS).to_vec();
    for _ in 0..random.below(4) {
        let at = random.below(data.len() + 1);
        match random.below(5) {
            0 => {
                let fragment = random.of(&FRAGMENTS);
                data.splice(at..at, fragment.iter().copied());
            }
            1 => {
                let end = data.len().min(at + 1 + random.below(4));
                data.drain(at..end);
            }
            2 if at < data.len() => data[at] = random.below(256) as u8,
            2 => {}
            3 => {
                let end = data.len().min(at + random.below(20));
                let again = data[at..].to_vec();
                data.truncate(end);
                data.extend(again);
            }
            _ => data.extend_from_slice(random.of(&SEEDS)),
        }
    }
    if random.below(6) == 0 {
        data.truncate(random.below(data.len() + 1));
    }
    data
}

/// What the parser makes of data that comes in two pieces.
fn parsed(data: &[u8], cut: usize) -> Verdict {
    let (mut request, mut progress) = (Request::default(), Progress::default());
    let mut piece = data[..cut].to_vec();
    let mut result = request.parse(&mut piece, &mut progress);
    if result == Ok(Parsed::Partial) {
        assert!(progress.need > cut, "{data:?}");
        piece = data.to_vec();
        result = request.parse(&mut piece, &mut progress);
    }
    match result {
        Err(_) => Verdict::Refused,
        Ok(Parsed::Partial) => Verdict::Incomplete,
        Ok(Parsed::Whole(taken)) => {
            assert_eq!(
                piece.get(taken..),
                data.get(taken..piece.len()),
                "what comes behind was changed"
            );
            let part = |range: &std::ops::Range<usize>| piece[range.clone()].to_vec();
            Verdict::Accepted(Whole {
                method: part(&request.method),
                path: part(&request.path),
                query: part(&request.query),
                body: part(&request.body),
                close: request.close,
                expect: request.expect,
                taken,
            })
        }
    }
}

/// `ZERO_FUZZ_RUNS` sets how many requests are made; `.ci/long` makes ten million.
#[test]
fn against_a_strict_parser() {
    let runs = std::env::var("ZERO_FUZZ_RUNS").map_or(100_000, |runs| runs.parse().unwrap());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut counts = [0usize; 3];
    for run in 0..runs {
        let data = mutated(&mut random);
        let want = judge(&data);
        counts[match want {
            Verdict::Incomplete => 0,
            Verdict::Refused => 1,
            Verdict::Accepted(_) => 2,
        }] += 1;
        for cut in [data.len(), random.below(data.len() + 1)] {
            let got = parsed(&data, cut);
            assert_eq!(
                got,
                want,
                "request {run}, cut at {cut}: {:?}",
                String::from_utf8_lossy(&data)
            );
        }
    }
    let [incomplete, refused, accepted] = counts;
    println!("{runs} requests: {accepted} accepted, {refused} refused, {incomplete} incomplete");
    assert!(counts.iter().all(|count| count * 50 >= runs), "{counts:?}");
}

#[test]
fn limits() {
    let head = |size: usize| {
        let mut head = b"GET / HTTP/1.1\r\nHost: a\r\nA: ".to_vec();
        head.resize(size - 4, b'b');
        head.extend_from_slice(b"\r\n\r\n");
        head
    };
    let body = |size: usize| {
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n").into_bytes()
    };
    let chunk = |size: usize| {
        format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n{size:x}\r\nb").into_bytes()
    };
    for data in [
        head(MAX_HEAD),
        head(MAX_HEAD + 1),
        body(MAX_BODY),
        body(MAX_BODY + 1),
        chunk(MAX_BODY - 1),
        chunk(MAX_BODY),
    ] {
        assert_eq!(
            parsed(&data, data.len()),
            judge(&data),
            "{:.70}",
            String::from_utf8_lossy(&data)
        );
    }
    assert_eq!(judge(&head(MAX_HEAD + 1)), Verdict::Refused);
    assert_eq!(judge(&chunk(MAX_BODY)), Verdict::Refused);
}
