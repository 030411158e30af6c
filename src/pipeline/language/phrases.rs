//! What the product itself says, per language. The company's voice is in its files; these are
//! neutral.

use super::{
    at_desk::DeskPhrases, faq::FaqPhrases, form::FormPhrases, format::Counted, left::LeftPhrases,
    person::PersonWords,
};
use crate::model::{Words, words};

/// Everything of one language: its sentences, in which `{name}` and the like are filled by [`fill`];
/// and what people type in it. What is typed is compared without
/// case, accents and outer punctuation.
#[derive(Debug)]
pub struct Phrases {
    /// The language, as in `de`.
    pub language: &'static str,
    /// The same in three letters, as ISO 639-3 has it: `deu`.
    pub three: &'static str,
    /// The size of something very small. `{count}`
    pub bytes: Counted,
    /// Names of the week's days, Monday first.
    pub days: [&'static str; 7],
    /// What is said between a guest and a desk.
    pub desk: &'static DeskPhrases,
    /// What is said around an answer from a FAQ.
    pub faq: &'static FaqPhrases,
    /// What is said of a message that was left for a desk.
    pub left: &'static LeftPhrases,
    /// What is said around a form that is filled in by typing.
    pub form: &'static FormPhrases,
    /// Introduces the bot. `{company}`
    pub welcome: &'static str,
    /// Before the list of departments.
    pub departments: &'static str,
    /// The guest writes while another system is asked.
    pub one_moment: &'static str,
    /// Button of a form.
    pub send: &'static str,
    /// Label of a compact choice.
    pub choose: &'static str,
    /// An answer that fits no choice.
    pub not_understood: &'static str,
    /// An answer that is neither yes nor no.
    pub not_yes_no: &'static str,
    /// The second time.
    pub menu_help: &'static str,
    /// The second time, where people answer: here or in a department to which one can go.
    pub unclear_person: &'static str,
    /// The second time, where nobody does.
    pub unclear_help: &'static str,
    /// Every second time after that.
    pub unclear_more: &'static str,
    /// A command that can do nothing here, the second time.
    pub useless: &'static str,
    /// Every second time after that.
    pub useless_more: &'static str,
    /// The guest writes a second time while another system is asked.
    pub still_waiting: &'static str,
    /// Every second time after that.
    pub still_waiting_more: &'static str,
    /// A close match. `{choice}`
    pub did_you_mean: &'static str,
    /// The same when something was not understood before. `{choice}`
    pub did_you_mean_or: &'static str,
    /// Yes.
    pub yes: &'static str,
    /// No.
    pub no: &'static str,
    /// Words that count as yes.
    pub yes_words: &'static [&'static str],
    /// Words that count as no.
    pub no_words: &'static [&'static str],
    /// Title of the transferred card. `{to}`
    pub transferred: &'static str,
    /// The same where nobody is at work. `{to}` `{until}`
    pub transferred_closed: &'static str,
    /// The same when nobody knows until when. `{to}`
    pub transferred_closed_open_end: &'static str,
    /// What the transferred card becomes when the move was taken back. `{to}` `{name}`
    pub undone: &'static str,
    /// Label of a reason.
    pub reason: &'static str,
    /// All was taken along.
    pub taken_all: &'static str,
    /// Of the transcript: all is shared. `{to}`
    pub sees_full: &'static str,
    /// Of the transcript: the guest's own words are shared. `{to}`
    pub sees_guest: &'static str,
    /// Of the transcript: only its length is shared. `{to}`
    pub sees_summary: &'static str,
    /// Of the transcript: nothing is shared. `{to}`
    pub sees_none: &'static str,
    /// What was filled in goes along.
    pub data_all: &'static str,
    /// Some of it goes along. `{goes}` `{stays}`
    pub data_part: &'static str,
    /// None of it goes along.
    pub data_none: &'static str,
    /// What the guest asked, among what goes along or stays.
    pub data_question: &'static str,
    /// What the guest filled in, among the same. `{label}`
    pub data_label: &'static str,
    /// What has no name for people, among the same.
    pub data_other: &'static str,
    /// Before the question whether to move: an agent wishes it. `{agent}` `{name}` `{to}`
    pub suggests: &'static str,
    /// The same from a department, or from somebody of none. `{name}` `{to}`
    pub suggests_from: &'static str,
    /// Button that undoes a transfer.
    pub undo: &'static str,
    /// Asks before a transfer. `{to}`
    pub confirm_transfer: &'static str,
    /// Reason after a confirmation. `{reason}`
    pub confirm_reason: &'static str,
    /// The guest declined a transfer. `{name}`
    pub stays: &'static str,
    /// A closed target. `{to}` `{until}`
    pub closed_ask: &'static str,
    /// A closed target that opens nobody knows when. `{to}`
    pub closed_ask_open_end: &'static str,
    /// Button: leave it there. `{to}`
    pub leave: &'static str,
    /// Button: stay.
    pub stay: &'static str,
    /// Nothing was lost.
    pub kept: &'static str,
    /// The guest's department is gone, and its desk too. `{name}` `{front}`
    pub departed: &'static str,
    /// How to begin again.
    pub again: &'static str,
    /// The end, when the company says nothing.
    pub ended: &'static str,
    /// A click on a card of a department that the guest has left. `{name}`
    pub now_with: &'static str,
    /// A click on a card that was answered already.
    pub answered_already: &'static str,
    /// A click on a card of a chat that is over.
    pub over: &'static str,
    /// Instead of a card that was never answered.
    pub moot: &'static str,
    /// A form needs its fields.
    pub fill_form: &'static str,
    /// A field is required. `{label}`
    pub required: &'static str,
    /// Not one of the choices. `{label}`
    pub not_a_choice: &'static str,
    /// Not a date. `{label}`
    pub not_a_date: &'static str,
    /// Not a time. `{label}`
    pub not_a_time: &'static str,
    /// Not a number. `{label}`
    pub not_a_number: &'static str,
    /// A number that can be read as two. `{label}` `{given}` `{whole}` `{part}`
    pub two_numbers: &'static str,
    /// Not a mail address. `{label}`
    pub not_an_email: &'static str,
    /// Not yes or no. `{label}`
    pub not_yes_or_no: &'static str,
    /// Does not fit the pattern. `{label}`
    pub not_the_pattern: &'static str,
    /// Below the minimum. `{label}` `{min}`
    pub too_small: &'static str,
    /// Above the maximum. `{label}` `{max}`
    pub too_big: &'static str,
    /// Too short. `{label}` `{min}`
    pub too_short: &'static str,
    /// Too long. `{label}` `{max}`
    pub too_long: &'static str,
    /// A message with nothing that can be read.
    pub wordless: &'static str,
    /// In a group or channel.
    pub write_directly: &'static str,
    /// Somebody from another organisation.
    pub foreign: &'static str,
    /// The turn could not be shown.
    pub failed: &'static str,
    /// `unknown_tenant`
    pub unknown_tenant: &'static str,
    /// `disabled` `{to}`
    pub disabled: &'static str,
    /// `no_pipeline` `{to}`
    pub no_pipeline: &'static str,
    /// `same_tenant` `{to}`
    pub same_tenant: &'static str,
    /// `not_allowed` `{to}` `{from}`
    pub not_allowed: &'static str,
    /// `reason_required` `{to}`
    pub reason_required: &'static str,
    /// `hop_limit`
    pub hop_limit: &'static str,
    /// `closed` `{to}` `{until}`
    pub closed: &'static str,
    /// `closed` without a known opening. `{to}`
    pub closed_open_end: &'static str,
    /// A time where the department's clock shows another one. `{time}` `{place}`
    pub in_zone: &'static str,
    /// Until when a transfer can be undone. `{time}`
    pub undo_until: &'static str,
    /// The guest is back. `{name}`
    pub back_with: &'static str,
    /// Before an undo, while an agent has the chat. `{agent}` `{name}`
    pub undo_ask: &'static str,
    /// Too late to undo. `{name}`
    pub undo_over: &'static str,
    /// Nothing to undo.
    pub nothing_back: &'static str,
    /// A silent guest.
    pub remind: &'static str,
    /// A guest who stayed silent.
    pub abandoned: &'static str,
    /// A guest comes back. `{ref}` `{name}`
    pub reopen_ask: &'static str,
    /// Button: go on with it.
    pub continue_it: &'static str,
    /// Button: something else.
    pub something_new: &'static str,
    /// Thanks after the end.
    pub youre_welcome: &'static str,
    /// The answer to words that only agree or take leave.
    pub all_right: &'static str,
    /// Before the list of commands.
    pub help: &'static str,
    /// What status does.
    pub help_status: &'static str,
    /// What departments does.
    pub help_departments: &'static str,
    /// What agent does.
    pub help_agent: &'static str,
    /// What back does.
    pub help_back: &'static str,
    /// What restart does.
    pub help_restart: &'static str,
    /// What end does.
    pub help_end: &'static str,
    /// The same where people answer in other departments only.
    pub help_people: &'static str,
    /// Asks what it is about, when files came before any word.
    pub about: &'static str,
    /// Where the matter stands. `{name}` `{ref}`
    pub status: &'static str,
    /// No matter is open.
    pub status_none: &'static str,
    /// Asks before it begins again.
    pub restart_ask: &'static str,
    /// Button.
    pub restart_yes: &'static str,
    /// Asks before it ends.
    pub end_ask: &'static str,
    /// Button.
    pub end_yes: &'static str,
    /// Button: do not.
    pub go_on: &'static str,
    /// Button: what was taken as an answer is to be another one.
    pub change_it: &'static str,
    /// It was not restarted, ended or moved.
    pub goes_on: &'static str,
    /// The guest asked for this language.
    pub speaks: &'static str,
    /// Asks for a department.
    pub departments_ask: &'static str,
    /// The question in short, when a person was asked for.
    pub people_ask: &'static str,
    /// There is nowhere to go.
    pub departments_none: &'static str,
    /// The reason of a guest's own transfer.
    pub guest_reason: &'static str,
    /// A manager closed it. `{name}`
    pub closed_by: &'static str,
    /// Typed: what only greets, separated by commas. Words like these are no question.
    pub greetings: &'static str,
    /// Typed: what opens nothing after the end.
    pub thanks_words: &'static [&'static str],
    /// Those of them, and further ones, that agree or take leave, and thank for nothing.
    pub ok_words: &'static [&'static str],
    /// Typed: what goes on with a matter.
    pub continue_words: &'static [&'static str],
    /// Typed: another matter.
    pub new_words: &'static [&'static str],
    /// Typed: the command help.
    pub help_words: &'static [&'static str],
    /// Typed: the command status.
    pub status_words: &'static [&'static str],
    /// Typed: the command restart.
    pub restart_words: &'static [&'static str],
    /// Typed: the command back.
    pub back_words: &'static [&'static str],
    /// Typed: the command end.
    pub end_words: &'static [&'static str],
    /// Typed: the command agent.
    pub agent_words: &'static [&'static str],
    /// Typed: whole sentences that ask for a person.
    pub person_words: &'static PersonWords,
    /// Typed: the command departments.
    pub departments_words: &'static [&'static str],
    /// Small words and greetings that tell this language from the other ones: none that another
    /// one has, and no names of things. Folded, with blanks between them.
    pub small_words: &'static str,
    /// Typed: to be spoken to in this language.
    pub language_words: &'static [&'static str],
    /// Typed in a channel, before the code that makes it a desk: one word each.
    pub connect_words: &'static [&'static str],
}

impl Phrases {
    /// The answer to words that only thank, agree or take leave, as they are compared.
    pub fn to_thanks(&self, word: &str) -> &'static str {
        if self.ok_words.contains(&word) { self.all_right } else { self.youre_welcome }
    }
}

/// Fills `{name}`s with values, which are shown as they are.
pub fn fill(phrase: &str, values: &[(&str, &str)]) -> Words {
    fill_formatted(phrase, values, None)
}

/// The same; the value of `{text}` is shown as its writer formatted it, given as Markdown, where
/// Markdown is read.
pub fn fill_formatted(phrase: &str, values: &[(&str, &str)], formatted: Option<&str>) -> Words {
    let mut out = String::with_capacity(phrase.len() + 32);
    let mut rest = phrase;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..open + close];
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            match formatted.filter(|_| name == "text") {
                Some(markdown) => {
                    out.push_str(&words::mark(&Words::formatted(value, markdown).variable()))
                }
                None => out.push_str(&words::mark(&words::clean(value))),
            }
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    Words::marked(out)
}

/// The value with which a phrase of one `{name}` was filled to become this text; none when it was
/// not.
pub fn filled<'a>(phrase: &str, text: &'a str) -> Option<&'a str> {
    let (before, behind) = (phrase.split_once('{')?.0, phrase.rsplit_once('}')?.1);
    text.strip_prefix(before)?.strip_suffix(behind)
}
