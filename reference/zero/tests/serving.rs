//! Zero over real sockets.
#![cfg(not(loom))]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use lab_zero::{App, Running, TEXT, serve};

const LONG: usize = 1 << 20;

/// A server with a few routes, and its address.
fn start(workers: usize) -> (Running, SocketAddr) {
    let mut app = App::new();
    app.get("/text", |x| x.bytes(TEXT, b"text"));
    app.get("/user/{id}/post/{slug}", |x| {
        let (id, slug) = (x.param("id"), x.param("slug"));
        x.write(TEXT, |body| {
            body.extend_from_slice(&id);
            body.push(b'/');
            body.extend_from_slice(&slug);
        });
    });
    app.post("/echo", |x| x.bytes("application/octet-stream", x.body()));
    app.get("/long", |x| x.bytes(TEXT, &[b'x'; LONG]));
    app.get("/panic", |_| panic!("as the test wants it"));
    app.with(|next| Box::new(move |x| next(x)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (serve(listener, app.finish(), workers).unwrap(), address)
}

/// A client with an answer's worth of reading.
struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 65536];
        let count = self.stream.read(&mut buffer).unwrap();
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }

    fn next(&mut self, method: &str) -> Answer {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(
                self.more(),
                "the connection ended in {:?}",
                String::from_utf8_lossy(&self.read)
            );
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let status = head[9..12].parse().unwrap();
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("Content-Length: "));
        let length = length
            .filter(|_| method != "HEAD")
            .map_or(0, |l| l.parse().unwrap());
        while self.read.len() < length {
            assert!(self.more());
        }
        let body = self.read.drain(..length).collect();
        Answer { status, head, body }
    }

    fn ended(&mut self) -> bool {
        self.read.is_empty() && !self.more()
    }
}

fn request(method: &str, path: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n")
}

#[test]
fn answers() {
    let (server, address) = start(1);
    for (request, status, body) in [
        (request("GET", "/text", ""), 200, "text"),
        (request("HEAD", "/text", ""), 200, ""),
        (request("GET", "/text?a=b", ""), 200, "text"),
        (
            request("GET", "/user/a%20b/post/c%2Fd%2525", ""),
            200,
            "a b/c/d%25",
        ),
        (request("GET", "/user/a%2/post/c", ""), 400, "Bad Request"),
        (request("GET", "/unknown", ""), 404, "Not Found"),
        (request("POST", "/text", ""), 405, "Method Not Allowed"),
        (
            request("POST", "/echo", "Content-Length: 5\r\n") + "hello",
            200,
            "hello",
        ),
        (
            request("POST", "/echo", "Transfer-Encoding: chunked\r\n")
                + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            200,
            "hello",
        ),
        (
            request("POST", "/echo", "Content-Length: 5000000\r\n"),
            413,
            "Content Too Large",
        ),
        (
            request("POST", "/echo", "Transfer-Encoding: other\r\n"),
            501,
            "Not Implemented",
        ),
        (
            "GET /text HTTP/2.0\r\n\r\n".to_owned(),
            505,
            "HTTP Version Not Supported",
        ),
        ("GET /text HTTP/1.0\r\n\r\n".to_owned(), 200, "text"),
        (request("GET", "/text", "A : b\r\n"), 400, "Bad Request"),
        (
            request("GET", "/text", &format!("A: {}\r\n", "b".repeat(20_000))),
            431,
            "Request Header Fields Too Large",
        ),
        (request("GET", "/panic", ""), 500, "Internal Server Error"),
    ] {
        let mut client = Client::new(address);
        client.send(&request);
        let got = client.next(request.split(' ').next().unwrap());
        assert_eq!(
            (got.status, &*String::from_utf8_lossy(&got.body)),
            (status, body),
            "{request:.60}"
        );
        assert!(got.head.contains("\r\nDate: "), "{}", got.head);
        if status == 405 {
            assert!(
                got.head.contains("\r\nAllow: GET, HEAD\r\n"),
                "{}",
                got.head
            );
        }
        if !matches!(status, 200 | 404 | 405) && !request.contains("%2/") {
            assert!(client.ended(), "{request:.60}");
        }
    }
    server.stop();
}

#[test]
fn every_answer_is_its_requests() {
    let (server, address) = start(2);
    let clients = (0..8).map(|number| {
        std::thread::spawn(move || {
            let mut client = Client::new(address);
            for turn in 0..20 {
                // Three in a row, the last one cut.
                let body = number.to_string().repeat(1 + turn * 700);
                let three = request("GET", &format!("/user/{number}/post/x%20{turn}"), "");
                let all = request("GET", &format!("/user/{number}/post/{turn}"), "")
                    + &request(
                        "POST",
                        "/echo",
                        &format!("Content-Length: {}\r\n", body.len()),
                    )
                    + &body;
                let (first, rest) = three.split_at(turn % three.len());
                client.send(all + first);
                std::thread::yield_now();
                client.send(rest);
                for want in [
                    format!("{number}/{turn}"),
                    body,
                    format!("{number}/x {turn}"),
                ] {
                    assert_eq!(String::from_utf8(client.next("GET").body).unwrap(), want);
                }
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.join().unwrap();
    }
    server.stop();
}

#[test]
fn a_slow_reader_gets_everything() {
    let (server, address) = start(1);
    let mut client = Client::new(address);
    client.send(
        request("GET", "/long", "").repeat(24) + &request("GET", "/text", "Connection: close\r\n"),
    );
    std::thread::sleep(Duration::from_millis(50));
    for _ in 0..24 {
        assert!(client.next("GET").body == vec![b'x'; LONG]);
    }
    assert_eq!(client.next("GET").body, b"text");
    assert!(client.ended());
    server.stop();
}

#[test]
fn a_refused_client_reads_why() {
    let (server, address) = start(1);
    let mut client = Client::new(address);
    client.send(request("POST", "/echo", "Content-Length: 99999999\r\n"));
    for _ in 0..50 {
        client.send([0; 10_000]);
    }
    assert_eq!(client.next("POST").status, 413);
    server.stop();
}

#[test]
fn leave_to_send_a_body() {
    let (server, address) = start(1);
    let mut client = Client::new(address);
    client.send(request(
        "POST",
        "/echo",
        "Content-Length: 5\r\nExpect: 100-continue\r\n",
    ));
    assert_eq!(client.next("POST").status, 100);
    client.send("hello");
    assert_eq!(client.next("POST").body, b"hello");
    server.stop();
}

#[test]
fn a_body_of_a_mebibyte_comes_back() {
    let (server, address) = start(1);
    let body: Vec<u8> = (0..LONG).map(|i| (i * 7 % 251) as u8).collect();
    let mut client = Client::new(address);
    for _ in 0..3 {
        client.send(request(
            "POST",
            "/echo",
            &format!("Content-Length: {LONG}\r\n"),
        ));
        client.send(&body);
        assert!(client.next("POST").body == body);
    }
    client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n"));
    for part in body.chunks(10_000) {
        client.send([format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat());
    }
    client.send("0\r\n\r\n");
    assert!(client.next("POST").body == body);
    server.stop();
}
