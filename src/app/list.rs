//! Lists keep their place: which row is selected, and which is the first on screen.

use super::Intent;

/// The first row to draw, so that the selected one is on screen and as little moves as can be.
///
/// `top` is the first row drawn last time, `rows` how many fit, `count` how many there are.
pub fn first_row(top: usize, selected: usize, rows: usize, count: usize) -> usize {
    if rows == 0 || count <= rows {
        return 0;
    }
    let top = top.min(count - rows);
    // Keep a row of context above and below where there is room for it.
    let margin = usize::from(rows > 4);
    let lowest = selected.saturating_sub(margin);
    let highest = (selected + margin + 1).saturating_sub(rows);
    top.min(lowest).max(highest).min(count - rows)
}

/// The row after a step, kept inside the list.
pub fn step(selected: usize, by: isize, count: usize) -> usize {
    selected.saturating_add_signed(by).min(count.saturating_sub(1))
}

/// How many rows further down an intent walks in a list that shows `page` rows; `None`: it is no
/// walk. Walks end at the list's ends.
pub fn walked(intent: Intent, page: isize) -> Option<isize> {
    Some(match intent {
        Intent::Up => -1,
        Intent::Down => 1,
        Intent::PageUp => -page,
        Intent::PageDown => page,
        Intent::First => isize::MIN / 2,
        Intent::Last => isize::MAX / 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_never_scrolls() {
        assert_eq!(first_row(3, 2, 10, 5), 0);
    }

    #[test]
    fn the_selected_row_is_always_on_screen() {
        for count in 0..30 {
            for rows in 0..12 {
                for selected in 0..count {
                    for top in 0..count {
                        let first = first_row(top, selected, rows, count);
                        assert!(rows == 0 || (first <= selected && selected < first + rows));
                        assert!(rows == 0 || first + rows <= count.max(rows));
                    }
                }
            }
        }
    }

    #[test]
    fn a_walk_ends_at_the_lists_ends() {
        let walk = |intent, at| walked(intent, 10).map(|by| step(at, by, 30));
        assert_eq!((walk(Intent::Up, 0), walk(Intent::Down, 29)), (Some(0), Some(29)));
        assert_eq!((walk(Intent::PageUp, 25), walk(Intent::PageDown, 25)), (Some(15), Some(29)));
        assert_eq!((walk(Intent::First, 25), walk(Intent::Last, 3)), (Some(0), Some(29)));
        assert_eq!(walk(Intent::Open, 3), None);
    }

    #[test]
    fn a_step_inside_the_screen_moves_nothing() {
        assert_eq!(first_row(10, 15, 10, 100), 10);
        assert_eq!(step(0, -3, 5), 0);
        assert_eq!(step(4, 3, 5), 4);
    }
}
