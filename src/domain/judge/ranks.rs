//! Ranks of two samples put together; ties share the average of their ranks.

/// What the ranks of x, among x and y together, tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// The sum of x's ranks.
    pub sum: f64,
    /// Σ(t³ − t) over groups of ties of t.
    pub ties: f64,
}

/// Ranks x, moved down by `shift`, among y.
pub fn ranks(x: &[f64], y: &[f64], shift: f64) -> Ranks {
    let moved = x.iter().map(|value| (value - shift, true));
    let mut all: Vec<(f64, bool)> = moved.chain(y.iter().map(|value| (*value, false))).collect();
    all.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let (mut sum, mut ties, mut first) = (0.0, 0.0, 0);
    while first < all.len() {
        // −0 and 0 are the same number, however they sort.
        let tied = all[first..].iter().take_while(|value| value.0 == all[first].0).count().max(1);
        let rank = first as f64 + f64::midpoint(tied as f64, 1.0);
        let of_x = all[first..first + tied].iter().filter(|value| value.1).count();
        sum += rank * of_x as f64;
        let tied = tied as f64;
        ties += tied * tied * tied - tied;
        first += tied as usize;
    }
    Ranks { sum, ties }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_ranks() {
        // 1 2 2 2 5: the twos have rank 3.
        assert_eq!(ranks(&[2.0, 5.0], &[1.0, 2.0, 2.0], 0.0), Ranks { sum: 8.0, ties: 24.0 });
        assert_eq!(ranks(&[3.0, 4.0], &[1.0, 2.0], 2.0), Ranks { sum: 5.0, ties: 12.0 });
        assert_eq!(ranks(&[-0.0], &[0.0], 0.0), Ranks { sum: 1.5, ties: 6.0 });
    }
}
