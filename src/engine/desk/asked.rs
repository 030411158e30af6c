//! What somebody asks of the bot itself in a channel: how a desk works, how a matter stands. It is
//! answered there, and reaches no guest.

use super::{
    means::{Incoming, Means},
    words::told,
};
use crate::{
    model::{What, Words, mark},
    pipeline::{
        Command, command_of,
        desk::standing,
        directory::Directory,
        language::{LANGUAGES, fill},
    },
    store::{Answer, StoreError, Thread},
};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Help,
    Status,
    /// To connect, without a code.
    Connect,
    /// To be away, or not.
    Availability,
    /// What only guests can do.
    ForGuests,
}

/// What a whole message asks of the bot: `help`, `status`, and with its slash whatever is a command
/// anywhere.
pub(super) fn asked(directory: &Directory, text: &str) -> Option<Asked> {
    let slashed = mark::command(text);
    let word = mark::trimmed(slashed.unwrap_or(text)).to_lowercase();
    let connects = LANGUAGES.iter().any(|phrases| phrases.connect_words.contains(&&*word));
    match (command_of(&word, directory), slashed.is_some()) {
        (Some(Command::Help), _) => Some(Asked::Help),
        (Some(Command::Status), _) => Some(Asked::Status),
        (_, true) if connects => Some(Asked::Connect),
        (_, true) if matches!(&*word, "away" | "available") => Some(Asked::Availability),
        (Some(_), true) => Some(Asked::ForGuests),
        _ => None,
    }
}

/// What an activity in a channel asks of the bot.
pub(super) fn question(incoming: &Incoming<'_>) -> Option<Asked> {
    let inbound = incoming.inbound;
    match &inbound.what {
        What::Text(text) if !inbound.is_note => asked(&incoming.running.company.directory, text),
        _ => None,
    }
}

/// The answer; `thread` is the desk's thread in which it was asked.
pub(super) async fn answer(
    means: &Means,
    incoming: &Incoming<'_>,
    asked: Asked,
    thread: Option<&Thread>,
) -> Result<Answer, StoreError> {
    let desk = incoming.desk();
    let words = match (asked, thread) {
        (Asked::Help, _) => Words::own(desk.desk_help).then(&whose(means, incoming)),
        (Asked::Status, Some(thread)) => match means.turns.store().session(thread.session).await? {
            Some(view) => {
                let directory = &incoming.running.company.directory;
                let guest = view.guest.name.as_deref().unwrap_or("?");
                let with = (directory, incoming.locale(), incoming.now);
                standing(&view.session, &view.hops, guest, with)
            }
            None => Words::own(desk.desk_over),
        },
        (Asked::Status, None) => whose(means, incoming),
        (Asked::Connect, _) => Words::own(desk.connect_how),
        (Asked::Availability, _) => Words::own(desk.desk_away_here),
        (Asked::ForGuests, _) => Words::own(desk.desk_for_employees),
    };
    Ok(told(means, incoming, &words))
}

/// Whose desk the channel is, or how it becomes one.
fn whose(means: &Means, incoming: &Incoming<'_>) -> Words {
    let channel = incoming.inbound.channel.as_ref().map(|channel| &channel.id);
    let directory = &incoming.running.company.directory;
    let of = means.turns.roster().all().into_iter();
    let here = of.filter(|row| row.broken.is_none() && Some(&row.channel) == channel);
    let names: Vec<String> = here.map(|row| directory.name_of(&row.tenant).to_owned()).collect();
    let desk = incoming.desk();
    if names.is_empty() {
        return Words::own(desk.connect_how);
    }
    fill(desk.desk_of, &[("names", &names.join(", "))])
}
