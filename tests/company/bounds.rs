//! Files that are very deep, very long or very wide: each is a mistake with a place, found soon, on
//! the small stack of a thread that reads a company while the service runs.

use std::time::{Duration, Instant};

use switchboard::{check::check, company, source::Files};

/// What is told of a company in which one file stands, and how long that took.
fn told(path: &str, text: String) -> (Vec<String>, Duration) {
    let mut files: Files = [
        ("company.yaml", "company: Contoso\nprimary_tenant: desk\n"),
        ("tenants/desk/tenant.yaml", "name: Desk\npipelines: { main: [{ id: done, end: {} }] }\n"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    files.insert(path.to_owned(), text);
    #[allow(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
    let begun = Instant::now();
    // What tokio gives a blocking thread.
    let reading = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let problems = reading.spawn(move || check(&files).problems).unwrap().join().unwrap();
    let told = problems.iter().map(|problem| format!("{:?}: {}", problem.place, problem.message));
    (told.collect(), begun.elapsed())
}

fn stage(text: &str) -> String {
    format!("name: Desk\npipelines:\n  main:\n    - {{ id: done, end: {{ text: '{text}' }} }}\n")
}

fn when(text: &str) -> String {
    format!(
        "name: Desk\npipelines:\n  main:\n    - {{ id: done, when: '{text}', end: {{}} }}\n    - {{ id: more, end: {{}} }}\n"
    )
}

fn card(body: &str) -> String {
    format!(
        r#"{{ "type": "AdaptiveCard", "version": "1.5", "body": [{{ "type": "TextBlock", "wrap": true, "text": "{body}" }}] }}"#
    )
}

const TENANT: &str = "tenants/desk/tenant.yaml";
const CARD: &str = "tenants/desk/cards/own.json.hbs";
const SAMPLE: &str = "tenants/desk/cards/samples/own.json";
const FAQ: &str = "tenants/desk/faq.yaml";

#[test]
fn what_is_very_deep_is_a_mistake_with_a_place() {
    let ifs =
        |many: usize| format!("{}x{}", "{{#if Guest.Name}}".repeat(many), "{{/if}}".repeat(many));
    for (path, text, part) in [
        (TENANT, format!("name: {}x{}", "[".repeat(50_000), "]".repeat(50_000)), "deep"),
        (TENANT, format!("name: {}", "{a: ".repeat(50_000)), "deep"),
        (FAQ, (0..2_000).map(|at| format!("{}-\n", " ".repeat(at))).collect(), "deep"),
        (TENANT, (0..2_000).map(|at| format!("{}a:\n", " ".repeat(at))).collect(), "deep"),
        (TENANT, stage(&ifs(400)), "deep"),
        (TENANT, stage(&"{{#if Guest.Name}}".repeat(400)), "deep"),
        (
            TENANT,
            stage(&format!(
                "{{{{#if Guest.Name}}}}a{}{{{{/if}}}}",
                "{{else if Guest.Name}}b".repeat(400)
            )),
            "deep",
        ),
        (
            TENANT,
            stage(&format!(
                "{{{{#if {}Guest.Name{}}}}}a{{{{/if}}}}",
                "(not ".repeat(400),
                ")".repeat(400)
            )),
            "deep",
        ),
        (TENANT, stage(&format!("{{{{len {}1{}}}}}", "[".repeat(400), "]".repeat(400))), "deep"),
        (TENANT, when(&format!("{}true{}", "(".repeat(300), ")".repeat(300))), "deep"),
        (TENANT, when(&format!("{}true", "!".repeat(300))), "deep"),
        (TENANT, when(&format!("{}1 > 0", "1+".repeat(900))), "deep"),
        (TENANT, when(&format!("Data{} == \"x\"", ".a".repeat(900))), "deep"),
        (TENANT, when(&format!("true{}", " && true".repeat(250))), ""),
        (CARD, card(&ifs(2_000)), "deep"),
        (
            CARD,
            card(&format!(
                "{{{{json {}Guest.Name{}}}}}",
                "(lookup this ".repeat(400),
                ")".repeat(400)
            )),
            "deep",
        ),
        (CARD, format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)), "recursion"),
        (SAMPLE, format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)), "recursion"),
        (FAQ, format!("- {{ id: a, question: a, answer: '{}' }}", "[".repeat(4_000)), ""),
        (FAQ, format!("- {{ id: a, question: a, answer: '{}' }}", "> ".repeat(2_000)), ""),
    ] {
        let (told, took) = told(path, text);
        assert!(took < Duration::from_secs(20), "{path} {part}: {took:?}");
        assert!(
            part.is_empty()
                || told.iter().any(|told| told.contains(part) && told.starts_with(path)),
            "{path} {part}: {told:?}"
        );
    }
}

#[test]
fn what_is_very_long_or_wide_is_a_mistake_with_a_place() {
    let long = "x".repeat(200_000);
    let mut wide = String::from("name: Desk\n");
    (0..20_000).for_each(|at| wide += &format!("key{at}: 1\n"));
    let twice = format!("name: Desk\n{}", "name: Desk\n".repeat(20_000));
    let links: String = (0..20_000)
        .map(|at| format!("- {{ id: a{at}, question: q{at}?, answer: '[a](ftp://x)' }}\n"))
        .collect();
    let stages: String = (0..5_000)
        .map(|at| {
            format!("    - {{ id: s{at}, set: {{ Data.k{at}: \"{{{{Data.k{}}}}}\" }} }}\n", at + 1)
        })
        .collect();
    let asks = "    - { id: ask, ask: { text: a, fields: [{ id: k5000, private: true }] } }\n";
    let stages = format!("name: Desk\npipelines:\n  main:\n{asks}{stages}");
    let sends: String =
        (0..5_000).map(|at| format!("    - {{ id: s{at}, send: {{ text: a }} }}\n")).collect();
    let sends = format!("name: Desk\npipelines:\n  main:\n{sends}");
    let bombs: String =
        (1..40).map(|at| format!("k{at}: &k{at} [*k{0}, *k{0}]\n", at - 1)).collect();
    for (path, text, part) in [
        (TENANT, stage(&long), "longer than"),
        (TENANT, when(&long), "longer than"),
        (TENANT, format!("name: Desk\npipelines:\n  {}: []\n", "a-".repeat(100_000)), ""),
        (TENANT, format!("nam{}: Desk\n", "e".repeat(1_000_000)), "a colon begins a value"),
        (TENANT, wide, "more mistakes than"),
        (TENANT, twice, "second time"),
        (TENANT, format!("k0: &k0 [a]\n{bombs}"), "too large"),
        (CARD, card(&long), "longer than"),
        (CARD, card(&"{{Guest.Nam}}".repeat(5_000)), "more than 600 tags"),
        (FAQ, format!("- {{ id: a, question: '{long}', answer: '{long}' }}"), "characters"),
        (FAQ, links, "more mistakes than"),
        ("tenants/desk/dialogs/a.dialog", "what\n".repeat(200_000), "no line of a dialog"),
        (TENANT, stages, ""),
        (TENANT, sends, ""),
    ] {
        let (told, took) = told(path, text);
        assert!(took < Duration::from_secs(30), "{path} {part}: {took:?}");
        assert!(told.len() <= 203, "{}", told.len());
        assert!(
            part.is_empty()
                || told.iter().any(|told| told.contains(part) && told.starts_with(path)),
            "{path} {part}: {:?}",
            told.iter().take(3).collect::<Vec<_>>()
        );
    }
}

#[test]
fn ten_thousand_articles_are_read_in_one_walk() {
    let article = |at: usize| {
        format!(
            "- id: article-{at}\n  question: How do I get thing number {at}?\n  also: [thing {at}, number {at} please]\n  \
             answer: |\n    Open **My things**, then see [the page](https://contoso.com/{at}).\n  tags: [things, t{at}]\n"
        )
    };
    let text: String = (0..10_000).map(article).collect();
    let (told, took) = told(FAQ, text);
    assert_eq!(told, ["tenants/desk/faq.yaml:1:1: no stage looks in the FAQ of `desk`"]);
    // Under a second in a release build; what walks to every place from the file's start takes
    // minutes in either.
    assert!(took < Duration::from_secs(30), "{took:?}");
    println!("{took:?}");
}

#[test]
fn labelled_queries_have_bounds_too() {
    let files: Files = [
        ("company.yaml", "company: Contoso\nprimary_tenant: desk\n"),
        ("tenants/desk/tenant.yaml", "name: Desk\npipelines: { main: [{ id: done, end: {} }] }\n"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    let (company, _) = company::load(&files, |_| false);
    let company = company.unwrap();
    for (text, part) in [
        (format!("- {}", "[".repeat(10_000)), "deep"),
        ("- { tenant: nobody, query: a, article: none }\n".repeat(5_000), "no tenant"),
    ] {
        let queries = Files::from([("queries.yaml".to_owned(), text)]);
        let (_, problems) = company::labelled::labelled(&queries, &company);
        assert!(
            problems.iter().any(|problem| problem.message.contains(part)),
            "{part}: {problems:?}"
        );
        assert!(problems.len() <= 101 && problems[0].place.line >= 1);
    }
}
