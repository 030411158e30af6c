//! What a guest reads of what another department will see: derived from the rules by which it is
//! decided, so that the sentence is true.

use super::{
    directory::{Directory, Sharing, Tenant},
    language::{Phrases, fill},
    policy::policy,
};
use crate::model::{Metadata, TenantId, Words, session::keys};

/// What goes along when a guest is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goes {
    /// What of the transcript the receiver's people may see.
    pub transcript: Sharing,
    /// The keys of what the guest asked or filled in that cross.
    pub crosses: Vec<String>,
    /// Those that stay behind.
    pub stays: Vec<String>,
}

/// What of a session of `from` goes along to `to`.
pub fn goes(directory: &Directory, from: &Tenant, to: &TenantId, metadata: &Metadata) -> Goes {
    let policy = policy(directory, from, to);
    let is_the_guests = |key: &str| key.starts_with("Data.") || key == keys::QUESTION;
    let of_guest = metadata.iter().filter(|(key, _)| is_the_guests(key));
    let (crosses, stays): (Vec<_>, Vec<_>) =
        of_guest.partition(|(key, entry)| policy.crosses(key, entry));
    let keys = |entries: Vec<(&str, _)>| entries.iter().map(|(key, _)| (*key).to_owned()).collect();
    Goes { transcript: policy.transcript, crosses: keys(crosses), stays: keys(stays) }
}

impl Goes {
    /// True when nothing is withheld.
    pub fn is_all(&self) -> bool {
        self.transcript == Sharing::Full && self.stays.is_empty()
    }

    /// The same in words for the guest, one paragraph. `locales` are those in which to name what
    /// they filled in.
    pub fn words(
        &self,
        to: &str,
        directory: &Directory,
        phrases: &Phrases,
        locales: &[&str],
    ) -> Words {
        let sees = match self.transcript {
            Sharing::Full => phrases.sees_full,
            Sharing::Guest => phrases.sees_guest,
            Sharing::Summary => phrases.sees_summary,
            Sharing::None => phrases.sees_none,
        };
        let data = match (self.crosses.is_empty(), self.stays.is_empty()) {
            (false, true) => phrases.data_all,
            (false, false) => phrases.data_part,
            (true, false) => phrases.data_none,
            (true, true) => "",
        };
        let named = |keys: &[String]| names(keys, directory, phrases, locales).join(", ");
        let values = [("to", to), ("goes", &named(&self.crosses)), ("stays", &named(&self.stays))];
        fill(format!("{sees} {data}").trim_end(), &values)
    }
}

/// What people call these keys, each name once; what has none comes last, together.
fn names(
    keys: &[String],
    directory: &Directory,
    phrases: &Phrases,
    locales: &[&str],
) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let mut others = false;
    for key in keys {
        let name = match directory.label(key, locales) {
            _ if key == keys::QUESTION => phrases.data_question.to_owned(),
            Some(label) => {
                fill(phrases.data_label, &[("label", label.trim_end_matches(':'))]).plain()
            }
            None => {
                others = true;
                continue;
            }
        };
        if !named.contains(&name) {
            named.push(name);
        }
    }
    named.extend(others.then(|| phrases.data_other.to_owned()));
    named
}
