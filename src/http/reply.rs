//! What handlers give back.

use actix_web::HttpResponse;
use serde_json::Value;

use super::problem::Problem;

/// An answer, or a problem in its place.
pub(super) type Reply = Result<HttpResponse, Problem>;

/// 200 with JSON.
pub(super) fn json(value: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(value.to_string())
}
