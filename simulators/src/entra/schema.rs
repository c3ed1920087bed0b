//! The properties of users and groups that the tenant knows, with what may be done with each (graph.md 1.4, 1.6 and 1.8;
//! types from the `OpenAPI` subset).

use std::collections::BTreeMap;

/// What an object of the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    User,
    Group,
}

impl Class {
    /// As in messages, `Resource 'x' of type 'User'`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// As in `@odata.type`.
    pub(super) fn odata(self) -> &'static str {
        match self {
            Self::User => "#microsoft.graph.user",
            Self::Group => "#microsoft.graph.group",
        }
    }

    /// As in paths and contexts.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
        }
    }

    pub(super) fn properties(self) -> &'static [Property] {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    /// A property by its name. Parts of a complex one have a dot: `onPremisesExtensionAttributes.extensionAttribute1`.
    pub(super) fn property(self, name: &str) -> Option<&'static Property> {
        self.properties().iter().find(|property| property.name == name)
    }

    /// The parts of a complex property.
    pub(super) fn parts(self, complex: &str) -> impl Iterator<Item = &'static Property> {
        self.properties().iter().filter(move |property| property.whole() == Some(complex))
    }

    /// What a body without `$select` shows.
    pub(super) fn shown_by_default(self) -> impl Iterator<Item = &'static Property> {
        self.properties().iter().filter(|property| property.shown == Shown::ByDefault)
    }
}

#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) written: Written,
    pub(super) shown: Shown,
    pub(super) filtered: Filtered,
}

impl Property {
    /// The complex property of which this is a part.
    pub(super) fn whole(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(whole, _)| whole)
    }
}

/// What a value looks like. All but those that [`Written::Always`] has can be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Of at most so many characters.
    Text(usize),
    Flag,
    /// A list of at most so many texts.
    Texts(usize),
    Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// By a client, and never null.
    Always,
    /// By a client, also null.
    Freely,
    /// Once, when the object is made or as long as it is null.
    Once,
    /// Only by the tenant itself.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    ByDefault,
    /// Only where `$select` names it.
    Selected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filtered {
    Plainly,
    /// Only in an advanced query.
    Advanced,
    Never,
}

const ANY: usize = 1_024;

const fn row(name: &'static str, form: Form, written: Written) -> Property {
    Property { name, form, written, shown: Shown::Selected, filtered: Filtered::Plainly }
}

const fn text(name: &'static str, most: usize) -> Property {
    row(name, Form::Text(most), Written::Freely)
}

const fn kept(name: &'static str, form: Form) -> Property {
    row(name, form, Written::Never)
}

impl Property {
    const fn always(mut self) -> Self {
        self.written = Written::Always;
        self
    }

    const fn by_default(mut self) -> Self {
        self.shown = Shown::ByDefault;
        self
    }

    const fn advanced(mut self) -> Self {
        self.filtered = Filtered::Advanced;
        self
    }

    const fn unfiltered(mut self) -> Self {
        self.filtered = Filtered::Never;
        self
    }
}

const USER: &[Property] = &[
    kept("id", Form::Text(ANY)).by_default(),
    row("accountEnabled", Form::Flag, Written::Always),
    text("ageGroup", ANY),
    row("businessPhones", Form::Texts(1), Written::Freely).by_default().advanced(),
    text("city", 128),
    text("companyName", 64),
    text("consentProvidedForMinor", ANY),
    text("country", 128),
    kept("createdDateTime", Form::Instant),
    kept("creationType", Form::Text(ANY)),
    kept("deletedDateTime", Form::Instant),
    text("department", 64),
    text("displayName", 256).always().by_default(),
    row("employeeHireDate", Form::Instant, Written::Freely),
    text("employeeId", 16),
    row("employeeLeaveDateTime", Form::Instant, Written::Freely),
    text("employeeOrgData.costCenter", ANY).unfiltered(),
    text("employeeOrgData.division", ANY).unfiltered(),
    text("employeeType", ANY),
    text("faxNumber", ANY),
    text("givenName", 64).by_default(),
    text("jobTitle", 128).by_default(),
    kept("lastPasswordChangeDateTime", Form::Instant).unfiltered(),
    text("mail", ANY).by_default(),
    text("mailNickname", 64).always(),
    text("mobilePhone", 64).by_default().advanced(),
    text("officeLocation", 128).by_default(),
    kept("onPremisesDistinguishedName", Form::Text(ANY)).unfiltered(),
    kept("onPremisesDomainName", Form::Text(ANY)).unfiltered(),
    text("onPremisesExtensionAttributes.extensionAttribute1", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute2", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute3", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute4", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute5", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute6", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute7", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute8", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute9", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute10", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute11", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute12", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute13", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute14", ANY),
    text("onPremisesExtensionAttributes.extensionAttribute15", ANY),
    text("onPremisesImmutableId", ANY),
    kept("onPremisesLastSyncDateTime", Form::Instant),
    kept("onPremisesSamAccountName", Form::Text(ANY)),
    kept("onPremisesSecurityIdentifier", Form::Text(ANY)),
    kept("onPremisesSyncEnabled", Form::Flag),
    kept("onPremisesUserPrincipalName", Form::Text(ANY)).unfiltered(),
    row("otherMails", Form::Texts(250), Written::Freely),
    text("passwordPolicies", ANY).unfiltered(),
    text("postalCode", 40),
    text("preferredDataLocation", ANY).unfiltered(),
    text("preferredLanguage", ANY).by_default(),
    kept("proxyAddresses", Form::Texts(usize::MAX)),
    row("showInAddressList", Form::Flag, Written::Freely).unfiltered(),
    kept("signInSessionsValidFromDateTime", Form::Instant).unfiltered(),
    text("state", 128),
    text("streetAddress", ANY),
    text("surname", 64).by_default(),
    text("usageLocation", 2),
    text("userPrincipalName", 113).always().by_default(),
    text("userType", ANY),
];

const GROUP: &[Property] = &[
    kept("id", Form::Text(ANY)).by_default(),
    text("classification", ANY).by_default().unfiltered(),
    kept("createdDateTime", Form::Instant).by_default(),
    kept("deletedDateTime", Form::Instant).by_default(),
    text("description", 1_024).by_default().advanced(),
    text("displayName", 256).always().by_default(),
    kept("expirationDateTime", Form::Instant).by_default(),
    row("groupTypes", Form::Texts(2), Written::Once).by_default(),
    row("isAssignableToRole", Form::Flag, Written::Once).by_default(),
    kept("mail", Form::Text(ANY)).by_default(),
    row("mailEnabled", Form::Flag, Written::Always).by_default(),
    text("mailNickname", 64).always().by_default(),
    text("membershipRule", ANY).by_default().unfiltered(),
    text("membershipRuleProcessingState", ANY).by_default().unfiltered(),
    kept("onPremisesLastSyncDateTime", Form::Instant).by_default(),
    kept("onPremisesSecurityIdentifier", Form::Text(ANY)).by_default(),
    kept("onPremisesSyncEnabled", Form::Flag).by_default(),
    text("preferredDataLocation", ANY).by_default().unfiltered(),
    text("preferredLanguage", ANY).by_default().unfiltered(),
    kept("proxyAddresses", Form::Texts(usize::MAX)).by_default(),
    kept("renewedDateTime", Form::Instant).by_default(),
    row("securityEnabled", Form::Flag, Written::Always).by_default(),
    text("theme", ANY).by_default().unfiltered(),
    row("uniqueName", Form::Text(ANY), Written::Once).by_default(),
    text("visibility", ANY).by_default().unfiltered(),
];

/// What the service keeps in `SharePoint`: an application cannot write it (graph.md 1.6).
pub(super) const ELSEWHERE: &[&str] = &[
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
];

/// Values of an object by property, null where one was taken away.
pub(super) type Values = BTreeMap<&'static str, serde_json::Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_set_of_a_user_is_the_documented_one() {
        let names: Vec<&str> = Class::User.shown_by_default().map(|property| property.name).collect();
        assert_eq!(
            names.join(" "),
            "id businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname \
             userPrincipalName"
        );
    }

    #[test]
    fn no_name_stands_twice() {
        for class in [Class::User, Class::Group] {
            let names: std::collections::BTreeSet<_> = class.properties().iter().map(|p| p.name).collect();
            assert_eq!(names.len(), class.properties().len(), "{class:?}");
        }
    }
}
