//! What every connection meets first and last. One is kept only for whoever has proved who they are:
//! a stranger's ends with the answer, so that nobody holds many of them by doing nothing.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::{
        ConnectionType,
        header::{HeaderName, HeaderValue, TRANSFER_ENCODING},
    },
    middleware::Next,
    web::Bytes,
};
use futures_core::Stream;

use super::{
    ctx::{Ctx, admit, is_admitted},
    problem::Problem,
};

/// How long a connection without requests is kept, in seconds: longer than those who hold one keep
/// it, so that none is cut while a request is on its way. .NET's clients, of which Teams' services
/// are some, let go after 60 to 120 s (`SocketsHttpHandler.PooledConnectionIdleTimeout`), nginx and
/// the balancers of Azure and AWS after 60 s; .NET's own server keeps them for 130 s.
pub const KEEP_ALIVE: u64 = 130;
/// What is announced: a little less, so that whoever listens is the one to let go.
const ANNOUNCED: &str = "timeout=120";

/// Around everything.
pub(super) async fn door(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The server reads a body in pieces to its end, and be it endless, once nobody holds it any
    // more. Held until the answer is out, it is cut off with the connection.
    let held = request.headers().contains_key(TRANSFER_ENCODING).then(|| {
        let held = Held(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
        held
    });
    let mut response = next.call(request).await?;
    if is_admitted(response.request()) {
        let name = HeaderName::from_static("keep-alive");
        response.headers_mut().insert(name, HeaderValue::from_static(ANNOUNCED));
    } else {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| match held {
        Some(held) => BoxBody::new(Holding { body: body.boxed(), _held: held }),
        None => body.boxed(),
    }))
}

/// In front of the admin API: nothing of a request is read before its token was judged.
pub(super) async fn admin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(ctx) = request.app_data::<actix_web::web::Data<Ctx>>().cloned() else {
        return Err(Problem::unavailable("The service is starting.").into());
    };
    match ctx.guard.judge(request.request()).await {
        Ok(()) => {
            admit(request.request());
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(refused) => {
            ctx.refusals.note(refused.why);
            Ok(request.error_response(refused.problem))
        }
    }
}

/// A request's body, shared between whoever reads it and the answer.
#[derive(Clone)]
struct Held(Rc<RefCell<Payload>>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// An answer that holds its request's body.
struct Holding {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
