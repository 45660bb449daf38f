//! The contract on Zero.

use std::sync::Arc;
use std::time::Duration;

use lab_zero::{App, Served, TEXT};
use serde::Serialize;

use crate::contract;
use crate::settings::Settings;

const JSON: &str = "application/json";
const BINARY: &str = "application/octet-stream";

/// The object that `GET /json` answers with.
#[derive(Serialize)]
struct Reply {
    message: &'static str,
}

/// The application.
pub fn new(settings: &Settings) -> Arc<Served> {
    let mut app = App::new();
    if settings.spin > Duration::ZERO {
        let spin = settings.spin;
        app.with(move |next| {
            Box::new(move |x| {
                contract::spin(spin);
                next(x);
            })
        });
    }
    for _ in 0..settings.middleware {
        app.with(|next| Box::new(move |x| next(x)));
    }
    app.get("/plaintext", |x| {
        x.bytes(TEXT, contract::PLAINTEXT.as_bytes())
    });
    app.get("/json", |x| {
        let reply = Reply { message: "ok" };
        // A vector takes all that is written to it.
        x.write(JSON, |body| {
            serde_json::to_writer(body, &reply).unwrap_or_default()
        });
    });
    app.get("/user/{id}/post/{slug}", |x| {
        let (id, slug) = (x.param("id"), x.param("slug"));
        x.write(TEXT, |body| {
            body.extend_from_slice(&id);
            body.push(b'/');
            body.extend_from_slice(&slug);
        });
    });
    app.post("/echo", |x| x.bytes(BINARY, x.body()));
    app.get("/blob", |x| x.bytes(BINARY, contract::blob()));
    for (path, index) in &settings.routes {
        let index = index.to_string();
        app.get(path, move |x| x.bytes(TEXT, index.as_bytes()));
    }
    app.finish()
}
