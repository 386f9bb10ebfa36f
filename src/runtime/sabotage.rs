//! Faults and haste that tests ask for; not in a release build.

/// Panics where `TMINUS_TEST_PANIC` names this place.
#[cfg(debug_assertions)]
pub fn panic_where_asked(place: &str) {
    let asked = std::env::var_os("TMINUS_TEST_PANIC").is_some_and(|asked| asked == place);
    assert!(!asked, "TMINUS_TEST_PANIC={place}");
}

/// Nothing: tests run debug builds.
#[cfg(not(debug_assertions))]
pub fn panic_where_asked(_place: &str) {}

/// How many times faster than real the clocks run: `TMINUS_TEST_SPEED`. What takes minutes to grow
/// stale is then waited for in seconds.
#[cfg(debug_assertions)]
pub fn clock_speed() -> u32 {
    let asked = std::env::var("TMINUS_TEST_SPEED").ok().and_then(|asked| asked.parse().ok());
    asked.filter(|speed| *speed > 0).unwrap_or(1)
}

/// As fast as real: tests run debug builds.
#[cfg(not(debug_assertions))]
pub fn clock_speed() -> u32 {
    1
}
