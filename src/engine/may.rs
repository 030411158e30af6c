//! One question, asked at every door of the desks: may this person do this, here, now? Buttons in
//! channels and in agents' chats, words, edits, transcripts, the connect command and the binding of
//! agents all ask [`may`]; what becomes of a chat between the people who may is the core's.
//!
//! Who somebody is, the channel says: their Entra object id or UPN, in a Microsoft 365 tenant of the
//! company's, on `msteams`. A mail address says nothing: whoever keeps the directory can write any.
//! Where they may do it: a chat's buttons and words count in the thread that was opened for it, or
//! in the own chat of an agent. Who works where, the files say as they are now.

use std::sync::Arc;

use super::{roster::Roster, running::Running};
use crate::{
    company::People,
    model::{Account, Channel, Conversation, Guest, Inbound, Session, SessionId, TenantId},
    store::AgentRow,
};

/// The one channel on which people are known.
const TEAMS: &str = "msteams";

/// Which Microsoft 365 tenants are the company's.
#[derive(Default)]
pub(super) struct Home {
    /// The bot's own Microsoft 365 tenant.
    app_tenant: Option<String>,
}

impl Home {
    pub(super) fn new(app_tenant: Option<String>) -> Self {
        Home { app_tenant }
    }

    /// True where somebody says which tenants are the company's, and not that everyone's are.
    pub(super) fn is_told(&self, running: &Running) -> bool {
        matches!(self.people(running), People::Of(_))
    }

    /// True for a tenant of the company, and for every one where everyone may come.
    pub(super) fn is_own(&self, running: &Running, tenant: &str) -> bool {
        match self.people(running) {
            People::Everyone | People::Unsaid => true,
            People::Of(own) => own.iter().any(|id| id.eq_ignore_ascii_case(tenant)),
        }
    }

    fn people<'a>(&'a self, running: &'a Running) -> People<'a> {
        running.company.whose_people(self.app_tenant.as_ref())
    }

    /// True for somebody of the company's tenants. Teams always says which one; local clients name
    /// none.
    fn is_of(&self, running: &Running, guest: &Guest) -> bool {
        match &guest.entra_tenant {
            Some(tenant) => self.is_own(running, tenant),
            None => !self.is_told(running),
        }
    }
}

/// What a member look-up says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Of the company, or nobody has to ask.
    Own,
    /// A guest of the tenant, or of another tenant.
    Outside,
    /// Nobody can say.
    Unknown,
}

/// Somebody, and what is known of them.
#[derive(Clone, Copy)]
pub(super) struct Person<'a> {
    channel: &'a str,
    guest: &'a Guest,
    standing: Standing,
}

impl<'a> Person<'a> {
    /// Whoever did something, as far as a look-up tells.
    pub(super) fn of(inbound: &'a Inbound, standing: Standing) -> Self {
        Person { channel: &inbound.conversation.channel, guest: &inbound.guest, standing }
    }

    /// Whose personal chat it is.
    pub(super) fn in_chat(conversation: &'a Conversation) -> Self {
        let guest = &conversation.guest;
        let standing = if guest.is_external() { Standing::Outside } else { Standing::Own };
        Person { channel: &conversation.id.channel, guest, standing }
    }

    /// True for the person whom the bot knows by that account.
    fn is(&self, account: &Account) -> bool {
        let known = account.aad_object_id.as_deref().filter(|id| !id.is_empty());
        match (known, self.guest.aad_object_id.as_deref().filter(|id| !id.is_empty())) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            // The first activities of some clients lack it.
            _ => !account.id.is_empty() && account.id == self.guest.id,
        }
    }
}

/// Where somebody does something.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// In a thread of a channel, by what the store knows of it: the session for which it was opened
    /// (the letter's id where another department was asked); none when no letter of ours opened it.
    Thread(Option<SessionId>),
    /// In the own chat of an agent.
    Chat(&'a AgentRow),
}

/// Somebody in their place.
pub(super) type Here<'a> = (Person<'a>, Place<'a>);

/// What somebody wants to do.
#[derive(Clone, Copy)]
pub(super) enum Wish<'a> {
    /// Be an agent of that name from now on, in whose place the bot knows somebody perhaps.
    Bind { name: &'a str, known: Option<&'a AgentRow> },
    /// Do anything at a desk at all.
    Come,
    /// Make a channel a department's desk.
    Connect(Option<&'a Channel>),
    /// Take, hand on, transfer, resolve, propose or say something in a session.
    Act(&'a Session, Place<'a>),
    /// Answer another department's question in its thread.
    Advise { of: &'a TenantId, letter: SessionId, at: Place<'a> },
    /// Read what was said in a session.
    Read(&'a Session, Place<'a>),
    /// Change or delete what they wrote for a session, which may be over.
    Change(&'a Session, Place<'a>),
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Not {
    /// They are not of the company, or cannot be known.
    Outsider,
    /// Nobody can say who they are: they may try again.
    Unknown,
    /// It is another person whom the bot knows by that name.
    Taken,
    /// Not here: another channel's or thread's, another person's, or no agent's any more.
    Elsewhere,
}

/// The question: may this person do this, here, now?
pub(super) fn may(
    (running, home): (&Running, &Home),
    person: &Person<'_>,
    wish: Wish<'_>,
) -> Result<(), Not> {
    who(running, home, person, matches!(wish, Wish::Connect(_)))?;
    let is_here = match wish {
        Wish::Bind { name, known } => {
            if known.is_some_and(|row| !person.is(&row.reference.user)) {
                return Err(Not::Taken);
            }
            names(person.guest).any(|own| own == name) && is_named(running, name)
        }
        Wish::Come => true,
        Wish::Connect(channel) => channel.is_some(),
        Wish::Act(session, place) => is_at_desk(running, person, session, place),
        Wish::Read(session, place) => {
            let help = session.desk.as_ref();
            let is_theirs = |row: &AgentRow| {
                help.is_some_and(|help| {
                    help.is_owner(&row.id) || (help.owner.is_none() && help.is_asked(&row.id))
                })
            };
            is_at_desk(running, person, session, place)
                && match place {
                    Place::Thread(_) => true,
                    Place::Chat(row) => is_theirs(row),
                }
        }
        Wish::Advise { of, letter, at: Place::Thread(thread) } => {
            thread == Some(letter) && !is_people(running, of)
        }
        Wish::Advise { .. } => false,
        Wish::Change(session, place) => match place {
            // Whose line it is, and that the thread is its guest's, the store has said.
            Place::Thread(thread) => thread.is_some(),
            Place::Chat(row) => {
                person.is(&row.reference.user)
                    && (is_agent(running, &session.tenant, &row.id)
                        || is_gone(running, &session.tenant))
            }
        },
    };
    if is_here { Ok(()) } else { Err(Not::Elsewhere) }
}

/// Whether somebody is known, and of the company. Guests connect nothing, whatever the company
/// allows them beside.
fn who(running: &Running, home: &Home, person: &Person<'_>, own_only: bool) -> Result<(), Not> {
    let is_known = person.channel == TEAMS && !person.guest.key().is_empty();
    if !is_known || !home.is_of(running, person.guest) {
        return Err(Not::Outsider);
    }
    match person.standing {
        Standing::Outside if own_only || !running.company.external_users => Err(Not::Outsider),
        Standing::Unknown => Err(Not::Unknown),
        Standing::Own | Standing::Outside => Ok(()),
    }
}

/// Whether a session's desk is where somebody stands.
fn is_at_desk(running: &Running, person: &Person<'_>, session: &Session, place: Place<'_>) -> bool {
    let of = &session.tenant;
    match place {
        Place::Thread(thread) => {
            thread == Some(session.id) && (!is_people(running, of) || is_gone(running, of))
        }
        Place::Chat(row) => {
            // Of a department that is gone whoever has the chat, or was offered it.
            let is_theirs = session
                .desk
                .as_ref()
                .is_some_and(|help| help.is_owner(&row.id) || help.is_asked(&row.id));
            person.is(&row.reference.user)
                && (is_agent(running, of, &row.id) || (is_theirs && is_gone(running, of)))
        }
    }
}

/// True where the department is gone or disabled: whoever has a chat there keeps it to its end.
fn is_gone(running: &Running, tenant: &TenantId) -> bool {
    running.company.directory.tenant(tenant).is_none_or(|tenant| !tenant.enabled)
}

/// True for a desk of personal chats.
fn is_people(running: &Running, tenant: &TenantId) -> bool {
    let settings = running.company.tenants.get(tenant);
    settings.and_then(|settings| settings.desk.as_ref()).is_some_and(|desk| desk.people)
}

/// True for an agent of a department's personal chats.
fn is_agent(running: &Running, tenant: &TenantId, name: &str) -> bool {
    let settings = running.company.tenants.get(tenant);
    settings
        .and_then(|settings| settings.desk.as_ref())
        .is_some_and(|desk| desk.people && desk.agents.iter().any(|agent| agent == name))
}

/// True for an agent of any.
fn is_named(running: &Running, name: &str) -> bool {
    running.company.tenants.keys().any(|tenant| is_agent(running, tenant, name))
}

/// What the files may call somebody, in lower case.
fn names(guest: &Guest) -> impl Iterator<Item = String> {
    let names = [&guest.aad_object_id, &guest.user_principal_name];
    names.into_iter().flatten().filter(|name| !name.is_empty()).map(|name| name.to_lowercase())
}

/// The names under which the files know somebody as an agent of desks of personal chats: one
/// department may name them by object id and another by UPN.
pub(super) fn names_of(running: &Running, guest: &Guest) -> Vec<String> {
    names(guest).filter(|name| is_named(running, name)).collect()
}

/// The agent in whose own chat something happens, under every name that the bot knows; those that
/// the files say now come first.
pub(super) fn agent_here(
    running: &Running,
    roster: &Roster,
    inbound: &Inbound,
) -> Vec<Arc<AgentRow>> {
    let person = Person::of(inbound, Standing::Own);
    let mut rows = roster.agents_in(&inbound.conversation);
    rows.retain(|row| person.is(&row.reference.user));
    rows.sort_by_key(|row| !is_named(running, &row.id));
    rows
}

/// The departments at whose desk of personal chats somebody is by one of these names, as the files
/// say now.
pub(super) fn desks_of(running: &Running, rows: &[Arc<AgentRow>]) -> Vec<TenantId> {
    let tenants = running.company.directory.tenants.keys();
    let is_theirs = |tenant: &&TenantId| rows.iter().any(|row| is_agent(running, tenant, &row.id));
    tenants.filter(is_theirs).cloned().collect()
}

/// Under which of their names an agent works in a session: the one that has the chat or was offered
/// it, else the one that its department lists.
pub(super) fn name_at<'a>(
    running: &Running,
    rows: &'a [Arc<AgentRow>],
    session: &Session,
) -> Option<&'a AgentRow> {
    let help = session.desk.as_ref();
    let find = |is: &dyn Fn(&str) -> bool| rows.iter().find(|row| is(&row.id));
    let row = find(&|name| help.is_some_and(|help| help.is_owner(name)))
        .or_else(|| find(&|name| help.is_some_and(|help| help.is_asked(name))))
        .or_else(|| find(&|name| is_agent(running, &session.tenant, name)))
        .or_else(|| rows.first());
    row.map(|row| &**row)
}
