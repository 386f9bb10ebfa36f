//! How long and how much, for every call.

use std::time::Duration;

/// The bounds of every call. Tests shorten them; people get the defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// For a whole call: connecting, waiting, reading, and trying again.
    pub total: Duration,
    /// For a whole question, however many calls and programs it takes.
    pub question: Duration,
    /// Of an answer's body, after decompression, in bytes.
    pub body: usize,
    /// Of an answer's headers together, in bytes.
    pub headers: usize,
    /// How often a read is tried at most.
    pub attempts: u32,
    /// The first pause before trying again is a random part of this; each next one of twice it.
    pub pause: Duration,
    /// Retries a minute that are allowed however few calls there were.
    pub spare_retries: u32,
    /// For a program that prints a secret.
    pub secret: Duration,
    /// For a program that answers a question: git, a versions command.
    pub program: Duration,
    /// Of a program's output, in bytes.
    pub output: usize,
    /// How many open issues of a release are read.
    pub issues: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            total: Duration::from_secs(15),
            question: Duration::from_secs(30),
            body: 32 << 20,
            headers: 64 << 10,
            attempts: 3,
            pause: Duration::from_millis(250),
            spare_retries: 2,
            secret: Duration::from_secs(10),
            program: Duration::from_secs(15),
            output: 32 << 20,
            issues: 500,
        }
    }
}
