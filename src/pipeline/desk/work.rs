//! What somebody who works in their own chat reads of their work: for whom, when, and how.

use crate::{
    model::{TenantId, Words},
    pipeline::{
        directory::Directory,
        language::{fill, phrases, week},
    },
};

/// How it stands with somebody who answers employees in their own chat.
pub struct Work<'a> {
    /// The departments whose desk they are at.
    pub desks: &'a [TenantId],
    /// True while chats are offered to them.
    pub available: bool,
    /// The chats that they have, a line each.
    pub chats: &'a [String],
}

impl Work<'_> {
    /// Their desks with the hours, the commands, and how chats go.
    pub fn words(&self, directory: &Directory, locale: &str) -> Words {
        let desk = phrases(locale).desk;
        let mut words = Words::own(desk.work);
        let mut has_hours = false;
        for tenant in self.desks.iter().filter_map(|id| directory.tenant(id)) {
            let hours =
                tenant.hours.as_ref().map(|hours| week(hours, &phrases(locale).days, locale));
            has_hours |= hours.is_some();
            let hours = hours.as_deref().unwrap_or(desk.work_always);
            let line =
                fill(desk.work_desk, &[("name", tenant.called_in(locale)), ("hours", hours)]);
            words = words.then(&line);
        }
        let state = if self.available { desk.desk_available } else { desk.desk_away };
        words = words.then(&Words::own(state));
        if has_hours {
            words = words.then(&Words::own(desk.work_night));
        }
        words = words.then(&Words::own(desk.work_how));
        if !self.chats.is_empty() {
            words = words.then(&fill(desk.work_chats, &[("list", &self.chats.join("\n"))]));
        }
        words.then(&Words::own(desk.work_own))
    }
}
