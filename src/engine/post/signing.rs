//! An event that cannot be signed waits: whoever runs the service gives it the secret, and nothing
//! is lost meanwhile.

use std::time::Duration;

use super::{
    courier::{Admitted, Courier},
    hooks,
    trial::Trial,
};
use crate::store::{Delivery, Outgoing};

/// How often the secret is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(60);

impl Courier {
    /// Waits until the secret is there with which an event is signed, for as long as letters wait.
    pub(super) async fn signable(&self, letter: &Outgoing, trial: &mut Trial) -> Admitted {
        let Delivery::Hook { secret } = &letter.kind else { return Admitted::Yes(None) };
        loop {
            let Err(why) = hooks::secret_of(&self.caller, secret) else {
                return Admitted::Yes(None);
            };
            if trial.noted.as_ref() != Some(&why) {
                let at = (self.clock)();
                if !self.keep(|| self.store.waits(letter.id, why.clone(), at)).await {
                    return Admitted::Stopped;
                }
                trial.noted = Some(why.clone());
            }
            if self.is_too_old(letter, trial).await {
                return Admitted::TooOld(why);
            }
            tokio::select! {
                () = self.stop.cancelled() => return Admitted::Stopped,
                () = tokio::time::sleep(self.hastened(LOOK_EVERY)) => {}
            }
        }
    }
}
