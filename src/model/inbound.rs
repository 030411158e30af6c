//! What one activity says, once the wire's zoo has become names. Made by `teams::activity`, read by
//! the engine.

use serde_json::{Map, Value};

use super::{Account, Agent, ConversationId, File, Guest, Reference};

/// One activity from a channel, understood. Everything in it is as the sender claims;
/// `teams::verify` has judged the sender.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The activity's own id, the first dedupe key. Some local clients leave it out.
    pub activity_id: Option<String>,
    /// Channel and conversation id, both opaque.
    pub conversation: ConversationId,
    /// Personal chat, group chat or team channel.
    pub scope: Scope,
    /// Which channel of which team; only in [`Scope::Channel`].
    pub channel: Option<Channel>,
    /// The id of the post that began the thread: what stands behind `;messageid=` in the
    /// conversation's id. Only in [`Scope::Channel`], and not when the team as a whole speaks
    /// (somebody joined, the bot was added).
    pub thread: Option<String>,
    /// Where answers go. Checked against the allow-list before it gets here.
    pub service_url: String,
    /// Who wrote it, with what `clientInfo` said about them.
    pub guest: Guest,
    /// The bot's own account in this conversation, as the channel addresses it.
    pub bot: Account,
    /// The message that this one answers: for a click, the card's activity id. Stamped by the
    /// client, so it can be wrong.
    pub reply_to: Option<String>,
    /// True when a mention of the bot stood in it. Only this lets a group or channel message in.
    pub mentioned: bool,
    /// True when `deliveryMode` is `expectReplies`: the answers belong in the HTTP response.
    pub expect_replies: bool,
    /// True when the activity is an invoke: the caller waits for a body.
    pub invoke: bool,
    /// Files and pictures that came along.
    pub files: Vec<File>,
    /// Its writer marked the words of a message or an edit as a note, with `//` at the start: they may
    /// stand behind what is no word of theirs (a quote, somebody's name). See
    /// [`mark::note`](super::mark::note).
    pub is_note: bool,
    /// The words without those by whom somebody is called by name, where there are any: whether they
    /// are a note behind the number of a chat is seen here.
    pub uncalled: Option<String>,
    /// The words of a message or an edit as Markdown, when their writer formatted them: the bot's
    /// name removed like in the plain text. Everything that they did not format is escaped.
    pub formatted: Option<String>,
    /// Cards and other people's messages that came along.
    pub enclosed: Vec<Enclosed>,
    /// What happened.
    pub what: What,
}

impl Inbound {
    /// How answers reach its author.
    pub fn reference(&self) -> Reference {
        Reference {
            service_url: self.service_url.clone(),
            bot: self.bot.clone(),
            user: Account {
                id: self.guest.id.clone(),
                name: self.guest.name.clone(),
                aad_object_id: self.guest.aad_object_id.clone(),
            },
            entra_tenant: self.guest.entra_tenant.clone(),
        }
    }

    /// Its author as somebody who works at a desk.
    pub fn author(&self) -> Agent {
        let account = &self.guest;
        let named = account.name.clone().filter(|name| !name.trim().is_empty());
        Agent {
            id: account.aad_object_id.clone().unwrap_or_else(|| account.id.clone()),
            name: named.unwrap_or_else(|| "?".to_owned()),
        }
    }
}

/// Something that came along with a message and can be read.
#[derive(Debug, Clone, PartialEq)]
pub enum Enclosed {
    /// An Adaptive Card, as JSON.
    Card(Value),
    /// A message of somebody's that was forwarded or is answered.
    Message {
        /// Who wrote it, if that is said.
        by: Option<String>,
        /// What, as plain text.
        text: String,
        /// True when it was forwarded: that is part of what its sender says. A message that is
        /// answered is only so when nothing else was said.
        forwarded: bool,
    },
}

/// Where a conversation takes place. `conversation.conversationType`; missing means personal unless
/// `isGroup` is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One guest and the bot: the employee's door.
    Personal,
    /// A group chat.
    Group,
    /// A channel of a team.
    Channel,
}

/// A channel of a team. Ids are opaque; the one of the General channel is the team's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The channel's id, without a thread: threads are opened there.
    pub id: String,
    /// The channel's name. Rarely said, and never of the General channel.
    pub name: Option<String>,
    /// The team's id.
    pub team: Option<String>,
    /// `standard`, `private` or `shared`, in lower case, where the wire says it.
    pub kind: Option<String>,
}

impl Channel {
    /// True for a private or shared channel. What Microsoft documents of the permission to read
    /// channel messages (`ChannelMessage.Read.Group`, "Receive all channel messages with RSC") is
    /// about standard channels, so nobody may count on being read there without a mention of the
    /// bot. Whatever does arrive counts.
    pub fn needs_mention(&self) -> bool {
        matches!(self.kind.as_deref(), Some("private" | "shared"))
    }
}

/// What an activity means to the product.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A message with words, as its writer meant them: without the message that it answers and
    /// without mentions of the bot, those of others as plain names, nothing invisible at the start,
    /// outer white space trimmed, U+0000 replaced. Where the formatted form says more than the plain
    /// text, the words are its.
    Text(String),
    /// A click on `Action.Submit`: the button's data merged with the inputs. Also a `messageBack`
    /// whose value is ours.
    Submit(Map<String, Value>),
    /// A click on `Action.Execute`.
    Execute {
        /// The action's verb, informative only.
        verb: Option<String>,
        /// The button's data merged with the inputs.
        data: Map<String, Value>,
    },
    /// The bot was added here: `installationUpdate` with `add`, or `membersAdded` naming the bot.
    /// Teams sends both.
    Installed,
    /// The app was upgraded in place (`add-upgrade`): nothing to say.
    Upgraded,
    /// The bot was removed: `installationUpdate` with `remove` or `remove-upgrade`, or
    /// `membersRemoved` naming the bot.
    Removed,
    /// An invoke other than `adaptiveCard/action`, by name. Nameless on msteams for card actions of
    /// type `invoke`.
    Invoke {
        /// The invoke's name.
        name: Option<String>,
        /// Its payload, untouched.
        value: Value,
    },
    /// The guest edited an earlier message: its new words.
    Edited(String),
    /// The guest deleted an earlier message.
    Deleted,
    /// A message without words and value: files alone, or nothing. Without files its writer is
    /// answered, nothing is guessed.
    Wordless,
    /// Everything else that channels send: typing, reactions, edits, events, unknown types.
    /// Answered 200.
    Other(String),
}
