//! How the search behaves, word by word. How well it does as a whole is measured on `tests/faq/`.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Index, Library};
use crate::{
    model::{Article, TenantId},
    pipeline::answers::Answers as _,
};

fn article(id: &str, locale: &str, wordings: &[&str], answer: &str) -> Arc<Article> {
    Arc::new(Article {
        id: id.to_owned(),
        question: wordings[0].to_owned(),
        also: wordings[1..].iter().map(|&text| text.to_owned()).collect(),
        answer: answer.to_owned(),
        tags: Vec::new(),
        locale: locale.to_owned(),
    })
}

fn articles() -> Vec<Arc<Article>> {
    vec![
        article(
            "reset-password",
            "en-US",
            &["How do I reset my password?", "cannot log in", "forgotten password"],
            "Open My account.",
        ),
        article(
            "reset-password-de",
            "de",
            &["Wie setze ich mein Passwort zurück?", "Passwort vergessen"],
            "Öffnen Sie Mein Konto.",
        ),
        article(
            "vpn",
            "en",
            &["How do I connect to the VPN from home?"],
            "Start the client, choose a gateway and sign in with your password.",
        ),
        article(
            "payslip",
            "en",
            &["Where is my pay slip?"],
            "In the portal, on the last working day.",
        ),
        article("wifi", "en", &["How do I join the office Wi-Fi?"], "Choose contoso."),
        article(
            "urlaub",
            "de",
            &["Wie reiche ich einen Urlaubsantrag ein?"],
            "Im Portal, unter Abwesenheit.",
        ),
        article(
            "schluessel",
            "de",
            &["Wo bekomme ich einen Schlüssel für die Bürotür?"],
            "Am Empfang.",
        ),
        article("frei", "de", &["Wie viele Tage Urlaub habe ich?"], "Dreißig."),
        article("conges", "fr", &["Comment demander des congés ?"], "Dans le portail."),
        article("contrasena", "es", &["¿Cómo cambio mi contraseña?"], "En el portal."),
        article("jidosha", "ja", &["駐車場はどこですか"], "地下です"),
    ]
}

fn first(query: &str, locale: &str) -> Option<String> {
    let index = Index::build(&TenantId::from("it"), &articles());
    index.search(query, locale, 3).first().map(|found| found.article.id.clone())
}

#[test]
fn words_are_found_however_they_are_written() {
    for (query, locale, id) in [
        ("password reset", "en", "reset-password"),
        ("RESETTING PASSWORDS", "en", "reset-password"),
        ("I forgot my pasword", "en", "reset-password"),
        ("passwrod reset", "en", "reset-password"),
        ("login", "en", "reset-password"),
        ("log in", "en", "reset-password"),
        ("can't log-in", "en", "reset-password"),
        ("payslip", "en", "payslip"),
        ("pay-slip", "en", "payslip"),
        ("wifi", "en", "wifi"),
        ("office wi fi", "en", "wifi"),
        ("passwort zuruecksetzen", "de-AT", "reset-password-de"),
        ("PASSWÖRTER vergessen", "de", "reset-password-de"),
        ("Antrag auf Urlaub", "de", "urlaub"),
        ("Urlaubstage", "de", "frei"),
        ("buerotuer schluessel", "de", "schluessel"),
        ("Schluͤssel", "de", "schluessel"),
        ("demande de conges", "fr", "conges"),
        ("cambiar contrasena", "es", "contrasena"),
        ("駐車場", "ja", "jidosha"),
        ("connect ﬁrst to the vpn at home", "en", "vpn"),
    ] {
        assert_eq!(first(query, locale).as_deref(), Some(id), "{query}");
    }
}

#[test]
fn words_that_say_nothing_find_nothing() {
    for query in [
        "",
        "?",
        "hello",
        "Thanks!",
        "help me",
        "please help",
        "Hi, I have a question",
        "Hallo",
        "vielen Dank",
        "bonjour",
        "gracias",
        "😀",
        "the",
        "my cat likes fish",
        "how is the weather",
        "1234",
        "vp",
        "….",
    ] {
        assert_eq!(first(query, "en"), None, "{query}");
        assert_eq!(first(query, "de"), None, "{query}");
    }
}

#[test]
fn who_misspells_finds_less_surely_and_who_asks_in_the_articles_words_surely() {
    let index = Index::build(&TenantId::from("it"), &articles());
    let score = |query: &str| index.search(query, "en", 1).first().map_or(0.0, |found| found.score);
    assert!((score("how do i RESET my password") - 1.0).abs() < f32::EPSILON);
    assert!(score("reset password") > score("reset pasword"));
    assert!(score("reset pasword") > 0.0);
    // A story around the question makes it less sure, but does not hide it.
    assert!(score("reset password") > score("reset the password of my old tablet"));
}

#[test]
fn of_one_article_in_two_languages_the_readers_is_shown() {
    let both = [
        article("vpn", "en", &["How do I set up the VPN?"], "Start it."),
        article("vpn-de", "de-DE", &["Wie kann ich das VPN einrichten?"], "Starten."),
        article("wlan", "de-DE", &["Gibt es WLAN für Gäste?"], "Ja."),
    ];
    let index = Index::build(&TenantId::from("it"), &both);
    let ids = |query: &str, locale: &str| -> Vec<String> {
        index.search(query, locale, 3).into_iter().map(|found| found.article.id.clone()).collect()
    };
    assert_eq!(ids("VPN", "de-AT"), ["vpn-de"]);
    assert_eq!(ids("VPN", "en-GB"), ["vpn"]);
    assert_eq!(
        ids("vpn einrichten", "en-GB"),
        ["vpn-de"],
        "who writes German is answered so, whatever Teams says"
    );
    assert_eq!(ids("WLAN", "en-US"), ["wlan"], "there is no other");
}

#[test]
fn of_one_article_in_two_forms_of_a_language_the_nearer_is_shown() {
    let both = [
        article("vpn-pt-br", "pt-BR", &["VPN"], "Inicie."),
        article("vpn-pt-pt", "pt-PT", &["VPN"], "Inicie."),
    ];
    let index = Index::build(&TenantId::from("it"), &both);
    for (locale, wanted) in [("pt-PT", "vpn-pt-pt"), ("pt-BR", "vpn-pt-br"), ("pt-AO", "vpn-pt-pt")]
    {
        assert_eq!(index.search("VPN", locale, 3)[0].article.id, wanted, "{locale}");
    }
}

#[test]
fn departments_are_asked_each_for_itself_and_together() {
    let (it, hr, legal) = (TenantId::from("it"), TenantId::from("hr"), TenantId::from("legal"));
    let of_it = articles();
    let of_hr = [
        article("payday", "en", &["When is payday?", "pay day"], "On the 27th."),
        article("x", "en", &["How is the password of the portal reset?"], "A"),
    ];
    let of_legal = [article("nda", "en", &["Where is the NDA template?"], "Here.")];
    let all: [(&TenantId, &[Arc<Article>]); 3] =
        [(&it, &of_it), (&hr, &of_hr), (&legal, &of_legal)];
    let library = Library::build(all.into_iter());
    let ids = |found: Vec<crate::model::Found>| -> Vec<(String, String)> {
        found
            .into_iter()
            .map(|found| (found.tenant.to_string(), found.article.id.clone()))
            .collect()
    };
    let pair = |tenant: &str, id: &str| (tenant.to_owned(), id.to_owned());
    assert_eq!(ids(library.own(&hr, "payday", "en", 3)), [pair("hr", "payday")]);
    assert_eq!(ids(library.own(&hr, "nda", "en", 3)), []);
    assert_eq!(ids(library.others(&hr, None, "nda template", "en", 3)), [pair("legal", "nda")]);
    assert_eq!(ids(library.others(&hr, Some(std::slice::from_ref(&it)), "nda", "en", 3)), []);
    assert_eq!(
        ids(library.others(&legal, None, "how do i reset my password", "en", 3)),
        [pair("it", "reset-password"), pair("hr", "x")]
    );
    assert_eq!(
        ids(library.others(&legal, None, "how do i reset my password", "en", 1)),
        [pair("it", "reset-password")]
    );
    assert_eq!(library.own(&TenantId::from("nobody"), "payday", "en", 3), []);
    assert_eq!(library.article(&hr, "payday").unwrap().answer, "On the 27th.");
    assert_eq!(library.article(&hr, "vpn"), None);
}

#[test]
fn what_another_department_knows_is_no_error_here() {
    let (it, hr) = (TenantId::from("it"), TenantId::from("hr"));
    let of_it = [article("printer", "en", &["Where is the printer?"], "In the hall.")];
    let of_hr = [article("painter", "en", &["When does the painter come?"], "On Monday.")];
    assert_eq!(
        Index::build(&hr, &of_hr).search("printer", "en", 1).len(),
        1,
        "alone it may be one"
    );
    let library = Library::build([(&it, of_it.as_slice()), (&hr, of_hr.as_slice())].into_iter());
    assert_eq!(library.own(&hr, "printer", "en", 1), []);
    assert_eq!(library.own(&hr, "paimter", "en", 1).len(), 1);
    assert_eq!(library.others(&hr, None, "printer", "en", 1).len(), 1);
}

#[test]
fn words_that_say_little_tell_apart_and_find_nothing_alone() {
    let both = [
        article("home", "en", &["How many days may I work from home?"], "Three."),
        article("address", "en", &["My home address has changed"], "In the portal."),
    ];
    let index = Index::build(&TenantId::from("hr"), &both);
    let first =
        |query: &str| index.search(query, "en", 1).first().map(|found| found.article.id.clone());
    assert_eq!(first("work from home on Friday").as_deref(), Some("home"));
    assert_eq!(first("home address next week").as_deref(), Some("address"));
    assert_eq!(first("work"), None);
    assert_eq!(first("work days").as_deref(), Some("home"), "two of them mean something");
}

/// Text of all kinds: words of several languages, marks, scripts without blanks, emoji, rubbish.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[a-zäöüß'’-]{0,50}",
        Just("passwort".to_owned()),
        Just("reset password".to_owned()),
        Just("ﬃ İı ǅ ﷺ".to_owned()),
        Just("駐車場はどこ".to_owned()),
        Just("e\u{301}\u{302}".repeat(50)),
        Just("ae".repeat(300)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_written_a_search_answers(
        texts in prop::collection::vec((any_text(), any_text(), any_text(), "[a-z]{0,3}(-[A-Z]{2})?"), 0..6),
        query in any_text(),
        times in 0usize..200,
        locale in "[a-z]{0,2}",
        limit in 0usize..4,
    ) {
        let articles: Vec<Arc<Article>> = texts.iter().enumerate().map(|(at, (question, also, answer, locale))| Arc::new(Article {
            id: format!("a-{at}"), question: question.clone(), also: vec![also.clone(); at * 20], answer: answer.clone(),
            tags: vec![also.clone()], locale: locale.clone(),
        })).collect();
        let index = Index::build(&TenantId::from("it"), &articles);
        for query in [query.clone(), query.repeat(times).chars().take(10_000).collect(), texts.first().map(|texts| texts.0.clone()).unwrap_or_default()] {
            let found = index.search(&query, &locale, limit);
            prop_assert!(found.len() <= limit);
            prop_assert!(found.iter().all(|found| found.score > 0.0 && found.score <= 1.0), "{found:?}");
            prop_assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
        }
    }
}
