//! Arithmetic and comparison of two numbers.

use promql_parser::parser::token::{
    T_ADD, T_ATAN2, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MOD, T_MUL, T_NEQ, T_POW, T_SUB, TokenType,
};

use super::QueryError;

/// A binary operator between numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

impl Operator {
    /// From the parser's token.
    pub(super) fn from_token(token: TokenType) -> Result<Self, QueryError> {
        Ok(match token.id() {
            T_ADD => Self::Add,
            T_SUB => Self::Subtract,
            T_MUL => Self::Multiply,
            T_DIV => Self::Divide,
            T_MOD => Self::Remainder,
            T_POW => Self::Power,
            T_ATAN2 => Self::Atan2,
            T_EQLC => Self::Equal,
            T_NEQ => Self::NotEqual,
            T_GTR => Self::Greater,
            T_LSS => Self::Less,
            T_GTE => Self::GreaterOrEqual,
            T_LTE => Self::LessOrEqual,
            _ => return Err(QueryError::execution(format!("operator {token} not allowed here"))),
        })
    }

    /// Whether it compares.
    pub(super) fn compares(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Greater
                | Self::Less
                | Self::GreaterOrEqual
                | Self::LessOrEqual
        )
    }

    /// The number, for arithmetic.
    pub(super) fn compute(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
            Self::Power => left.powf(right),
            Self::Atan2 => left.atan2(right),
            _ => f64::from(u8::from(self.holds(left, right))),
        }
    }

    /// The truth, for comparison.
    #[expect(clippy::float_cmp, reason = "PromQL compares numbers exactly")]
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Greater => left > right,
            Self::Less => left < right,
            Self::GreaterOrEqual => left >= right,
            Self::LessOrEqual => left <= right,
            _ => false,
        }
    }
}
