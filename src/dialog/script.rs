//! Conversations written as text: played line by line, and compared with what is written.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    fits::{fits, written},
    player::Player,
    screen::{AT_DESK, CALLS, fill_in},
};
use crate::{
    cards::Cards,
    company::{Company, report},
    model::{CallError, Called},
    source::{Files, Place, Problem, duration},
};

/// When a dialog begins, unless it says otherwise: a Tuesday morning, in the company's time zone.
const BEGIN: &str = "2026-11-24T10:00";
/// Who a dialog's guest is, unless it says otherwise.
const GUEST: &str = "Adele Vance";

/// Something in a dialog that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

/// A played dialog.
#[derive(Debug)]
pub struct Played {
    /// The dialog as it really went: what a bless writes.
    pub actual: String,
    /// What differs from the file; empty when it went as written.
    pub failures: Vec<Failure>,
}

/// Checks changed files; handed in, because the checker stands on this floor too.
pub type Check = fn(&Files) -> (Option<(Company, Cards)>, Vec<Problem>);

/// The company that a dialog is played with, and what is needed when its files change on the way.
pub struct World {
    /// The company.
    pub company: Arc<Company>,
    /// Its cards.
    pub cards: Arc<Cards>,
    /// Its files.
    pub files: Files,
    /// The checker.
    pub check: Check,
}

/// Plays a dialog.
pub fn play(world: &World, file: &str, text: &str) -> Played {
    let World { company, cards, files, check } = world;
    let begin = Player::instant(company, BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut player = Player::new(company.clone(), cards.clone(), GUEST, begin);
    let mut files = files.clone();
    let mut played = Played { actual: String::new(), failures: Vec::new() };
    let mut turn = Turn::default();
    let place = |line: usize| {
        let start: usize = text.lines().take(line).map(|line| line.len() + 1).sum();
        Place::at(file, text, start..start + text.lines().nth(line).map_or(0, str::len))
    };
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('<')
            || line.starts_with("@<")
            || line.starts_with(CALLS.trim())
            || line.starts_with("  ")
        {
            turn.expected.push((number, line));
            continue;
        }
        if line.trim().is_empty() {
            turn.blanks += 1;
            continue;
        }
        turn.end(number, &mut played, &place);
        played.actual.push_str(line);
        played.actual.push('\n');
        match act(&mut player, &mut files, *check, line) {
            Ok(messages) => {
                turn.got = messages.iter().flat_map(|message| drawn(message)).collect();
            }
            Err(message) => played.failures.push(Failure { place: place(number), message }),
        }
    }
    turn.end(text.lines().count().saturating_sub(1), &mut played, &place);
    played
}

/// What is written of one act, and what came of it.
#[derive(Default)]
struct Turn<'a> {
    expected: Vec<(usize, &'a str)>,
    got: Vec<String>,
    /// Empty lines behind it.
    blanks: usize,
}

impl Turn<'_> {
    /// The next act stands in this line: what came is compared, and written down.
    fn end(&mut self, number: usize, played: &mut Played, place: &impl Fn(usize) -> Place) {
        let wanted: Vec<&str> = self.expected.iter().map(|(_, line)| *line).collect();
        for line in written(&wanted, &self.got) {
            played.actual.push_str(&line);
            played.actual.push('\n');
        }
        played.actual.push_str(&"\n".repeat(self.blanks));
        let longest = self.expected.len().max(self.got.len());
        for index in 0..longest {
            let (wanted, came) = (self.expected.get(index), self.got.get(index));
            let message = match (wanted, came) {
                (Some((_, wanted)), Some(came)) if fits(wanted, came) => continue,
                (Some((_, wanted)), Some(came)) => {
                    format!("written here: {}\n but the bot says: {came}", wanted.trim_end())
                }
                (Some(_), None) => "the bot does not say this".to_owned(),
                (None, Some(came)) => format!("before this line the bot also says: {came}"),
                (None, None) => continue,
            };
            let place = place(wanted.map_or(number, |(line, _)| *line));
            played.failures.push(Failure { place, message });
            break;
        }
        *self = Turn::default();
    }
}

/// A message as dialog lines: the first after `<`, the rest indented.
pub(super) fn drawn(message: &str) -> Vec<String> {
    let signed =
        [AT_DESK, CALLS].into_iter().find_map(|sign| Some((sign, message.strip_prefix(sign)?)));
    let (sign, message) = signed.unwrap_or(("< ", message));
    let lines = message.lines().filter(|line| !line.trim().is_empty());
    let drawn: Vec<String> = lines
        .enumerate()
        .map(|(index, line)| format!("{}{line}", if index == 0 { sign } else { "  " }))
        .collect();
    if drawn.is_empty() { vec!["< ".to_owned()] } else { drawn }
}

/// One line that is not the bot's.
fn act(
    player: &mut Player,
    files: &mut Files,
    check: Check,
    line: &str,
) -> Result<Vec<String>, String> {
    let (sign, rest) = line.split_at(line.len().min(1));
    let rest = rest.trim();
    match sign {
        "#" => Ok(Vec::new()),
        "!" => direct(player, files, check, rest),
        "?" => ask(player, rest).map(|()| Vec::new()),
        ">" => {
            let (late, rest) = match rest.strip_prefix('>') {
                Some(rest) => (true, rest.trim()),
                None => (false, rest),
            };
            match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((title, inputs)) => player.click(title, &fill_in(inputs)?, late),
                None if late => Err("`>>` is for a late click: write >> [Title]".to_owned()),
                None if rest.is_empty() => Err("the guest says nothing: write the words after `>`".to_owned()),
                None => Ok(player.say(&rest.replace("\\n", "\n"))),
            }
        }
        "@" => match rest.strip_prefix("agent ") {
            Some(rest) => player.desk_line(rest.trim()),
            None => Err("write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]".to_owned()),
        },
        _ => Err("a line begins with > (the guest), @agent (somebody at the desk), < (the bot), ! (what happens), ? (what must hold) or # (a remark)".to_owned()),
    }
}

fn direct(
    player: &mut Player,
    files: &mut Files,
    check: Check,
    text: &str,
) -> Result<Vec<String>, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match (word, rest.trim()) {
        ("install", "") => return Ok(player.install()),
        ("at", when) => match Player::instant(&player.company, when) {
            Some(now) => return Ok(player.set_now(now)),
            None => return Err(format!("`{when}` is no local time: write ! at 2026-11-24 10:00")),
        },
        ("locale", locale) if !locale.is_empty() => player.set_locale(locale),
        ("country", country) if !country.is_empty() => player.set_country(country),
        ("timezone", zone) if !zone.is_empty() => {
            if !player.set_zone(zone) {
                return Err(format!("`{zone}` is no time zone: write ! timezone America/New_York"));
            }
        }
        ("guest", name) if !name.is_empty() => player.set_name(name),
        ("manager", wish) => {
            let Some(wish) = wish.strip_prefix("moves to ") else {
                return Err("write ! manager moves to hr: the reason".to_owned());
            };
            let (tenant, reason) = wish.split_once(':').unwrap_or((wish, ""));
            let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
            return Ok(player.moved_by_manager(tenant.trim(), reason));
        }
        ("agent", wish) => {
            return match wish.rsplit_once(" is ") {
                Some((agent, "away")) => Ok(player.set_available(agent.trim(), false)),
                Some((agent, "available")) => Ok(player.set_available(agent.trim(), true)),
                _ => Err("write ! agent Ann is away, or ! agent Ann is available".to_owned()),
            };
        }
        ("desk", wish) => {
            return match wish.rsplit_once(" is ") {
                Some((tenant, "connected")) => Ok(player.connect(tenant.trim(), true)),
                Some((tenant, "gone")) => Ok(player.connect(tenant.trim(), false)),
                _ => Err("write ! desk it is connected, or ! desk it is gone".to_owned()),
            };
        }
        ("answers", answer) => {
            let (status, body) = answer.split_once(' ').unwrap_or((answer, "null"));
            let status: u16 = status.parse().map_err(|_| {
                "write ! answers 201 {\"id\": \"INC-7\"}, or ! answers 500".to_owned()
            })?;
            let body = serde_json::from_str(body.trim());
            return player.called(match (status, body) {
                (200..300, Ok(body)) => Called::Answer(body),
                (200..300, Err(_)) => Called::Failed(CallError::NotJson),
                (status, _) => Called::Failed(CallError::Status(status)),
            });
        }
        ("no", "answer") => return player.called(Called::Failed(CallError::Timeout)),
        ("in", change) => return change_file(player, files, check, change).map(|()| Vec::new()),
        ("department", wish) => {
            let Some(id) = wish.strip_suffix(" is removed") else {
                return Err("write ! department hr is removed".to_owned());
            };
            return remove(player, files, check, id.trim());
        }
        (span, "pass" | "passes") => {
            match duration(span).and_then(|span| SignedDuration::try_from(span).ok()) {
                Some(span) => {
                    return Ok(player.set_now(player.now.checked_add(span).unwrap_or(player.now)));
                }
                None => return Err(format!("`{span}` is no duration: write ! 20m pass")),
            }
        }
        _ => {
            return Err(format!(
                "nothing called `{text}` can happen: write install, at …, 20m pass, guest …, locale …, country …, manager moves to …, desk it is gone, agent Ann is away, answers 201 {{…}}, no answer, department it is removed, or \
                 in FILE \"old\" becomes \"new\""
            ));
        }
    }
    Ok(Vec::new())
}

/// `tenants/it/tenant.yaml "New laptop" becomes "New computer"`
fn change_file(
    player: &mut Player,
    files: &mut Files,
    check: Check,
    change: &str,
) -> Result<(), String> {
    let how = "write ! in tenants/it/tenant.yaml \"old words\" becomes \"new words\"";
    let parts: Vec<&str> = change.split('"').collect();
    let [file, old, between, new, ..] = parts.as_slice() else { return Err(how.to_owned()) };
    if between.trim() != "becomes" {
        return Err(how.to_owned());
    }
    let file = file.trim();
    let text = files.get(file).ok_or_else(|| format!("there is no file {file}"))?;
    if !text.contains(old) {
        return Err(format!("{file} does not hold `{old}`"));
    }
    let changed = text.replace(old, new);
    files.insert(file.to_owned(), changed);
    take_over(player, files, check)
}

/// The files of a department are gone.
fn remove(
    player: &mut Player,
    files: &mut Files,
    check: Check,
    id: &str,
) -> Result<Vec<String>, String> {
    let folder = format!("tenants/{id}/");
    let count = files.len();
    files.retain(|path, _| !path.starts_with(&folder));
    if files.len() == count {
        return Err(format!("there is no department {id}"));
    }
    take_over(player, files, check)?;
    Ok(player.look())
}

/// Changed files are in use, when they are in order.
fn take_over(player: &mut Player, files: &Files, check: Check) -> Result<(), String> {
    // The dialogs speak of the files as they were before.
    let is_company = |(path, _): &(&String, &String)| !path.ends_with(".dialog");
    let company = files.iter().filter(is_company).map(|(path, text)| (path.clone(), text.clone()));
    let (ready, problems) = check(&company.collect());
    match ready {
        Some((company, cards)) => {
            player.change(Arc::new(company), Arc::new(cards));
            Ok(())
        }
        None => {
            let first = problems.iter().find(|problem| !problem.warning);
            Err(format!(
                "changed like this the files have a mistake: {}",
                first.map(report::line).unwrap_or_default()
            ))
        }
    }
}

/// `Data.model = Air`
fn ask(player: &Player, text: &str) -> Result<(), String> {
    let (name, wanted) = text.split_once('=').ok_or("write ? Name = value")?;
    let (name, wanted) = (name.trim(), wanted.trim());
    let is = player.value(name).unwrap_or_default();
    if is == wanted { Ok(()) } else { Err(format!("{name} is `{is}`, not `{wanted}`")) }
}
