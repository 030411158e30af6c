//! A request's body, read whole within [`MOST_BYTES`] and [`MOST_TIME`].

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, dev,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH},
    web,
};
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// The largest body of an activity, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// How long a whole body may take.
pub(super) const MOST_TIME: Duration = Duration::from_secs(10);

/// The bytes of a body. One that is too large, too slow or breaks off is answered with a
/// [`Problem`], like every other error.
pub(super) struct Body(pub(super) web::Bytes);

impl FromRequest for Body {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (request, payload) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let payload = payload.await.map_err(|_| broken())?;
            whole(&request, payload).await.map(Body)
        })
    }
}

/// Reads a body to its end. For those who judge its sender first.
///
/// A compressed one is refused: a few of its bytes can be any number of ours, and neither Teams nor
/// the clients of the admin API send any.
pub(super) async fn whole(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<web::Bytes, Problem> {
    let mut codings = request.headers().get_all(CONTENT_ENCODING);
    if !codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let detail = "Send the body as it is: Content-Encoding is not understood.";
        return Err(Problem::new(Code::Unsupported, detail));
    }
    let too_large = || {
        let detail = format!("A body may have {MOST_BYTES} bytes at most.");
        Problem::new(Code::TooLarge, detail)
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()) > Some(MOST_BYTES as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(MOST_TIME, payload.to_bytes_limited(MOST_BYTES)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(broken()),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => {
            let detail = format!("A body may take {} seconds at most.", MOST_TIME.as_secs());
            Err(Problem::new(Code::TooSlow, detail))
        }
    }
}

fn broken() -> Problem {
    Problem::bad_request("The body could not be read to its end.")
}

/// Reads a JSON body; what is wrong with it becomes a 400 that says where.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body cannot be read: {error}.")))
}
