//! Files that were carried between a guest and a desk, for whoever has the link.

mod pieces;
mod range;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, RANGE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    web,
};
use percent_encoding::utf8_percent_encode;

use self::{
    pieces::{Length, PATIENCE, pieces},
    range::{Wanted, wanted},
};
use super::{
    ctx::Ctx,
    problem::{Code, Problem},
    reply::Reply,
};
use crate::{
    model::{FileId, address::ENCODED},
    store::FileHead,
};

/// Whoever wants a file while all places are taken waits for so long.
const QUEUE: Duration = Duration::from_secs(5);

/// Pictures that a browser may show at once: no script can stand in them.
const SHOWN: [&str; 3] = ["image/png", "image/jpeg", "image/gif"];
/// What else a file may be said to be. Everything that a browser could run is none of it.
const SAVED: [&str; 7] = [
    "application/pdf",
    "application/zip",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// `GET /files/{id}/{name}?until=&sig=`: the file, or the part of it that `Range` names. A link that
/// is forged, too old, revoked, or leads to nothing has one and the same answer. Few are read at a
/// time; whoever finds no place is told to come again.
pub(super) async fn attachment(request: HttpRequest, ctx: web::Data<Ctx>) -> Reply {
    let nothing = || Problem::not_found("file");
    let id = request
        .match_info()
        .get("id")
        .and_then(|id| id.parse::<FileId>().ok())
        .ok_or_else(nothing)?;
    let field = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let until = field("until").parse::<i64>().map_err(|_| nothing())?;
    let now = (ctx.clock)();
    if !ctx
        .engine
        .carrier()
        .links()
        .is_some_and(|links| links.is_good(id, until, &field("sig"), now))
    {
        return Err(nothing());
    }
    let file =
        ctx.engine.store().file(id).await?.filter(|file| now < file.expires).ok_or_else(nothing)?;
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    // What a file holds never changes: its id is its tag. For another one a part is of no use.
    let tag = format!("\"{id}\"");
    let is_same = header(IF_RANGE).is_none_or(|known| known == tag);
    let part = match wanted(header(RANGE).filter(|_| is_same), file.size) {
        Wanted::Whole => None,
        Wanted::Part(part) => Some(part),
        Wanted::Beyond => {
            let problem = Problem::new(Code::Range, format!("The file has {} bytes.", file.size));
            let mut answer = actix_web::ResponseError::error_response(&problem);
            if let Ok(size) = format!("bytes */{}", file.size).parse() {
                answer.headers_mut().insert(CONTENT_RANGE, size);
            }
            return Ok(answer);
        }
    };
    let mut answer = answer(&file, &tag);
    if let Some(part) = &part {
        let told = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
        answer.status(StatusCode::PARTIAL_CONTENT).insert_header((CONTENT_RANGE, told));
    }
    let part = part.unwrap_or(0..file.size);
    let length = part.end - part.start;
    if request.method() == Method::HEAD {
        return Ok(answer.body(Length(length)));
    }
    let place = tokio::time::timeout(QUEUE, ctx.served.clone().acquire_owned()).await;
    let Ok(Ok(place)) = place else {
        return Err(Problem::unavailable("Many files are read at the moment; try again."));
    };
    let store = Arc::clone(ctx.engine.store());
    let read = move |number| {
        let store = store.clone();
        async move { store.file_piece(id, number).await }
    };
    Ok(answer.body(pieces(id, part, (place, PATIENCE), read)))
}

/// The head of the answer.
fn answer(file: &FileHead, tag: &str) -> HttpResponseBuilder {
    let known = SHOWN.iter().chain(&SAVED).find(|known| **known == file.content_type);
    let kind = known.copied().unwrap_or("application/octet-stream");
    let way = if SHOWN.contains(&kind) { "inline" } else { "attachment" };
    let name = utf8_percent_encode(&file.name, ENCODED);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, kind))
        // RFC 6266: the name as UTF-8, percent-encoded.
        .insert_header((CONTENT_DISPOSITION, format!("{way}; filename*=UTF-8''{name}")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((ETAG, tag));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, content_type: &str) -> (String, String) {
        let expires = jiff::Timestamp::UNIX_EPOCH;
        let head =
            FileHead { name: name.into(), content_type: content_type.into(), expires, size: 1 };
        let answer = answer(&head, "\"1\"").finish();
        let header = |name| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(CONTENT_SECURITY_POLICY), "sandbox; default-src 'none'");
        assert_eq!(
            (header(CACHE_CONTROL).as_str(), header(REFERRER_POLICY).as_str()),
            ("private, no-store", "no-referrer")
        );
        (header(CONTENT_TYPE), header(CONTENT_DISPOSITION))
    }

    #[test]
    fn only_pictures_are_shown_and_nothing_is_run() {
        for kind in ["image/png", "image/jpeg", "image/gif"] {
            assert_eq!(
                headers("a", kind),
                (kind.to_owned(), "inline; filename*=UTF-8''a".to_owned())
            );
        }
        assert_eq!(headers("a.pdf", "application/pdf").0, "application/pdf");
        for kind in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/javascript",
            "image/*",
            "",
            "image/png; x",
            "IMAGE/PNG",
        ] {
            assert_eq!(
                headers("a", kind),
                (
                    "application/octet-stream".to_owned(),
                    "attachment; filename*=UTF-8''a".to_owned()
                ),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_name_stays_in_its_header() {
        let (_, way) = headers("a\"b'; x=\r\nSet-Cookie: y=../🦊.html", "text/html");
        assert_eq!(
            way,
            "attachment; filename*=UTF-8''a%22b%27%3B%20x%3D%0D%0ASet-Cookie%3A%20y%3D..%2F%F0%9F%A6%8A.html"
        );
    }
}
