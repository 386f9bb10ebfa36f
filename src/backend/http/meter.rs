//! How many requests a piece of work sends.

use std::cell::Cell;

tokio::task_local! {
    static SENT: Cell<u32>;
}

/// Does the work, and counts the requests that it sends: attempts and pages, each one.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, u32) {
    SENT.scope(Cell::new(0), async {
        let outcome = work.await;
        (outcome, SENT.with(Cell::get))
    })
    .await
}

/// A request goes out. Where nobody counts, nothing happens.
pub(super) fn note() {
    let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
}
