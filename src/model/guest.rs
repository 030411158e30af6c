//! Who the employee is. "Guest" is the word of the data; people read "employee".

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What is known about the person who writes. Known by the Entra object id, else by the channel's
/// user id; never by the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Guest {
    /// The channel's id of the account (`29:…` in Teams), opaque.
    pub id: String,
    /// The Entra object id.
    pub aad_object_id: Option<String>,
    /// The Microsoft 365 tenant of the person's conversation.
    pub entra_tenant: Option<String>,
    /// Display name; often missing in the first activities.
    pub name: Option<String>,
    /// Given name, once the member look-up has answered.
    pub given_name: Option<String>,
    /// Surname, once the member look-up has answered.
    pub surname: Option<String>,
    /// Mail address, once the member look-up has answered; may stay empty.
    pub email: Option<String>,
    /// User principal name, once the member look-up has answered.
    pub user_principal_name: Option<String>,
    /// `user` or `guest`, once the member look-up has answered: their role in the Microsoft 365
    /// tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_role: Option<String>,
    /// `locale` of the activity, else of `clientInfo`, such as `de-DE`.
    pub locale: Option<String>,
    /// The language in which they are spoken to where that is not the locale's: they asked for it,
    /// or began their matter in it. Such as `de`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `clientInfo.country`, such as `DE`.
    pub country: Option<String>,
    /// `clientInfo.timezone` or `localTimezone`, an IANA name.
    pub timezone: Option<String>,
    /// `clientInfo.platform`, such as `Web`, `iOS`.
    pub platform: Option<String>,
    /// The channel through which they write.
    pub channel_id: String,
}

impl Guest {
    /// The zone in which they read times; none where their client names none that is known.
    pub fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(self.timezone.as_deref()?).ok()
    }

    /// The id under which the guest is known across conversations.
    pub fn key(&self) -> &str {
        self.aad_object_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&self.id)
    }

    /// True for guests of another organisation: they have a UPN with `#EXT#`, or the role of one.
    pub fn is_external(&self) -> bool {
        let has_role = |role: &str| {
            role.eq_ignore_ascii_case("guest") || role.eq_ignore_ascii_case("anonymous")
        };
        self.user_role.as_deref().is_some_and(has_role)
            || self
                .user_principal_name
                .as_deref()
                .is_some_and(|upn| upn.to_ascii_uppercase().contains("#EXT#"))
    }

    /// The given name: until the look-up has answered, the first word of the name.
    pub fn called(&self) -> Option<&str> {
        self.given_name
            .as_deref()
            .or_else(|| self.name.as_deref().and_then(|name| name.split_whitespace().next()))
    }

    /// Takes over what `news` knows and this does not, or what changed; nothing known is forgotten.
    /// True when something is new.
    pub fn learn(&mut self, news: &Guest) -> bool {
        let before = self.clone();
        if !news.id.is_empty() {
            self.id.clone_from(&news.id);
        }
        if !news.channel_id.is_empty() {
            self.channel_id.clone_from(&news.channel_id);
        }
        for (mine, theirs) in [
            (&mut self.aad_object_id, &news.aad_object_id),
            (&mut self.entra_tenant, &news.entra_tenant),
            (&mut self.name, &news.name),
            (&mut self.given_name, &news.given_name),
            (&mut self.surname, &news.surname),
            (&mut self.email, &news.email),
            (&mut self.user_principal_name, &news.user_principal_name),
            (&mut self.user_role, &news.user_role),
            (&mut self.locale, &news.locale),
            (&mut self.country, &news.country),
            (&mut self.timezone, &news.timezone),
            (&mut self.platform, &news.platform),
        ] {
            if theirs.as_deref().is_some_and(|text| !text.is_empty()) {
                mine.clone_from(theirs);
            }
        }
        *self != before
    }
}
