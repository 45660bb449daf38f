//! Waiting for a signal that ends the lab in good order.

use tokio::signal::unix::{SignalKind, signal};

/// Done when SIGINT (Ctrl-C), SIGTERM or SIGHUP arrives.
pub async fn arrives() {
    let listen = |kind| signal(kind).ok();
    let (Some(mut interrupt), Some(mut terminate), Some(mut hangup)) = (
        listen(SignalKind::interrupt()),
        listen(SignalKind::terminate()),
        listen(SignalKind::hangup()),
    ) else {
        // Without handlers the signals end the process at once, which also ends its servers.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
