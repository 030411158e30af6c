//! What is measured: each in a process of its own, which ends when its standard input does.

use std::{net::TcpListener, sync::Arc};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use switchboard::{
    app::{self, App as Bot},
    settings::{AppIdentity, Endpoints, Settings},
};
use tokio::runtime::Runtime;

use crate::{APP_ID, SECRET, TENANT, announce, parted};

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
            "bare" => bare(jwk).await,
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
    let settings = Settings {
        app: Some(AppIdentity { id: APP_ID.into(), secret: SECRET.into(), single_tenant: true, tenant: Some(TENANT.into()) }),
        channel_service: String::new(),
        endpoints: Endpoints {
            channel_metadata: Some(format!("{base}/channel/openid")),
            emulator_metadata: Some(format!("{base}/entra/openid")),
            login: Some(format!("{base}/login/{TENANT}")),
            ..Endpoints::default()
        },
        company: Some(folder.path().join("company")),
        listen: "127.0.0.1:0".parse().unwrap(),
        store: if store == "sqlite" { format!("sqlite:{}", folder.path().join("kept.db").display()) } else { "memory:".into() },
        public_url: None,
        service_hosts: vec![base.trim_start_matches("http://").to_owned()],
        admin_token: None,
        allow_anonymous: false,
        log: "info".into(),
    };
    let bot = Bot::build(&settings, app::system_clock()).await.unwrap();
    announce(bot.address().unwrap(), &folder.path().join("company").display().to_string());
    bot.run_until(parted()).await.unwrap();
}

struct Bare {
    key: DecodingKey,
    validation: Validation,
    http: reqwest::Client,
}

/// The least that a bot does: verify, read, reply, answer.
async fn bare(jwk: &str) {
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(jwk).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[APP_ID]);
    validation.set_issuer(&["https://api.botframework.com"]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let bare = web::Data::from(Arc::new(Bare { key: DecodingKey::from_jwk(&jwk).unwrap(), validation, http }));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    announce(listener.local_addr().unwrap(), "");
    let server = HttpServer::new(move || App::new().app_data(bare.clone()).route("/api/messages", web::post().to(handle)));
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
    let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else { return HttpResponse::Unauthorized().finish() };
    if jsonwebtoken::decode::<Value>(token, &bare.key, &bare.validation).is_err() {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(activity) = serde_json::from_slice::<Value>(&body) else { return HttpResponse::BadRequest().finish() };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (conversation, id) = (text(&activity["conversation"]["id"]), text(&activity["id"]));
    let url = format!("{}/v3/conversations/{conversation}/activities/{id}", text(&activity["serviceUrl"]));
    let reply = json!({
        "type": "message", "from": activity["recipient"], "recipient": activity["from"], "conversation": activity["conversation"],
        "replyToId": id, "text": format!("A reply to {conversation}."),
    });
    match bare.http.post(url).bearer_auth("bought").json(&reply).send().await {
        Ok(answer) if answer.status().is_success() => HttpResponse::Ok().finish(),
        _ => HttpResponse::BadGateway().finish(),
    }
}
