//! Where an expression stands, which decides what it may look at.

/// What an expression may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) place: Place,
    /// A word that stands for a text here: `key` or `n`.
    pub(crate) word: Option<&'static str>,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a rule about one contract.
    Contract,
    /// In a rule about the person as a whole.
    Person,
    /// In the id of a dynamic permission.
    Key,
    /// In a profile.
    Profile,
}

impl Place {
    /// Without a word of its own.
    pub(crate) fn plain(self) -> Scope {
        Scope { place: self, word: None }
    }

    /// With a word that stands for a text.
    pub(crate) fn with(self, word: &'static str) -> Scope {
        Scope { place: self, word: Some(word) }
    }
}
