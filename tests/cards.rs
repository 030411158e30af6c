//! Cards: what they become, what they survive, what the checker says.

use std::collections::BTreeMap;
use serde_json::{Value, json};
use switchboard::{cards::{self, Cards}, model::{Card, TenantId, Token, Words, source::Files}};

fn built_in() -> Cards {
    let (cards, problems) = Cards::load(&Files::new());
    assert!(problems.is_empty(), "{problems:#?}");
    cards
}

#[test]
fn dump() {
    let cards = built_in();
    let tenant = TenantId::from("it");
    for name in cards.names(&tenant) {
        let data = cards.sample(&tenant, name, "en").unwrap();
        let card = Card { template: name.into(), tenant: tenant.clone(), locale: "en-US".into(), data, token: Some(Token { session: None, stage: "s".into(), version: "v".into(), nonce: "n".into() }), summary: Words::own("Summary") };
        let rendered = cards.render(&card).unwrap();
        println!("== {name} {}\n{}", rendered.size, cards::draw(&rendered.content));
        if let Ok(dir) = std::env::var("CARDS_OUT") { std::fs::write(format!("{dir}/{name}.json"), rendered.content.to_string()).unwrap(); }
    }
    let _: BTreeMap<u8, Value> = BTreeMap::new(); let _ = json!({});
}
