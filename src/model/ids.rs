//! Names and numbers of things. Ids that come from Teams are opaque text: nothing here parses them.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as written in the company's files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl<T: AsRef<str> + ?Sized> From<&T> for $name {
            fn from(text: &T) -> Self {
                Self(Arc::from(text.as_ref()))
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

text_id!(
    /// A department of the company, `[a-z0-9][a-z0-9-]*`. Never the Microsoft 365 tenant: that one
    /// is `entra_tenant`.
    TenantId
);
text_id!(
    /// A pipeline of a tenant.
    PipelineId
);
text_id!(
    /// A stage of a pipeline.
    StageId
);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

uuid_id!(
    /// A proposal for a FAQ (UUID version 7: ids sort by time).
    SuggestionId
);
uuid_id!(
    /// One visit of one guest to one tenant (UUID version 7: ids sort by time).
    SessionId
);
uuid_id!(
    /// The chain of sessions linked by transfers.
    JourneyId
);
uuid_id!(
    /// A file that is carried between a guest and a desk. Random (UUID version 4): part of what
    /// keeps its link from being guessed.
    FileId
);
uuid_id!(
    /// One thing to deliver to a conversation; also the name by which a sent card is found again to
    /// be replaced.
    LetterId
);
uuid_id!(
    /// One call to another system.
    CallId
);

/// A chat in Teams: channel id and conversation id, both opaque. One guest may have several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConversationId {
    /// `msteams`, `emulator`, `webchat`, `directline` …
    pub channel: String,
    /// `conversation.id`, unchanged; in channels with its `;messageid=…`.
    pub id: String,
}

impl ConversationId {
    /// True in Microsoft Teams, the one channel in which a message can be replaced and a card's
    /// `Action.Execute` does something.
    pub fn is_teams(&self) -> bool {
        self.channel == "msteams"
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.id)
    }
}

/// The bits in which the parts of one letter differ: in the random half, far from where ids differ
/// that are made one after the other.
const PARTS: u128 = 0xFFFF_FFFF << 32;

impl LetterId {
    /// The id of a further part of this letter, which is too long for one activity; counted from 0.
    pub fn part(self, part: usize) -> Self {
        let part = u128::try_from(part).unwrap_or_default() + 1;
        LetterId(Uuid::from_u128(self.0.as_u128() ^ ((part << 32) & PARTS)))
    }

    /// True of the letter itself and of its further parts.
    pub fn is_of(self, whole: Self) -> bool {
        (self.0.as_u128() ^ whole.0.as_u128()) & !PARTS == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_by_their_letter() {
        let (letter, other) = (LetterId(Uuid::now_v7()), LetterId(Uuid::now_v7()));
        for part in [0, 1, 77] {
            assert!(letter.part(part).is_of(letter) && letter.is_of(letter.part(part)));
            assert!(!letter.part(part).is_of(other) && letter.part(part) != letter);
        }
        assert!(letter.is_of(letter) && !letter.is_of(other));
    }
}
