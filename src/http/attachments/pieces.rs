//! A file on its way out, in pieces: whoever reads slowly holds a piece in memory, and not for long.

use std::{
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{
    model::FileId,
    store::{PIECE, StoreError},
};

/// So many bytes are handed to the connection at once.
const CUT: usize = 64 * 1024;
/// The length of a file, for whoever asks for its head.
pub(super) struct Length(pub(super) u64);

impl MessageBody for Length {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        Poll::Ready(None)
    }
}

/// How long a reader may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For each [`CUT`].
    pub(super) each: Duration,
    /// For the whole: 10 MB at the speed of a bad line.
    pub(super) whole: Duration,
}

/// For everybody who has a link.
pub(super) const PATIENCE: Patience =
    Patience { each: Duration::from_secs(30), whole: Duration::from_secs(10 * 60) };

/// The body of an answer: bytes of a file, as its reader takes them.
pub(super) struct Pieces {
    bytes: mpsc::Receiver<Bytes>,
    left: u64,
}

/// These bytes of a file. The permit goes back when they were read, or when nobody reads them in
/// time: then the body ends with an error, and the connection with it.
///
/// `read` gives the piece of that number, none when the file is gone.
pub(super) fn pieces<R>(
    file: FileId,
    part: Range<u64>,
    (permit, patience): (OwnedSemaphorePermit, Patience),
    read: impl Fn(u64) -> R + Send + Sync + 'static,
) -> Pieces
where
    R: Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send,
{
    let (out, bytes) = mpsc::channel(1);
    let left = part.end - part.start;
    tokio::spawn(async move {
        let _permit = permit;
        let sending = send(read, part, &out, patience.each);
        match tokio::time::timeout(patience.whole, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => tracing::info!(%file, %why, "a file was not read to its end"),
            Err(_) => tracing::info!(%file, "a file was read too slowly"),
        }
    });
    Pieces { bytes, left }
}

impl MessageBody for Pieces {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let next = ready!(self.bytes.poll_recv(cx));
        let read = next.as_ref().and_then(|next| u64::try_from(next.len()).ok());
        self.left = self.left.saturating_sub(read.unwrap_or(u64::MAX));
        Poll::Ready(Some(next.ok_or_else(|| io::ErrorKind::TimedOut.into())))
    }
}

/// Reads piece after piece, and waits for the reader in between.
async fn send<R>(
    read: impl Fn(u64) -> R,
    part: Range<u64>,
    out: &mpsc::Sender<Bytes>,
    each: Duration,
) -> Result<(), String>
where
    R: Future<Output = Result<Option<Vec<u8>>, StoreError>>,
{
    for number in part.start / PIECE..part.end.div_ceil(PIECE) {
        let piece = read(number).await.map_err(|error| error.to_string())?;
        let piece = Bytes::from(piece.ok_or("it is gone")?);
        // The part of it that is wanted.
        let begins = number * PIECE;
        let within = |at: u64| usize::try_from(at.saturating_sub(begins)).unwrap_or(usize::MAX);
        let (from, to) = (within(part.start), within(part.end).min(piece.len()));
        let mut wanted = piece.slice(from.min(to)..to);
        while !wanted.is_empty() {
            let cut = wanted.split_to(CUT.min(wanted.len()));
            match tokio::time::timeout(each, out.send(cut)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err("its reader has gone".to_owned()),
                Err(_) => return Err("its reader takes nothing".to_owned()),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::Arc};

    use tokio::sync::Semaphore;

    use super::*;

    /// Three pieces and a bit, whose bytes count.
    const SIZE: u64 = 3 * PIECE + 7;

    fn byte(at: u64) -> u8 {
        u8::try_from(at % 251).unwrap()
    }

    async fn piece(number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let begins = number * PIECE;
        Ok((begins < SIZE).then(|| (begins..SIZE.min(begins + PIECE)).map(byte).collect()))
    }

    async fn place() -> (Arc<Semaphore>, OwnedSemaphorePermit) {
        let places = Arc::new(Semaphore::new(1));
        let permit = places.clone().acquire_owned().await.unwrap();
        (places, permit)
    }

    fn id() -> FileId {
        FileId(uuid::Uuid::new_v4())
    }

    async fn next(body: &mut Pin<&mut Pieces>) -> Option<Result<Bytes, io::Error>> {
        poll_fn(|cx| body.as_mut().poll_next(cx)).await
    }

    /// Reads to the end, and says whether that was an error.
    async fn is_cut_short(body: &mut Pin<&mut Pieces>) -> bool {
        let mut ends = Ok(Bytes::new());
        while let Some(bytes) = next(body).await {
            ends = bytes;
        }
        ends.is_err()
    }

    #[tokio::test]
    async fn every_part_is_read_to_the_byte() {
        for part in [
            0..SIZE,
            0..1,
            5..PIECE,
            PIECE - 1..PIECE + 1,
            PIECE..2 * PIECE,
            2 * PIECE + 3..SIZE,
            SIZE - 1..SIZE,
            7..7,
        ] {
            let (places, permit) = place().await;
            let body = pieces(id(), part.clone(), (permit, PATIENCE), piece);
            assert_eq!(body.size(), BodySize::Sized(part.end - part.start));
            let mut body = pin!(body);
            let mut read = Vec::new();
            while let Some(bytes) = next(&mut body).await {
                let bytes = bytes.unwrap();
                assert!(bytes.len() <= CUT);
                read.extend_from_slice(&bytes);
            }
            assert!(read.into_iter().eq(part.clone().map(byte)), "{part:?}");
            assert!(places.acquire().await.is_ok());
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_for_a_while_loses_their_place_and_the_rest() {
        let (places, permit) = place().await;
        let patience = Patience { each: Duration::from_millis(50), ..PATIENCE };
        let mut body = pin!(pieces(id(), 0..SIZE, (permit, patience), piece));
        assert_eq!(next(&mut body).await.unwrap().unwrap().len(), CUT);
        let free = tokio::time::timeout(Duration::from_secs(20), places.acquire()).await;
        assert!(free.is_ok(), "somebody else can read");
        // What was on its way, and then an error: half a file is none.
        assert!(is_cut_short(&mut body).await);
    }

    #[tokio::test]
    async fn who_takes_too_long_for_the_whole_loses_it_too() {
        let (places, permit) = place().await;
        let patience = Patience { whole: Duration::from_millis(50), ..PATIENCE };
        let never = async |number| match number {
            0 => piece(0).await,
            _ => std::future::pending().await,
        };
        let mut body = pin!(pieces(id(), 0..SIZE, (permit, patience), never));
        assert!(is_cut_short(&mut body).await);
        assert!(places.acquire().await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_removed_meanwhile_ends_with_an_error() {
        let (places, permit) = place().await;
        let gone = async |number| if number == 0 { piece(0).await } else { Ok(None) };
        let mut body = pin!(pieces(id(), 0..SIZE, (permit, PATIENCE), gone));
        assert!(is_cut_short(&mut body).await);
        assert!(places.acquire().await.is_ok());
    }
}
