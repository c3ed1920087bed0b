use std::fmt;
use std::time::Duration;

use chrono_tz::Tz;
use provisioning_core::target::FirstSecret;
use provisioning_core::{FieldName, TargetId};

/// The name that a user signs in with, and by which accounts are named.
pub(crate) const USER_PRINCIPAL_NAME: &str = "userPrincipalName";

/// Where the text stands that tells whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// In `onPremisesExtensionAttributes`, under this number, 1 to 15.
    ExtensionAttribute(ExtensionNumber),
    /// In `employeeId`, which holds 16 characters.
    EmployeeId,
}

/// The number of an extension attribute, 1 to 15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionNumber(u8);

impl ExtensionNumber {
    /// The last one, which is the least used.
    pub const LAST: Self = Self(15);

    /// A number from 1 to 15; `None` for any other.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=15).contains(&number).then_some(Self(number))
    }
}

/// The properties of the extension attributes, by number.
const EXTENSION_ATTRIBUTES: [&str; 15] = [
    "onPremisesExtensionAttributes.extensionAttribute1",
    "onPremisesExtensionAttributes.extensionAttribute2",
    "onPremisesExtensionAttributes.extensionAttribute3",
    "onPremisesExtensionAttributes.extensionAttribute4",
    "onPremisesExtensionAttributes.extensionAttribute5",
    "onPremisesExtensionAttributes.extensionAttribute6",
    "onPremisesExtensionAttributes.extensionAttribute7",
    "onPremisesExtensionAttributes.extensionAttribute8",
    "onPremisesExtensionAttributes.extensionAttribute9",
    "onPremisesExtensionAttributes.extensionAttribute10",
    "onPremisesExtensionAttributes.extensionAttribute11",
    "onPremisesExtensionAttributes.extensionAttribute12",
    "onPremisesExtensionAttributes.extensionAttribute13",
    "onPremisesExtensionAttributes.extensionAttribute14",
    "onPremisesExtensionAttributes.extensionAttribute15",
];

impl Anchor {
    /// The property, with a dot between an object and what stands in it.
    #[must_use]
    pub fn property(self) -> &'static str {
        match self {
            Self::EmployeeId => "employeeId",
            Self::ExtensionAttribute(ExtensionNumber(number)) => {
                let place = usize::from(number).saturating_sub(1);
                EXTENSION_ATTRIBUTES.get(place).copied().unwrap_or("onPremisesExtensionAttributes.extensionAttribute15")
            }
        }
    }

    /// How many characters it holds (Graph v1.0, `user` and `onPremisesExtensionAttributes`).
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::EmployeeId => 16,
            Self::ExtensionAttribute(_) => 1024,
        }
    }
}

/// How long, and how often, something that was written moments ago is waited for where the directory does not show it
/// yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first wait; each later one is twice as long.
    pub first: Duration,
    /// How often is waited.
    pub times: u32,
}

impl Patience {
    /// The waits, in order.
    pub(crate) fn waits(self) -> impl Iterator<Item = Duration> {
        (0..self.times).map(move |turn| self.first.saturating_mul(1 << turn.min(16)))
    }
}

impl Default for Patience {
    /// Six waits from half a second on, half a minute in all.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), times: 6 }
    }
}

/// How accounts are kept in one directory.
#[derive(Clone)]
pub struct EntraSettings {
    /// The name of the target.
    pub target: TargetId,
    /// Where the text stands that tells whose account it is.
    pub anchor: Anchor,
    /// The zone whose days the recycle bin is counted in.
    pub zone: Tz,
    /// Whether first passwords are handed over; if not, nobody ever knows them, and people get in by other means.
    pub first_secret: FirstSecret,
    /// How many accounts, or groups, are written at the same time.
    pub side_by_side: usize,
    /// How long something is waited for that does not show yet.
    pub patience: Patience,
    /// `userPrincipalName` first, then the others.
    attributes: Vec<FieldName>,
}

/// Attributes that cannot be kept equal to a profile, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableAttributes(Vec<(FieldName, &'static str)>);

impl fmt::Display for UnusableAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, why)) in self.0.iter().enumerate() {
            write!(f, "{}`{name}` cannot be an attribute: {why}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnusableAttributes {}

impl EntraSettings {
    /// The usual settings: the last extension attribute as the anchor, days of UTC, passwords that nobody knows. The
    /// attributes are all that profiles write or correlation looks at, spelt as the Graph spells the properties of a
    /// user, with a dot before what stands in an object; `userPrincipalName` is always among them.
    ///
    /// # Errors
    /// When attributes are not for a profile to write.
    pub fn new(target: TargetId, mut attributes: Vec<FieldName>) -> Result<Self, UnusableAttributes> {
        attributes.retain(|name| name.as_str() != USER_PRINCIPAL_NAME);
        attributes.splice(0..0, FieldName::new(USER_PRINCIPAL_NAME));
        let unusable = |name: &FieldName| why_unusable(name.as_str()).map(|why| (name.clone(), why));
        let refused: Vec<_> = attributes.iter().filter_map(unusable).collect();
        if !refused.is_empty() {
            return Err(UnusableAttributes(refused));
        }
        Ok(Self {
            target,
            anchor: Anchor::ExtensionAttribute(ExtensionNumber::LAST),
            zone: Tz::UTC,
            first_secret: FirstSecret::None,
            side_by_side: 8,
            patience: Patience::default(),
            attributes,
        })
    }

    /// The attributes that are read, `userPrincipalName` first.
    #[must_use]
    pub fn attributes(&self) -> &[FieldName] {
        &self.attributes
    }

    pub(crate) fn reads(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|name| name.as_str() == attribute)
    }

    /// What a reading tells of users; from one that told something else no other goes on.
    pub(crate) fn told(&self) -> String {
        let told = self.attributes.iter().map(FieldName::as_str).chain([self.anchor.property()]);
        told.collect::<Vec<_>>().join(",")
    }

    /// The properties that tell who bears an anchor.
    pub(crate) fn selected_of_bearers(&self) -> [&'static str; 3] {
        let property = self.anchor.property();
        ["id", "accountEnabled", property.split('.').next().unwrap_or(property)]
    }

    /// The properties of a user that are asked for, each once.
    pub(crate) fn selected(&self) -> Vec<String> {
        let outer = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let mut properties: Vec<String> = vec!["id".into(), "accountEnabled".into()];
        let asked = self.attributes.iter().map(FieldName::as_str).chain([self.anchor.property()]);
        for property in asked.map(outer) {
            if !properties.contains(&property) {
                properties.push(property);
            }
        }
        properties
    }
}

/// Why a profile cannot keep an attribute.
fn why_unusable(attribute: &str) -> Option<&'static str> {
    match attribute {
        "id" => Some("the directory gives it"),
        "accountEnabled" => Some("enabling and disabling write it"),
        "passwordProfile" => Some("a password is never read back"),
        "manager" => Some("this target does not link accounts"),
        "aboutMe" | "birthday" | "hireDate" | "interests" | "mySite" | "pastProjects" | "preferredName"
        | "responsibilities" | "schools" | "skills" => {
            Some("an app may not write it, and the change feed does not tell of it")
        }
        _ if attribute.matches('.').count() > 1 => Some("it lies deeper than one object"),
        _ => None,
    }
}

impl fmt::Debug for EntraSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntraSettings({}, {} attributes, anchor {:?})", self.target, self.attributes.len(), self.anchor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<FieldName> {
        names.iter().map(|name| FieldName::new(name).unwrap()).collect()
    }

    fn entra() -> TargetId {
        TargetId::new("entra").unwrap()
    }

    #[test]
    fn every_property_is_asked_for_once() {
        let attributes = [
            "displayName",
            "onPremisesExtensionAttributes.extensionAttribute1",
            "onPremisesExtensionAttributes.extensionAttribute2",
            "userPrincipalName",
        ];
        let settings = EntraSettings::new(entra(), names(&attributes)).unwrap();
        let expected = ["id", "accountEnabled", "userPrincipalName", "displayName", "onPremisesExtensionAttributes"];
        assert_eq!(settings.selected(), expected);
        let settings = EntraSettings { anchor: Anchor::EmployeeId, ..EntraSettings::new(entra(), vec![]).unwrap() };
        assert_eq!(settings.selected(), ["id", "accountEnabled", "userPrincipalName", "employeeId"]);
    }

    #[test]
    fn another_anchor_within_the_same_object_is_another_thing_to_tell() {
        let last = EntraSettings::new(entra(), names(&["displayName"])).unwrap();
        let anchor = Anchor::ExtensionAttribute(ExtensionNumber::new(14).unwrap());
        let other = EntraSettings { anchor, ..last.clone() };
        assert_eq!(last.selected(), other.selected());
        assert_ne!(last.told(), other.told());
    }

    #[test]
    fn all_that_is_wrong_with_the_attributes_is_told_at_once() {
        let error = EntraSettings::new(entra(), names(&["id", "displayName", "skills", "a.b.c"])).unwrap_err();
        let text = error.to_string();
        for wrong in ["`id`", "`skills`", "`a.b.c`"] {
            assert!(text.contains(wrong), "{text}");
        }
        assert!(!text.contains("displayName"), "{text}");
    }

    #[test]
    fn an_anchor_stands_where_it_says() {
        let numbers: Vec<_> = (0..=16).filter_map(ExtensionNumber::new).collect();
        assert_eq!(numbers.len(), 15);
        for (number, place) in numbers.into_iter().zip(1..) {
            let property = Anchor::ExtensionAttribute(number).property();
            assert_eq!(property, format!("onPremisesExtensionAttributes.extensionAttribute{place}"));
        }
        assert_eq!((Anchor::EmployeeId.property(), Anchor::EmployeeId.length()), ("employeeId", 16));
    }

    #[test]
    fn patience_doubles() {
        let waits: Vec<u64> =
            Patience { first: Duration::from_secs(1), times: 4 }.waits().map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
    }
}
