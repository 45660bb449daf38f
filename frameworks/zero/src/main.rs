//! Serves the contract with Zero.

mod app;
mod contract;
mod settings;

use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    let settings = match settings::Settings::from_env() {
        Ok(settings) => settings,
        Err(sentence) => {
            eprintln!("zero: {sentence}");
            return ExitCode::from(2);
        }
    };
    // Before there are other threads, which inherit it: the signal waits for the thread that waits.
    let stop = contract::Stop::new();
    let listener = match TcpListener::bind(settings.listen) {
        Ok(listener) => listener,
        Err(e) => {
            eprintln!("zero: it could not listen on {}: {e}", settings.listen);
            return ExitCode::FAILURE;
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let running = match lab_zero::serve(listener, app::new(&settings), workers) {
        Ok(running) => running,
        Err(e) => {
            eprintln!("zero: It could not begin to serve: {e}.");
            return ExitCode::FAILURE;
        }
    };
    stop.wait();
    running.stop();
    ExitCode::SUCCESS
}
