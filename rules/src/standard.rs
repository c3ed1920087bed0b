//! The rules to start from.

use provisioning_core::TargetId;

use crate::file::RuleFile;
use crate::problem::Problems;
use crate::set::RuleSet;

/// A file of rules to start from: an account on `entra` from 14 days before the first day of a contract to its last, access
/// from the first day to the last, and a group for each department.
pub const STANDARD: &str = include_str!("standard.toml");

impl RuleSet {
    /// [`STANDARD`] for another target and with another lead, in days.
    ///
    /// # Errors
    /// When the lead is longer than a rule can reach.
    ///
    /// ```
    /// use provisioning_core::TargetId;
    /// use rules::RuleSet;
    ///
    /// let rules = RuleSet::standard(&TargetId::new("ad")?, 7)?;
    /// assert_eq!(rules.rules().count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn standard(target: &TargetId, lead_days: u32) -> Result<Self, Problems> {
        let target = format!("\"{}\"", target.as_str().replace('\\', "\\\\").replace('"', "\\\""));
        let lead = format!("days_before = {lead_days}");
        RuleFile::parse(&STANDARD.replace("days_before = 14", &lead).replace("\"entra\"", &target))?.check()
    }
}
