//! A request's body, read whole within [`MOST_BYTES`].

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev, http::StatusCode, web};
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// The largest body of an activity, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;

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
        return Problem::new(Code::TooLarge, detail);
    }
    Problem::bad_request("The body could not be read to its end.")
}

/// Reads a JSON body; what is wrong with it becomes a 400 that says where.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body cannot be read: {error}.")))
}
