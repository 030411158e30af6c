//! What a guest reads of what another department will see: derived from the rules by which it is
//! decided, so that the sentence is true.

use super::{
    language::{Phrases, fill},
    playbook::{Playbook, Tenant},
    transfer::{Sharing, policy},
};
use crate::model::{Metadata, TenantId, Words, session::keys};

/// What goes along when a guest is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goes {
    /// What of the transcript the receiver's people may see.
    pub transcript: Sharing,
    /// Something that the guest asked or filled in crosses.
    pub some_crosses: bool,
    /// Something of it stays behind.
    pub some_stays: bool,
}

/// What of a session of `from` goes along to `to`.
pub fn goes(playbook: &Playbook, from: &Tenant, to: &TenantId, metadata: &Metadata) -> Goes {
    let policy = policy(playbook, from, to);
    let mut goes = Goes { transcript: policy.transcript, some_crosses: false, some_stays: false };
    for (key, entry) in
        metadata.iter().filter(|(key, _)| key.starts_with("Data.") || *key == keys::QUESTION)
    {
        if policy.crosses(key, entry) {
            goes.some_crosses = true;
        } else {
            goes.some_stays = true;
        }
    }
    goes
}

impl Goes {
    /// True when nothing is withheld.
    pub fn is_all(self) -> bool {
        self.transcript == Sharing::Full && !self.some_stays
    }

    /// The same in words for the guest, one paragraph.
    pub fn words(self, to: &str, phrases: &Phrases) -> Words {
        let sees = match self.transcript {
            Sharing::Full => phrases.sees_full,
            Sharing::Guest => phrases.sees_guest,
            Sharing::Summary => phrases.sees_summary,
            Sharing::None => phrases.sees_none,
        };
        let data = match (self.some_crosses, self.some_stays) {
            (true, false) => phrases.data_all,
            (true, true) => phrases.data_part,
            (false, true) => phrases.data_none,
            (false, false) => "",
        };
        fill(format!("{sees} {data}").trim_end(), &[("to", to)])
    }
}
