//! A hundred series that move every second, to measure the cockpit with: writes the workspace, and
//! answers as its Prometheus until it is ended.
//! `cargo run --release --example hundred-series -- DIR`, and beside it
//! `tminus -w DIR --view monitor`. With `leaps` after DIR every value of every answer is another one.

#![expect(clippy::unwrap_used, reason = "a tool for measuring ends at the first surprise")]

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

#[path = "../support/moving.rs"]
mod moving;
#[path = "../terminal/server.rs"]
#[expect(dead_code, reason = "only its good side is needed")]
mod server;

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args().nth(1) else {
        return Err(io::Error::other("say where: hundred-series DIR"));
    };
    let leaps = std::env::args().nth(2).is_some_and(|word| word == "leaps");
    let manner = if leaps { moving::Manner::Leaps } else { moving::Manner::Waves };
    let answer = Arc::new(move |request: &str| moving::answer(manner, request));
    let server = server::Server::start(server::Behaviour::Json(answer));
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("tminus.toml"), moving::workspace(&server.url))?;
    writeln!(io::stdout(), "{}", folder.display())?;
    loop {
        std::thread::park();
    }
}
