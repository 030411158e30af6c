//! Nobody is told the same thing three times: over every state that talking to the sample company
//! reaches, and three different messages in a row.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use switchboard::{
    dialog::Player,
    pipeline::language::{Phrases, phrases},
};

use super::world;

/// What people type who are not understood, and commands that may do nothing.
const TYPED: [&str; 8] = [
    "banana split",
    "why is the sky blue and the sea so deep",
    "99",
    "qwertz",
    "/back",
    "agent",
    "I want to talk to a person",
    "passwrd",
];
/// States that are looked at, and how deep they may lie.
const MOST_STATES: usize = 400;
const DEEPEST: usize = 9;
/// What fits some input or other.
const FITS: [&str; 7] =
    ["2026-12-24", "10:30", "2026-05", "+49 30 1234567", "kim@contoso.com", "7", "all of it"];

/// "Did you mean …?" among them.
const GUESS: usize = 0;

/// Sentences by which the bot refuses, asks again or says that it did not understand; of those
/// with a value in them the longest part that is the same for all.
fn refusals(phrases: &Phrases) -> Vec<&'static str> {
    let desk = phrases.desk;
    let all = [
        phrases.did_you_mean,
        phrases.not_understood,
        phrases.not_yes_no,
        phrases.menu_help,
        phrases.unclear_person,
        phrases.unclear_help,
        phrases.unclear_more,
        phrases.useless,
        phrases.useless_more,
        phrases.fill_form,
        phrases.required,
        phrases.not_a_choice,
        phrases.not_a_date,
        phrases.not_a_time,
        phrases.not_a_number,
        phrases.not_an_email,
        phrases.not_yes_or_no,
        phrases.not_the_pattern,
        phrases.too_small,
        phrases.too_big,
        phrases.too_short,
        phrases.too_long,
        phrases.one_moment,
        phrases.nothing_back,
        phrases.undo_over,
        phrases.departments_none,
        desk.not_a_rating,
        desk.people_elsewhere,
        desk.people_nowhere,
        desk.people_later,
        desk.nobody,
        desk.too_long,
        phrases.faq.hint,
    ];
    let part = |phrase: &'static str| {
        let parts = phrase.split(['{', '}']).step_by(2);
        parts.max_by_key(|part| part.len()).unwrap_or(phrase).trim()
    };
    all.map(part).to_vec()
}

/// Ways on from where a guest is: every button, with its inputs filled in as they want it.
fn onwards(player: &Player) -> Vec<Player> {
    let titles: BTreeSet<String> = player.buttons().into_iter().collect();
    let mut all = Vec::new();
    for title in titles {
        let Ok(inputs) = player.inputs(&title) else { continue };
        let values = inputs.iter().filter(|input| input.required).map(|input| {
            let first = input.choices.first().map(|(_, value)| value.clone());
            let kind = match input.kind.as_str() {
                "Date" => "2026-12-24",
                "Time" => "10:30",
                "Number" => "7",
                _ => "",
            };
            (input.id.clone(), first.unwrap_or_else(|| kind.to_owned()))
        });
        let values: Vec<(String, String)> = values.collect();
        for fit in FITS {
            let filled: Vec<(String, String)> = values
                .iter()
                .map(|(id, value)| {
                    (id.clone(), if value.is_empty() { fit } else { value }.to_owned())
                })
                .collect();
            let mut next = player.clone();
            if next.click(&title, &filled, false).is_ok() {
                all.push(next);
            }
            if values.iter().all(|(_, value)| !value.is_empty()) {
                break;
            }
        }
    }
    all
}

/// What tells one state from another: where the guest is, what is asked, and what can be clicked.
fn state_of(player: &Player) -> String {
    let value = |name: &str| player.value(name).unwrap_or_default();
    format!(
        "{} {} {} {:?}",
        value("Session.TenantId"),
        value("Session.State"),
        value("Session.TransferredFrom.TenantId"),
        player.buttons()
    )
}

/// Every state that is reached by pressing buttons, with the ways to it, nearest first.
fn states(begin: &Player) -> Vec<Player> {
    let mut found: BTreeMap<String, ()> = BTreeMap::new();
    let mut open = VecDeque::from([(begin.clone(), 0)]);
    let mut all = Vec::new();
    while let Some((player, depth)) = open.pop_front() {
        if found.insert(state_of(&player), ()).is_some() || all.len() == MOST_STATES {
            continue;
        }
        if depth < DEEPEST {
            open.extend(onwards(&player).into_iter().map(|next| (next, depth + 1)));
        }
        all.push(player);
    }
    all
}

#[test]
fn nobody_is_told_the_same_three_times() {
    let world = world("deploy/contoso");
    let now = Player::instant(&world.company, "2026-11-24T10:00").unwrap();
    let mut begin = Player::new(world.company.clone(), world.cards.clone(), "Adele Vance", now);
    begin.say("hello");
    let all = states(&begin);
    assert!(all.len() > 60, "only {} states are reached", all.len());
    let (refusals, words) = (refusals(phrases("en")), ["“agent”", "“help”", "person"]);
    let mut wrong = BTreeSet::new();
    for state in &all {
        for (first, second, third) in triples() {
            let mut player = state.clone();
            let mut said: BTreeMap<&str, usize> = BTreeMap::new();
            let mut refused = 0;
            for typed in [first, second, third] {
                let shown = player.say(typed).join("\n");
                let theirs: Vec<&str> =
                    refusals.iter().copied().filter(|known| shown.contains(known)).collect();
                for sentence in &theirs {
                    *said.entry(sentence).or_default() += 1;
                }
                // What was understood begins anew, and so does what was understood in part.
                let is_guess = shown.contains(refusals[GUESS]);
                refused = if theirs.is_empty() || is_guess { 0 } else { refused + 1 };
                if refused == 2
                    && !theirs.is_empty()
                    && !words.iter().any(|way| shown.contains(way))
                {
                    wrong.insert(format!("no way to a person or help the second time: {shown}"));
                }
            }
            for (sentence, _) in said.into_iter().filter(|(_, count)| *count > 2) {
                wrong.insert(format!(
                    "three times, at {}: {sentence} ({first}, {second}, {third})",
                    state_of(state)
                ));
            }
        }
    }
    let some: Vec<&String> = wrong.iter().take(20).collect();
    assert!(wrong.is_empty(), "{} in {} states: {some:#?}", wrong.len(), all.len());
}

/// Three different messages: each as the first, with others after it.
fn triples() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let count = TYPED.len();
    (0..count).map(move |first| {
        let at = |offset: usize| TYPED[(first + offset) % count];
        let step = 1 + first % (count - 2);
        (at(0), at(step), at(step + 1))
    })
}
