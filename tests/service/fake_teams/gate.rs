//! A gate in front of a server: passes everything on, or refuses, hangs up, or never answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// What a gate does with whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Passes them on.
    Open,
    /// Nobody listens: the port is closed.
    Closed,
    /// Hangs up on them.
    Rude,
    /// Takes them in, and never answers.
    Silent,
}

/// A port of its own, before that of another server.
pub struct Gate {
    address: SocketAddr,
    target: String,
    came: Arc<AtomicUsize>,
    shift: CancellationToken,
}

impl Gate {
    /// Before the server at `host:port`.
    pub async fn before(target: &str, mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut gate = Gate {
            address: listener.local_addr().unwrap(),
            target: target.to_owned(),
            came: Arc::default(),
            shift: CancellationToken::new(),
        };
        drop(listener);
        gate.turn(mood).await;
        gate
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How many connections came since it was made; those to a closed port are not seen.
    pub fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// Another mood from now on. Who is inside is thrown out.
    pub async fn turn(&mut self, mood: Mood) {
        self.shift.cancel();
        self.shift = CancellationToken::new();
        if mood == Mood::Closed {
            return;
        }
        // The listener of the mood before may need a moment to go.
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let (target, came, shift) =
            (self.target.clone(), Arc::clone(&self.came), self.shift.clone());
        tokio::spawn(async move {
            let mut inside = JoinSet::new();
            loop {
                let (guest, _) = tokio::select! {
                    () = shift.cancelled() => return,
                    guest = listener.accept() => guest.unwrap(),
                };
                came.fetch_add(1, Ordering::SeqCst);
                match mood {
                    Mood::Rude | Mood::Closed => drop(guest),
                    Mood::Silent => drop(inside.spawn(async move {
                        std::future::pending::<()>().await;
                        drop(guest);
                    })),
                    Mood::Open => drop(inside.spawn(pass_on(guest, target.clone()))),
                }
            }
        });
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shift.cancel();
    }
}

async fn pass_on(mut guest: TcpStream, target: String) {
    if let Ok(mut server) = TcpStream::connect(target).await {
        // Either side may hang up at any time.
        let _ = tokio::io::copy_bidirectional(&mut guest, &mut server).await;
    }
}
