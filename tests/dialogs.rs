//! Plays every dialog of the sample company and of the test companies through the pure core.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "dialogs/command.rs"]
mod command;
#[path = "dialogs/languages.rs"]
mod languages;
#[path = "dialogs/never_thrice.rs"]
mod never_thrice;

use std::{path::Path, sync::Arc};

use switchboard::{
    check, company,
    dialog::{World, play},
    source::Files,
};

/// The world of a company folder.
fn world(folder: &str) -> World {
    let files: Files = company::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .expect("the folder can be read");
    world_of(files, folder)
}

/// The same with more lines in its company.yaml.
fn world_with(folder: &str, lines: &str) -> World {
    let mut files = world(folder).files;
    files.get_mut("company.yaml").unwrap().push_str(lines);
    world_of(files, folder)
}

fn world_of(files: Files, folder: &str) -> World {
    let (ready, problems) = check::ready(&files);
    let Some((company, cards)) = ready else { panic!("{folder} has mistakes: {problems:#?}") };
    World { company: Arc::new(company), cards: Arc::new(cards), files, check: check::ready }
}

/// Plays all dialogs of a folder; answers how many there were.
fn play_all(folder: &str) -> usize {
    let world = world(folder);
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, text) in world.files.iter().filter(|(path, _)| path.ends_with(".dialog")) {
        count += 1;
        let failures = play(&world, path, text).failures;
        wrong.extend(
            failures
                .iter()
                .map(|failure| format!("{folder}/{}: {}", failure.place, failure.message)),
        );
    }
    assert!(
        wrong.is_empty(),
        "BLESS=1 switchboard test {folder} rewrites them:\n{}",
        wrong.join("\n")
    );
    count
}

#[test]
fn contoso_talks_as_written() {
    assert!(play_all("deploy/contoso") >= 10);
}

/// Wherever it stands in the menu; all other dialogs say which buttons matter to them.
#[test]
fn one_more_choice_at_the_front_desk_changes_one_dialog() {
    let last = "          - title: { en: Something else, de: Etwas anderes }\n            next: wish\n            synonyms: [other, none of these, something different]\n            apart: true\n";
    let more = "          - title: { en: Travel, de: Reisen }\n            next: wish\n";
    for menu in [format!("{more}{last}"), format!("{last}{more}")] {
        let mut files = world("deploy/contoso").files;
        let desk = files.get_mut("tenants/front-desk/tenant.yaml").unwrap();
        assert_eq!(desk.matches(last).count(), 1);
        *desk = desk.replace(last, &menu);
        let world = world_of(files, "Contoso with one more choice");
        let dialogs = world.files.iter().filter(|(path, _)| path.ends_with(".dialog"));
        let differ = dialogs.filter(|(path, text)| !play(&world, path, text).failures.is_empty());
        let differ: Vec<&str> = differ.map(|(path, _)| path.as_str()).collect();
        assert_eq!(differ, ["tenants/front-desk/dialogs/whole-menu.dialog"]);
    }
}

#[test]
fn what_was_answered_is_left_at_the_desk() {
    assert!(play_all("tests/companies/notes") >= 4);
}

#[test]
fn matters_are_carried_to_their_true_end() {
    assert!(play_all("tests/companies/matters") >= 3);
}

#[test]
fn a_transfer_and_the_next_question_are_one_card_whose_parts_change_alone() {
    assert!(play_all("tests/companies/joined") >= 3);
}

#[test]
fn the_welcome_card_leads_to_every_department_that_it_names() {
    assert!(play_all("tests/companies/welcome") >= 12);
}

#[test]
fn every_failure_code_is_reached_by_talking() {
    assert!(play_all("tests/companies/codes") >= 8);
    let world = world("tests/companies/codes");
    for code in [
        "unknown_tenant",
        "disabled",
        "no_pipeline",
        "same_tenant",
        "not_allowed",
        "reason_required",
        "hop_limit",
        "closed",
    ] {
        let shown = format!("? Transfer.Error = {code}");
        assert!(
            world
                .files
                .iter()
                .any(|(path, text)| path.ends_with(".dialog") && text.contains(&shown)),
            "no dialog shows {code}"
        );
    }
}

#[test]
fn what_was_said_before_anybody_asked_counts_once() {
    assert!(play_all("tests/companies/words") >= 12);
}

#[test]
fn choices_win_over_commands() {
    assert!(play_all("tests/companies/commands") >= 2);
}

#[test]
fn guests_and_agents_talk_as_written() {
    assert!(play_all("tests/companies/desk") >= 6);
}

#[test]
fn other_systems_answer_or_do_not() {
    assert!(play_all("tests/companies/calls") >= 4);
}

#[test]
fn a_dialog_that_goes_otherwise_is_told_with_its_place() {
    let world = world("deploy/contoso");
    let failures =
        play(&world, "x.dialog", "> hello\n< Goodbye\n? Session.TenantId = hr\n> [Nowhere]\n")
            .failures;
    let told: Vec<String> =
        failures.iter().map(|failure| format!("{}: {}", failure.place, failure.message)).collect();
    assert!(told[0].starts_with("x.dialog:2:1: written here: < Goodbye"), "{told:#?}");
    assert!(told[1].starts_with("x.dialog:3:1: Session.TenantId is `front-desk`"), "{told:#?}");
    assert!(told[2].starts_with("x.dialog:4:1: there is no button [Nowhere]"), "{told:#?}");
}

#[test]
fn other_words_than_a_rating_begin_anew_where_nobody_comes_back_to_what_is_over() {
    let world = world_with("tests/companies/desk", "reopen: 0s\n");
    let dialog = "> my laptop is broken
> [Send] Topic=Laptop; Machine=ThinkPad
@agent Ann takes
@agent Ann [Resolve] Outcome=Solved
> my printer is broken now
< 💻 IT · IT-1001
  Thank you.
  Write again whenever you need something.
< 💻 IT · IT-1002
  What is it?
  [Topic: ______]
  [Machine: ______]
  [PIN: ______]
  [Send]
? Guest.Question = my printer is broken now
? Session.State = active
";
    let played = play(&world, "survey.dialog", dialog);
    // What is said before is written down elsewhere.
    let is_wrong = |message: &String| !message.starts_with("before this line the bot also says");
    let told = played.failures.into_iter().map(|failure| failure.message);
    let wrong: Vec<String> = told.filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
