//! What is measured: each in a process of its own, which ends when its standard input does.

use std::{net::TcpListener, sync::Arc};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use switchboard::{
    app::{self, App as Bot},
    settings::Settings,
};
use tokio::runtime::Runtime;

use crate::{APP_ID, SECRET, TENANT, announce, parted};

/// The token of the bot's admin API.
pub(crate) const ADMIN: &str = "for-the-measurements";

const COMPANY: &str = "company: Northwind\nprimary_tenant: front\nlocale: en-US\ntimezone: Europe/Berlin\nreopen: 0s\n";

pub(crate) const FRONT: &str = r#"
name: Front Desk
ref: FD
pipelines:
  main:
    - id: topic
      menu:
        text: "Turn {{Session.Turns}} of {{Guest.Id}}."
        choices:
          - { title: Again, next: topic }
          - { title: Nothing, next: bye }
    - id: bye
      end: { text: "Bye.", outcome: resolved }
"#;

/// Serves one target. `base` is where the mock listens, `jwk` the key of the channels.
pub(crate) fn serve(target: &str, base: &str, jwk: &str) {
    switchboard::teams::install_crypto();
    Runtime::new().unwrap().block_on(async {
        match target {
            "bare" => bare(jwk, None).await,
            "durable" => {
                // On the disk of the target folder: /tmp may be none.
                let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
                bare(jwk, Some(kept(&folder.path().join("kept.db")).await)).await;
            }
            store => bot(store, base).await,
        }
    });
}

async fn bot(store: &str, base: &str) {
    // On the disk of the target folder: /tmp may be none.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let front = folder.path().join("company/tenants/front");
    std::fs::create_dir_all(&front).unwrap();
    std::fs::write(folder.path().join("company/company.yaml"), COMPANY).unwrap();
    std::fs::write(front.join("tenant.yaml"), FRONT).unwrap();
    let kept = match store {
        "sqlite" => format!("sqlite:{}", folder.path().join("kept.db").display()),
        _ => "memory:".to_owned(),
    };
    let values = [
        ("MicrosoftAppId", APP_ID.to_owned()),
        ("MicrosoftAppPassword", SECRET.to_owned()),
        ("MicrosoftAppTenantId", TENANT.to_owned()),
        ("ToBotFromChannelOpenIdMetadataUrl", format!("{base}/channel/openid")),
        ("ToBotFromEmulatorOpenIdMetadataUrl", format!("{base}/entra/openid")),
        ("ToChannelFromBotLoginUrl", format!("{base}/login/{TENANT}")),
        ("SWITCHBOARD_COMPANY", folder.path().join("company").display().to_string()),
        ("SWITCHBOARD_LISTEN", "127.0.0.1:0".to_owned()),
        ("SWITCHBOARD_STORE", kept),
        ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", base.trim_start_matches("http://").to_owned()),
        ("SWITCHBOARD_ADMIN_TOKEN", ADMIN.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let settings = Settings::read(&values.into()).unwrap();
    let bot = Bot::build(&settings, app::system_clock()).await.unwrap();
    announce(bot.address().unwrap(), &folder.path().join("company").display().to_string());
    bot.run_until(parted()).await.unwrap();
}

struct Bare {
    key: DecodingKey,
    validation: Validation,
    http: reqwest::Client,
    kept: Option<SqlitePool>,
}

/// What a careful handler keeps: the activity and its reply before it answers, and whether the
/// reply was delivered.
async fn kept(file: &std::path::Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let table = "CREATE TABLE turns (conversation TEXT, id TEXT, activity TEXT, reply TEXT, delivered INTEGER, PRIMARY KEY (conversation, id))";
    sqlx::query(table).execute(&pool).await.unwrap();
    pool
}

/// The least that a bot does: verify, read, keep if `kept` is given, answer, reply.
async fn bare(jwk: &str, kept: Option<SqlitePool>) {
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(jwk).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[APP_ID]);
    validation.set_issuer(&["https://api.botframework.com"]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let bare = web::Data::from(Arc::new(Bare {
        key: DecodingKey::from_jwk(&jwk).unwrap(),
        validation,
        http,
        kept,
    }));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    announce(listener.local_addr().unwrap(), "");
    let server = HttpServer::new(move || {
        App::new().app_data(bare.clone()).route("/api/messages", web::post().to(handle))
    });
    let server = server.disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    tokio::spawn(async move {
        parted().await;
        handle.stop(true).await;
    });
    server.await.unwrap();
}

async fn handle(request: HttpRequest, body: web::Bytes, bare: web::Data<Bare>) -> HttpResponse {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
        return HttpResponse::Unauthorized().finish();
    };
    if jsonwebtoken::decode::<Value>(token, &bare.key, &bare.validation).is_err() {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(activity) = serde_json::from_slice::<Value>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (conversation, id) = (text(&activity["conversation"]["id"]), text(&activity["id"]));
    let url = format!(
        "{}/v3/conversations/{conversation}/activities/{id}",
        text(&activity["serviceUrl"])
    );
    let reply = json!({
        "type": "message", "from": activity["recipient"], "recipient": activity["from"], "conversation": activity["conversation"],
        "replyToId": id, "text": format!("A reply to {conversation}."),
    });
    let Some(kept) = bare.kept.clone() else {
        return match bare.http.post(url).bearer_auth("bought").json(&reply).send().await {
            Ok(answer) if answer.status().is_success() => HttpResponse::Ok().finish(),
            _ => HttpResponse::BadGateway().finish(),
        };
    };
    let insert =
        sqlx::query("INSERT INTO turns VALUES (?, ?, ?, ?, 0)").bind(&conversation).bind(&id);
    let body = String::from_utf8_lossy(&body).into_owned();
    if insert.bind(body).bind(reply.to_string()).execute(&kept).await.is_err() {
        return HttpResponse::InternalServerError().finish();
    }
    tokio::spawn(async move {
        let answer = bare.http.post(url).bearer_auth("bought").json(&reply).send().await.unwrap();
        assert!(answer.status().is_success());
        let update =
            sqlx::query("UPDATE turns SET delivered = 1 WHERE conversation = ? AND id = ?")
                .bind(conversation)
                .bind(id);
        update.execute(&kept).await.unwrap();
    });
    HttpResponse::Ok().finish()
}
