use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::id::AccountKey;
use crate::port::PortError;

/// A first password or access pass on its way to whom it is for.
pub struct Notice {
    /// The same for every delivery of this notice, so that a second one is known for what it is.
    pub key: String,
    /// The account that it opens.
    pub account: AccountKey,
    /// What opens it.
    pub secret: SecretString,
}

/// Secrets never show.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notice({}, {})", self.key, self.account)
    }
}

/// Whoever hands first secrets over.
///
/// # Contract
/// `deliver` returns when the notice is safe with somebody who will hand it over.
///
/// # Guarantees
/// The engine delivers each notice at least once, and stores no secret: one that is lost before it is handed over is
/// replaced by a new one in the next run.
///
/// # Idempotence
/// A notice with a key that was delivered before is the same notice.
///
/// # Errors
/// Any failure leaves the notice undelivered.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Hands a notice over.
    ///
    /// # Errors
    /// When it did not arrive.
    async fn deliver(&self, notice: Notice) -> Result<(), PortError>;
}

/// Hands nothing over, for targets that make no secrets: a secret that does come is an error, and is made anew each run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

#[async_trait]
impl Notifier for Silent {
    async fn deliver(&self, notice: Notice) -> Result<(), PortError> {
        let message = format!("nobody hands over the first secret of {}; give the engine a notifier", notice.account);
        Err(PortError::new(crate::port::PortErrorKind::Permanent, "notifier", &message))
    }
}
