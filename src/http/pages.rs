//! Pages that people read in a browser: where the app's package sends them. Whoever reaches the
//! service may read them; they tell the company's name and what it has written.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, LOCATION, X_CONTENT_TYPE_OPTIONS},
    web,
};

use super::ctx::Ctx;
use crate::{
    company::pages::{Kind, Page},
    model::locale::language_of,
};

/// `GET /`: what this is.
pub(super) async fn home(ctx: web::Data<Ctx>) -> HttpResponse {
    let running = ctx.engine.running();
    let company = escaped(&running.company.directory.company);
    let (privacy, terms) = (title(Kind::Privacy, "en"), title(Kind::Terms, "en"));
    html(
        "en",
        &format!("Switchboard for {company}"),
        &format!(
            "<p>Here {company}'s app for Microsoft Teams runs. Open it in Teams, and write what you need.</p>\
             <p><a href=\"privacy\">{privacy}</a> · <a href=\"terms\">{terms}</a></p>"
        ),
    )
}

/// `GET /privacy`: the privacy statement.
pub(super) async fn privacy(ctx: web::Data<Ctx>) -> HttpResponse {
    statement(&ctx, Kind::Privacy)
}

/// `GET /terms`: the terms of use.
pub(super) async fn terms(ctx: web::Data<Ctx>) -> HttpResponse {
    statement(&ctx, Kind::Terms)
}

fn statement(ctx: &Ctx, kind: Kind) -> HttpResponse {
    let running = ctx.engine.running();
    match running.company.page(kind) {
        Page::Address(address) => HttpResponse::Found().insert_header((LOCATION, address)).finish(),
        Page::Text { locale, text } => {
            let company = escaped(&running.company.directory.company);
            let paragraphs: String = text
                .replace("\r\n", "\n")
                .split("\n\n")
                .filter(|paragraph| !paragraph.trim().is_empty())
                .map(|paragraph| format!("<p>{}</p>", escaped(paragraph.trim())))
                .collect();
            html(&locale, &format!("{}: {company}", title(kind, &locale)), &paragraphs)
        }
    }
}

fn title(kind: Kind, locale: &str) -> &'static str {
    match (kind, language_of(locale) == "de") {
        (Kind::Privacy, false) => "Privacy",
        (Kind::Privacy, true) => "Datenschutz",
        (Kind::Terms, false) => "Terms of use",
        (Kind::Terms, true) => "Nutzungsbedingungen",
    }
}

/// A page: title and body are HTML.
fn html(locale: &str, title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ))
        .body(format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }} \
             p {{ white-space: pre-line }} @media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark }} }}</style>\n\
             </head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n",
            escaped(locale)
        ))
}

/// Words as HTML.
fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
