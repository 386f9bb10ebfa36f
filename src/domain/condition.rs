//! Conditions on a number, as files write them: `< 0.01`, `== 1`.

use std::fmt;

/// A comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    operator: Operator,
    number: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// Longer ones first: `<=` begins like `<`.
const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Condition {
    /// Reads `< 0.01`, `<= 5`, `== 1`, `!= 0`, `>= 2` or `> 0`; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let found = OPERATORS.iter().find_map(|(sign, operator)| {
            let number = trimmed.strip_prefix(sign)?.trim().parse::<f64>().ok()?;
            number.is_finite().then_some(Self { operator: *operator, number })
        });
        found.ok_or_else(|| {
            let shown = super::Safe::new(text);
            format!("`until` is `{shown}`: write < 0.01, <= 5, == 1, != 0, >= 2 or > 0")
        })
    }

    /// Whether a value meets it; what is not a number meets none.
    pub fn holds(&self, value: f64) -> bool {
        match self.operator {
            Operator::Less => value < self.number,
            Operator::LessOrEqual => value <= self.number,
            Operator::Equal => value == self.number,
            Operator::NotEqual => !value.is_nan() && value != self.number,
            Operator::GreaterOrEqual => value >= self.number,
            Operator::Greater => value > self.number,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = OPERATORS.iter().find(|(_, operator)| *operator == self.operator);
        write!(formatter, "{} {}", sign.map_or("", |(sign, _)| sign), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_holds_where_it_should_and_nothing_holds_for_what_is_no_number() {
        for (text, below, at, above) in [
            ("< 0.5", true, false, false),
            ("<=0.5", true, true, false),
            ("== 0.5", false, true, false),
            ("!= 0.5", true, false, true),
            (">= 0.5", false, true, true),
            (" >0.5", false, false, true),
        ] {
            let condition = Condition::parse(text).unwrap();
            let found = [0.1, 0.5, 0.9].map(|value| condition.holds(value));
            assert_eq!(found, [below, at, above], "{text}");
            assert!(!condition.holds(f64::NAN), "{text}");
            assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
        }
    }

    #[test]
    fn what_is_no_condition_says_what_would_be() {
        for text in ["", "0.5", "= 1", "< ", "< many", "< inf", "<> 1"] {
            assert!(Condition::parse(text).unwrap_err().contains("write < 0.01"), "{text}");
        }
    }
}
