//! What is known of a company beside its stages: the departments, their hours, the rules between
//! them. This is what a stage may look at.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    model::{
        JourneyId, Named, PipelineId, Session, SessionId, StageId, Start, TenantId, hours::Hours,
    },
    source::{At, Place},
};

/// The departments of a company and what holds for all of them. Never changed: a reload makes a
/// new one.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The company's name.
    pub company: String,
    /// Where every chat starts.
    pub primary: TenantId,
    /// The company's locale.
    pub locale: String,
    /// The company's time zone.
    pub zone: TimeZone,
    /// The most transfers in one journey.
    pub max_hops: u32,
    /// How long a transfer can be undone.
    pub undo: Duration,
    /// The transfer policy.
    pub rules: Vec<Rule>,
    /// The language of a chat is that of its first words, where they are plainly in one that is
    /// spoken; else the client's.
    pub detects: bool,
    /// The clocks of a silent guest.
    pub idle: Idle,
    /// Within this a guest who comes back is asked whether it is the same matter.
    pub reopen: Duration,
    /// Further words for commands: locale → command → words.
    pub commands: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The hosts that `http` stages may call, as company.yaml lists them.
    pub hosts: Vec<String>,
    /// Those of them that may be told what an employee gave a department alone.
    pub private_hosts: Vec<String>,
    /// The departments.
    pub tenants: IndexMap<TenantId, Tenant>,
    /// Every `Data` key that some stage of the company can set.
    pub data_keys: BTreeSet<String>,
    /// Those of them that hold dates and times, as ISO 8601 has them.
    pub date_keys: BTreeSet<String>,
    /// What the guest reads beside those that they fill in.
    pub labels: BTreeMap<String, Named>,
}

/// The clocks of a silent guest. They run only while a stage waits for the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// One reminder after this.
    pub remind: Duration,
    /// Abandoned after this.
    pub close: Duration,
}

/// A department.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name as the reader of this directory reads it: see [`Directory::read_in`].
    pub name: String,
    /// By what people know it again.
    pub look: Look,
    /// Its name in every language in which it has one.
    pub names: Named,
    /// The prefix of its reference numbers.
    pub reference: String,
    /// False keeps everyone out.
    pub enabled: bool,
    /// True: what is said here stays here, unless a rule says otherwise.
    pub confidential: bool,
    /// True when people of its answer, at a desk.
    pub has_desk: bool,
    /// Its locale.
    pub locale: String,
    /// When it is open; none is always.
    pub hours: Option<Hours>,
    /// Its primary pipeline's id.
    pub primary_pipeline: PipelineId,
    /// The first stage of that pipeline; none when no session can begin here.
    pub first: Option<StageId>,
    /// The stage of that pipeline at which a guest begins whom an agent of another department hands
    /// over, as the file names it.
    pub on_handover: Option<At<StageId>>,
    /// The same where it does not say: the first stage that asks for a person.
    pub first_agent: Option<StageId>,
    /// Names the content of its pipelines: a hash in hex.
    pub version: String,
    /// The file's text at that version.
    pub source: Arc<str>,
    /// Where it is written.
    pub place: Place,
}

/// By what people know a department again on its cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// One emoji; empty where a picture stands in its place.
    pub icon: String,
    /// A small picture, as a `data:` address of a PNG; empty without one.
    pub picture: String,
    /// The style of its header, one of [`Look::ACCENTS`].
    pub accent: &'static str,
}

impl Look {
    /// The styles of a container that Teams has a colour for, in every theme.
    pub const ACCENTS: [&'static str; 4] = ["accent", "good", "warning", "attention"];

    /// Looks for departments that many companies have, by a word of their ids.
    const KNOWN: [(&'static [&'static str], &'static str, &'static str); 11] = [
        (&["it", "tech", "helpdesk", "support", "computer"], "💻", "accent"),
        (&["hr", "people", "personnel", "personal"], "👥", "good"),
        (&["legal", "compliance", "privacy", "recht"], "⚖️", "warning"),
        (&["facilities", "facility", "building", "office", "workplace"], "🏢", "good"),
        (&["front", "reception", "concierge", "empfang"], "🛎️", "accent"),
        (&["finance", "accounting", "payroll", "tax", "expenses"], "🧾", "good"),
        (&["security", "safety"], "🛡️", "warning"),
        (&["purchasing", "procurement", "shop", "einkauf"], "🛒", "accent"),
        (&["travel", "fleet", "reise"], "✈️", "accent"),
        (&["training", "learning", "academy"], "🎓", "good"),
        (&["marketing", "sales", "communications"], "📣", "warning"),
    ];

    /// How a department looks whose file says nothing of it.
    pub fn built_in(id: &TenantId) -> Look {
        let words = || id.as_str().split(['-', '_']);
        let known =
            Self::KNOWN.iter().find(|(names, ..)| words().any(|word| names.contains(&word)));
        let (icon, accent) = known.map_or(("💬", "accent"), |(_, icon, accent)| (icon, accent));
        Look { icon: icon.to_owned(), picture: String::new(), accent }
    }
}

/// How much of the earlier legs' transcript the receiver's people may see; strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Everything.
    Full,
    /// The guest's own words.
    Guest,
    /// A summary.
    Summary,
    /// Nothing.
    None,
}

/// One rule of the company file. Every rule that matches applies.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The sender; none is `*`.
    pub from: Option<TenantId>,
    /// The receiver; none is `*`.
    pub to: Option<TenantId>,
    /// False forbids.
    pub allow: bool,
    /// True wants a reason.
    pub reason_required: bool,
    /// The prefixes that cross; none is all.
    pub metadata: Option<Vec<String>>,
    /// What of the transcript may be seen.
    pub transcript: Option<Sharing>,
    /// Where it is written.
    pub place: Place,
}

impl Directory {
    /// A department by id.
    pub fn tenant(&self, id: &TenantId) -> Option<&Tenant> {
        self.tenants.get(id)
    }

    /// True for a department that is disabled or gone: nobody begins there any more, and who is there
    /// finishes what they began.
    pub fn is_departed(&self, id: &TenantId) -> bool {
        self.tenant(id).is_none_or(|tenant| !tenant.enabled)
    }

    /// The same as somebody reads it to whom a locale is spoken: departments are called as they are
    /// in that language. What is kept and told to other systems has [`Tenant::own_name`].
    #[must_use]
    pub fn read_in(&self, locale: &str) -> Directory {
        let mut read = self.clone();
        for tenant in read.tenants.values_mut() {
            tenant.name = tenant.called_in(locale).to_owned();
        }
        read
    }

    /// What a department is called for the reader; `otherwise` when there is none of that id.
    pub fn called<'a>(&'a self, id: &TenantId, otherwise: &'a str) -> &'a str {
        self.tenant(id).map_or(otherwise, |tenant| tenant.name.as_str())
    }

    /// The same in a locale: a desk's, which is not the guest's.
    pub fn called_in<'a>(&'a self, id: &TenantId, locale: &str, otherwise: &'a str) -> &'a str {
        self.tenant(id).map_or(otherwise, |tenant| tenant.called_in(locale))
    }

    /// A department's locale; the company's when the department is gone.
    pub fn locale_of(&self, id: &TenantId) -> &str {
        self.tenant(id).map_or(&self.locale, |tenant| &tenant.locale)
    }

    /// What a department is called; nothing when there is none of that id.
    pub fn name_of(&self, id: &TenantId) -> &str {
        self.tenant(id).map(|tenant| tenant.name.as_str()).unwrap_or_default()
    }

    /// Every `Data` key that some stage of the company can set.
    pub fn data_keys(&self) -> impl Iterator<Item = &str> {
        self.data_keys.iter().map(String::as_str)
    }

    /// True for a key that holds a date or a time, as ISO 8601 has them.
    pub fn is_date(&self, key: &str) -> bool {
        self.date_keys.contains(key)
    }

    /// What a `Data` key is called for people, in the first of these locales that has a name for it;
    /// none for one that nobody fills in.
    pub fn label(&self, key: &str, locales: &[&str]) -> Option<&str> {
        self.labels.get(key).map(|label| label.get(locales))
    }

    /// True when some stage can set that key, or something below it.
    pub fn can_set(&self, path: &str) -> bool {
        let below = format!("{path}.");
        self.data_keys.contains(path)
            || self
                .data_keys
                .range(below.clone()..)
                .next()
                .is_some_and(|key| key.starts_with(&below))
            || path.match_indices('.').any(|(at, _)| self.data_keys.contains(&path[..at]))
    }
}

impl Tenant {
    /// Its name in its own locale: what is kept, and what other systems get.
    pub fn own_name(&self) -> &str {
        self.names.get(&[&self.locale])
    }

    /// Its name in a locale, else in its own.
    pub fn called_in(&self, locale: &str) -> &str {
        self.names.get(&[locale, &self.locale])
    }

    /// True for its name in any language, as `same` compares them.
    pub fn is_called(&self, same: impl Fn(&str) -> bool) -> bool {
        self.names.all().any(same)
    }

    /// Where a new session begins.
    pub fn beginning(&self) -> (PipelineId, Option<StageId>) {
        (self.primary_pipeline.clone(), self.first.clone())
    }

    /// Where a guest begins whom an agent of another department hands over: who has talked to a
    /// person is not asked again what they want.
    pub fn handover(&self) -> Option<&StageId> {
        let named = self.on_handover.as_ref().map(|named| &named.value);
        named.or(self.first_agent.as_ref()).or(self.first.as_ref())
    }

    /// A session that stands where its chats begin.
    pub fn session(
        &self,
        (id, journey): (SessionId, JourneyId),
        reference: String,
        at: Timestamp,
    ) -> Session {
        let (pipeline, stage) = self.beginning();
        Session::begin(Start {
            id,
            reference,
            journey,
            tenant: self.id.clone(),
            tenant_name: self.own_name().to_owned(),
            pipeline,
            version: self.version.clone(),
            stage,
            at,
        })
    }

    /// True when it has opening hours and is not open.
    pub fn is_closed(&self, now: Timestamp) -> bool {
        self.hours.as_ref().is_some_and(|hours| !hours.is_open(now))
    }
}
