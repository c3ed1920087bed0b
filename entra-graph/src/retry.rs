use std::sync::Arc;

use transport::{Attempt, Lost, Next, RetryPolicy};

use crate::refusal::{CONCURRENCY, Refusal};

/// A policy to which a conflict of two writes at the same time is one that passes (Microsoft's page on errors).
///
/// The write was not executed, so it is to the policy within as if it had not been sent.
#[derive(Debug)]
pub(crate) struct PassingConflicts(pub(crate) Arc<dyn RetryPolicy>);

impl RetryPolicy for PassingConflicts {
    fn after(&self, attempt: &Attempt<'_>) -> Next {
        let passes = attempt.result.is_ok_and(|answer| {
            answer.status().as_u16() == 409 && Refusal::read(answer).code.as_deref() == Some(CONCURRENCY)
        });
        if !passes {
            return self.0.after(attempt);
        }
        let not_sent = Lost::not_sent(CONCURRENCY);
        self.0.after(&Attempt { result: Err(&not_sent), ..*attempt })
    }

    fn longest_pause(&self) -> std::time::Duration {
        self.0.longest_pause()
    }
}
