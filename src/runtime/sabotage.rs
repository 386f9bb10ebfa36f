//! Faults that tests ask for; not in a release build.

/// Panics where `TMINUS_TEST_PANIC` names this place.
#[cfg(debug_assertions)]
pub fn panic_where_asked(place: &str) {
    let asked = std::env::var_os("TMINUS_TEST_PANIC").is_some_and(|asked| asked == place);
    assert!(!asked, "TMINUS_TEST_PANIC={place}");
}

/// Nothing: tests run debug builds.
#[cfg(not(debug_assertions))]
pub fn panic_where_asked(_place: &str) {}
