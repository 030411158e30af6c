//! What the product itself says, per language. The company's voice is in its files; these are
//! neutral.

use super::{
    at_desk::{self, DeskPhrases},
    faq::{self, FaqPhrases},
};
use crate::model::{Words, locale::language_of, words};

/// A sentence that counts something, and its singular.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// For one.
    pub one: &'static str,
    /// For any other number.
    pub more: &'static str,
}

impl Counted {
    /// The form for so many.
    pub fn of(self, count: u64) -> &'static str {
        if count == 1 { self.one } else { self.more }
    }
}

/// The built-in sentences of one language. `{name}` and the like are filled by [`fill`].
#[derive(Debug)]
pub struct Phrases {
    /// The language, as in `de`.
    pub language: &'static str,
    /// What is said between a guest and a desk.
    pub desk: &'static DeskPhrases,
    /// What is said around an answer from a FAQ.
    pub faq: &'static FaqPhrases,
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
    /// A close match. `{choice}`
    pub did_you_mean: &'static str,
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
    /// Some of it goes along.
    pub data_part: &'static str,
    /// None of it goes along.
    pub data_none: &'static str,
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
    /// Names of the week's days, Monday first.
    pub days: [&'static str; 7],
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
    /// It was not restarted, ended or moved.
    pub goes_on: &'static str,
    /// Asks for a department.
    pub departments_ask: &'static str,
    /// There is nowhere to go.
    pub departments_none: &'static str,
    /// The reason of a guest's own transfer.
    pub guest_reason: &'static str,
    /// A manager closed it. `{name}`
    pub closed_by: &'static str,
    /// Typed words: Words that open nothing after the end.. Compared without case, accents and
    /// outer punctuation.
    pub thanks_words: &'static [&'static str],
    /// Typed words: Words that go on with a matter.. Compared without case, accents and outer
    /// punctuation.
    pub continue_words: &'static [&'static str],
    /// Typed words: Words for another matter.. Compared without case, accents and outer
    /// punctuation.
    pub new_words: &'static [&'static str],
    /// Typed words: help. Compared without case, accents and outer punctuation.
    pub help_words: &'static [&'static str],
    /// Typed words: status. Compared without case, accents and outer punctuation.
    pub status_words: &'static [&'static str],
    /// Typed words: restart. Compared without case, accents and outer punctuation.
    pub restart_words: &'static [&'static str],
    /// Typed words: back. Compared without case, accents and outer punctuation.
    pub back_words: &'static [&'static str],
    /// Typed words: end. Compared without case, accents and outer punctuation.
    pub end_words: &'static [&'static str],
    /// Typed words: agent. Compared without case, accents and outer punctuation.
    pub agent_words: &'static [&'static str],
    /// Typed words: departments. Compared without case, accents and outer punctuation.
    pub departments_words: &'static [&'static str],
}

static EN: Phrases = Phrases {
    language: "en",
    desk: &at_desk::EN,
    faq: &faq::EN,
    welcome: "Welcome to {company}. Write what you need, and I bring you to the right department.",
    departments: "Departments",
    one_moment: "One moment, please: I am waiting for another system.",
    send: "Send",
    choose: "Your choice",
    not_understood: "I did not understand that. Please choose one of these, or type its name or number.",
    not_yes_no: "I did not understand that. Please choose one of the two, or answer yes or no.",
    menu_help: "I still did not understand. Type the number or the name of one of these; each brings you closer to a person who can help.",
    did_you_mean: "Did you mean “{choice}”?",
    yes: "Yes",
    no: "No",
    yes_words: &["yes", "y", "yeah", "yep", "sure", "ok", "okay", "please"],
    no_words: &["no", "n", "nope", "not"],
    transferred: "You are now with {to}",
    reason: "Why",
    taken_all: "What you said so far goes along; you need not repeat it.",
    sees_full: "{to} sees what was said here.",
    sees_guest: "{to} sees what you wrote here, not the answers.",
    sees_summary: "{to} sees how much was said here, not the words.",
    sees_none: "{to} does not see what was said here.",
    data_all: "What you asked and filled in goes along; you need not repeat it.",
    data_part: "Only some of what you asked and filled in goes along.",
    data_none: "What you asked and filled in stays here.",
    suggests: "{agent} from {name} suggests that you go on with {to}.",
    suggests_from: "{name} suggests that you go on with {to}.",
    undo: "Wrong department",
    confirm_transfer: "Shall I move you to {to}?",
    confirm_reason: "Reason: {reason}",
    stays: "You stay with {name}.",
    closed_ask: "{to} is closed until {until}. Shall I leave it for them, or do you want to stay here?",
    closed_ask_open_end: "{to} is closed at the moment. Shall I leave it for them, or do you want to stay here?",
    leave: "Leave it for {to}",
    stay: "Stay here",
    kept: "Nothing that you wrote is lost.",
    again: "Write again whenever you need something.",
    ended: "This matter is closed.",
    now_with: "That card is from an earlier step. You are now with {name}.",
    answered_already: "That was answered already. You are with {name}; please use the latest card or just write.",
    over: "That chat is over. Write whenever you need something.",
    moot: "This needs no answer any more.",
    fill_form: "Please fill in the form and press Send.",
    required: "{label} is needed.",
    not_a_choice: "{label}: please choose one of the options.",
    not_a_date: "{label}: please give a date such as 2026-12-24.",
    not_a_time: "{label}: please give a time such as 08:30.",
    not_a_number: "{label}: please give a number.",
    not_an_email: "{label}: please give a mail address such as name@example.com.",
    not_yes_or_no: "{label}: please answer yes or no.",
    not_the_pattern: "{label}: that does not have the expected form.",
    too_small: "{label}: at least {min}, please.",
    too_big: "{label}: at most {max}, please.",
    too_short: "{label}: at least {min} characters, please.",
    too_long: "{label}: at most {max} characters, please.",
    wordless: "I can read text only. Please describe it in words.",
    write_directly: "I help in the personal chat. Please write to me directly: open my app and choose Chat.",
    foreign: "This service is for people of the company only.",
    failed: "Something went wrong on our side, and this step could not be shown.",
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    unknown_tenant: "There is no such department.",
    disabled: "{to} cannot be reached at the moment.",
    no_pipeline: "{to} does not take chats yet.",
    same_tenant: "You are with {to} already.",
    not_allowed: "{from} cannot move you to {to}.",
    reason_required: "{to} takes chats only with a reason.",
    hop_limit: "You were moved often already; let us solve it here.",
    closed: "{to} is closed until {until}.",
    closed_open_end: "{to} is closed at the moment.",
    undo_until: "You can go back until {time}.",
    back_with: "You are back with {name}.",
    undo_ask: "{agent} is helping you. Go back to {name} all the same?",
    undo_over: "It is too late to take that move back. You are with {name}; type “departments” to choose another department.",
    nothing_back: "There is no move that could be taken back.",
    remind: "I am waiting for your answer. Take your time; if I hear nothing, I close this for now.",
    abandoned: "I have not heard from you, so this is closed for now. Nothing is lost.",
    reopen_ask: "Is this about {ref} ({name})?",
    continue_it: "Continue",
    something_new: "Something new",
    youre_welcome: "You are welcome.",
    help: "You are talking to {company}. Choose a button, or type an answer, its number or its name. At any time you can type:",
    help_status: "status: where your matter stands",
    help_departments: "departments: choose another department",
    help_agent: "agent: speak with a person of this department",
    help_back: "back: take the last move back",
    help_restart: "restart: begin again",
    help_end: "end: close this matter",
    status: "You are with {name}. Your reference is {ref}.",
    status_none: "No matter is open. Write what you need.",
    restart_ask: "Begin again from the start? What you said so far stays on record.",
    restart_yes: "Begin again",
    end_ask: "Close this matter?",
    end_yes: "Close it",
    go_on: "Go on here",
    goes_on: "All right, we go on here.",
    departments_ask: "Which department do you need?",
    departments_none: "There is no other department that I could bring you to.",
    guest_reason: "You asked for it",
    closed_by: "{name} closed this matter.",
    thanks_words: &[
        "thanks",
        "thank you",
        "thx",
        "ty",
        "cheers",
        "many thanks",
        "ok",
        "okay",
        "ok thanks",
        "great",
        "perfect",
        "thank you very much",
        "bye",
        "👍",
        "🙏",
        "👌",
        "❤️",
        "😊",
        "🙂",
    ],
    continue_words: &["continue", "go on", "same", "the same", "same matter"],
    new_words: &["something new", "new", "something else", "other"],
    help_words: &["help", "commands", "?"],
    status_words: &["status", "where am i"],
    restart_words: &["restart", "start again", "begin again", "reset"],
    back_words: &["back", "go back", "undo", "wrong department"],
    end_words: &["end", "quit", "close", "exit"],
    agent_words: &[
        "agent",
        "human",
        "a human",
        "person",
        "a person",
        "talk to a person",
        "speak to a person",
        "operator",
    ],
    departments_words: &["departments", "department", "other department", "transfer"],
};

static DE: Phrases = Phrases {
    language: "de",
    desk: &at_desk::DE,
    faq: &faq::DE,
    welcome: "Willkommen bei {company}. Schreiben Sie, was Sie brauchen; ich bringe Sie zur richtigen Abteilung.",
    departments: "Abteilungen",
    one_moment: "Einen Moment bitte, ich warte noch auf ein anderes System.",
    send: "Senden",
    choose: "Ihre Auswahl",
    not_understood: "Das habe ich nicht verstanden. Bitte wählen Sie etwas aus oder tippen Sie Namen oder Nummer.",
    not_yes_no: "Das habe ich nicht verstanden. Bitte wählen Sie eine der beiden Möglichkeiten oder antworten Sie mit Ja oder Nein.",
    menu_help: "Ich habe es noch nicht verstanden. Tippen Sie die Nummer oder den Namen eines Eintrags; jeder bringt Sie näher zu jemandem, der hilft.",
    did_you_mean: "Meinten Sie „{choice}“?",
    yes: "Ja",
    no: "Nein",
    yes_words: &["ja", "j", "jo", "gern", "gerne", "ok", "okay", "bitte", "yes"],
    no_words: &["nein", "n", "nee", "nicht", "no"],
    transferred: "Sie sind jetzt bei: {to}",
    reason: "Grund",
    taken_all: "Was Sie bisher gesagt haben, geht mit; Sie müssen nichts wiederholen.",
    sees_full: "{to} sieht, was hier gesagt wurde.",
    sees_guest: "{to} sieht, was Sie hier geschrieben haben, nicht die Antworten.",
    sees_summary: "{to} sieht, wie viel hier gesagt wurde, nicht die Worte.",
    sees_none: "{to} sieht nicht, was hier gesagt wurde.",
    data_all: "Was Sie gefragt und ausgefüllt haben, geht mit; Sie müssen nichts wiederholen.",
    data_part: "Von dem, was Sie gefragt und ausgefüllt haben, geht nur ein Teil mit.",
    data_none: "Was Sie gefragt und ausgefüllt haben, bleibt hier.",
    suggests: "{agent} von {name} schlägt vor, dass Sie mit {to} weitermachen.",
    suggests_from: "{name} schlägt vor, dass Sie mit {to} weitermachen.",
    undo: "Falsche Abteilung",
    confirm_transfer: "Soll ich Sie zu {to} bringen?",
    confirm_reason: "Grund: {reason}",
    stays: "Sie bleiben bei: {name}.",
    closed_ask: "{to} ist bis {until} geschlossen. Soll ich es dort hinterlassen, oder möchten Sie hier bleiben?",
    closed_ask_open_end: "{to} ist zurzeit geschlossen. Soll ich es dort hinterlassen, oder möchten Sie hier bleiben?",
    leave: "Dort hinterlassen",
    stay: "Hier bleiben",
    kept: "Nichts von dem, was Sie geschrieben haben, ist verloren.",
    again: "Schreiben Sie jederzeit wieder, wenn Sie etwas brauchen.",
    ended: "Dieses Anliegen ist abgeschlossen.",
    now_with: "Diese Karte gehört zu einem früheren Schritt. Sie sind jetzt bei: {name}.",
    answered_already: "Das wurde schon beantwortet. Sie sind bei: {name}; bitte nutzen Sie die neueste Karte oder schreiben Sie einfach.",
    over: "Dieses Gespräch ist beendet. Schreiben Sie, wenn Sie etwas brauchen.",
    moot: "Hier ist keine Antwort mehr nötig.",
    fill_form: "Bitte füllen Sie das Formular aus und drücken Sie Senden.",
    required: "{label} wird benötigt.",
    not_a_choice: "{label}: Bitte wählen Sie eine der Möglichkeiten.",
    not_a_date: "{label}: Bitte geben Sie ein Datum an, etwa 24.12.2026.",
    not_a_time: "{label}: Bitte geben Sie eine Uhrzeit an, etwa 08:30.",
    not_a_number: "{label}: Bitte geben Sie eine Zahl an.",
    not_an_email: "{label}: Bitte geben Sie eine Mailadresse an, etwa name@example.com.",
    not_yes_or_no: "{label}: Bitte antworten Sie mit Ja oder Nein.",
    not_the_pattern: "{label}: Das hat nicht die erwartete Form.",
    too_small: "{label}: bitte mindestens {min}.",
    too_big: "{label}: bitte höchstens {max}.",
    too_short: "{label}: bitte mindestens {min} Zeichen.",
    too_long: "{label}: bitte höchstens {max} Zeichen.",
    wordless: "Ich kann nur Text lesen. Bitte beschreiben Sie es in Worten.",
    write_directly: "Ich helfe im persönlichen Chat. Bitte schreiben Sie mir direkt: Öffnen Sie meine App und wählen Sie Chat.",
    foreign: "Dieser Dienst ist nur für Angehörige der Firma.",
    failed: "Bei uns ging etwas schief, und dieser Schritt konnte nicht gezeigt werden.",
    days: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    unknown_tenant: "Diese Abteilung gibt es nicht.",
    disabled: "{to} ist zurzeit nicht erreichbar.",
    no_pipeline: "{to} nimmt noch keine Chats an.",
    same_tenant: "Sie sind schon bei: {to}.",
    not_allowed: "{from} kann Sie nicht zu {to} bringen.",
    reason_required: "{to} nimmt Chats nur mit einem Grund an.",
    hop_limit: "Sie wurden schon oft weitergeleitet; lösen wir es hier.",
    closed: "{to} ist bis {until} geschlossen.",
    closed_open_end: "{to} ist zurzeit geschlossen.",
    undo_until: "Zurück können Sie bis {time}.",
    back_with: "Sie sind wieder bei: {name}.",
    undo_ask: "{agent} hilft Ihnen gerade. Trotzdem zurück zu {name}?",
    undo_over: "Zum Zurücknehmen ist es zu spät. Sie sind bei: {name}; tippen Sie „Abteilungen“, um eine andere zu wählen.",
    nothing_back: "Es gibt keinen Wechsel, der zurückgenommen werden könnte.",
    remind: "Ich warte auf Ihre Antwort. Lassen Sie sich Zeit; höre ich nichts, schließe ich das vorerst.",
    abandoned: "Ich habe nichts mehr gehört, deshalb ist das vorerst geschlossen. Nichts ist verloren.",
    reopen_ask: "Geht es um {ref} ({name})?",
    continue_it: "Fortsetzen",
    something_new: "Etwas Neues",
    youre_welcome: "Gern geschehen.",
    help: "Sie sprechen mit {company}. Wählen Sie eine Schaltfläche oder tippen Sie eine Antwort, ihre Nummer oder ihren Namen. Jederzeit können Sie tippen:",
    help_status: "Status: wo Ihr Anliegen steht",
    help_departments: "Abteilungen: eine andere Abteilung wählen",
    help_agent: "Mensch: mit jemandem dieser Abteilung sprechen",
    help_back: "Zurück: den letzten Wechsel zurücknehmen",
    help_restart: "Neustart: von vorn beginnen",
    help_end: "Ende: dieses Anliegen schließen",
    status: "Sie sind bei: {name}. Ihr Zeichen ist {ref}.",
    status_none: "Kein Anliegen ist offen. Schreiben Sie, was Sie brauchen.",
    restart_ask: "Von vorn beginnen? Was Sie bisher gesagt haben, bleibt erhalten.",
    restart_yes: "Von vorn",
    end_ask: "Dieses Anliegen schließen?",
    end_yes: "Schließen",
    go_on: "Hier weiter",
    goes_on: "Gut, wir machen hier weiter.",
    departments_ask: "Welche Abteilung brauchen Sie?",
    departments_none: "Es gibt keine andere Abteilung, zu der ich Sie bringen könnte.",
    guest_reason: "Sie haben es gewünscht",
    closed_by: "{name} hat dieses Anliegen geschlossen.",
    thanks_words: &[
        "danke",
        "dankeschon",
        "danke schon",
        "vielen dank",
        "besten dank",
        "herzlichen dank",
        "super",
        "prima",
        "ok",
        "okay",
        "ok danke",
        "alles klar",
        "tschuss",
        "bis dann",
        "👍",
        "🙏",
        "👌",
        "❤️",
        "😊",
        "🙂",
    ],
    continue_words: &["fortsetzen", "weiter", "weitermachen", "dasselbe", "gleiches"],
    new_words: &["etwas neues", "neu", "neues", "was neues", "anderes", "etwas anderes"],
    help_words: &["hilfe", "befehle", "help", "?"],
    status_words: &["status", "stand", "wo bin ich"],
    restart_words: &["neustart", "von vorn", "von vorne", "neu beginnen", "restart"],
    back_words: &["zuruck", "ruckgangig", "falsche abteilung", "back"],
    end_words: &["ende", "beenden", "schliessen", "end"],
    agent_words: &[
        "mensch",
        "mitarbeiter",
        "mitarbeiterin",
        "mit einem menschen sprechen",
        "agent",
    ],
    departments_words: &["abteilungen", "abteilung", "andere abteilung", "departments"],
};

/// The sentences for a locale such as `de-AT`; English where the language is not built in.
pub fn phrases(locale: &str) -> &'static Phrases {
    if language_of(locale) == "de" { &DE } else { &EN }
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
