//! A share as a bar in a line of text: thin, so that the bars of a list do not grow into towers.

/// `━━╸·······`: a share between 0 and 1, in half cells.
pub fn bar(share: f64, width: u16) -> String {
    let width = usize::from(width);
    let halves = (share.clamp(0.0, 1.0) * 2.0 * width as f64).round() as usize;
    // What is there at all shows, and what is not yet whole does not look whole.
    let halves = match share {
        share if share <= 0.0 => 0,
        share if share >= 1.0 => width * 2,
        _ => halves.clamp(1, (width * 2).max(2) - 1).min(width * 2),
    };
    let half = if halves % 2 == 1 { "╸" } else { "" };
    let rest = width - halves.div_ceil(2);
    format!("{}{half}{}", "━".repeat(halves / 2), "·".repeat(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_what_is_there_and_is_not_whole_too_early() {
        assert_eq!(bar(0.25, 10), "━━╸·······");
        assert_eq!(bar(0.0, 4), "····");
        assert_eq!(bar(0.001, 4), "╸···");
        assert_eq!(bar(0.999, 4), "━━━╸");
        assert_eq!(bar(1.0, 4), "━━━━");
        assert_eq!(bar(0.5, 0), "");
    }
}
