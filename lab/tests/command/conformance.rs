//! `lab conformance`: known servers give known cells.

use crate::support::{Bench, lab, run};

#[test]
fn known_servers_give_known_cells() {
    let bench = Bench::new();
    for name in ["agrees", "chunks", "shortcuts"] {
        bench.misbehaving(name);
    }
    let outside = bench.path().join("frameworks");
    let told = run(lab(&[
        "conformance",
        "nethttp",
        "fasthttp",
        "agrees",
        "chunks",
        "shortcuts",
        "--json",
        "--framework-dir",
        outside.to_str().unwrap(),
    ]));
    told.expect_status(0);
    let json: serde_json::Value = serde_json::from_str(&told.stdout()).unwrap();
    for (framework, probe, wanted) in [
        ("nethttp", "static_beside_parameter", "static"),
        ("nethttp", "encoded_slash", "\"a/b/c\""),
        ("nethttp", "wrong_method", "405 (GET, HEAD)"),
        ("nethttp", "head", "200, 1024"),
        ("nethttp", "head_64k", "200"),
        ("nethttp", "pipelining", "16 of 16"),
        ("nethttp", "connection_close", "closes (close)"),
        ("nethttp", "expect", "100, then 200"),
        ("nethttp", "two_lengths", "400"),
        ("nethttp", "unknown_coding", "501"),
        ("nethttp", "trailing_slash", "404"),
        ("nethttp", "bytes_json", "108 + 17"),
        ("fasthttp", "head_8k", "431"),
        ("agrees", "trailing_slash", "200"),
        ("chunks", "bytes_json", "116 + 17 chunked"),
        ("shortcuts", "static_beside_parameter", "first"),
    ] {
        assert_eq!(
            json["frameworks"][framework]["facts"][probe], wanted,
            "{framework} {probe}"
        );
    }
}
