//! Brent's method for a root of a function, as R's `zeroin` and Kayenta run it: same steps, same
//! tolerance, so that where the function is flat the same point is found.
//!
//! Source: R. P. Brent, Algorithms for Minimization Without Derivatives, 1973, chapter 4.

/// How near a root is near enough, in the argument's unit (Kayenta's).
const TOLERANCE: f64 = 1e-4;
/// Steps at most (Kayenta's).
const STEPS: usize = 1001;

/// A root between `low` and `high`, where the function has the values given.
pub fn root(mut function: impl FnMut(f64) -> f64, low: (f64, f64), high: (f64, f64)) -> f64 {
    if is_zero(low.1) {
        return low.0;
    }
    if is_zero(high.1) {
        return high.0;
    }
    // `best` is the best so far, `before` the one before it, `opposite` has the other sign.
    let (mut before, mut best, mut opposite) = (low, high, low);
    for _ in 0..STEPS {
        let last_step = best.0 - before.0;
        if opposite.1.abs() < best.1.abs() {
            (before, best) = (best, opposite);
            opposite = before;
        }
        let near = 2.0 * f64::EPSILON * best.0.abs() + TOLERANCE / 2.0;
        let half = (opposite.0 - best.0) / 2.0;
        if half.abs() <= near || is_zero(best.1) {
            return best.0;
        }
        let mut step = half;
        if last_step.abs() >= near && before.1.abs() > best.1.abs() {
            step = interpolated(before, best, opposite, last_step, near).unwrap_or(half);
        }
        if step.abs() < near {
            step = if step > 0.0 { near } else { -near };
        }
        before = best;
        best.0 += step;
        best.1 = function(best.0);
        if (best.1 > 0.0 && opposite.1 > 0.0) || (best.1 < 0.0 && opposite.1 < 0.0) {
            opposite = before;
        }
    }
    best.0
}

/// The step of linear or inverse quadratic interpolation, where it can be trusted.
fn interpolated(
    before: (f64, f64),
    best: (f64, f64),
    opposite: (f64, f64),
    last_step: f64,
    near: f64,
) -> Option<f64> {
    let width = opposite.0 - best.0;
    let ratio = best.1 / before.1;
    let (numerator, denominator) = if before.0 == opposite.0 {
        (width * ratio, 1.0 - ratio)
    } else {
        let (one, other) = (before.1 / opposite.1, best.1 / opposite.1);
        (
            ratio * (width * one * (one - other) - (best.0 - before.0) * (other - 1.0)),
            (one - 1.0) * (other - 1.0) * (ratio - 1.0),
        )
    };
    let (numerator, denominator) =
        if numerator > 0.0 { (numerator, -denominator) } else { (-numerator, denominator) };
    let inside = numerator < 0.75 * width * denominator - (near * denominator).abs() / 2.0;
    let shrinks = numerator < (last_step * denominator / 2.0).abs();
    (inside && shrinks).then(|| numerator / denominator)
}

/// Zero, or its neighbour among the floating-point numbers.
fn is_zero(value: f64) -> bool {
    value.abs() <= f64::from_bits(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_within_the_tolerance() {
        for wanted in [-3.7_f64, 0.0, 0.25, 12.0] {
            let function = |x: f64| (x - wanted).powi(3);
            let found = root(function, (-10.0, function(-10.0)), (20.0, function(20.0)));
            assert!((found - wanted).abs() < 0.02, "{found} for {wanted}");
            let line = |x: f64| wanted - x;
            let found = root(line, (-10.0, line(-10.0)), (20.0, line(20.0)));
            assert!((found - wanted).abs() < TOLERANCE, "{found} for {wanted}");
        }
    }

    #[test]
    fn an_end_that_is_a_root_is_it() {
        assert_eq!(root(|x| x, (0.0, 0.0), (1.0, 1.0)), 0.0);
        assert_eq!(root(|x| x, (-1.0, -1.0), (0.0, 0.0)), 0.0);
    }
}
