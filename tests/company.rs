//! Company files: the samples are in order, and every mistake is told once, where it is, with what
//! to do. `BLESS=1` rewrites what is expected.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

#[path = "company/bounds.rs"]
mod bounds;
#[path = "company/mistakes.rs"]
mod mistakes;
#[path = "peers/ours.rs"]
mod peers;
#[path = "company/slips.rs"]
mod slips;

use switchboard::{
    check::check,
    company::{self, Company, labelled::labelled, report},
    dialog::Player,
    faq::Library,
    measure::{self, Measured},
    settings,
    source::{Files, Problem},
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(name: &str) -> Files {
    company::read_folder(&folder(name)).unwrap()
}

/// One line a problem, without its remedy.
fn told(problems: &[Problem]) -> Vec<String> {
    let word = |problem: &Problem| if problem.warning { "warning" } else { "error" };
    problems
        .iter()
        .map(|problem| format!("{} {}: {}", word(problem), problem.place, problem.message))
        .collect()
}

// ---- companies in order ----

#[test]
fn contoso_is_in_order() {
    let files = files("deploy/contoso");
    let (company, problems) = company::load(&files, settings::is_secret);
    assert_eq!(told(&problems), Vec::<String>::new());
    let checked = check(&files);
    assert_eq!(told(&checked.problems), Vec::<String>::new(), "with cards and dialogs");
    let company = company.unwrap();
    let names: Vec<&str> =
        company.directory.tenants.values().map(|tenant| tenant.name.as_str()).collect();
    assert_eq!(names, ["Facilities", "Front Desk", "Human Resources", "IT Service Desk", "Legal"]);
    assert!(company.directory.tenants.values().all(|tenant| tenant.first.is_some()));
}

#[test]
fn the_built_in_sample_is_the_folder() {
    assert_eq!(company::contoso(), files("deploy/contoso"));
}

#[test]
fn codes_is_in_order_but_for_what_it_means_to_try() {
    let checked = check(&files("tests/companies/codes"));
    assert!(checked.ready.is_some());
    assert_eq!(
        told(&checked.problems),
        [
            "warning tenants/desk/tenant.yaml:37:27: `away` is disabled: this transfer always fails",
            "warning tenants/desk/tenant.yaml:40:27: `hollow` has no pipeline: this transfer always fails",
            "warning tenants/desk/tenant.yaml:46:27: a rule of company.yaml forbids `desk` → `walled`: this transfer always fails",
            "warning tenants/desk/tenant.yaml:49:27: a rule of company.yaml wants a reason for `desk` → `strict`, and this transfer gives none: it always fails",
            "warning tenants/shut/tenant.yaml:3:10: no day is open: nobody is ever there",
        ]
    );
}

// ---- companies with mistakes ----

#[test]
fn ten_mistakes_are_told_at_once() {
    let files = files("tests/companies/ten-mistakes");
    let (company, problems) = company::load(&files, settings::is_secret);
    assert!(company.is_none());
    let expected = [
        "error company.yaml:3:17: `remind` must be a duration, not `20 minutes`",
        "error company.yaml:6:23: there is no tenant `hrr`",
        "error tenants/desk/tenant.yaml:5:30: nothing can set `Guest.GivnName`",
        "error tenants/desk/tenant.yaml:11:32: there is no stage `to-hrr` in pipeline `main` of `desk`",
        "error tenants/desk/tenant.yaml:14:7: `transfer` has no exit `on_fail`",
        "error tenants/hr/tenant.yaml:5:21: `text` must be text, not an unquoted `{{…}}`, which YAML reads as a mapping",
        "error tenants/it/tenant.yaml:8:44: `title` stands here a second time (first in line 8)",
        "error tenants/it/tenant.yaml:11:7: there is no kind of stage `asks`",
        "error tenants/it/tenant.yaml:17:61: `confirm` must be true or false, not the text `yes`",
        "error tenants/stores/tenant.yaml:4:11: stages loop without waiting for anyone: `count` → `again` → `count`",
    ];
    assert_eq!(told(&problems), expected);
    assert!(problems.iter().all(|problem| !problem.help.is_empty()));
    let drawn = report::draw(&problems, &files, false);
    assert!(problems.iter().all(|problem| drawn.contains(&problem.place.to_string())), "{drawn}");
    assert!(drawn.ends_with("10 errors, 0 warnings\n"), "{drawn}");
}

#[test]
fn mistakes_of_calls_are_told_all_at_once() {
    let files = company::read_folder(&folder("tests/companies/call-mistakes")).unwrap();
    let problems = switchboard::check::check(&files).problems;
    assert_eq!(
        told(&problems),
        [
            "error company.yaml:4:17: `https://tickets.contoso.com` is no host",
            "error company.yaml:4:98: `10.0.0.0/99` is no network",
            "error tenants/desk/tenant.yaml:4:7: stage `no-failure` has no `on_failure`",
            "error tenants/desk/tenant.yaml:7:20: a value cannot decide which host is called",
            "error tenants/desk/tenant.yaml:10:20: `contoso.net` is not among the hosts that company.yaml lets be called (it lists tickets.contoso.com, *.contoso.net)",
            "error tenants/desk/tenant.yaml:10:51: `method` cannot be `get`",
            "error tenants/desk/tenant.yaml:16:9: GET carries no body",
            "error tenants/desk/tenant.yaml:16:20: an unquoted `{{…}}` is YAML's own syntax",
            "error tenants/desk/tenant.yaml:17:9: `timeout` must be from 1s to 60s: somebody waits for it",
            "error tenants/desk/tenant.yaml:21:14: `url` holds a name or password",
            "error tenants/desk/tenant.yaml:22:20: `Host` cannot be a header here",
            "warning tenants/desk/tenant.yaml:22:44: `Authorization` looks like a secret that stands in a file",
            "error tenants/desk/tenant.yaml:22:68: `1 b` is no name of an environment variable",
            "error tenants/desk/tenant.yaml:23:17: `save` cannot write `ticket`",
            "error tenants/desk/tenant.yaml:23:43: `id` is no JSON Pointer"
        ]
    );
    assert!(problems.iter().all(|problem| !problem.help.is_empty()));
}

#[test]
fn mistakes_of_answers_are_told_all_at_once() {
    let mut files = company::read_folder(&folder("tests/companies/faq-mistakes")).unwrap();
    assert_eq!(
        told(&switchboard::check::check(&files).problems),
        [
            "error tenants/desk/tenant.yaml:5:28: `limit` is 9: a card shows 5 answers at most",
            "error tenants/desk/tenant.yaml:8:24: there is no tenant `nobody`",
            "error tenants/desk/tenant.yaml:10:23: `tenants` must be `own`, `all` or a list of tenants, not the text `some`"
        ]
    );
    // Without them a department that has nothing to answer is odd, and nothing more.
    let tenant = files.get_mut("tenants/desk/tenant.yaml").unwrap();
    *tenant = tenant.replace(", limit: 9", "").replace("[nobody]", "all").replace("some", "own");
    let checked = switchboard::check::check(&files);
    assert!(checked.ready.is_some());
    let expected = [
        "warning tenants/desk/tenant.yaml:4:11: stage `answers` finds nothing: `desk` has no FAQ",
        "warning tenants/desk/tenant.yaml:9:11: stage `other` finds nothing: `desk` has no FAQ",
    ];
    assert_eq!(told(&checked.problems), expected);
}

#[test]
fn a_mistake_is_told_as_expected() {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder("tests/companies/wrong"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() > 20);
    let mut differ = Vec::new();
    for path in names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let files = company::read_folder(&path).unwrap();
        let (company, problems) = company::load(&files, settings::is_secret);
        assert!(company.is_none(), "{name} is taken as right");
        assert_eq!(problems.len(), 1, "{name} has one mistake, but: {:#?}", told(&problems));
        let (drawn, expected) = (report::draw(&problems, &files, false), path.join("expected.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(expected, drawn).unwrap();
        } else if std::fs::read_to_string(expected).is_ok_and(|text| text == drawn) {
            continue;
        } else {
            differ.push(format!("{name}:\n{drawn}"));
        }
    }
    assert!(
        differ.is_empty(),
        "not as expected.txt says (BLESS=1 rewrites them):\n{}",
        differ.join("\n")
    );
}

// ---- what departments answer again and again ----

#[test]
fn all_mistakes_of_all_faqs_are_told_at_once() {
    let mut files = files("tests/companies/wrong/56-faq-key");
    let also = "- question: 12\n  also: one\n  answer: |\n    ## Steps\n    <b>One</b>\n- id: guide\n  question: ''\n  answer: Yes.\n";
    files.insert("tenants/desk/faq/more.yaml".to_owned(), also.to_owned());
    files.insert("tenants/desk/faq/empty.yaml".to_owned(), "# nothing yet\n".to_owned());
    files.insert("tenants/desk/faq/deeper/not.yaml".to_owned(), "no FAQ".to_owned());
    files.insert("tenants/nobody/faq.yaml".to_owned(), "[]".to_owned());
    // A department that cannot be read has a FAQ all the same.
    files.insert("tenants/desk/tenant.yaml".to_owned(), "name: Desk\ncolour: red\n".to_owned());
    let (company, problems) = company::load(&files, settings::is_secret);
    assert!(company.is_none());
    assert_eq!(
        told(&problems),
        [
            "error tenants/desk/faq.yaml:4:3: an article has no `tag`",
            "warning tenants/desk/faq/deeper/not.yaml:1:1: nobody reads this file",
            "error tenants/desk/faq/empty.yaml:1:1: nothing but comments stands in this file",
            "error tenants/desk/faq/more.yaml:1:3: an article needs `id`",
            "error tenants/desk/faq/more.yaml:1:13: `question` must be text, not the number `12`",
            "error tenants/desk/faq/more.yaml:2:9: `also` must be a list, not the text `one`",
            "warning tenants/desk/faq/more.yaml:4:5: a heading is not shown as one in an answer",
            "warning tenants/desk/faq/more.yaml:5:5: HTML is shown as it is written",
            "error tenants/desk/faq/more.yaml:6:7: article `guide` stands here a second time (first in tenants/desk/faq.yaml:1)",
            "error tenants/desk/faq/more.yaml:7:13: `question` is empty",
            "error tenants/desk/tenant.yaml:2:1: a tenant file has no `colour`",
            "warning tenants/nobody/faq.yaml:1:1: this FAQ belongs to nobody: there is no tenants/nobody/tenant.yaml",
        ]
    );
}

// ---- what nobody reads ----

/// What the checker says of a folder with a company in order and these files besides.
fn beside(paths: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("company.yaml", "company: Contoso\nprimary_tenant: desk\n");
    write("tenants/desk/tenant.yaml", "name: Desk\npipelines: { main: [{ id: done, end: {} }] }\n");
    for path in paths {
        match path.strip_suffix('/') {
            Some(dir) => std::fs::create_dir_all(folder.path().join(dir)).unwrap(),
            None => write(path, "name: Hidden\n"),
        }
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"));
    let output = command.arg("check").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let places = told.lines().filter_map(|line| line.trim().strip_prefix("--> "));
    places.map(str::to_owned).collect()
}

#[test]
fn what_nobody_reads_in_a_folder_is_named_and_what_tools_leave_there_is_not() {
    assert_eq!(
        beside(&[
            "tenants/hr/tenant.yaml.txt",
            "tenants/it/",
            "tenants/desk/FAQ.yml",
            "company.yml"
        ]),
        [
            "company.yml:1:1",
            "tenants/desk/FAQ.yml:1:1",
            "tenants/hr/tenant.yaml.txt:1:1",
            "tenants/it/tenant.yaml:1:1",
        ]
    );
    let fine = [
        "README.md",
        "LICENSE",
        ".git/config.yaml",
        ".vscode/settings.json",
        "tenants/.DS_Store",
        "tenants/desk/tenant.yaml~",
        "tenants/desk/.tenant.yaml.swp",
        "tenants/desk/.tenant.yml",
        "tenants/desk/#tenant.yaml#",
        "tenants/desk/tenant.yaml.bak",
        "tenants/desk/faq.yml.orig",
        "tenants/desk/notes.txt",
        "tenants/desk/README.md",
        "queries/vpn.yaml",
        "queries/tenant.yaml",
        "package.json",
        "scripts/deploy.yml",
    ];
    assert_eq!(beside(&fine), Vec::<String>::new());
}

#[test]
fn a_faq_is_no_part_of_a_pipelines_version() {
    let mut files = files("tests/companies/wrong/56-faq-key");
    let company_with = |files: &Files| company::load(files, settings::is_secret).0.unwrap();
    files.insert(
        "tenants/desk/faq.yaml".to_owned(),
        "- { id: guide, question: Where is it?, answer: Here. }".to_owned(),
    );
    let before = company_with(&files);
    files.insert(
        "tenants/desk/faq.yaml".to_owned(),
        "- { id: guide, question: Where is it?, answer: There., locale: en-GB }".to_owned(),
    );
    files.insert(
        "tenants/desk/faq/de.yaml".to_owned(),
        "- { id: guide-de, question: Wo?, answer: Da., locale: de, tags: [wo] }".to_owned(),
    );
    let after = company_with(&files);
    let (id, articles) = after.faqs().next().unwrap();
    let words: Vec<_> = articles
        .iter()
        .map(|article| (article.id.as_str(), article.answer.as_str(), article.locale.as_str()))
        .collect();
    assert_eq!(words, [("guide", "There.", "en-GB"), ("guide-de", "Da.", "de")]);
    assert_eq!(
        before.faqs().next().unwrap().1[0].locale,
        "en-US",
        "the tenant's, which is the company's"
    );
    let version = |company: &Company| company.directory.tenant(id).unwrap().version.clone();
    assert_eq!(version(&before), version(&after));
}

/// The labelled queries, each file measured by itself.
fn measured() -> Vec<(String, Measured)> {
    let company = company::load(&files("deploy/contoso"), settings::is_secret).0.unwrap();
    let (queries, problems) = labelled(&files("tests/faq"), &company);
    assert_eq!(told(&problems), Vec::<String>::new());
    let library = Library::build(company.faqs());
    queries.into_iter().map(|(name, queries)| (name, Measured::of(&library, &queries))).collect()
}

#[test]
fn the_faq_search_finds_what_employees_mean() {
    let all = measured();
    let table = measure::table(&all);
    let mut total = Measured::default();
    all.iter().for_each(|(_, measured)| total.merge(measured));
    assert_eq!(
        all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["held-out.yaml", "tuning.yaml"]
    );
    assert!(
        total.answerable + total.unanswerable >= 160 && total.unanswerable * 5 >= total.answerable,
        "{table}"
    );
    for measured in [&all[0].1, &total] {
        let is_good = measured.hit_at_1() >= 0.85
            && measured.hit_at_3() >= 0.95
            && measured.false_answers() <= 0.10;
        assert!(is_good, "\n{table}\n{}", measured.misses.join("\n"));
    }
}

#[test]
fn labelled_queries_are_read_strictly_and_measured_from_the_command_line() {
    let company = company::load(&files("deploy/contoso"), settings::is_secret).0.unwrap();
    let text = "- { tenant: itt, query: vpn, article: none }\n- { tenant: it, query: vpn, article: vpn-conect }\n- { tenant: it, query: vpn, answer: x }\n";
    let (queries, problems) =
        labelled(&Files::from([("q.yaml".to_owned(), text.to_owned())]), &company);
    assert!(queries.is_empty());
    assert_eq!(
        told(&problems),
        [
            "error q.yaml:1:13: there is no tenant `itt`",
            "error q.yaml:2:38: `it` has no article `vpn-conect`",
            "error q.yaml:3:29: a labelled query has no `answer`",
        ]
    );
    let dir = tempfile::tempdir().unwrap();
    let eval = |text: &str| {
        std::fs::write(dir.path().join("q.yaml"), text).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"));
        let output = command.args(["faq", "eval", "--misses"]).arg(dir.path()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (is_good, told) = eval(text);
    assert!(!is_good && told.contains("did you mean `vpn-connect`"), "{told}");
    let (is_good, told) = eval(
        "- { tenant: it, query: connect to the vpn, article: none }\n- { tenant: hr, query: payslip, article: payslip }\n",
    );
    assert!(
        is_good
            && told
                .contains("q.yaml        2  1.000  1.000  1.000              1          1.000\n"),
        "{told}"
    );
    assert!(
        told.contains("\nq.yaml:1: connect to the vpn: none, found vpn-connect 1.00"),
        "{told}"
    );
    assert!(!eval("[]").0, "nothing to measure");
}

// ---- talking to them ----

/// Plays what the guest says (`[Title] Label=value; …` is a click) and answers with everything the
/// bot said last.
fn talk<'a>(
    name: &str,
    when: &str,
    guest: impl IntoIterator<Item = &'a str>,
    then: impl FnOnce(&Player, &str),
) {
    let (company, cards) = check(&files(name)).ready.unwrap();
    let now = instant(&company, when);
    let mut player = Player::new(Arc::new(company), Arc::new(cards), "Adele Vance", now);
    let mut said = Vec::new();
    for line in guest {
        said = match line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            None => player.say(line),
            Some((title, inputs)) => {
                let pair = |part: &str| {
                    part.split_once('=')
                        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                };
                let inputs: Vec<(String, String)> = inputs.split(';').filter_map(pair).collect();
                player
                    .click(title, &inputs, false)
                    .unwrap_or_else(|error| panic!("{line}: {error}"))
            }
        };
    }
    then(&player, &said.join("\n"));
}

fn instant(company: &Company, when: &str) -> jiff::Timestamp {
    Player::instant(company, when).unwrap()
}

const TUESDAY: &str = "2026-11-24T10:00";
const SUNDAY: &str = "2026-11-29T10:00";

#[test]
fn every_code_of_a_failed_transfer_can_be_reached_by_talking() {
    for (code, guest) in [
        ("unknown_tenant", &["Hi", "Anywhere", "nowhere"][..]),
        ("same_tenant", &["Hi", "Anywhere", "desk"]),
        ("same_tenant", &["Hi", "Myself"]),
        ("disabled", &["Hi", "Disabled"]),
        ("disabled", &["Hi", "Anywhere", "away"]),
        ("no_pipeline", &["Hi", "Hollow"]),
        ("not_allowed", &["Hi", "Walled"]),
        ("reason_required", &["Hi", "No reason"]),
        ("reason_required", &["Hi", "Reason"]),
        ("hop_limit", &["Hi", "Relay", "Desk", "Relay"]),
        ("closed", &["Hi", "Shut fail"]),
        ("closed", &["Hi", "Shut ask", "[Stay here]"]),
    ] {
        talk("tests/companies/codes", TUESDAY, guest.iter().copied(), |player, said| {
            // Below the department's line, in one card with the question that follows.
            let code_is = |line: &str| line.trim_start().starts_with(&format!("code {code}: "));
            assert!(said.lines().take(2).any(code_is), "{guest:?}: {said}");
            assert_eq!(player.value("Transfer.Error").as_deref(), Some(code));
            assert!(said.contains(&player.value("Transfer.Message").unwrap()), "{said}");
            assert_eq!(
                player.value("Session.TenantId").as_deref(),
                Some("desk"),
                "the guest stays: {guest:?}"
            );
            assert!(said.contains("What shall happen?"), "and is asked again: {said}");
        });
    }
}

#[test]
fn what_asks_first_moves_only_those_who_agree() {
    for (tenant, guest) in [
        ("shut", &["Hi", "Shut ask", "[Leave it for Shut]"][..]),
        ("shut", &["Hi", "Shut follow"]),
        ("shut", &["Hi", "Confirm shut", "yes"]),
        ("relay", &["Hi", "Confirm", "[Yes]"]),
        ("relay", &["Hi", "One way"]),
        ("desk", &["Hi", "Confirm", "[No]"]),
        ("desk", &["Hi", "Plain failure"]),
    ] {
        talk("tests/companies/codes", TUESDAY, guest.iter().copied(), |player, said| {
            assert_eq!(
                player.value("Session.TenantId").as_deref(),
                Some(tenant),
                "{guest:?}: {said}"
            );
        });
    }
}

#[test]
fn only_what_the_rules_let_cross_crosses() {
    let tell = "[Send] Topic=pay; Colour=red; Secret=psst";
    for (guest, line) in [
        (&["Hi", "Tell", tell, "Relay"][..], "topic=pay colour=red secret= copy= question=Hi"),
        (&["Hi", "Tell", tell, "Reason"], "topic=pay colour= secret= copy= question="),
        (&["Hi", "Tell", tell, "Vault"], "topic=pay colour=red secret= copy= question=Hi"),
        (&["Hi", "Tell", tell, "Vault", "Relay"], "topic= colour= secret= copy= question=Hi"),
    ] {
        talk("tests/companies/codes", TUESDAY, guest.iter().copied(), |_, said| {
            assert!(said.lines().any(|said| said.ends_with(line)), "{guest:?}: {said}");
        });
    }
}

const LOCKED: [&str; 5] =
    ["Hello", "IT Service Desk", "Password", "Still locked out", "[Send] Phone number=0211 1234"];

#[test]
fn contoso_takes_one_journey_from_the_front_desk_to_legal() {
    let on = ["departments", "[Human Resources]", "Contract question"];
    talk("deploy/contoso", TUESDAY, LOCKED.into_iter().chain(on), |player, said| {
        assert_eq!(player.value("Session.TenantId").as_deref(), Some("legal"), "{said}");
        assert_eq!(
            player.value("Session.TransferredFrom.TenantName").as_deref(),
            Some("Human Resources")
        );
        assert_eq!(player.value("Session.Hop").as_deref(), Some("3"));
        assert_eq!(player.value("Data.topic").as_deref(), Some("Contract question"));
        assert_eq!(player.value("Data.phone"), None, "a private answer never crosses");
    });
}

#[test]
fn contoso_asks_before_it_moves_anyone_to_a_closed_department() {
    talk("deploy/contoso", SUNDAY, ["Hello", "Legal"], |player, said| {
        assert!(said.contains("Legal is closed until Monday 09:00."), "{said}");
        assert_eq!(player.value("Session.TenantId").as_deref(), Some("front-desk"));
    });
    talk("deploy/contoso", SUNDAY, ["Hello", "Legal", "[Stay here]"], |_, said| {
        assert!(
            said.contains("choose another department") && said.contains("[Human Resources]"),
            "{said}"
        );
    });
    talk("deploy/contoso", SUNDAY, ["Hello", "Legal", "[Leave it for Legal]"], |player, said| {
        assert!(said.contains("What you leave here is read then."), "{said}");
        assert_eq!(player.value("Session.TenantId").as_deref(), Some("legal"));
    });
}

#[test]
fn contoso_knows_numbers_dates_and_countries() {
    let leave = |days: &str| ["Hi", "Human Resources", "Leave", days].map(str::to_owned);
    let form = |first: &str, last: &str, days: &str| {
        leave(&format!(
            "[Send] Kind of leave=Annual; First day={first}; Last day={last}; Working days={days}"
        ))
    };
    for (guest, line) in [
        (form("2026-12-10", "2026-12-01", "5"), "lies before the first"),
        (form("2026-12-01", "2026-12-04", "3.5"), "It needs the word of your manager."),
        (form("2026-12-01", "2026-12-31", "16"), "More than three weeks"),
        (form("2026-12-01", "2026-12-31", "15.5"), "More than three weeks"),
    ] {
        talk("deploy/contoso", TUESDAY, guest.iter().map(String::as_str), |_, said| {
            assert!(said.contains(line), "{guest:?}: {said}")
        });
    }
    let defect = [
        "Hi",
        "Facilities",
        "Report a defect",
        "[Send] Building=Warehouse; What is broken=The lift; Somebody could be hurt=true",
    ];
    talk("deploy/contoso", TUESDAY, defect, |_, said| {
        assert!(said.contains("extension 112") && said.contains("Facilities has it as"), "{said}")
    });
    let room = [
        "Hi",
        "Facilities",
        "Book a room",
        "[Send] Day=2026-12-01; From=9:30; Until=10:15; People=4",
    ];
    talk("deploy/contoso", TUESDAY, room, |_, said| {
        assert!(said.contains("09:30 to 10:15, for 4"), "{said}")
    });
}

// ---- files that change ----

/// Waits until the folder's watcher has called, and swallows the calls that follow at once.
fn noticed(calls: &std::sync::mpsc::Receiver<()>) -> bool {
    let first = calls.recv_timeout(std::time::Duration::from_secs(10)).is_ok();
    while calls.recv_timeout(std::time::Duration::from_millis(200)).is_ok() {}
    first
}

#[test]
fn editors_rename_saves_and_plain_writes_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenants/it/tenant.yaml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "name: IT").unwrap();
    let (call, calls) = std::sync::mpsc::channel();
    let _watch = company::watch::watch(folder.path(), move || {
        let _ = call.send(());
    })
    .unwrap();
    std::fs::write(&file, "name: IT Help").unwrap();
    assert!(noticed(&calls), "a plain write");
    let swap = file.with_extension("swp");
    std::fs::write(&swap, "name: IT Desk").unwrap();
    std::fs::rename(&swap, &file).unwrap();
    assert!(noticed(&calls), "a rename-save");
    assert_eq!(
        company::read_folder(folder.path())
            .unwrap()
            .get("tenants/it/tenant.yaml")
            .map(String::as_str),
        Some("name: IT Desk")
    );
}

#[cfg(unix)]
#[test]
fn the_swap_of_a_kubernetes_volume_is_noticed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for (version, name) in [("..1", "name: IT"), ("..2", "name: IT Help")] {
        std::fs::create_dir_all(at(version).join("tenants/it")).unwrap();
        std::fs::write(at(version).join("tenants/it/tenant.yaml"), name).unwrap();
    }
    symlink("..1", at("..data")).unwrap();
    symlink("..data/tenants", at("tenants")).unwrap();
    let read =
        || company::read_folder(folder.path()).unwrap().get("tenants/it/tenant.yaml").cloned();
    assert_eq!(read().as_deref(), Some("name: IT"));
    let (call, calls) = std::sync::mpsc::channel();
    let _watch = company::watch::watch(folder.path(), move || {
        let _ = call.send(());
    })
    .unwrap();
    symlink("..2", at("..data_tmp")).unwrap();
    std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
    assert!(noticed(&calls));
    assert_eq!(read().as_deref(), Some("name: IT Help"));
}
