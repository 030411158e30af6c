//! Sending, over real HTTP: what arrives, and what every failure means.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;
use switchboard::{
    model::Guest,
    teams::{
        client,
        cloud::Cloud,
        connector::{Connector, Opened, SendError},
        hosts::ServiceHosts,
        token::{TokenConfig, TokenError, Tokens},
    },
};

use crate::{
    app::Steady,
    fake_teams::{APP_ID, Failure, FakeTeams, SECRET, TENANT},
};

const CHAT: &str = "19:a/b c@thread.tacv2;messageid=17|ü";
const HELLO: &str = r#"{"type":"message","text":"hello"}"#;

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

struct Line {
    teams: FakeTeams,
    tokens: Arc<Tokens>,
    connector: Connector,
    steady: Steady,
}

impl Line {
    async fn open() -> Self {
        Self::with(|_| {}, client::TOTAL).await
    }

    async fn with(change: impl FnOnce(&mut TokenConfig), total: Duration) -> Self {
        let teams = FakeTeams::start().await;
        let mut config = TokenConfig {
            app_id: Some(APP_ID.into()),
            secret: SECRET.into(),
            login: teams.login_url(),
            scope: Cloud::public().scope,
        };
        change(&mut config);
        let steady = Steady::new();
        let tokens = Arc::new(Tokens::new(config, steady.still()).unwrap());
        let connector = Connector::new(
            ServiceHosts::new(&[], &[teams.host()], false),
            Arc::clone(&tokens),
            total,
        )
        .unwrap();
        Self { teams, tokens, connector, steady }
    }

    /// So many seconds after the beginning.
    fn at(&self, seconds: i64) {
        self.steady.set(seconds * 1000);
    }

    async fn send(&self) -> Result<Option<String>, SendError> {
        self.connector.send(&self.teams.service_url(), CHAT, None, HELLO, after(0)).await
    }

    async fn fail(&self, failure: Failure) -> SendError {
        self.teams.fail_next(1, failure);
        self.send().await.unwrap_err()
    }
}

fn error(code: &str) -> serde_json::Value {
    json!({"error": {"code": code, "message": "Something about somebody."}})
}

#[tokio::test]
async fn what_is_sent_arrives_in_order() {
    let line = Line::open().await;
    let url = format!("{}/", line.teams.service_url());
    let first = line.connector.send(&url, CHAT, None, HELLO, after(0)).await.unwrap().unwrap();
    let second = line
        .connector
        .send(&url, CHAT, Some("7:;x"), r#"{"type":"message","text":"you"}"#, after(0))
        .await
        .unwrap()
        .unwrap();
    line.connector
        .update(&url, CHAT, &first, r#"{"type":"message","text":"changed"}"#, after(0))
        .await
        .unwrap();
    let sent = line.teams.sent(CHAT);
    assert_eq!(
        (sent[0].id.as_str(), sent[0].activity["text"].as_str(), sent[0].updates),
        (first.as_str(), Some("changed"), 1)
    );
    assert_eq!(
        (sent[1].id.as_str(), sent[1].activity["text"].as_str(), sent[1].reply_to.as_deref()),
        (second.as_str(), Some("you"), Some("7:;x"))
    );
    assert_eq!(line.teams.wait_for(CHAT, 2).await.len(), 2);
    assert_eq!(line.teams.mints(), 1);
    let calls = line.teams.calls();
    assert!(calls.iter().all(|call| call.authorization.as_deref() == Some("Bearer bought-1")));
    let answers: Vec<_> = calls.iter().map(|call| (call.method.as_str(), call.status)).collect();
    assert_eq!(answers, [("POST", 201), ("POST", 201), ("PUT", 200)]);
    assert_eq!(
        calls[0].path,
        "/v3/conversations/19%3Aa%2Fb%20c%40thread.tacv2%3Bmessageid%3D17%7C%C3%BC/activities"
    );
}

#[tokio::test]
async fn an_empty_answer_is_a_success_without_id() {
    let line = Line::open().await;
    line.teams.fail_next(1, Failure::Empty);
    assert_eq!(line.send().await, Ok(None));
    assert_eq!(line.teams.activities(CHAT).len(), 1);
}

const CHANNEL: &str = "19:desk@thread.tacv2";

fn brief(text: &str) -> String {
    json!({
        "isGroup": true, "channelData": { "channel": { "id": CHANNEL } }, "tenantId": TENANT,
        "activity": { "type": "message", "text": text }
    })
    .to_string()
}

#[tokio::test]
async fn a_thread_is_opened_with_its_first_post_and_goes_on_as_a_conversation() {
    let line = Line::open().await;
    line.teams.channel_exists(CHANNEL);
    let url = line.teams.service_url();
    let opened = line.connector.open_thread(&url, &brief("IT-1"), after(0)).await.unwrap();
    let other =
        line.connector.open_thread(&format!("{url}/"), &brief("IT-2"), after(0)).await.unwrap();
    let (thread, post) = (opened.conversation.unwrap(), opened.activity.unwrap());
    assert_eq!(thread, format!("{CHANNEL};messageid={post}"));
    line.connector
        .update(&url, &thread, &post, r#"{"type":"message","text":"IT-1, taken"}"#, after(0))
        .await
        .unwrap();
    line.connector.send(&url, &thread, None, HELLO, after(0)).await.unwrap();
    let sent = line.teams.sent(&thread);
    let texts: Vec<_> = sent
        .iter()
        .map(|sent| (sent.first["text"].as_str().unwrap(), sent.activity["text"].as_str().unwrap()))
        .collect();
    assert_eq!(texts, [("IT-1", "IT-1, taken"), ("hello", "hello")]);
    assert_eq!((sent[0].id.as_str(), sent[0].updates), (post.as_str(), 1));
    assert_eq!(line.teams.threads(CHANNEL), [thread, other.conversation.unwrap()]);
    let calls = line.teams.calls();
    assert_eq!(
        (calls[0].path.as_str(), calls[0].method.as_str(), calls[0].status),
        ("/v3/conversations", "POST", 201)
    );
}

#[tokio::test]
async fn opening_a_thread_fails_like_sending() {
    let line = Line::with(|_| {}, Duration::from_millis(300)).await;
    let url = line.teams.service_url();
    let body = brief("IT-1");
    let open = || line.connector.open_thread(&url, &body, after(0));
    let gone = Err(SendError::Gone { code: "ConversationNotFound".into(), may_pass: true });
    assert_eq!(open().await, gone);
    line.teams.channel_exists(CHANNEL);
    line.teams.fail_next(1, Failure::Throttle(Some("7")));
    assert_eq!(open().await, Err(SendError::Throttled { after: Some(Duration::from_secs(7)) }));
    line.teams.fail_next(1, Failure::Status(403, error("BotNotInConversationRoster")));
    assert_eq!(
        open().await,
        Err(SendError::Gone { code: "BotNotInConversationRoster".into(), may_pass: true })
    );
    line.teams.revoke_tokens();
    assert!(open().await.is_ok());
    assert_eq!(line.teams.threads(CHANNEL).len(), 1);
    // Taken over, and nothing is known of it.
    line.teams.fail_next(1, Failure::Empty);
    assert_eq!(open().await, Ok(Opened::default()));
    line.teams.fail_next(1, Failure::Slow(Duration::from_secs(3)));
    assert!(matches!(open().await, Err(SendError::Unavailable { maybe_delivered: true, .. })));
    assert_eq!(line.teams.threads(CHANNEL).len(), 3);
    // What Teams calls bad syntax: no first post, no channel.
    for body in [
        json!({ "isGroup": true, "channelData": { "channel": { "id": CHANNEL } } }),
        json!({ "isGroup": true, "activity": {} }),
    ] {
        let opened = line.connector.open_thread(&url, &body.to_string(), after(0)).await;
        assert_eq!(opened, Err(SendError::Refused { status: 400, code: Some("BadSyntax".into()) }));
    }
    // The channel goes, and its threads with it.
    let thread = line.teams.threads(CHANNEL).remove(0);
    let (post, other) =
        (line.teams.sent(&thread)[0].id.clone(), "19:other@thread.tacv2;messageid=1");
    line.teams.delete_channel(CHANNEL);
    assert_eq!(open().await, gone);
    let gone = Err(SendError::Gone { code: "ConversationNotFound".into(), may_pass: true });
    assert_eq!(line.connector.send(&url, &thread, None, HELLO, after(0)).await, gone);
    assert_eq!(line.connector.update(&url, &thread, &post, HELLO, after(0)).await, gone);
    assert!(line.connector.send(&url, other, None, HELLO, after(0)).await.is_ok());
    line.teams.channel_exists(CHANNEL);
    assert!(line.connector.send(&url, &thread, None, HELLO, after(0)).await.is_ok());
}

#[tokio::test]
async fn members_become_guests() {
    let line = Line::open().await;
    let url = line.teams.service_url();
    line.teams.member(CHAT, "29:u", json!({"id": "29:u", "name": "Kim Doe", "objectId": "oid", "givenName": "Kim", "surname": "Doe", "email": "", "userPrincipalName": "kim@contoso.example", "tenantId": "t"}));
    let guest = line.connector.member(&url, CHAT, "29:u", after(0)).await.unwrap();
    let expected = Guest {
        id: "29:u".into(),
        aad_object_id: Some("oid".into()),
        entra_tenant: Some("t".into()),
        name: Some("Kim Doe".into()),
        given_name: Some("Kim".into()),
        surname: Some("Doe".into()),
        user_principal_name: Some("kim@contoso.example".into()),
        ..Guest::default()
    };
    assert_eq!(guest, expected);
    assert!(matches!(
        line.connector.member(&url, CHAT, "29:x", after(0)).await,
        Err(SendError::Refused { status: 404, .. })
    ));
}

#[tokio::test]
async fn throttling_says_how_long() {
    let line = Line::open().await;
    assert_eq!(
        line.fail(Failure::Throttle(Some("7"))).await,
        SendError::Throttled { after: Some(Duration::from_secs(7)) }
    );
    assert_eq!(line.fail(Failure::Throttle(None)).await, SendError::Throttled { after: None });
    // 1 800 000 000 is 15 January 2027, 08:00:00.
    assert_eq!(
        line.fail(Failure::Throttle(Some("Fri, 15 Jan 2027 08:00:30 GMT"))).await,
        SendError::Throttled { after: Some(Duration::from_secs(30)) }
    );
    assert!(line.send().await.is_ok());
}

#[tokio::test]
async fn failures_mean_what_the_table_says() {
    let line = Line::open().await;
    assert_eq!(
        line.fail(Failure::Status(403, error("BotDisabledByAdmin"))).await,
        SendError::Gone { code: "BotDisabledByAdmin".into(), may_pass: false }
    );
    let writes = json!({"errorCode": 209, "message": json!({"subCode": "MessageWritesBlocked"}).to_string()});
    assert_eq!(
        line.fail(Failure::Status(403, writes)).await,
        SendError::Gone { code: "MessageWritesBlocked".into(), may_pass: true }
    );
    assert_eq!(
        line.fail(Failure::Status(404, error("ConversationNotFound"))).await,
        SendError::Gone { code: "ConversationNotFound".into(), may_pass: true }
    );
    assert_eq!(
        line.fail(Failure::Status(400, error("BadSyntax"))).await,
        SendError::Refused { status: 400, code: Some("BadSyntax".into()) }
    );
    assert_eq!(
        line.fail(Failure::Status(413, error("MessageSizeTooBig"))).await,
        SendError::Refused { status: 413, code: Some("MessageSizeTooBig".into()) }
    );
    assert!(matches!(
        line.fail(Failure::Status(412, error("PreconditionFailed"))).await,
        SendError::Temporary { maybe_delivered: false, .. }
    ));
    for status in [502, 503, 504] {
        assert!(matches!(
            line.fail(Failure::Status(status, json!(null))).await,
            SendError::Temporary { maybe_delivered: true, .. }
        ));
    }
    // A redirect would carry the token along; it is not followed.
    assert_eq!(
        line.fail(Failure::Status(307, json!(null))).await,
        SendError::Refused { status: 307, code: None }
    );
    assert_eq!(line.teams.activities(CHAT).len(), 0);
    let gone = line.connector.update(&line.teams.service_url(), CHAT, "1", HELLO, after(0)).await;
    assert_eq!(
        gone,
        Err(SendError::Refused {
            status: 404,
            code: Some("ActivityNotFoundInConversation".into())
        })
    );
}

#[tokio::test]
async fn no_answer_may_mean_delivered_and_no_connection_may_not() {
    let line = Line::with(|_| {}, Duration::from_millis(300)).await;
    assert!(line.send().await.is_ok());
    assert!(matches!(
        line.fail(Failure::Slow(Duration::from_secs(3))).await,
        SendError::Unavailable { maybe_delivered: true, .. }
    ));
    assert_eq!(line.teams.activities(CHAT).len(), 2);
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let connector = Connector::new(
        ServiceHosts::new(&[], std::slice::from_ref(&nobody), false),
        Arc::clone(&line.tokens),
        client::TOTAL,
    )
    .unwrap();
    let sent = connector.send(&format!("http://{nobody}"), CHAT, None, HELLO, after(0)).await;
    assert!(matches!(sent, Err(SendError::Unavailable { maybe_delivered: false, .. })), "{sent:?}");
}

#[tokio::test]
async fn hosts_off_the_list_get_nothing() {
    let line = Line::open().await;
    for url in
        ["https://evil.example/", "http://127.0.0.1:1/", "http://smba.trafficmanager.net/teams"]
    {
        let sent = line.connector.send(url, CHAT, None, HELLO, after(0)).await;
        assert_eq!(sent, Err(SendError::Refused { status: 0, code: Some("NotAllowed".into()) }));
    }
    assert_eq!(line.teams.mints(), 0);
}

#[tokio::test]
async fn a_refused_token_is_bought_anew_once() {
    let line = Line::open().await;
    assert!(line.send().await.is_ok());
    line.teams.revoke_tokens();
    assert!(line.send().await.is_ok());
    assert_eq!(line.teams.mints(), 2);
    // Refused although new: that has another cause.
    let before = line.teams.calls().len();
    line.teams.fail_next(2, Failure::Status(401, error("BotNotRegistered")));
    assert_eq!(
        line.send().await,
        Err(SendError::Unavailable {
            reason: "answered 401 BotNotRegistered".into(),
            maybe_delivered: false
        })
    );
    assert_eq!((line.teams.calls().len() - before, line.teams.mints()), (2, 3));
}

#[tokio::test]
async fn a_crowd_buys_one_token_and_renews_it_in_time() {
    let line = Line::open().await;
    let bought = join_all((0..50).map(|_| line.tokens.bearer())).await;
    assert!(bought.into_iter().all(|token| token.unwrap().unwrap().expose_secret() == "bought-1"));
    let at = async |seconds| {
        line.at(seconds);
        line.tokens.bearer().await.unwrap().unwrap().expose_secret().to_owned()
    };
    assert_eq!(at(3298).await, "bought-1");
    assert_eq!(at(3299).await, "bought-2");
    // A failed renewal leaves the old one in use until it ends.
    line.teams.break_login(Some((503, json!(null))));
    assert_eq!(at(3299 + 3299).await, "bought-2");
    line.at(3299 + 3599);
    assert!(matches!(line.tokens.bearer().await, Err(TokenError::Unavailable { .. })));
    line.teams.break_login(None);
    // Short lives do not lead to a purchase per message.
    line.teams.token_life(100);
    let short = at(20_000).await;
    assert_eq!(at(20_049).await, short);
    assert_ne!(at(20_050).await, short);
}

#[tokio::test]
async fn a_wrong_secret_does_not_storm_the_login() {
    let line = Line::with(|config| config.secret = "wrong".into(), client::TOTAL).await;
    for _ in 0..5 {
        let SendError::Unavailable { reason, maybe_delivered: false } =
            line.send().await.unwrap_err()
        else {
            panic!("not the letter's fault")
        };
        assert!(
            reason.contains("invalid_client AADSTS7000215") && !reason.contains("wrong"),
            "{reason}"
        );
    }
    assert_eq!(line.teams.mints(), 1);
    line.at(60);
    assert!(line.tokens.bearer().await.is_err());
    assert_eq!(line.teams.mints(), 2);
    assert!(line.teams.calls().is_empty());
}

#[tokio::test]
async fn without_an_app_id_no_token_is_sent() {
    let line = Line::with(|config| config.app_id = None, client::TOTAL).await;
    assert!(matches!(line.send().await, Err(SendError::Unavailable { .. })));
    line.teams.allow_anonymous();
    assert!(line.send().await.is_ok());
    assert_eq!(line.teams.mints(), 0);
    assert!(line.teams.calls().iter().all(|call| call.authorization.is_none()));
}
