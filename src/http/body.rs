//! A request's body, read whole within [`super::MOST_BYTES`].

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev, http::StatusCode, web};

use super::{MOST_BYTES, problem::Problem};

/// The bytes of a body. One that is too large or breaks off is answered with a [`Problem`], like
/// every other error.
pub(super) struct Body(pub(super) web::Bytes);

impl FromRequest for Body {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        Box::pin(async move { bytes.await.map(Body).map_err(|error| problem(&error)) })
    }
}

fn problem(error: &actix_web::Error) -> Problem {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("A body may have {MOST_BYTES} bytes at most.");
        return Problem { status: 413, code: "too_large", detail };
    }
    Problem::bad_request("The body could not be read to its end.")
}
