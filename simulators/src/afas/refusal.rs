//! Why an environment does not do what it is asked, and how it says so.

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// An answer without a body, whose content type is XML nevertheless.
    Silent(u16),
    /// 500, with what is wrong in JSON.
    Functional {
        /// A number that tells causes apart badly: AFAS uses the same for different ones.
        number: i64,
        /// What is wrong.
        message: String,
    },
    /// 503, with how long to wait in JSON.
    Maintenance,
}

impl Refusal {
    /// What AFAS says when it has nothing to say.
    pub(super) fn unexpected() -> Self {
        Self::functional(-2_147_180_999, "An unexpected error has occurred.")
    }

    pub(super) fn unknown_field(field: &str) -> Self {
        Self::functional(-2_147_220_469, &format!("Connector field '{field}' not found"))
    }

    pub(super) fn functional(number: i64, message: &str) -> Self {
        Self::Functional { number, message: message.to_owned() }
    }
}
