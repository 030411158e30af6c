//! What follows from a failure: another attempt, when, and whether it counts.

use std::time::Duration;

use super::{
    breaker::Pass,
    courier::Courier,
    hooks,
    trial::{LONGEST_PAUSE, Run, Trial, Verdict, pause},
};
use crate::{
    model::Undelivered,
    store::{Delivery, Outgoing},
    teams::connector::SendError,
};

/// After so many failed attempts a letter is given up, visibly. With the pauses below that is about
/// an hour.
const MOST_ATTEMPTS: u32 = 60;
/// A letter that may have been delivered is not sent more often than this: every attempt can double
/// it. The pauses before these attempts grow fourfold, so that they outlast an outage of almost
/// three minutes.
const MOST_DOUBTFUL: u32 = 6;
/// The pauses between attempts at a place that says that it is not there: it says so at random for a
/// while. More than three minutes in all.
const PERHAPS: [u64; 6] = [1, 5, 15, 30, 60, 90];
/// The longest pause of a letter that may have been delivered.
const LONGEST_DOUBT: Duration = Duration::from_secs(5 * 60);

impl Courier {
    /// Judges a failed attempt.
    pub(super) fn judge(
        &self,
        letter: &Outgoing,
        error: &SendError,
        pass: Option<Pass>,
        run: &mut Run,
        trial: &mut Trial,
    ) -> Verdict {
        let pass = match (error, pass) {
            (SendError::Unavailable { reason, maybe_delivered }, Some(pass)) => {
                run.waits(self.steady.now());
                trial.waits = true;
                let silence = pass.failed(reason, *maybe_delivered, self.steady.now());
                if silence.is_news {
                    tracing::warn!(%error, address = %letter.service_url, "the connector cannot be had: letters wait, and one at a time probes");
                }
                trial.silent += u32::from(*maybe_delivered);
                // It alone gets no answer, and may be read each time.
                return if *maybe_delivered && silence.is_alone && !is_put(letter) {
                    self.doubt(None, trial)
                } else {
                    Verdict::WhenHeard
                };
            }
            (_, pass) => pass,
        };
        // Whatever it says, it answers; unless it was not asked.
        let is_own = matches!(error, SendError::Refused { status: 0, .. });
        if run.went && !is_own {
            self.answered(letter, pass);
        }
        let failures = trial.failures;
        tracing::warn!(%error, failures, "a letter was not delivered");
        let is_hook = matches!(letter.kind, Delivery::Hook { .. });
        let (most, longest) = if is_hook {
            (hooks::MOST_ATTEMPTS, hooks::LONGEST_PAUSE)
        } else {
            (MOST_ATTEMPTS, LONGEST_PAUSE)
        };
        match error {
            SendError::Throttled { after } => {
                run.waits(self.steady.now());
                trial.waits = true;
                trial.failures += 1;
                trial.noted = Some(error.to_string());
                Verdict::Later(self.pause(*after, failures, LONGEST_PAUSE), false)
            }
            SendError::Temporary { maybe_delivered: true, after, .. } if !is_put(letter) => {
                self.doubt(*after, trial)
            }
            SendError::Temporary { after, .. } => {
                trial.failures += 1;
                if trial.failures >= most {
                    return Verdict::GiveUp(Undelivered::Refused);
                }
                Verdict::Later(self.pause(*after, failures, longest), true)
            }
            // The message that it answers is gone: say it without a thread.
            SendError::Refused { status: 404, .. }
                if matches!(letter.kind, Delivery::Post(Some(_))) =>
            {
                Verdict::Plainly
            }
            SendError::Gone { may_pass: true, .. } if !self.lost.is_lost(&run.place) => {
                let Some(pause) = PERHAPS.get(trial.refusals) else {
                    return Verdict::GiveUp(Undelivered::Gone);
                };
                run.waits(self.steady.now());
                trial.refusals += 1;
                Verdict::Later(self.hastened(Duration::from_secs(*pause)), true)
            }
            SendError::Gone { .. } => Verdict::GiveUp(Undelivered::Gone),
            SendError::Refused { .. } | SendError::Unavailable { .. } => {
                Verdict::GiveUp(Undelivered::Refused)
            }
        }
    }

    /// It may have been delivered: it is sent again, but not often.
    fn doubt(&self, after: Option<Duration>, trial: &mut Trial) -> Verdict {
        trial.doubtful += 1;
        if trial.doubtful >= MOST_DOUBTFUL {
            return Verdict::GiveUp(Undelivered::Doubtful);
        }
        Verdict::Later(self.pause(after, (trial.doubtful - 1) * 2, LONGEST_DOUBT), true)
    }

    /// A pause that grows; none where the connector has said how long it wants to be left alone:
    /// that is waited for before the next attempt.
    fn pause(&self, after: Option<Duration>, failures: u32, longest: Duration) -> Duration {
        after.map_or_else(|| self.hastened(pause(failures, longest)), |_| Duration::ZERO)
    }

    pub(super) fn hastened(&self, pause: Duration) -> Duration {
        pause / self.patience.haste.max(1)
    }
}

fn is_put(letter: &Outgoing) -> bool {
    matches!(letter.kind, Delivery::Put { .. })
}
