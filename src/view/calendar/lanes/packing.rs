//! Bars that overlap go into rows of their own, each into the highest that is free.

/// Where a bar goes: columns from the left edge of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Its first column.
    pub first: u16,
    /// The first after it.
    pub after: u16,
    /// The first after its name, where that stands beside it.
    pub named: u16,
}

/// The rows of bars that are sorted by their first column, and how many rows there are; `None`:
/// no room for it in `most` rows.
pub fn pack(bars: &[Extent], most: usize, names: Names) -> (Vec<Option<usize>>, usize) {
    // The first free column of every row.
    let mut free: Vec<u16> = Vec::new();
    let mut rows = Vec::with_capacity(bars.len());
    for bar in bars {
        let after = if names == Names::Beside { bar.named.max(bar.after) } else { bar.after };
        let row = match free.iter().position(|free| *free <= bar.first) {
            Some(row) => Some(row),
            None if free.len() < most => {
                free.push(0);
                Some(free.len() - 1)
            }
            None => None,
        };
        if let Some(row) = row {
            free[row] = after;
        }
        rows.push(row);
    }
    (rows, free.len())
}

/// Whether names that do not fit inside their bar have room beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They have.
    Beside,
    /// Only where there happens to be room.
    Squeezed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(first: u16, after: u16, named: u16) -> Extent {
        Extent { first, after, named }
    }

    #[test]
    fn bars_that_meet_share_a_row_and_bars_that_overlap_do_not() {
        let bars = [bar(0, 4, 0), bar(2, 6, 0), bar(4, 5, 0), bar(6, 7, 0)];
        assert_eq!(pack(&bars, 9, Names::Squeezed), (vec![Some(0), Some(1), Some(0), Some(0)], 2));
    }

    #[test]
    fn names_beside_bars_keep_others_away_until_there_is_no_room_for_them() {
        let bars = [bar(0, 1, 9), bar(2, 3, 11), bar(4, 5, 12)];
        assert_eq!(pack(&bars, 9, Names::Beside).1, 3);
        assert_eq!(pack(&bars, 9, Names::Squeezed).1, 1);
        assert_eq!(pack(&bars, 2, Names::Beside), (vec![Some(0), Some(1), None], 2));
    }

    proptest::proptest! {
        #[test]
        fn no_two_bars_of_a_row_overlap(mut bars in proptest::collection::vec((0_u16..90, 1_u16..30), 0..60)) {
            bars.sort_unstable();
            let bars: Vec<Extent> = bars.iter().map(|(first, long)| bar(*first, first + long, 0)).collect();
            let (rows, count) = pack(&bars, 5, Names::Squeezed);
            for a in 0..bars.len() {
                proptest::prop_assert!(rows[a].is_none_or(|row| row < count));
                for b in 0..a {
                    let overlap = bars[a].first < bars[b].after && bars[b].first < bars[a].after;
                    proptest::prop_assert!(!overlap || rows[a].is_none() || rows[a] != rows[b]);
                }
            }
        }
    }
}
