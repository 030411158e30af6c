//! What the app's package sends people to is there.

use std::io::{Cursor, Read as _};

use serde_json::Value;
use switchboard::package;

use crate::{
    app::{Reply, Setup, TestApp},
    fake_teams::APP_ID,
};

const COMPANY: &str = "company: Fish & <Chips>\nprimary_tenant: it\nentra_tenants: [\"*\"]\n";
const IT: &str = "name: IT\nretention: 30d\npipelines:\n  main:\n    - id: bye\n      end: { text: Bye., outcome: resolved }\n";

async fn company(more: &str) -> TestApp {
    let files = [
        ("company.yaml".to_owned(), format!("{COMPANY}{more}")),
        ("tenants/it/tenant.yaml".to_owned(), IT.to_owned()),
    ];
    Setup::new().company(files.into()).start().await
}

fn is_page(reply: &Reply) -> bool {
    reply.status == 200 && reply.header("content-type") == "text/html; charset=utf-8"
}

#[tokio::test]
async fn every_address_of_the_package_is_answered_by_the_service() {
    let app = company("").await;
    let options = package::Options::new(APP_ID, "bot.contoso.com", "Contoso");
    let mut zip = zip::ZipArchive::new(Cursor::new(package::build(&options).unwrap())).unwrap();
    let mut manifest = String::new();
    zip.by_name("manifest.json").unwrap().read_to_string(&mut manifest).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let addresses = ["websiteUrl", "privacyUrl", "termsOfUseUrl"]
        .map(|key| manifest["developer"][key].as_str().unwrap().to_owned());
    for address in &addresses {
        let path = address.strip_prefix("https://bot.contoso.com").unwrap();
        let reply = app.get(path).await;
        assert!(is_page(&reply), "{address}: {reply:?}");
        assert!(reply.text.contains("Fish &amp; &lt;Chips&gt;"), "{reply:?}");
    }
    assert_eq!(addresses.len(), std::collections::BTreeSet::from(addresses).len());
    app.finish().await;
}

#[tokio::test]
async fn a_company_without_a_text_has_an_honest_one() {
    let app = company("").await;
    let reply = app.get("/privacy").await;
    for said in ["removed after 30 days", "has not written its own yet", "lang=\"en\""] {
        assert!(reply.text.contains(said), "{said}: {}", reply.text);
    }
    assert!(!reply.text.contains('{') || !reply.text.contains("{company}"), "{}", reply.text);
    app.write("company.yaml", &format!("{COMPANY}locale: de-AT\n"));
    assert_eq!(app.order("/reload", &serde_json::json!({})).await.status, 200);
    for (path, said) in [("/privacy", "nach 30 Tagen gelöscht"), ("/terms", "Im Notfall rufen")] {
        let reply = app.get(path).await;
        assert!(is_page(&reply) && reply.text.contains(said), "{reply:?}");
        assert!(reply.text.contains("lang=\"de\""), "{reply:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_companys_own_words_are_shown_as_they_are_and_an_address_is_gone_to() {
    let app = company(
        "terms: https://contoso.com/terms\nprivacy: |\n  We keep <script>nothing</script> & forget.\n\n  See https://contoso.com/more\n",
    )
    .await;
    let reply = app.get("/privacy").await;
    assert!(
        reply.text.contains(
            "<p>We keep &lt;script&gt;nothing&lt;/script&gt; &amp; forget.</p><p>See https://contoso.com/more</p>"
        ),
        "{}",
        reply.text
    );
    assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let reply = client.get(format!("{}/terms", app.base())).send().await.unwrap();
    assert_eq!(reply.status(), 302);
    assert_eq!(reply.headers()["location"], "https://contoso.com/terms");
    app.finish().await;
}
